"""Laws of the audit against resources: it never raises, is deterministic, and what runs as asked for is not blamed."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.engine import audit
from calico_bgp.expect.engine import expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, Family, Peer
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.reports.report import Report
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.model.snapshot import Snapshot
from tests.property.test_audit import NAMES, NOW, chaos

OUTSIDE = "203.0.113.1"
selectors = st.sampled_from([None, "all()", "has(rr)", "!has(rr)", "rack == 'a'", "has(", "rack in {'b'}"])
numbers = st.sampled_from([None, None, 64512, 65001])
ports = st.sampled_from([None, None, 1790, 1791])


@st.composite
def nodes(draw):
    found = []
    for place, name in enumerate(draw(st.lists(st.sampled_from([*NAMES, "e"]), unique=True)), 1):
        labels = [("rack", draw(st.sampled_from(["a", "b"])))]
        labels += [("rr", "")] if draw(st.booleans()) else []
        # Now and then two nodes have one address, or a node has none.
        own = draw(st.sampled_from([place, place, place, 1, None]))
        six = draw(st.sampled_from([place, place, None]))
        found.append(
            CalicoNode(
                name=name,
                labels=tuple(sorted(labels)),
                ipv4=None if own is None else IPv4Address(f"192.0.2.{own}"),
                ipv6=None if six is None else IPv6Address(f"2001:db8::{six}"),
                as_number=draw(numbers),
                cluster_id=draw(st.sampled_from([None, None, "1.1.1.1", "1.1.1.2", "junk"])),
            )
        )
    return tuple(sorted(found, key=lambda node: node.name))


bgp_peers = st.builds(
    BGPPeer,
    name=st.sampled_from(["p", "q", "r"]),
    node=st.sampled_from([None, None, *NAMES]),
    node_selector=selectors,
    peer_ip=st.sampled_from([None, OUTSIDE, f"{OUTSIDE}:179", "192.0.2.1", "192.0.2.2:1790", "[2001:db8::1]:179", "x"]),
    peer_selector=selectors,
    as_number=numbers,
    local_as_number=numbers,
    reverse_peering=st.sampled_from([None, None, "Manual"]),
    local_workload_selector=st.sampled_from([None, None, None, "app == 'x'"]),
)


@st.composite
def resources(draw):
    configurations = [
        BGPConfiguration(
            name="default",
            as_number=draw(numbers),
            node_to_node_mesh_enabled=draw(st.sampled_from([None, True, False, False])),
            listen_port=draw(ports),
        )
    ]
    configurations += [BGPConfiguration(name="node.a", listen_port=1791)] if draw(st.booleans()) else []
    return Resources(
        nodes=draw(nodes()),
        bgp_peers=tuple(draw(st.lists(bgp_peers, max_size=3, unique_by=lambda peer: peer.name))),
        bgp_configurations=tuple(configurations),
    )


@given(chaos(), resources())
@settings(max_examples=300, deadline=None)
def test_no_snapshot_and_no_resources_make_it_raise(snapshot, resources):
    together = snapshot.model_copy(update={"resources": resources})
    report = audit(together)
    assert report == audit(together)
    assert report.exit_code() in {0, 1, 3}
    assert len({finding.id for finding in report.findings}) == len(report.findings)
    assert Report.model_validate_json(report.model_dump_json()) == report


def row(peer: ExpectedPeer) -> Peer:
    return Peer(
        family=peer.family,
        address=peer.address,
        address_text=str(peer.address),
        port=peer.name_port,
        peer_type=peer.peer_type,
        protocol_state="up",
        bgp_state=BGPState.ESTABLISHED,
        since=None,
        info="Established",
    )


def running(resources: Resources) -> Snapshot:
    """Every node runs what the resources ask for, and everything is Established."""
    expected = expect(resources).peers
    daemons = tuple(Daemon(family, DaemonState.RUNNING) for family in Family)
    return Snapshot(
        hosts=tuple(Host(name=node.name) for node in resources.nodes),
        taken_at=NOW,
        readings=tuple(
            NodeReading(
                host=node.name,
                node=node.name,
                status=NodeStatus(
                    felix_running=True, daemons=daemons, peers=tuple(row(peer) for peer in expected.get(node.name, ()))
                ),
                taken_at=NOW,
                clock=NOW,
            )
            for node in resources.nodes
        ),
        resources=resources,
    )


#: What no cluster may be told that runs as its resources say, however odd they are.
_LAGGING = {"configuration-behind", "peer-missing", "wrong-peer-type", "unexpected-peer", "not-a-node"}
_DOWN = {"session-not-established", "external-peer-down", "daemon-not-running"}


@given(resources())
@settings(max_examples=200, deadline=None)
def test_what_runs_as_asked_for_is_not_blamed(resources):
    rules = {finding.rule for finding in audit(running(resources)).findings}
    assert not rules & (_LAGGING | _DOWN)


@given(resources(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_what_is_read_changes_nothing(resources, random):
    def shuffled(values):
        values = list(values)
        random.shuffle(values)
        return tuple(values)

    snapshot = running(resources)
    renamed = resources.model_copy(update={"nodes": tuple(replace(n, ipv6=None) for n in resources.nodes)})
    snapshot = snapshot.model_copy(update={"resources": renamed})
    other = snapshot.model_copy(
        update={
            "hosts": shuffled(snapshot.hosts),
            "readings": shuffled(
                r.model_copy(update={"status": r.status.model_copy(update={"peers": shuffled(r.status.peers)})})
                for r in snapshot.readings
            ),
        }
    )
    said = [{(f.rule, str(f.subject), f.severity) for f in audit(s).findings} for s in (snapshot, other)]
    assert said[0] == said[1]


@st.composite
def seen_in_part(draw):
    """What runs as asked for, seen through a paste with or without prompts, with masks, or through `--limit`."""
    snapshot = running(draw(resources()))
    kept = draw(st.lists(st.sampled_from(snapshot.readings), unique_by=lambda r: r.host)) if snapshot.readings else []
    way = draw(st.sampled_from(["limit", "prompts", "bare", "masked"]))
    if way == "limit":
        hosts = tuple(host for host in snapshot.hosts if host.name in {reading.host for reading in kept})
        return snapshot.model_copy(update={"readings": tuple(kept), "hosts": hosts, "limited": True})
    readings = []
    for place, reading in enumerate(kept):
        rows = reading.status.peers
        if way == "masked":
            rows = tuple(replace(one, address=None, address_text="x.x.x.x") for one in rows)
        readings.append(
            NodeReading(
                host=f"ticket.txt:{place}",
                node=None if way == "bare" else reading.node,
                status=reading.status.model_copy(update={"peers": rows}),
            )
        )
    return snapshot.model_copy(update={"readings": tuple(readings), "hosts": (), "taken_at": None})


@given(seen_in_part())
@settings(max_examples=150, deadline=None)
def test_a_part_of_what_runs_as_asked_for_is_not_blamed(snapshot):
    report = audit(snapshot)
    assert not {finding.rule for finding in report.findings} & (_LAGGING | _DOWN)
    # What the resources name and nobody pasted was not read; what `--limit` left out was left out.
    named = {node.name for node in snapshot.resources.nodes}
    assert set(report.unread) <= (set() if snapshot.limited else named)
