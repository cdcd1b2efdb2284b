"""What is passed over at one node ends not the look at the next."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.nodes.emptied import half_there
from calico_bgp.causes.nodes.machines import unreadable_only
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from tests.unit.auditing.tables import UP, cluster, gathered, node, table

CLOSED = "Active Socket: Connection closed"


def judged(made):
    return Case(observe(made), audit(made).findings)


def test_a_node_without_any_peer_before_one_that_lacks_several():
    """n1 shows no peer at all, n2 none of three that have it, and n6."""
    lacking = {("n1", f"n{n}") for n in range(2, 7)} | {("n2", f"n{n}") for n in (1, 3, 4, 5)}
    names = [f"n{n}" for n in range(1, 7)]
    tables = {
        one: table(
            one,
            *(
                f"192.0.2.{far[1:]} {CLOSED if (far, one) in lacking else UP}"
                for far in names
                if far != one and (one, far) not in lacking
            ),
        )
        for one in names
    }
    case = judged(gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in names}))
    (candidate,) = half_there(case)
    assert [str(subject) for subject in candidate.subjects] == ["n2"]
    assert candidate.title.values["peers"] == ["n3", "n4", "n5"]


@pytest.mark.parametrize(("stage", "how"), [(Stage.TIMEOUT, "but"), (Stage.CONNECT, "so far")])
def test_a_node_that_was_read_and_a_bird_that_hangs_before_a_node_that_only_we_do_not_reach(stage, how):
    """A host of which nothing was heard may have gone off just now."""
    tables = {f"n{n}": table(f"n{n}", *(f"192.0.2.{m} {UP}" for m in (1, 2, 3, 4) if m != n)) for n in (1, 4)}
    made = gathered(tables, addresses={f"n{n}": f"192.0.2.{n}" for n in (1, 4)}, unread=("n2", "n3"))
    failures = (
        GatherFailure(host="n2", node="n2", stage=Stage.TIMEOUT, message="no", silent=Silent.BIRD),
        GatherFailure(host="n3", node="n3", stage=stage, message="no"),
    )
    asked = cluster(*(node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3, 4)))
    (candidate,) = unreadable_only(judged(made.model_copy(update={"failures": failures, "resources": asked})))
    assert [str(subject) for subject in candidate.subjects] == ["n3"]
    assert candidate.title.values["so_far"] == how
