"""Reports and snapshots made by hand, so that renderings are judged without the audit."""

from ipaddress import ip_address

import pytest

from calico_bgp.messages.formatter import render
from calico_bgp.messages.steps import as_line, as_steps, step
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import Checked, Finding, IgnoredFinding, NotChecked, Report, Severity, Verdict
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, SessionSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyKind, TopologyNode

V4 = Family.IPV4


def peer(number, state="up Established", peer_type=PeerType.NODE, error=None):
    protocol, _, bgp = state.partition(" ")
    info = bgp if error is None else f"{bgp} {error.error_class}: {error.message}"
    address = f"192.0.2.{number}"
    return Peer(V4, ip_address(address), address, None, peer_type, protocol, BGPState(bgp), "06:50:56", info, error)


REFUSED = PeerError(ErrorClass.SOCKET, "Connection refused")


def reading(number, peers, state=DaemonState.RUNNING):
    return NodeReading(
        host=f"node{number}.example",
        node=f"node{number}",
        status=NodeStatus(felix_running=True, daemons=(Daemon(V4, state),), peers=tuple(peers)),
        addresses=(ip_address(f"192.0.2.{number}"),),
    )


def topology_node(number, role=None, *, read=True):
    return TopologyNode(f"node{number}", (ip_address(f"192.0.2.{number}"),), role, "role= in hosts.txt", read)


def finding(rule, severity, subject, message, evidence=(), next_step=None, id_="0" * 12, **values):  # noqa: PLR0917 - the order of a Finding
    """As an audit makes it; the message is a template where values are given."""
    said = Message(message, tuple(values.items())) if values else None
    steps = as_steps(next_step)
    return Finding(
        id=id_,
        rule=rule,
        severity=severity,
        subject=subject,
        message=message if said is None else render(said),
        said=said,
        evidence=tuple(evidence),
        next_step=as_line(steps),
        next_steps=steps,
    )


@pytest.fixture
def healthy():
    """(report, snapshot) of three nodes in a mesh, all Established."""
    snapshot = Snapshot(
        hosts=tuple(Host(f"node{i}.example") for i in (1, 2, 3)),
        readings=tuple(reading(i, [peer(j, peer_type=PeerType.MESH) for j in (1, 2, 3) if j != i]) for i in (1, 2, 3)),
    )
    report = Report(
        verdict=Verdict.HEALTHY,
        topology=Topology(
            kind=TopologyKind.MESH,
            evidence="every peer is node-to-node mesh",
            families=(V4,),
            nodes=tuple(topology_node(i) for i in (1, 2, 3)),
        ),
        checked=Checked(nodes_listed=3, nodes_read=3, sessions_expected=3, sessions_established=3, families=(V4,)),
    )
    return report, snapshot


@pytest.fixture
def outage():
    """(report, snapshot): two reflectors and four clients; node2's BIRD is gone, node6 cannot be read."""
    down = [peer(2, "start Active", PeerType.GLOBAL, REFUSED)]
    snapshot = Snapshot(
        cluster="prod-eu",
        hosts=tuple(Host(f"node{i}.example") for i in range(1, 7)),
        readings=(
            reading(1, [peer(2, "start Active", PeerType.NODE, REFUSED), *(peer(i) for i in (3, 4, 5, 6))]),
            reading(2, [], DaemonState.NOT_RUNNING),
            *(reading(i, [peer(1, peer_type=PeerType.GLOBAL), *down]) for i in (3, 4, 5)),
        ),
        failures=(
            GatherFailure(
                host="node6.example",
                node="node6",
                stage=Stage.CONNECT,
                message="Connection timed out",
                hint="Is it up?",
            ),
        ),
    )
    sessions = [
        finding(
            "session-not-established",
            Severity.ERROR,
            SessionSubject.between("node2", f"node{i}", V4),
            "{far} does not answer {near}: Connection refused.",
            [f"node{i}: 192.0.2.2 global start 06:50:56 Active Socket: Connection refused"],
            step("On {near}: nc -vz 192.0.2.2 179", near=f"node{i}"),
            id_=f"{i:012}",
            far="node2",
            near=f"node{i}",
        )
        for i in (1, 3, 4, 5)
    ]
    accepted = finding("mixed", Severity.WARNING, ClusterSubject(), "The mesh is on beside reflectors.")
    report = Report(
        verdict=Verdict.UNHEALTHY,
        cluster="prod-eu",
        topology=Topology(
            kind=TopologyKind.REFLECTORS,
            evidence="node1 and node2 have all others, the others have only these two",
            families=(V4,),
            nodes=(
                *(topology_node(i, Role.REFLECTOR) for i in (1, 2)),
                *(topology_node(i, Role.CLIENT) for i in (3, 4, 5)),
                topology_node(6, Role.CLIENT, read=False),
            ),
        ),
        findings=(
            finding(
                "daemon-not-running",
                Severity.ERROR,
                NodeSubject(node="node2", family=V4),
                "BIRD is not running on {node}, though other nodes have peers of {family:and}.",
                ["node2: INFO: BIRDv4 process: 'bird' is not running."],
                ("On node2: kubectl -n calico-system logs ds/calico-node -c calico-node", "then see why BIRD stops"),
                node="node2",
                family="IPv4",
            ),
            *sessions,
            finding(
                "node-unreadable",
                Severity.ERROR,
                NodeSubject(node="node6"),
                "{node} could not be read: Connection timed out.",
                ["connect: Connection timed out"],
                "Is it up?",
                node="node6",
            ),
            finding(
                "few-established-reflectors",
                Severity.WARNING,
                NodeSubject(node="node3", family=V4),
                "{node} has one Established reflector only.",
                node="node3",
            ),
            finding(
                "few-established-reflectors",
                Severity.WARNING,
                NodeSubject(node="node4", family=V4),
                "{node} has one Established reflector only.",
                node="node4",
            ),
            finding(
                "few-established-reflectors",
                Severity.WARNING,
                NodeSubject(node="node5", family=V4),
                "{node} has one Established reflector only.",
                node="node5",
            ),
            finding(
                "family-unused",
                Severity.INFO,
                ClusterSubject(family=Family.IPV6),
                "{family:and} has no peer anywhere.",
                family="IPv6",
            ),
        ),
        ignored=(IgnoredFinding(finding=accepted, reason="migration till summer"),),
        checked=Checked(
            nodes_listed=6,
            nodes_read=5,
            sessions_expected=9,
            sessions_established=4,
            reflectors=("node1", "node2"),
            families=(V4,),
            rules=("daemon-not-running", "few-established-reflectors", "peer-missing", "session-not-established"),
        ),
        not_checked=(NotChecked(what="node2 <-> node6 (IPv4)", why="neither end shows it and node6 was not read"),),
        unread=("node6",),
    )
    return report, snapshot


@pytest.fixture
def make_finding():
    return finding
