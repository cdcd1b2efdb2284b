"""No session up anywhere: one cause for the cluster where all say the same, and none where they do not."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.nodes.everywhere import all_down
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerError
from calico_bgp.model.reading import Stage
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import GLOBAL, UP, gathered, table
from tests.unit.causes.asked import case_of
from tests.unit.causes.asked import told as told_of
from tests.unit.causes.several.two_things import mesh, printing, with_resources
from tests.unit.causes.several.two_things import nodes as numbered_nodes


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


SILENT, CLOSED = "Active BGP Error: Hold timer expired", "Active Socket: Connection closed"
RESET, LOST = "Active Socket: Connection reset by peer", "Active Socket: No route to host"
CHANGED, FORBIDDEN = "Active Received: Other configuration change", "Active Socket: Permission denied"
BIRD_IS_DEAD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"


def nothing_up(size, *infos):
    """In a mesh of nodes no session is up; the infos take turns."""
    names = [f"n{n}" for n in range(1, size + 1)]
    pairs = [(one, other) for one in names for other in names if one != other]
    return {pair: infos[place % len(infos)] for place, pair in enumerate(pairs)}


@pytest.mark.parametrize(("size", "told"), [(2, False), (3, True), (4, True)])
def test_three_nodes_are_the_fewest(size, told):
    assert bool(list(all_down(case_of(mesh(size, nothing_up(size, SILENT)))))) is told


@pytest.mark.parametrize(
    ("infos", "story"),
    [
        ((SILENT,), "TCP port 179 is dropped everywhere"),
        # Kinds of silence, all of which one network can give.
        (
            (SILENT, "Active Received: Hold timer expired", "Active Socket: Connection timed out"),
            "is dropped everywhere",
        ),
        ((SILENT, FORBIDDEN), "is dropped everywhere"),
        # One that has no route to the host tells more.
        ((SILENT, LOST), "no host reaches another"),
        ((LOST,), "no host reaches another"),
        ((RESET,), "connections are reset everywhere"),
        ((RESET, SILENT), "connections are reset everywhere"),
        # Two stories, or one that a network does not tell.
        ((RESET, "Active Socket: Connection refused"), None),
        ((CLOSED,), None),
        ((CHANGED, SILENT), None),
        ((CHANGED,), None),
    ],
)
def test_the_story_that_they_have_in_common(infos, story):
    candidates = list(all_down(case_of(mesh(5, nothing_up(5, *infos)))))
    assert len(candidates) == (0 if story is None else 1)
    if story is not None:
        assert story in str(candidates[0].title.values["story"])


@pytest.mark.parametrize(
    ("size", "unread", "told"),
    [
        # More than half were read.
        (5, ["n4", "n5"], True),
        (6, ["n5", "n6"], True),
        (6, ["n4", "n5", "n6"], False),
        (7, ["n4", "n5", "n6", "n7"], False),
    ],
)
def test_unread_nodes_may_have_sessions_with_each_other(size, unread, told):
    """Kubernetes' Nodes tell their addresses; what is known of them is that they are not off."""
    made = mesh(size, nothing_up(size, SILENT), unread=unread)
    failures = [failure.model_copy(update={"stage": Stage.COMMAND}) for failure in made.failures]
    made = made.model_copy(update={"failures": tuple(failures)})
    case = case_of(with_resources(made, *numbered_nodes(*range(1, size + 1))))
    assert bool(list(all_down(case))) is told


def test_a_session_that_has_another_reason_is_no_part_of_it():
    """On n5 no BIRD runs: its sessions are not of the one story."""
    made = printing(mesh(5, nothing_up(5, SILENT)), n5=BIRD_IS_DEAD)
    assert list(all_down(case_of(made))) == []


def test_without_any_session_both_families_are_one_cause():
    said = nothing_up(4, SILENT)
    (candidate,) = all_down(case_of(mesh(4, said, ipv6=said)))
    assert told_of([candidate]) == [("all-sessions-down", ["cluster"])]
    assert (candidate.title.values["sessions"], candidate.title.values["nodes"]) == (12, 4)
    assert candidate.title.values["family"] is None


def star(info):
    """n1 has three peers over both families; over IPv6 none of its sessions is up, over IPv4 each is as given."""
    others = (2, 3, 4)
    tables = {
        "n1": table(
            "n1",
            *(f"192.0.2.{n} {info}" for n in others),
            ipv6=[f"2001:db8::{n} {SILENT}" for n in others],
            kind=GLOBAL,
        )
    }
    for n in others:
        tables[f"n{n}"] = table(f"n{n}", f"192.0.2.1 {info}", ipv6=[f"2001:db8::1 {SILENT}"], kind=GLOBAL)
    return gathered(tables, addresses={name: f"192.0.2.{name[1:]} 2001:db8::{name[1:]}" for name in tables})


def test_of_one_family_it_explains_what_speaks_of_no_other():
    case = case_of(star(UP))
    (candidate,) = all_down(case)
    about = {str(finding.subject) for finding in case.findings if finding.id in candidate.explains}
    assert about == {"n1 (IPv6)", *(f"n1 <-> n{n} (IPv6)" for n in (2, 3, 4))}


def test_what_to_ask_first():
    (candidate,) = all_down(case_of(mesh(4, nothing_up(4, SILENT))))
    assert (candidate.decide[0].on, candidate.decide[0].command) == ("n1", "nc -vz -w 3 192.0.2.2 179")


def test_one_session_that_is_up_leaves_it_to_others():
    said = nothing_up(4, SILENT) | {("n1", "n2"): UP, ("n2", "n1"): UP}
    assert list(all_down(case_of(mesh(4, said)))) == []
