"""Clusters that are odd rather than broken, or broken in two ways: no cause misleads, no command harms."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.changes.commands import commands as commands_of
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import SWITCH, Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerError, PeerType
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.reports.subject import AddressSubject
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, IPPool, ResourceKind, Resources
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, peer
from tests.clusters import node as a_node
from tests.unit.auditing.conftest import NOW, snapshot_of

MESH = {"nodes": 6, "topology": Topology.MESH}
NAT = IPv4Address("10.0.0.2")


def snapshot(*faults, resources=True, roles=False, **config):
    """The lab with these faults, and its resources unless they are not wanted."""
    cluster = build_cluster(**config)
    made = snapshot_of(cluster, *faults, roles=roles)
    if not resources:
        return made
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
    return made.model_copy(update={"resources": asked})


def with_readings(made, change):
    return made.model_copy(update={"readings": tuple(change(reading) for reading in made.readings)})


def with_rows(made, change):
    """The snapshot with each row as `change(node, row)` gives it; None leaves it out."""

    def changed(reading):
        rows = (change(reading.node, row) for row in reading.status.peers)
        status = reading.status.model_copy(update={"peers": tuple(row for row in rows if row is not None)})
        return reading.model_copy(update={"status": status})

    return with_readings(made, changed)


def down(row, error_class, message):
    error = PeerError(error_class, message)
    info = f"Active {error_class}: {message}"
    return replace(row, protocol_state="start", bgp_state=BGPState.ACTIVE, info=info, error=error, since="11:00:00")


def told(report):
    return [(cause.kind, sorted(map(str, cause.subjects))) for cause in report.causes]


def commands(report):
    return [decision.command for cause in report.causes for decision in cause.decide] + [
        command for cause in report.causes for fix in cause.fixes for step in fix.steps for command in step.commands
    ]


def test_the_zone_of_an_address_reaches_no_shell():
    def hostile(_, row):
        if row.address != SWITCH.ipv4:
            return row
        text = "fe80::1%$(reboot)"
        made = replace(row, family=Family.IPV6, address=IPv6Address(text), address_text=text)
        return down(made, ErrorClass.SOCKET, "Connection refused")

    report = audit(with_rows(snapshot(nodes=4, switch=True, resources=False), hostile))
    assert any(isinstance(subject, AddressSubject) for cause in report.causes for subject in cause.subjects)
    assert [c for c in commands(report) if "reboot" in c] == ["ping -c 3 'fe80::1%$(reboot)'"]


@pytest.mark.parametrize("resources", [True, False])
@pytest.mark.parametrize("complaint", [ErrorClass.BGP, ErrorClass.RECEIVED])
@pytest.mark.parametrize("nodes", [{"node2"}, {"node2", "node3"}, {"node1", "node2", "node3", "node4"}])
def test_a_switch_of_another_as_is_one_cause_and_gets_no_command_of_kubernetes(nodes, complaint, resources):
    def refused(node, row):
        return down(row, complaint, "Bad peer AS") if row.address == SWITCH.ipv4 and node in nodes else row

    report = audit(with_rows(snapshot(nodes=4, switch=True, resources=resources), refused))
    (cause,) = [cause for cause in report.causes if cause.kind == "as-mismatch"]
    assert {str(subject) for subject in cause.subjects} == {f"{SWITCH.ipv4} <-> {node} (IPv4)" for node in nodes}
    assert not any(f"spec.nodeName={SWITCH.ipv4}" in command for command in commands(report))


def test_a_switch_with_the_router_id_of_a_node_gets_no_command_of_kubernetes():
    def refused(node, row):
        return down(row, ErrorClass.BGP, "Bad BGP identifier") if (node, row.address) == ("node2", SWITCH.ipv4) else row

    report = audit(with_rows(snapshot(nodes=4, switch=True), refused))
    assert told(report) == [("duplicate-router-id", [f"{SWITCH.ipv4} <-> node2 (IPv4)"])]
    assert not any(f"spec.nodeName={SWITCH.ipv4}" in command for command in commands(report))


def behind_nat(made, node):
    """The host lists another address than the one at which its peers find it."""
    return with_readings(
        made, lambda reading: reading.model_copy(update={"addresses": (NAT,)}) if reading.node == node else reading
    )


def test_an_address_at_which_peers_find_the_node_is_not_wrong():
    report = audit(behind_nat(snapshot("link-cut:node2,node4", **MESH), "node2"))
    assert told(report) == [("link-cut", ["node2 <-> node4 (IPv4)"])]


def test_the_wrong_address_of_one_node_makes_no_other_address_wrong():
    report = audit(behind_nat(snapshot("wrong-address:node4", **MESH), "node2"))
    assert told(report) == [("wrong-address", ["node4"])]


@pytest.mark.parametrize("resources", [True, False])
def test_what_the_others_show_of_a_wrong_address_comes_first(resources):
    (cause,) = audit(snapshot("wrong-address:node4", resources=resources, **MESH)).causes
    shown = [line.partition(" ")[0] for line in cause.evidence if " shows " in line]
    assert shown == ["node1", "node2", "node3", "node5", "node6", "node4"]


@pytest.mark.parametrize("resources", [True, False])
def test_one_host_that_is_listed_twice_is_given_no_other_address(resources):
    made = snapshot(resources=resources, **MESH)
    (again,) = [reading.model_copy(update={"host": "alias"}) for reading in made.readings if reading.node == "node3"]
    twice = made.model_copy(update={"hosts": (*made.hosts, Host(name="alias")), "readings": (*made.readings, again)})
    report = audit(twice)
    assert (report.causes, report.verdict) == ((), Verdict.HEALTHY)
    (finding,) = [finding for finding in report.findings if finding.rule == "host-listed-twice"]
    assert finding.message == "node3 stands twice in the inventory: alias, node3.example"


def test_two_hosts_with_one_address_are_not_called_one():
    report = audit(snapshot("duplicate-address:node3,node4", **MESH))
    assert report.causes[0].title.startswith("node3, node4 have one BGP address")


def as_asked(resources):
    """A snapshot of nodes that run just what these resources ask for, all of it Established."""
    asked = expect(resources)
    like = snapshot_of(build_cluster(**MESH)).readings[0]
    row = like.status.peers[0]
    types = {"Mesh": PeerType.MESH, "Node": PeerType.NODE, "Global": PeerType.GLOBAL}
    readings = []
    for node in resources.nodes:
        rows = tuple(
            replace(
                row,
                family=peer.family,
                address=peer.address,
                address_text=str(peer.address),
                peer_type=types[peer.name.partition("_")[0]],
            )
            for peer in asked.peers.get(node.name, ())
        )
        status = like.status.model_copy(update={"peers": rows})
        own = (node.ipv4,)
        reading = like.model_copy(update={"host": node.name, "node": node.name, "status": status, "addresses": own})
        readings.append(reading)
    hosts = tuple(Host(name=node.name, node=node.name) for node in resources.nodes)
    return Snapshot(hosts=hosts, taken_at=NOW, readings=tuple(readings), resources=resources)


def racks(*, unlabelled=(), without_id=()):
    """Three racks of four nodes; two reflectors serve each and have a cluster ID of their own."""
    nodes = []
    for number in range(12):
        name, rack, is_reflector = f"n{number:02}", "abc"[number // 4], number % 4 < 2
        labels = {"rack": rack} | ({"rr": rack} if is_reflector and name not in unlabelled else {})
        nodes.append(
            CalicoNode(
                name=name,
                labels=tuple(sorted(labels.items())),
                ipv4=IPv4Address("192.0.2.10") + number,
                cluster_id=f"244.0.0.{number // 4 + 1}" if is_reflector and name not in without_id else None,
            )
        )
    return Resources(
        nodes=tuple(nodes),
        bgp_peers=(
            *(
                BGPPeer(f"rack-{rack}", node_selector=f"rack == '{rack}' && !has(rr)", peer_selector=f"rr == '{rack}'")
                for rack in "abc"
            ),
            BGPPeer("reflectors", node_selector="has(rr)", peer_selector="has(rr)"),
        ),
        bgp_configurations=(BGPConfiguration("default", node_to_node_mesh_enabled=False),),
    )


def test_racks_with_reflectors_of_their_own_are_healthy():
    assert audit(as_asked(racks())).findings == ()


def test_a_reflector_that_lost_its_label_gets_that_of_its_own_rack():
    report = audit(as_asked(racks(unlabelled={"n04"})))
    (cause,) = report.causes
    assert cause.title == "n04 lost the label by which BGPPeer rack-b finds route reflectors"
    assert commands(report) == [
        "kubectl label node n04 rr=b --overwrite",
        "calicoctl label nodes n04 rr=b --overwrite",
    ]


def test_a_reflector_that_lost_its_cluster_id_gets_that_of_its_own_rack():
    report = audit(as_asked(racks(without_id={"n04"})))
    (cause,) = report.causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("reflector-lost-cluster-id", ["n04"])
    (fix,) = cause.fixes
    assert [step.what for step in fix.steps] == ["give n04 the cluster ID 244.0.0.2, which n05 has"]


def test_a_reflector_of_a_rack_that_lost_both_gets_both_of_its_own_rack():
    made = as_asked(racks(unlabelled={"n04"}, without_id={"n04"}))
    hosts = tuple(replace(host, role=Role.REFLECTOR) if host.name in {"n04", "n05"} else host for host in made.hosts)
    (cause,) = audit(made.model_copy(update={"hosts": hosts})).causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("reflector-reinstalled", ["n04"])
    (fix,) = cause.fixes
    assert [step.what for step in fix.steps] == [
        "give n04 the cluster ID 244.0.0.2, which n05 has",
        "give n04 the label rr=b",
    ]


def test_a_selector_of_which_nothing_is_left_is_no_fault_of_the_reflectors_that_work():
    resources = racks()
    old = BGPPeer("old", node_selector="all()", peer_selector="has(old-rack)")
    report = audit(as_asked(resources.model_copy(update={"bgp_peers": (old, *resources.bgp_peers)})))
    (cause,) = report.causes
    assert str(cause.subjects[0]) == "BGPPeer old"
    assert cause.fixes == ()
    assert "nobody peers with them" not in cause.explanation


def unread(made, node, stage, message):
    """The snapshot of a moment later, when the node answers no more and its peers have not noticed."""
    (gone,) = [reading for reading in made.readings if reading.node == node]
    return made.model_copy(
        update={
            "readings": tuple(reading for reading in made.readings if reading.node != node),
            "failures": (GatherFailure(host=gone.host, node=node, stage=stage, message=message),),
        }
    )


def test_a_silent_host_that_its_peers_still_have_is_not_surely_well():
    (cause,) = audit(unread(snapshot(**MESH), "node4", Stage.CONNECT, "no answer")).causes
    assert (cause.kind, cause.confidence) == ("node-unreadable-only", Confidence.LIKELY)
    assert "hold time" in cause.explanation
    assert [decision.command for decision in cause.decide] == ["kubectl get node node4"]


def test_a_host_that_refused_only_us_is_surely_up():
    (cause,) = audit(unread(snapshot(**MESH), "node4", Stage.AUTHENTICATE, "Permission denied")).causes
    assert (cause.kind, cause.confidence) == ("node-unreadable-only", Confidence.CERTAIN)


def test_a_rack_and_a_node_elsewhere_that_are_off_are_two_causes():
    off = [f"node-down:node{number}" for number in (1, 4, 7, 2)]
    report = audit(snapshot(*off, nodes=9, zones=3, topology=Topology.MESH))
    assert told(report) == [("rack-down", ["node1", "node4", "node7"]), ("node-down", ["node2"])]


def test_two_racks_that_are_off_are_two_causes():
    off = [f"node-down:node{number}" for number in (1, 4, 7, 2, 5, 8)]
    report = audit(snapshot(*off, nodes=9, zones=3, topology=Topology.MESH))
    assert told(report) == [
        ("rack-down", ["node1", "node4", "node7"]),
        ("rack-down", ["node2", "node5", "node8"]),
    ]


def with_jump_host(made, stage, message):
    """The snapshot with a host in hosts.txt that is no node and could not be read."""
    failure = GatherFailure(host="bastion", stage=stage, message=message)
    return made.model_copy(update={"hosts": (*made.hosts, Host(name="bastion")), "failures": (*made.failures, failure)})


def test_a_host_that_lets_us_not_in_did_not_leave_the_cluster():
    report = audit(with_jump_host(snapshot(nodes=6, reflectors=1), Stage.AUTHENTICATE, "Permission denied"))
    assert report.causes == ()


def test_a_host_of_which_nobody_said_that_it_was_a_reflector_is_only_perhaps_one():
    (cause,) = audit(with_jump_host(snapshot(nodes=6, reflectors=1), Stage.CONNECT, "no answer")).causes
    assert (cause.kind, cause.confidence) == ("reflector-removed", Confidence.POSSIBLE)
    assert "perhaps it was a route reflector" in cause.title
    assert cause.decide


def test_a_jump_host_is_not_taken_for_the_reflector_that_left():
    made = snapshot("reflector-removed:node1", roles=True, nodes=6)
    (cause, *_) = audit(with_jump_host(made, Stage.CONNECT, "no answer")).causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("reflector-removed", ["node1"])
    assert cause.confidence is Confidence.CERTAIN


@pytest.mark.parametrize("limited", [True, False])
def test_nodes_that_the_inventory_lacks_did_not_take_the_place_of_a_reflector(limited):
    made = snapshot("reflector-removed:node1", roles=True, nodes=8)
    listed = {"node1", "node2"} if not limited else {"node1", "node2", "node3", "node4", "node5", "node6", "node7"}
    report = audit(
        made.model_copy(
            update={
                "hosts": tuple(host for host in made.hosts if host.node in listed),
                "readings": tuple(reading for reading in made.readings if reading.node in listed),
                "limited": limited,
            }
        )
    )
    (cause, *_) = report.causes
    assert cause.kind == "reflector-removed"
    assert "replaced by" not in cause.title
    assert [asked.variable for asked in cause.fixes[0].asks] == ["NODE"]


def run(command, **variables):
    """The words that a shell makes of a command."""
    words = f"printf '%s\\n' {command}"
    shown = subprocess.run(["sh", "-c", words], env=variables, capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()


def test_only_the_variables_that_are_asked_for_are_expanded():
    """Beside a value that is asked for, in double quotes, everything else stays as it is."""
    text = '`id`"\\$ID2 $HOME !has(x); a, then b'
    asked = Ask("ID", "the AS number", 64512)
    known = cluster(peer("p", peer_ip="192.0.2.1", node="a"))
    change = SetFields(ResourceKind.BGP_PEER, "p", (("as_number", asked), ("node", text)))
    (command,) = commands_of(change, known)
    for words in (command.kubectl, command.calicoctl):
        *_, merge = run(words, ID="65001", HOME="/root")
        assert json.loads(merge) == {"spec": {"asNumber": 65001, "node": text}}


def test_a_node_that_is_asked_for_keeps_the_words_of_the_command():
    made = snapshot("reinstalled", nodes=6)
    text = made.model_dump_json()
    for old, new in (("node1", "node"), ("node2", "label")):
        text = text.replace(f'"{old}"', f'"{new}"')
    report = audit(Snapshot.model_validate_json(text))
    found = [step.kubectl for cause in report.causes for fix in cause.fixes for step in fix.steps]
    assert 'kubectl label node "${NODE:?}" route-reflector=true --overwrite' in found


@pytest.mark.parametrize(
    ("faults", "causes"),
    [
        (
            ("lost-label:node1", "lost-cluster-id:node2"),
            {("reflector-lost-label", "node1"), ("reflector-lost-cluster-id", "node2")},
        ),
        (
            ("reinstalled:node1", "lost-label:node2"),
            {("reflector-reinstalled", "node1"), ("reflector-lost-label", "node2")},
        ),
        (
            ("reflector-removed:node1", "lost-label:node2"),
            {("reflector-removed", "node1"), ("reflector-lost-label", "node2")},
        ),
    ],
)
def test_two_reflectors_at_fault_are_two_causes(faults, causes):
    report = audit(snapshot(*faults, roles=True, nodes=6))
    assert {(cause.kind, str(subject)) for cause in report.causes for subject in cause.subjects} == causes
    assert all(cause.findings for cause in report.causes)


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (1, ("disabled-peer", ["node1 <-> node2 (IPv4)"])),
        (2, ("confd-stuck", ["node1"])),
        (3, ("confd-stuck", ["node1"])),
    ],
)
def test_several_peers_that_one_node_lacks_are_a_file_that_is_behind(number, cause):
    own = {node.name: node.ipv4 for node in build_cluster(**MESH).nodes}
    lacking = {own[f"node{n}"] for n in range(2, 2 + number)}

    def change(node, row):
        if node == "node1":
            return None if row.address in lacking else row
        dials = own[node] in lacking and row.address == own["node1"]
        return replace(down(row, ErrorClass.SOCKET, ""), error=None, info="Connect") if dials else row

    report = audit(with_rows(snapshot(**MESH), change))
    assert told(report) == [cause]
    # What node1 has to switch on is its own peer for the other one.
    assert any("enable Mesh_192_0_2_12" in command for command in commands(report)) is (number == 1)


@pytest.mark.parametrize("hears", [True, False])
def test_a_socket_that_is_gone_explains_sessions_only_where_none_is_up(hears):
    """Where the peers hear this BIRD it goes on, and only nobody can ask it."""
    own = {node.name: node.ipv4 for node in build_cluster(**MESH).nodes}

    def change(node, row):
        return down(row, ErrorClass.SOCKET, "Connection refused") if row.address == own["node4"] and not hears else row

    report = audit(with_rows(snapshot("socket-missing:node4", **MESH), change))
    assert told(report) == [("socket-gone", ["node4"])]
    assert report.unexplained == ()
    assert ("and BIRD goes on" in report.causes[0].title) is hears
    assert report.causes[0].routes_lost == (0 if hears else 10)


@pytest.mark.parametrize("clock", [True, False])
def test_until_when_a_bird_recovers(clock):
    """At most 240 s after it was seen so."""
    made = snapshot("restarting:node2", resources=False, **MESH)
    taken = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    made = with_readings(made, lambda reading: reading.model_copy(update={"taken_at": taken if clock else None}))
    (cause,) = audit(made if clock else made.model_copy(update={"taken_at": None})).causes
    assert cause.kind == "graceful-restart"
    assert ("at 12:04:00 UTC at the latest" in cause.fixes[0].summary) is clock


@pytest.mark.parametrize(("gone", "says"), [("node1", "The host is"), ("node1,node2", "The hosts are")])
def test_one_host_or_several_are_in_the_inventory(gone, says):
    (cause,) = audit(snapshot(f"reflector-removed:{gone}", roles=True, nodes=6)).causes
    assert cause.explanation.startswith(f"{says} in the inventory and could not be read")


def with_nodes(made, **changes):
    """The snapshot with some Nodes of its resources changed: name → fields."""
    nodes = tuple(replace(node, **changes.get(node.name, {})) for node in made.resources.nodes)
    return made.model_copy(update={"resources": made.resources.model_copy(update={"nodes": nodes})})


@pytest.mark.parametrize(
    ("other", "value", "asks"),
    [("1.2.3.4", "1.2.3.4", []), ("rack-b", "${CLUSTER_ID:?}", ["CLUSTER_ID"])],
)
def test_a_cluster_id_that_bird_refuses_is_taken_from_others_or_asked_for(other, value, asks):
    made = with_nodes(snapshot(nodes=6), node1={"cluster_id": other}, node2={"cluster_id": "rack-a"})
    causes = {str(cause.subjects[0]): cause for cause in audit(made).causes}
    (fix,) = causes["Node node2"].fixes
    assert value in fix.steps[0].kubectl
    assert [asked.variable for asked in fix.asks] == asks


def test_a_cluster_id_that_calico_ignores_refuses_no_configuration():
    ignored = (("projectcalico.org/RouteReflectorClusterID", "rack-a"),)
    made = with_nodes(snapshot(nodes=6), node2={"cluster_id": None, "ignored_annotations": ignored})
    assert told(audit(made)) == [("reflector-lost-cluster-id", ["node2"])]


@pytest.mark.parametrize("resources", [True, False])
def test_two_groups_with_other_as_numbers_are_one_cause_and_one_fix(resources):
    cluster = build_cluster(**MESH)
    odd = {node.ipv4 for node in cluster.nodes if node.name in {"node1", "node2"}}
    own = {node.name: node.ipv4 for node in cluster.nodes}
    made = with_nodes(snapshot(**MESH), node1={"as_number": 65001}, node2={"as_number": 65001})
    made = with_rows(
        made if resources else made.model_copy(update={"resources": None}),
        lambda node, row: (
            down(row, ErrorClass.BGP, "Bad peer AS") if (own[node] in odd) is not (row.address in odd) else row
        ),
    )
    (cause,) = audit(made).causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("as-mismatch", ["node1", "node2"])
    assert [step.kubectl for step in cause.fixes[0].steps] == [
        f"kubectl annotate node {node} projectcalico.org/ASNumber- --overwrite"
        for node in ("node1", "node2")
        if resources
    ]


def test_a_command_whose_variable_is_not_filled_in_runs_nothing():
    prefix = Ask("PREFIX_LENGTH", "the prefix length", 24)
    change = SetFields(ResourceKind.NODE, "node1", (("ipv4", IPv4Address("192.0.2.11")), ("ipv4_prefix", prefix)))
    (found,) = commands_of(change, cluster(CalicoNode("node1", ipv4=IPv4Address("192.0.2.1"))))
    assert run(found.kubectl, PREFIX_LENGTH="24")[4] == "projectcalico.org/IPv4Address=192.0.2.11/24"
    for command in (found.kubectl, found.calicoctl):
        done = subprocess.run(["sh", "-c", f"echo {command}"], env={}, capture_output=True, text=True, check=False)
        assert (done.returncode != 0, done.stdout) == (True, "")
        assert "PREFIX_LENGTH" in done.stderr


@pytest.mark.parametrize(
    ("pool", "kinds", "verdict"),
    [
        (IPPool("pods", "10.244.0.0/16"), ["bird-down"], Verdict.UNKNOWN),
        (IPPool("pods", "10.244.0.0/16", vxlan_mode="Always"), [], Verdict.HEALTHY),
    ],
)
def test_bird_that_is_dead_everywhere_is_no_cluster_without_bgp_where_a_pool_needs_it(pool, kinds, verdict):
    made = snapshot(*(f"bird-down:node{number}" for number in range(1, 7)), **MESH)
    resources = made.resources.model_copy(update={"ip_pools": (pool,)})
    report = audit(made.model_copy(update={"resources": resources}))
    assert [(cause.kind, str(cause.subjects[0])) for cause in report.causes] == [(kind, "cluster") for kind in kinds]
    assert report.verdict is verdict


def test_no_session_anywhere_is_no_matter_of_one_link():
    made = with_rows(snapshot(**MESH), lambda _, row: down(row, ErrorClass.BGP, "Hold timer expired"))
    assert [cause.kind for cause in audit(made).causes] == ["all-sessions-down"]


def test_a_cut_link_says_of_two_lone_nodes_no_other_sessions():
    made = with_rows(
        snapshot(nodes=2, topology=Topology.MESH), lambda _, row: down(row, ErrorClass.BGP, "Hold timer expired")
    )
    (cause,) = audit(made).causes
    assert cause.kind == "link-cut"
    assert "other sessions" not in cause.explanation


def test_a_timed_out_session_that_has_a_password_may_be_cut_as_well():
    made = snapshot("wrong-password:node1,node5", **MESH)
    (cause,) = audit(made).causes
    (late,) = audit(
        with_rows(
            made, lambda _, row: row if row.is_established else down(row, ErrorClass.SOCKET, "Operation timed out")
        )
    ).causes
    assert (late.kind, late.confidence) == (cause.kind, Confidence.POSSIBLE)
    assert late.title.endswith(", or a firewall")


DUAL = (Family.IPV4, Family.IPV6)


def broken_in_ipv6(made, node, error_class, message):
    """All IPv6 sessions of a node are down, those of IPv4 are up."""
    (own,) = [reading.addresses for reading in made.readings if reading.node == node]

    def changed(name, row):
        mine = row.family is Family.IPV6 and (name == node or row.address in own)
        return down(row, error_class, message) if mine else row

    return with_rows(made, changed)


@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
@pytest.mark.parametrize(
    ("error_class", "message", "kind"),
    [
        (ErrorClass.BGP, "Hold timer expired", "host-network-cut"),
        (ErrorClass.SOCKET, "Network unreachable", "host-network-cut"),
        (ErrorClass.BGP, "Bad peer AS", "as-mismatch"),
    ],
)
def test_a_node_that_is_at_fault_in_one_family_is_one_cause(topology, error_class, message, kind):
    made = snapshot(nodes=6, topology=topology, families=DUAL)
    assert told(audit(broken_in_ipv6(made, "node3", error_class, message))) == [(kind, ["node3 (IPv6)"])]


def test_another_trouble_in_each_family_is_not_put_down_to_one_of_them():
    made = snapshot(nodes=6, topology=Topology.MESH, families=DUAL)
    made = broken_in_ipv6(made, "node3", ErrorClass.BGP, "Bad peer AS")
    (own,) = [reading.addresses for reading in made.readings if reading.node == "node3"]

    def cut(name, row):
        mine = row.family is Family.IPV4 and (name == "node3" or row.address in own)
        return down(row, ErrorClass.SOCKET, "Host is unreachable") if mine else row

    assert told(audit(with_rows(made, cut))) == []


def test_a_family_of_which_nothing_is_said_yet_is_no_network_that_is_cut():
    made = snapshot(nodes=6, topology=Topology.MESH, families=DUAL)
    made = broken_in_ipv6(made, "node3", ErrorClass.RECEIVED, "Other configuration change")
    assert told(audit(made)) == []


def test_a_role_in_the_inventory_of_a_mesh_makes_no_reflector_that_was_lost():
    made = snapshot(**MESH)
    hosts = tuple(replace(host, role=Role.REFLECTOR) if host.node == "node1" else host for host in made.hosts)
    assert told(audit(made.model_copy(update={"hosts": hosts}))) == []


def test_the_one_birdcl_is_told_the_socket():
    made = snapshot("disabled-peer:node2,node5", families=(Family.IPV4, Family.IPV6), **MESH)
    told = [finding.next_step for finding in audit(made).findings if finding.rule == "one-sided-session"]
    assert [step.partition(": ")[2] for step in told] == [
        "birdcl -s /var/run/calico/bird.ctl show protocols",
        "birdcl -s /var/run/calico/bird6.ctl show protocols",
    ]


@pytest.mark.parametrize("resources", [True, False])
@pytest.mark.parametrize("roles", [True, False])
@pytest.mark.parametrize("racks", [1, 2])
@pytest.mark.parametrize("joined", [True, False])
def test_reflectors_of_reflectors_need_no_clients_of_their_own(joined, racks, roles, resources):
    """Two reflectors at the top have only the reflectors of the racks; hosts.txt calls all of them reflectors."""
    tops = [a_node(f"t{n}", f"10.0.0.{n}", labels="top=true", cluster_id="1.0.0.1") for n in (1, 2)]
    peers = [peer("to-tops", node_selector="has(rr)", peer_selector="has(top)")]
    peers += [peer("tops", node_selector="has(top)", peer_selector="has(top)")] if joined else []
    nodes = [*tops]
    for rack in range(1, racks + 1):
        mine = f"rack == 'k{rack}'"
        for n in (1, 2):
            labels = f"rr=true rack=k{rack}"
            nodes.append(a_node(f"r{rack}{n}", f"10.0.{rack}.{n}", labels=labels, cluster_id=f"2.0.0.{rack}"))
        nodes += [a_node(f"c{rack}{n}", f"10.0.{rack}.1{n}", labels=f"rack=k{rack}") for n in range(1, 5)]
        peers.append(peer(f"rack{rack}", node_selector=mine, peer_selector=f"has(rr) && {mine}"))
    asked = cluster(*nodes, *peers, config(mesh=False))
    made = as_asked(asked)
    hosts = tuple(
        Host(name=one.name, node=one.name, role=(Role.REFLECTOR if one.cluster_id else Role.CLIENT) if roles else None)
        for one in asked.nodes
    )
    update = {"hosts": hosts, "readings": tuple(r.model_copy(update={"host": r.node}) for r in made.readings)}
    report = audit(made.model_copy(update=update | ({} if resources else {"resources": None})))
    assert report.causes == ()
    # Without resources nobody knows the cluster IDs.
    assert report.verdict in ({Verdict.HEALTHY} if resources else {Verdict.HEALTHY, Verdict.UNKNOWN})


@pytest.mark.parametrize("resources", [True, False])
def test_a_bird_that_kept_us_waiting_hangs_though_its_sessions_stand(resources):
    """Without calicoctl its socket is asked, and nothing comes: the way to the node is all right."""
    made = snapshot(resources=resources, **MESH)
    hung = GatherFailure(
        host="node5.example",
        node="node5",
        stage=Stage.TIMEOUT,
        message="no word came",
        silent=Silent.BIRD,
    )
    readings = tuple(reading for reading in made.readings if reading.node != "node5")
    (cause,) = audit(made.model_copy(update={"readings": readings, "failures": (hung,)})).causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("bird-hangs", ["node5"])
    assert "5 peers show it Established" in cause.title


def test_what_is_said_of_reading_a_node_costs_no_route():
    """node2 was not read, and has no session with node3; that node3's BIRD is down is what it costs."""
    report = audit(snapshot("no-sudo:node2", "bird-down:node3", **MESH))
    told_of = {finding.rule: finding.consequence for finding in report.findings}
    assert told_of["node-unreadable"] is None
    assert "routes are lost because of it" in told_of["daemon-not-running"]
