"""Which end refused the other's AS: the one whose BIRD says so, or tells the other; other errors say nothing of it."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.agreement import _who_complains
from calico_bgp.cluster.cluster import observe
from tests.unit.auditing.tables import paste_of, table

BY_US, TO_US = "Idle BGP Error: Bad peer AS", "Idle Received: Bad peer AS"


@pytest.mark.parametrize(
    ("a", "b", "who"),
    [
        (BY_US, "Active", ("a", "b")),
        (TO_US, "Active", ("b", "a")),
        ("Active", BY_US, ("b", "a")),
        ("Active", TO_US, ("a", "b")),
        # An error of before, and one with the words of another.
        ("Active BGP Error: Hold timer expired", BY_US, ("b", "a")),
        ("Active Socket: Connection refused", TO_US, ("a", "b")),
    ],
)
def test_who_refused_whom(a, b, who):
    case = Case(observe(paste_of(table("a", f"192.0.2.2 {a}"), table("b", f"192.0.2.1 {b}"))), ())
    (key,) = case.cluster.judged.bad
    assert _who_complains(case, key) == who
