"""Cases in which a hasty audit is wrong: half-seen clusters, designs by rack, masked addresses."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import (
    Daemon,
    DaemonState,
    GatherFailure,
    NodeReading,
    NodeStatus,
    Stage,
    UnrecognisedLine,
)
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.settings.config import Config, Ignore
from calico_bgp.model.snapshot import Snapshot

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADDRESS = {f"n{i}": f"10.0.0.{i}" for i in range(1, 10)}


def row(address, peer_type=PeerType.NODE, *, up=True, error=None, text=None):
    return Peer(
        family=Family.IPV4,
        address=ip_address(address) if address else None,
        address_text=text or address,
        port=None,
        peer_type=peer_type,
        protocol_state="up" if up else "start",
        bgp_state=BGPState.ESTABLISHED if up else BGPState.ACTIVE,
        since=None,
        info="",
        error=error,
    )


def reading(name, *rows, state=DaemonState.RUNNING, address=True):
    status = NodeStatus(felix_running=True, daemons=(Daemon(Family.IPV4, state),), peers=rows)
    own = (ip_address(ADDRESS[name]),) if address else ()
    return NodeReading(host=name, node=name, status=status, addresses=own, taken_at=NOW)


def snapshot(*readings, failed=(), roles=None, limited=False):
    names = [r.host for r in readings] + list(failed)
    return Snapshot(
        hosts=tuple(Host(name=name, role=(roles or {}).get(name)) for name in names),
        readings=readings,
        failures=tuple(GatherFailure(host=name, stage=Stage.RESOLVE, message="no such name") for name in failed),
        taken_at=NOW,
        limited=limited,
    )


def between(pairs, peer_type=PeerType.NODE):
    """Readings of all nodes that stand in `pairs`, which are all Established."""
    names = sorted({name for pair in pairs for name in pair})
    near = {name: [o for pair in pairs if name in pair for o in pair if o != name] for name in names}
    return [reading(name, *(row(ADDRESS[other], peer_type) for other in near[name])) for name in names]


def said(report):
    return {(finding.rule, str(finding.subject)) for finding in report.findings}


def test_nothing_known_of_any_bird_is_unknown():
    report = audit(snapshot(*(reading(name, state=DaemonState.UNKNOWN) for name in ("n1", "n2", "n3"))))
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3


def test_a_family_that_a_node_does_not_mention_is_not_healthy():
    mesh = between([("n1", "n2"), ("n1", "n3"), ("n2", "n3")], PeerType.MESH)
    silent = NodeReading(
        host="n4", node="n4", status=NodeStatus(felix_running=True, daemons=(Daemon(Family.IPV6, DaemonState.RUNNING),))
    )
    report = audit(snapshot(*mesh, silent))
    assert report.verdict is Verdict.UNKNOWN
    assert report.unread == ("n4",)


@pytest.mark.parametrize("roles", [False, True])
def test_limit_to_one_node_without_peers_is_an_outage(lab, roles):
    whole = lab("reinstalled", nodes=6, snapshot={"roles": roles})
    part = whole.model_copy(update={"hosts": whole.hosts[2:3], "readings": whole.readings[2:3], "limited": True})
    report = audit(part)
    assert said(report) == {("no-peers-anywhere", "cluster")}
    assert report.exit_code() == 1


def test_no_bird_on_the_nodes_of_a_limit_does_not_prove_a_cluster_without_bgp(lab):
    whole = lab(nodes=4, topology=Topology.NO_BGP)
    part = whole.model_copy(update={"hosts": whole.hosts[:2], "readings": whole.readings[:2], "limited": True})
    assert audit(part).verdict is Verdict.UNKNOWN
    assert audit(whole).verdict is Verdict.HEALTHY


def test_bird_dead_everywhere_where_roles_were_given():
    readings = [reading(name, state=DaemonState.NOT_RUNNING) for name in ("n1", "n2")]
    report = audit(snapshot(*readings, roles=dict.fromkeys(("n1", "n2"), Role.CLIENT)))
    assert report.exit_code() == 1


RACKS = [("n1", "n2"), ("n1", "n3"), ("n1", "n4"), ("n5", "n6"), ("n5", "n7"), ("n5", "n8")]


def test_two_racks_that_do_not_peer_with_each_other():
    report = audit(snapshot(*between(RACKS)))
    assert ("partitioned", "cluster (IPv4)") in said(report)
    assert report.exit_code() == 1


@pytest.mark.parametrize("told", [False, True])
def test_two_racks_that_peer_are_healthy(told):
    roles = {name: Role.REFLECTOR if name in {"n1", "n5"} else Role.CLIENT for name in ADDRESS} if told else None
    report = audit(snapshot(*between([*RACKS, ("n1", "n5")]), roles=roles))
    assert not {finding for finding in report.findings if finding.severity is not Severity.INFO}
    # With one cluster ID for both the racks would not learn each other's routes: no table shows it.
    assert report.verdict is Verdict.UNKNOWN
    assert report.reachability[0].pairs_cut_off == 0
    assert "only Calico's resources say" in report.doubts[0]


def test_an_external_peer_may_join_two_groups():
    readings = between(RACKS)
    joined = [
        r.model_copy(update={"status": r.status.model_copy(update={"peers": (*r.status.peers, row("10.9.9.9"))})})
        for r in readings
    ]
    report = audit(snapshot(*joined))
    assert not {finding for finding in report.findings if finding.severity is not Severity.INFO}
    assert report.exit_code() == 3


def test_the_second_address_of_a_node_is_down():
    refused = PeerError(ErrorClass.SOCKET, "Connection refused")
    one = reading("n1", row(ADDRESS["n2"], PeerType.GLOBAL), row("10.1.0.2", PeerType.GLOBAL, up=False, error=refused))
    two = reading("n2", row(ADDRESS["n1"]))
    two = two.model_copy(update={"addresses": (*two.addresses, ip_address("10.1.0.2"))})
    report = audit(snapshot(one, two))
    assert said(report) >= {("session-not-established", "n1 <-> n2 (IPv4)")}


def test_masks_that_look_alike_are_no_duplicates_and_hide_no_trouble():
    up, down = (row(None, PeerType.MESH, up=state, text="10.0.0.x") for state in (True, False))
    assert "duplicate-peer" not in {rule for rule, _ in said(audit(snapshot(reading("n1", up, up))))}
    assert audit(snapshot(reading("n1", up, down))).exit_code() == 1


def test_a_switch_that_is_down_is_not_taken_for_a_node_that_was_not_read():
    names = ("n1", "n2", "n3")
    switch = row("10.9.9.9", PeerType.GLOBAL, up=False, error=PeerError(ErrorClass.SOCKET, "Connection refused"))
    readings = [
        reading(name, *(row(ADDRESS[other], PeerType.MESH) for other in names if other != name), switch)
        for name in names
    ]
    report = audit(snapshot(*readings, failed=["n4"]))
    assert said(report) >= {("external-peer-down", "10.9.9.9"), ("node-unreadable", "n4")}
    assert ("isolated-node", "n4") not in said(report)


def test_braces_in_what_a_node_prints_do_no_harm():
    odd = row(None, PeerType.MESH, up=False, error=PeerError(ErrorClass.SOCKET, "Foo {bar}"), text="{ip}")
    (finding, *_) = audit(snapshot(reading("n1", odd))).findings
    assert "Foo {bar}" in finding.message


@pytest.mark.parametrize("fault", ["node-down:node4", "bird-down:node4"])
def test_reflectors_that_do_not_peer_are_not_blamed_for_a_client(lab, fault):
    report = audit(lab(fault, nodes=6, variant=Variant.CLIENTS))
    assert all(f.severity == "info" for f in report.findings if f.rule == "reflectors-not-peered")


def test_a_dead_bird_on_a_node_without_known_address(lab):
    report = audit(lab("bird-down:node4", nodes=5, topology=Topology.MESH, snapshot={"addresses": False}))
    assert said(report) == {("daemon-not-running", "node4")}


def test_a_mesh_of_unknown_addresses_that_lacks_peers(lab):
    """Two islands of three: no session is down, and which address is whose is not known."""
    across = [f"missing-peer:node{a},node{b}" for a in range(1, 4) for b in range(4, 7)]
    back = [f"missing-peer:node{b},node{a}" for a in range(1, 4) for b in range(4, 7)]
    report = audit(lab(*across, *back, nodes=6, topology=Topology.MESH, snapshot={"addresses": False}))
    assert {subject for rule, subject in said(report) if rule == "peer-missing"} == {
        f"node{n} (IPv4)" for n in range(1, 7)
    }


def test_a_reflector_of_unknown_address_is_not_forgotten(lab):
    faults = ("missing-peer:node1,node4", "missing-peer:node4,node1")
    report = audit(lab(*faults, nodes=5, snapshot={"addresses": False}))
    assert ("fewer-than-two-reflectors", "cluster") not in said(report)


def test_a_remark_between_tables_is_named_and_does_no_harm():
    line = UnrecognisedLine(9, "and here is what it says for v6")
    readings = between([("n1", "n2"), ("n1", "n3"), ("n2", "n3")], PeerType.MESH)
    status = readings[0].status.model_copy(update={"unrecognised": (line,)})
    report = audit(snapshot(readings[0].model_copy(update={"status": status}), *readings[1:]))
    assert report.verdict is Verdict.HEALTHY
    assert any("and here is" in entry.what for entry in report.not_checked)
    cut = status.model_copy(update={"complete": False})
    assert audit(snapshot(readings[0].model_copy(update={"status": cut}), *readings[1:])).verdict is Verdict.UNKNOWN


def test_a_question_that_an_exception_answers_is_open_no_more(lab):
    whole = lab(nodes=4, topology=Topology.NO_BGP)
    part = whole.model_copy(update={"hosts": whole.hosts[:2], "readings": whole.readings[:2], "limited": True})
    assert audit(part).doubts == ("whether the cluster should use BGP is not known",)
    accepted = audit(part, config=Config(ignore=(Ignore(rule="no-bgp", reason="VXLAN, on purpose"),)))
    assert (accepted.verdict, accepted.doubts) == (Verdict.HEALTHY, ())
    assert [each.finding.rule for each in accepted.ignored] == ["no-bgp"]
    other = audit(part, config=Config(ignore=(Ignore(rule="no-peers-anywhere", reason="another one"),)))
    assert other.verdict is Verdict.UNKNOWN
