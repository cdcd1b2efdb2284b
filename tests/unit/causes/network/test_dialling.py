"""Which end of a session that is down opens connections, by what its type says where rows do not."""

from __future__ import annotations

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.dialling import dials
from calico_bgp.cluster.cluster import observe
from tests.unit.auditing.tables import MESH, NODE, UP, gathered, table


@pytest.mark.parametrize(
    ("kind", "lower", "higher"),
    [
        # A peer of one node alone is never passive.
        (NODE, True, True),
        # In the mesh the higher address dials.
        (MESH, False, True),
        # Of a global peer either may be passive.
        ("global", None, None),
    ],
)
def test_who_dials_where_one_end_shows_no_row_and_the_other_no_state(kind, lower, higher):
    for lacking, dialling in (("n1", lower), ("n2", higher)):
        tables = {
            name: table(name, *([] if name == lacking else [f"192.0.2.{far} -"]), f"192.0.2.3 {UP}", kind=kind)
            for name, far in (("n1", 2), ("n2", 1))
        }
        tables["n3"] = table("n3", f"192.0.2.1 {UP}", f"192.0.2.2 {UP}", kind=kind)
        case = Case(observe(gathered(tables, addresses={f"n{n}": f"192.0.2.{n}" for n in (1, 2, 3)})), ())
        (key,) = case.cluster.judged.bad
        assert dials(case, lacking, key) is dialling
