"""What differs between two snapshots: nothing invented, nothing lost, and unknown is not gone."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from calico_bgp.auditing.diff import diff_reports, diff_snapshots
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.reports.diff import Change, NodeState, SnapshotDiff
from calico_bgp.model.reports.report import Finding, Report, Severity, Verdict
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyKind

RUNNING = (Daemon(Family.IPV4, DaemonState.RUNNING),)


def peer(address: str, **changes: Any) -> Peer:
    up = Peer(
        family=Family.IPV6 if ":" in address else Family.IPV4,
        address=ip_address(address),
        address_text=address,
        port=None,
        peer_type=PeerType.MESH,
        protocol_state="up",
        bgp_state=BGPState.ESTABLISHED,
        since="10:00:00",
        info="Established",
    )
    return replace(up, **changes)


def down(address: str, info: str = "Connect") -> Peer:
    return peer(address, protocol_state="start", bgp_state=BGPState.CONNECT, info=info)


def reading(name: str | None, *peers: Peer, host: str | None = None, daemons=RUNNING, **changes: Any) -> NodeReading:
    status = NodeStatus(peers=peers, daemons=daemons)
    return NodeReading(host=host or f"{name}.dc1", node=name, status=status, **changes)


def failure(name: str | None, host: str | None = None, message: str = "no answer") -> GatherFailure:
    return GatherFailure(host=host or f"{name}.dc1", node=name, stage=Stage.TIMEOUT, message=message)


def snapshot(*outputs: NodeReading | GatherFailure, hosts: tuple[Host, ...] = ()) -> Snapshot:
    return Snapshot(
        hosts=hosts,
        readings=tuple(o for o in outputs if isinstance(o, NodeReading)),
        failures=tuple(o for o in outputs if isinstance(o, GatherFailure)),
    )


def diff(before: NodeReading | GatherFailure, after: NodeReading | GatherFailure) -> SnapshotDiff:
    return diff_snapshots(snapshot(before), snapshot(after))


def nodes(found: SnapshotDiff) -> list[tuple]:
    return [(c.change, c.node, c.before, c.after) for c in found.nodes]


def peers(found: SnapshotDiff) -> list[tuple]:
    return [
        (c.change, c.node, c.address_text, c.before and c.before.info, c.after and c.after.info) for c in found.peers
    ]


def test_equal_snapshots_do_not_differ():
    one = snapshot(reading("a", peer("10.0.0.2"), down("10.0.0.3")), failure("b"))
    found = diff_snapshots(one, one)
    assert found.is_empty
    assert [(entry.node, entry.why) for entry in found.not_compared] == [
        ("b", "not read either time (timeout: no answer)")
    ]


def test_order_and_since_are_no_change():
    before = reading("a", peer("10.0.0.2"), peer("10.0.0.3"))
    after = reading("a", peer("10.0.0.3", since="2026-11-01"), peer("10.0.0.2", since=None))
    assert diff(before, after).is_empty


def test_peers_come_go_and_change():
    before = reading("a", peer("10.0.0.2"), peer("10.0.0.3"), peer("fd00::1"), daemons=())
    after = reading(
        "a", peer("10.0.0.2"), down("10.0.0.4"), down("fd00::1", "Active Socket: Connection refused"), daemons=()
    )
    found = diff(before, after)
    assert peers(found) == [
        (Change.WENT, "a", "10.0.0.3", "Established", None),
        (Change.CAME, "a", "10.0.0.4", None, "Connect"),
        (Change.CHANGED, "a", "fd00::1", "Established", "Active Socket: Connection refused"),
    ]
    assert (found.nodes, found.daemons, found.not_compared) == ((), (), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"peer_type": PeerType.GLOBAL},
        {"protocol_state": "wait"},
        {"bgp_state": BGPState.OPEN_SENT},
        {"info": "Established BGP Error: Bad peer AS"},
    ],
)
def test_what_counts_as_a_change(changes):
    found = diff(reading("a", peer("10.0.0.2")), reading("a", peer("10.0.0.2", **changes)))
    assert [change.change for change in found.peers] == [Change.CHANGED]


def test_two_rows_of_one_address_are_a_multiset():
    mesh, explicit = peer("10.0.0.2"), peer("10.0.0.2", peer_type=PeerType.NODE)
    assert diff(reading("a", mesh, explicit), reading("a", explicit, mesh)).is_empty
    assert peers(diff(reading("a", mesh, mesh), reading("a", mesh))) == [
        (Change.WENT, "a", "10.0.0.2", "Established", None)
    ]
    (change,) = diff(reading("a", mesh, explicit), reading("a", mesh)).peers
    assert change.before == explicit
    assert change.after is None


def test_an_address_and_a_port_are_another_peer():
    other = peer("10.0.0.2", address_text="10.0.0.2.port.500", port=500)
    found = diff(reading("a", peer("10.0.0.2")), reading("a", other))
    assert [(c.change, c.address_text) for c in found.peers] == [
        (Change.WENT, "10.0.0.2"),
        (Change.CAME, "10.0.0.2.port.500"),
    ]


def test_nodes_come_and_go():
    found = diff_snapshots(snapshot(reading("a"), reading("b")), snapshot(reading("b"), failure("c")))
    assert nodes(found) == [
        (Change.WENT, "a", NodeState.READ, None),
        (Change.CAME, "c", None, NodeState.UNREAD),
    ]
    assert found.peers == ()


def test_an_unreadable_node_has_not_lost_its_peers():
    found = diff(reading("a", peer("10.0.0.2")), failure("a"))
    assert nodes(found) == [(Change.CHANGED, "a", NodeState.READ, NodeState.UNREAD)]
    assert found.nodes[0].why == "timeout: no answer"
    assert found.peers == ()
    back = diff(failure("a"), reading("a", peer("10.0.0.2")))
    assert nodes(back) == [(Change.CHANGED, "a", NodeState.UNREAD, NodeState.READ)]
    assert back.peers == ()


def test_a_host_that_an_interrupted_run_did_not_reach_is_unread():
    hosts = (Host(name="a", node="a"), Host(name="b", port=22, node="nb"))
    before = snapshot(reading("a", host="a"), reading("nb", host="b:22"), hosts=hosts)
    after = snapshot(reading("a", host="a"), hosts=hosts)
    found = diff_snapshots(before, after)
    assert nodes(found) == [(Change.CHANGED, "nb", NodeState.READ, NodeState.UNREAD)]
    assert found.nodes[0].why == "not asked: the run was interrupted"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ((reading("a", host="x"),), (reading("a", host="y"),), True),
        ((failure(None, host="x"),), (reading("a", host="x"),), True),
        ((reading("a", host="x"),), (reading("b", host="x"),), False),
        ((reading(None, host="before.txt:1"),), (reading(None, host="after.txt:7"),), True),
        ((reading(None, host="f:1"), reading("b")), (reading(None, host="f:9"), reading("b")), False),
    ],
)
def test_which_node_is_the_same(before, after, same):
    changes = {change.change for change in diff_snapshots(snapshot(*before), snapshot(*after)).nodes}
    assert (changes <= {Change.CHANGED}) is same


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (DaemonState.NOT_RUNNING, "BIRD not running"),
        (DaemonState.UNREACHABLE, "BIRD could not be asked"),
        (DaemonState.UNKNOWN, "BIRD in an unknown state"),
    ],
)
def test_a_bird_that_does_not_answer_has_not_lost_its_peers(state, why):
    before, after = reading("a", peer("10.0.0.2")), reading("a", daemons=(Daemon(Family.IPV4, state),))
    found = diff(before, after)
    assert found.peers == ()
    assert [(c.node, c.before, c.after) for c in found.daemons] == [("a", DaemonState.RUNNING, state)]
    assert [(n.node, n.family, n.why) for n in found.not_compared] == [("a", Family.IPV4, f"{why} after")]
    assert [n.why for n in diff(after, before).not_compared] == [f"{why} before"]


def test_no_peers_found_means_that_they_have_gone():
    assert peers(diff(reading("a", peer("10.0.0.2")), reading("a"))) == [
        (Change.WENT, "a", "10.0.0.2", "Established", None)
    ]


def test_a_family_that_is_not_mentioned_is_unknown():
    found = diff(reading("a", peer("10.0.0.2"), peer("fd00::2")), reading("a", peer("10.0.0.2")))
    assert found.is_empty
    assert [(n.family, n.why) for n in found.not_compared] == [(Family.IPV6, "not mentioned after")]


def test_half_an_answer_hides_rows_but_shows_changes():
    before = reading("a", peer("10.0.0.2"), peer("10.0.0.3"), peer("10.0.0.4"))
    after = reading("a", down("10.0.0.2"), peer("10.0.0.9"), complete=False)
    found = diff(before, after)
    assert [(c.change, c.address_text) for c in found.peers] == [
        (Change.CHANGED, "10.0.0.2"),
        (Change.CAME, "10.0.0.9"),
    ]
    assert [n.why for n in found.not_compared] == ["half an answer"]


def finding(number: int, severity=Severity.ERROR, subject=None) -> Finding:
    return Finding(
        id=str(number), rule=f"rule-{number}", severity=severity, subject=subject or NodeSubject(node="a"), message="m"
    )


def report(*findings: Finding, unread: tuple[str, ...] = ()) -> Report:
    topology = Topology(kind=TopologyKind.MESH, evidence="")
    return Report(verdict=Verdict.UNHEALTHY, topology=topology, findings=findings, unread=unread)


def test_findings_come_go_and_change_severity():
    before = report(finding(1), finding(2), finding(3, Severity.INFO), finding(5))
    after = report(finding(5), finding(3, Severity.WARNING), finding(4), finding(1))
    changes = diff_reports(before, after)
    assert [(c.change, c.finding.id) for c in changes] == [
        (Change.CAME, "4"),
        (Change.WENT, "2"),
        (Change.CHANGED, "3"),
    ]
    assert changes[2].before.severity is Severity.INFO
    assert changes[2].finding.severity is Severity.WARNING


def test_a_finding_on_a_node_that_cannot_be_read_any_more_has_not_gone():
    session = SessionSubject.between("a", "b", Family.IPV4)
    before = report(finding(1), finding(2, subject=session), finding(3, subject=NodeSubject(node="b")))
    assert [c.finding.id for c in diff_reports(before, report(unread=("a",)))] == ["3"]
    # Unread both times: what is known is the same, so what is missing has gone.
    before = before.model_copy(update={"unread": ("a",)})
    assert [c.finding.id for c in diff_reports(before, report(unread=("a",)))] == ["1", "2", "3"]


def test_the_reports_are_part_of_the_difference():
    one = snapshot(reading("a"))
    assert diff_snapshots(one, one, reports=(report(), report(finding(1)))).findings[0].change is Change.CAME
    assert diff_snapshots(one, one, reports=(report(), report())).is_empty


def test_json_round_trip():
    found = diff_snapshots(
        snapshot(reading("a", peer("10.0.0.2")), reading("b")),
        snapshot(reading("a", down("10.0.0.2")), failure("b")),
        reports=(report(), report(finding(1))),
    )
    assert SnapshotDiff.model_validate_json(found.model_dump_json()) == found
    assert '"schema":"calico-bgp/diff/1"' in found.model_dump_json()
