"""No session up anywhere: one cause for the cluster where all say the same, and none where they do not."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerError
from tests.unit.auditing.conftest import snapshot_of


def all_saying(*errors, topology=Topology.MESH, resources=True):
    """Every row of every node is down; the errors take turns."""
    made = build_cluster(6, topology=topology)
    snapshot = snapshot_of(made)
    readings = []
    for number, reading in enumerate(snapshot.readings):
        error = errors[number % len(errors)]
        peers = tuple(
            replace(
                peer,
                protocol_state="start",
                bgp_state=BGPState.ACTIVE,
                info="Active" if error is None else f"Active {error[0]}: {error[1]}",
                error=None if error is None else PeerError(*error),
            )
            for peer in reading.peers
        )
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": peers})}))
    asked = lab_resources(made, []) if resources else None
    return audit(snapshot.model_copy(update={"readings": tuple(readings), "resources": asked}))


HELD = (ErrorClass.BGP, "Hold timer expired")
REFUSED = (ErrorClass.SOCKET, "Connection refused")
NO_ROUTE = (ErrorClass.SOCKET, "No route to host")
BAD_AS = (ErrorClass.BGP, "Bad peer AS")


@pytest.mark.parametrize(
    ("errors", "story"),
    [
        ([HELD], "TCP port 179 is dropped everywhere"),
        ([HELD, None], "TCP port 179 is dropped everywhere"),
        ([REFUSED], "refused everywhere"),
        ([REFUSED, HELD], "refused everywhere"),
        ([NO_ROUTE], "no host reaches another"),
    ],
)
@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
@pytest.mark.parametrize("resources", [True, False])
def test_what_all_say_is_one_cause(errors, story, topology, resources):
    report = all_saying(*errors, topology=topology, resources=resources)
    assert [cause.kind for cause in report.causes] == ["all-sessions-down"]
    assert story in report.causes[0].title
    assert report.unexplained == ()


def test_different_stories_are_not_one():
    report = all_saying(REFUSED, BAD_AS)
    assert "all-sessions-down" not in [cause.kind for cause in report.causes]


def without_ipv6(error, *faults):
    """Five nodes of both families, of which no session over IPv6 is up."""
    made = build_cluster(5, topology=Topology.MESH, families=tuple(Family))
    snapshot = snapshot_of(made, *faults)
    readings = []
    for reading in snapshot.readings:
        peers = tuple(
            peer
            if peer.family is Family.IPV4
            else replace(
                peer,
                protocol_state="start",
                bgp_state=BGPState.ACTIVE,
                info=f"Active {error[0]}: {error[1]}",
                error=PeerError(*error),
            )
            for peer in reading.peers
        )
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": peers})}))
    return audit(snapshot.model_copy(update={"readings": tuple(readings)}))


def test_one_family_is_down_everywhere_and_one_session_of_the_other():
    report = without_ipv6(HELD, "link-cut:node1,node2")
    assert [cause.kind for cause in report.causes] == ["all-sessions-down", "link-cut"]
    assert report.causes[0].title.startswith("none of 10 sessions of 5 nodes over IPv6 is up")


@pytest.mark.parametrize("error", [HELD, REFUSED, NO_ROUTE])
def test_one_family_is_down_everywhere_and_the_other_is_up(error):
    report = without_ipv6(error)
    (cause,) = report.causes
    assert (cause.kind, str(cause.subjects[0])) == ("all-sessions-down", "cluster (IPv6)")
    assert "over IPv6" in cause.title
    assert report.unexplained == ()
