"""A reflector that left, and the node that came in its place: whether one did, and what it explains."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.reflectors.departed import none_left_by_tables
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, Stage
from tests.unit.auditing.tables import gathered, table, told
from tests.unit.causes.reflectors.test_layouts import OFF, cluster, joining, node, nodes, seen_as_asked


@pytest.mark.parametrize(
    ("fresh", "title", "unexplained"),
    [
        ([], "n1 left the cluster: perhaps it was a route reflector", []),
        (
            ["n9"],
            "n1 left the cluster, replaced by n9, which is no route reflector: perhaps it was a route reflector",
            [],
        ),
        # More came than left: the inventory is old, which another reflector would not change.
        (["n8", "n9"], "n1 left the cluster: perhaps it was a route reflector", ["node-not-listed"]),
    ],
)
def test_who_came_in_the_place_of_a_reflector(fresh, title, unexplained):
    left = [one for one in nodes() if one.name != "n1"]
    asked = cluster(*left, *(node(name, f"192.0.2.{name[1:]}/24") for name in fresh), OFF, joining())
    seen = seen_as_asked(asked, only=tuple(one.name for one in left))
    gone = GatherFailure(host="n1", node="n1", stage=Stage.CONNECT, message="nothing answers")
    report = audit(seen.model_copy(update={"hosts": (*seen.hosts, Host(name="n1", node="n1")), "failures": (gone,)}))
    assert told(report) == [("reflector-removed", ["n1"])]
    assert report.causes[0].title == title
    assert [finding.rule for finding in report.unexplained] == unexplained


def test_what_tables_alone_tell_counts_only_where_nobody_gave_the_resources():
    """The same findings with the resources, which tell more."""
    alone = gathered({name: table(name) for name in ("n1", "n2")})
    known = alone.model_copy(update={"resources": cluster(node("n1", "192.0.2.1/24"), node("n2", "192.0.2.2/24"), OFF)})
    findings = audit(alone).findings
    (candidate,) = none_left_by_tables(Case(observe(alone), findings))
    assert list(map(str, candidate.subjects)) == ["cluster"]
    assert list(none_left_by_tables(Case(observe(known), findings))) == []
