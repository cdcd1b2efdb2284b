"""Routes that reflectors keep back while every session stands: equal IDs of two levels, and an AS of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, Resources
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


def hierarchy(top: str, middle_a: str, middle_b: str) -> Resources:
    """Two tops above a reflector for each of two racks, by their cluster IDs."""
    return cluster(
        *numbered(1, 2, labels="top", cluster_id=top),
        *numbered(3, labels="mid=a", cluster_id=middle_a),
        *numbered(4, labels="mid=b", cluster_id=middle_b),
        *numbered(5, 6, labels="leaf=a"),
        *numbered(7, 8, labels="leaf=b"),
        BGPPeer(name="up", node_selector="has(mid)", peer_selector="has(top)"),
        BGPPeer(name="tops", node_selector="has(top)", peer_selector="has(top)"),
        BGPPeer(name="a", node_selector="leaf == 'a'", peer_selector="mid == 'a'"),
        BGPPeer(name="b", node_selector="leaf == 'b'", peer_selector="mid == 'b'"),
        OFF,
    )


def reflected(*numbers: int | None) -> Resources:
    """Four clients of AS 64512, and reflectors with these numbers of their own."""
    reflectors = numbered(*range(1, len(numbers) + 1), labels="rr", cluster_id="1.1.1.1")
    own = [replace(one, as_number=number) for one, number in zip(reflectors, numbers, strict=True)]
    return cluster(*own, *numbered(11, 12, 13, 14), PEER, OFF)


def by_kubectl(report) -> list[str]:
    return [step.kubectl for step in report.causes[0].fixes[0].steps]


def test_tops_that_have_the_id_of_a_rack():
    report = audit(Birds(hierarchy("1.1.1.1", "1.1.1.1", "2.2.2.2")).snapshot())
    assert told(report) == [("reflectors-equal-ids", ["n1", "n2", "n3"])]
    (cause,) = report.causes
    assert cause.confidence is Confidence.CERTAIN
    assert all("RouteReflectorClusterID=" in command for command in by_kubectl(report))
    assert cause.fixes[0].restores == cause.routes_lost == 12, "n5 and n6 to n4, n7, n8, and back"
    assert report.unexplained == ()


@pytest.mark.parametrize("ids", [("9.9.9.9", "1.1.1.1", "2.2.2.2"), ("9.9.9.9", "1.1.1.1", "1.1.1.1")])
def test_ids_that_keep_nothing_back(ids):
    """Two racks of one ID do not hear each other's: that is a matter of the middle, not of the top."""
    report = audit(Birds(hierarchy(*ids)).snapshot())
    names = {name for _, names in told(report) for name in names}
    assert not names & {"n1", "n2"}


@pytest.mark.parametrize(("numbers", "names"), [((65001, 65002), ["n1", "n2"]), ((65001, None), ["n1"])])
def test_reflectors_with_an_as_of_their_own(numbers, names):
    report = audit(Birds(reflected(*numbers)).snapshot())
    assert told(report) == [("reflector-in-other-as", names)]
    assert by_kubectl(report) == [
        f"kubectl annotate node {name} projectcalico.org/ASNumber- --overwrite" for name in names
    ]
    assert report.unexplained == ()


def test_reflectors_with_the_number_that_all_have():
    assert audit(Birds(reflected(64512, None)).snapshot()).exit_code() == 0


def test_racks_whose_reflectors_no_label_tells_are_joined_by_one():
    nodes = (*numbered(1, 2, cluster_id="1.1.1.1"), *numbered(3, 4, cluster_id="2.2.2.2"), *numbered(5, 6, 7, 8))
    served = {5: (1, 2), 6: (1, 2), 7: (3, 4), 8: (3, 4)}
    peers = (
        BGPPeer(name=f"n{near}-{far}", node=f"n{near}", peer_ip=f"192.0.2.{far}", as_number=64512)
        for near, fars in served.items()
        for far in fars
    )
    report = audit(Birds(cluster(*nodes, *peers, OFF)).snapshot())
    assert told(report) == [("reflectors-not-joined", ["n1", "n2", "n3", "n4"])]
    *labels, joined = by_kubectl(report)
    assert labels == [f"kubectl label node n{n} route-reflector=true --overwrite" for n in (1, 2, 3, 4)]
    assert "has(route-reflector)" in joined
