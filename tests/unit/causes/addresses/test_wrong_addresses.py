"""The BGP address that is not the node's: by InternalIPs, prefixes, pools, bridges, the host's own list, or tables."""

from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.odd_addresses import odd_address
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import Autodetection, BGPPeer, IPPool
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import UP, cluster, commands, node, pasted, read, table, told

SILENT, REFUSED, UNREACHABLE = "Active", "Active Socket: Connection refused", "Active Socket: Host is unreachable"
HELD, PASSIVE = "Active BGP Error: Hold timer expired", "Passive"


def four(wrong, **fields):
    """Four nodes of one network with their InternalIPs; `wrong` is the BGP address of the first."""
    others = [node(f"w{n}", f"192.0.2.{n}/24", f"192.0.2.{n}") for n in (2, 3, 4)]
    return cluster(node("w1", wrong, "192.0.2.1"), *others, **fields)


def seen(wrong, info):
    """What the three others show: the first is down, they have each other."""
    return {
        f"w{n}": table(f"w{n}", f"{wrong} {info}", *(f"192.0.2.{m} {UP}" for m in (2, 3, 4) if m != n))
        for n in (2, 3, 4)
    }


WRONG = {
    "another network": ("10.4.0.1/24", "its InternalIP is 192.0.2.1, and the other nodes use theirs"),
    "keepalived": ("192.0.2.99/32", "a /32, as keepalived gives to a virtual address; the others have /24"),
    "docker0": ("172.17.0.1/16", "that of a Docker bridge"),
    "a bridge of compose": ("172.29.0.1/16", "that of a Docker bridge"),
    "libvirt": ("192.168.122.1/24", "that of libvirt's bridge virbr0"),
    "virtualbox": ("10.0.2.15/24", "the one that VirtualBox gives every machine"),
    "flannel": ("10.244.0.0/32", "that of a pods' network"),
    "podman": ("10.88.0.1/16", "that of Podman's bridge"),
    "link-local": ("169.254.25.10/32", "a link-local one"),
}


@pytest.mark.parametrize("info", [SILENT, REFUSED, UNREACHABLE, HELD])
@pytest.mark.parametrize("case", WRONG)
def test_an_address_that_is_not_the_internal_ip_while_the_others_is(case, info):
    wrong, why = WRONG[case]
    own = table("w1", *(f"192.0.2.{n} {PASSIVE}" for n in (2, 3, 4)))
    for tables in ({"w1": own} | seen(wrong.partition("/")[0], info), seen(wrong.partition("/")[0], info)):
        report = pasted(*tables.values(), resources=four(wrong))
        assert told(report) == [("wrong-address", ["w1"])]
        (cause,) = report.causes
        assert cause.confidence is Confidence.CERTAIN
        assert why in cause.title
        assert commands(report)[0] == (
            "kubectl annotate node w1 projectcalico.org/IPv4Address=192.0.2.1/24 --overwrite"
        )
        assert cause.costs is not None
        assert report.unexplained == ()


@pytest.mark.parametrize("name", [None, "w1"])
@pytest.mark.parametrize("switch", [UP, "Idle Received: Bad peer AS"])
def test_the_pasted_table_of_the_node_itself_tells_as_well(name, switch):
    """With or without a prompt; a switch that it reaches by the wrong address proves nothing of the address."""
    report = pasted(
        table(name, *(f"192.0.2.{n} Connect" for n in (2, 3, 4)), f"node specific= 192.0.2.254 {switch}"),
        resources=cluster(
            *four("10.4.0.1/24").nodes,
            BGPPeer(name="tor", node_selector="all()", peer_ip="192.0.2.254", as_number=65000),
        ),
    )
    assert told(report) == [("wrong-address", ["w1"])]
    # That the switch refuses its AS number is no matter of the address, and is said as well.
    assert ("192.0.2.254 and w1 the AS numbers differ as well" in report.causes[0].explanation) is (switch != UP)


def test_an_address_of_a_pool():
    pool = IPPool(name="pods", cidr="10.50.0.0/16")
    resources = four("10.50.3.1/32").model_copy(update={"ip_pools": (pool,)})
    report = pasted(*seen("10.50.3.1", SILENT).values(), resources=resources)
    assert told(report) == [("wrong-address", ["w1"])]
    assert "IPPool pods (10.50.0.0/16)" in report.causes[0].title


def test_a_pool_that_covers_the_machines_makes_no_address_wrong():
    pool = IPPool(name="all", cidr="192.0.2.0/24")
    resources = four("192.0.2.1/24").model_copy(update={"ip_pools": (pool,)})
    report = pasted(*seen("192.0.2.1", UNREACHABLE).values(), resources=resources)
    assert "wrong-address" not in [kind for kind, _ in told(report)]


@pytest.mark.parametrize("reached", [True, False])
@pytest.mark.parametrize("has", ["192.0.2.1", "192.0.2.1 10.9.9.9", "2001:db8::1"])
def test_an_address_that_the_hosts_own_list_lacks(has, reached):
    """Also where the list has no address of the family. Only that Node is stale: no other node is touched."""
    nodes = (node("w1", "198.51.100.7/24"), *(node(f"w{n}", f"192.0.2.{n}/24") for n in (2, 3, 4)))
    tables = {"w1": table("w1", *(f"192.0.2.{n} {SILENT}" for n in (2, 3, 4)))} | seen("198.51.100.7", SILENT)
    addresses = {"w1": has} | {f"w{n}": f"192.0.2.{n}" for n in (2, 3, 4)}
    if not reached:
        tables = {name: text.replace(SILENT, UNREACHABLE) for name, text in tables.items()}
    report = read(tables, addresses=addresses, resources=cluster(*nodes))
    assert told(report) == [("wrong-address", ["w1"])]
    assert report.causes[0].confidence is Confidence.CERTAIN
    assert not any("set env" in command or "installation" in command for command in commands(report))


@pytest.mark.parametrize(
    ("wrong", "confidence"), [("198.51.100.77", Confidence.LIKELY), ("203.0.113.7", Confidence.CERTAIN)]
)
def test_an_address_in_one_of_the_networks_of_the_others_is_less_surely_wrong(wrong, confidence):
    """The nodes stand in two networks: what lies in either may be another interface on purpose."""
    others = {"w2": "192.0.2.2", "w3": "192.0.2.3", "w4": "198.51.100.4"}
    nodes = [node("w1", f"{wrong}/24", "192.0.2.1"), *(node(name, f"{ip}/24", ip) for name, ip in others.items())]
    tables = [
        table(name, f"{wrong} {SILENT}", *(f"{ip} {UP}" for other, ip in others.items() if other != name))
        for name in others
    ]
    report = pasted(*tables, resources=cluster(*nodes))
    assert told(report) == [("wrong-address", ["w1"])]
    assert report.causes[0].confidence is confidence


def test_an_ipv6_address_that_is_not_the_internal_ip():
    nodes = [node(f"n{n}", f"2001:db8::{n}/64", f"2001:db8::{n}") for n in (2, 3)]
    wrong = node("n1", "fd00:99::1/64", "2001:db8::1")
    tables = {f"n{n}": table(f"n{n}", ipv6=[f"fd00:99::1 {SILENT}", f"2001:db8::{5 - n} {UP}"]) for n in (2, 3)}
    report = pasted(*tables.values(), resources=cluster(wrong, *nodes))
    assert told(report) == [("wrong-address", ["n1"])]
    assert commands(report)[0].endswith("projectcalico.org/IPv6Address=2001:db8::1/64 --overwrite")
    assert any("IP6_AUTODETECTION_METHOD=kubernetes-internal-ip" in command for command in commands(report))


# What is right, however odd

RIGHT = {
    "a network of its own for BGP": [node(f"w{n}", f"198.51.100.{n}/24", f"192.0.2.{n}") for n in (1, 2, 3, 4)],
    "every address a /32": [node(f"w{n}", f"198.51.100.{n}/32", f"198.51.100.{n}") for n in (1, 2, 3, 4)],
    "a true network of 172.20": [node(f"w{n}", f"172.20.{n}.1/16") for n in (1, 2, 3, 4)],
    "no InternalIPs": [node(f"w{n}", f"198.51.{n}.1/24") for n in (1, 2, 3, 4)],
}


@pytest.mark.parametrize("case", RIGHT)
def test_addresses_that_are_right_are_no_cause(case):
    nodes = RIGHT[case]
    rows = [
        table(one.name, *(f"{o.ipv4} {UNREACHABLE if 'w1' in (one.name, o.name) else UP}" for o in nodes if o != one))
        for one in nodes
    ]
    report = pasted(*rows, resources=cluster(*nodes))
    assert "wrong-address" not in [kind for kind, _ in told(report)]


def test_an_address_at_which_the_far_end_answers_is_right():
    report = pasted(*seen("10.4.0.1", "Idle BGP Error: Bad peer AS").values(), resources=four("10.4.0.1/24"))
    assert "wrong-address" not in [kind for kind, _ in told(report)]


@pytest.mark.parametrize(
    "sticky",
    ["Received: Peer de-configured", "Received: Administrative shutdown", "Received: Hold timer expired"],
)
def test_what_the_node_was_told_by_its_former_address_proves_nothing(sticky):
    """Its own rows are of peers that it always had; those of the others are new with the address."""
    own = table("w1", *(f"192.0.2.{n} Passive {sticky}" for n in (2, 3, 4)))
    report = pasted(
        own, *seen("172.17.0.1", "Active Socket: Network is unreachable").values(), resources=four("172.17.0.1/16")
    )
    assert told(report) == [("wrong-address", ["w1"])]


def test_a_healthy_cluster_has_no_cause_whatever_the_lint_wonders():
    report = pasted(*seen("10.4.0.1", UP).values(), resources=four("10.4.0.1/24"))
    assert told(report) == []


# Where this cluster sets the autodetection

OPERATOR = Autodetection("Installation", "default", None, "first-found")
MANIFEST = Autodetection("DaemonSet", "calico-node", "kube-system", "interface=eth.*")


@pytest.mark.parametrize(
    ("places", "begins", "lacks"),
    [
        ((OPERATOR,), "kubectl patch installations.operator.tigera.io default --type merge", "set env"),
        ((MANIFEST,), "kubectl set env daemonset/calico-node -n kube-system IP_AUTODETECTION_METHOD=", "patch inst"),
        ((MANIFEST, OPERATOR), "kubectl patch installations.operator.tigera.io default", "set env"),
    ],
)
def test_autodetection_is_mended_where_it_is_set(places, begins, lacks):
    report = pasted(*seen("172.18.0.1", REFUSED).values(), resources=four("172.18.0.1/16", autodetection=places))
    now, *_, later = commands(report)
    assert now.startswith("kubectl annotate node w1 ")
    assert later.startswith(begins)
    assert lacks not in later
    assert "first-found now" in report.causes[0].fixes[0].summary or places == (MANIFEST,)


def test_both_places_are_named_where_it_is_not_known():
    report = pasted(*seen("172.18.0.1", REFUSED).values(), resources=four("172.18.0.1/16"))
    found = commands(report)
    assert any("installations.operator.tigera.io" in command for command in found)
    assert any("IP_AUTODETECTION_METHOD=kubernetes-internal-ip" in command for command in found)
    assert "IP_AUTODETECTION_METHOD" in report.causes[0].fixes[0].summary


def test_where_the_nodes_do_not_use_their_internal_ips_the_network_is_named():
    nodes = [node(f"w{n}", f"198.51.100.{n}/24", f"192.0.2.{n}") for n in (2, 3, 4)]
    wrong = node("w1", "172.17.0.1/16", "192.0.2.1")
    rows = [
        table(f"w{n}", f"172.17.0.1 {SILENT}", *(f"198.51.100.{m} {UP}" for m in (2, 3, 4) if m != n))
        for n in (2, 3, 4)
    ]
    report = pasted(*rows, resources=cluster(wrong, *nodes, autodetection=(MANIFEST,)))
    assert commands(report)[-1].endswith("IP_AUTODETECTION_METHOD=cidr=198.51.100.0/24")


# Without resources


@pytest.mark.parametrize(
    "wrong", ["172.17.0.1", "172.26.0.1", "172.31.0.1", "192.168.122.1", "10.0.2.15", "10.244.1.0"]
)
@pytest.mark.parametrize("info", [SILENT, REFUSED, UNREACHABLE])
def test_a_mesh_peer_at_a_bridge_is_a_wrong_address(wrong, info):
    """Of two nodes pasted, of one, and of three of which the wrong one is not pasted."""
    one = table("master", f"{wrong} {info}")
    assert told(pasted(one, table("worker", f"10.7.0.134 {PASSIVE}"))) == [("wrong-address", ["worker"])]
    assert told(pasted(one)) == [("wrong-address", [wrong])]
    three = pasted(
        table("a", f"{wrong} {info}", f"203.0.113.9 {UP}"), table("b", f"{wrong} {info}", f"203.0.113.8 {UP}")
    )
    assert told(three) == [("wrong-address", [wrong])]
    assert any("IP_AUTODETECTION_METHOD" in command for command in commands(three))


def test_a_router_with_the_first_address_of_a_network_is_none():
    report = pasted(table("a", f"global= 172.20.0.1 {REFUSED}"), table("b", f"global= 172.20.0.1 {REFUSED}"))
    assert "wrong-address" not in [kind for kind, _ in told(report)]


def test_the_one_address_that_no_host_has_is_that_of_the_one_host_that_nobody_dials():
    tables = seen("198.51.100.7", SILENT) | {"w1": table("w1", *(f"192.0.2.{n} {SILENT}" for n in (2, 3, 4)))}
    report = read(tables, addresses={f"w{n}": f"192.0.2.{n} 10.1.1.{n}" for n in (1, 2, 3, 4)})
    assert told(report) == [("wrong-address", ["w1"])]
    assert "198.51.100.7, which no host has" in report.causes[0].title


# Facts


def test_what_lies_beside_other_nodes_is_not_odd():
    a, b = node("a", "172.20.0.1").ipv4, node("b", "172.20.0.2").ipv4
    assert a is not None
    assert odd_address(a) is not None
    assert odd_address(a, [a, b]) is None
    usual = node("c", "192.0.2.1").ipv4
    assert usual is not None
    assert odd_address(usual) is None


@pytest.mark.parametrize(("info", "is_wrong"), [(SILENT, True), (UNREACHABLE, True), (HELD, False)])
def test_an_address_outside_of_the_network_of_all_others_in_which_the_host_has_another_one(info, is_wrong):
    """Nobody knows InternalIPs. A session that stood once had the right address."""
    found = [node("w1", "198.51.100.1/24"), *(node(f"w{n}", f"192.0.2.{n}/24") for n in (2, 3, 4))]
    tables = {"w1": table("w1", *(f"192.0.2.{n} {HELD if info == HELD else PASSIVE}" for n in (2, 3, 4)))}
    tables |= seen("198.51.100.1", info)
    addresses = {"w1": "198.51.100.1 192.0.2.1"} | {f"w{n}": f"192.0.2.{n}" for n in (2, 3, 4)}
    report = read(tables, addresses=addresses, resources=cluster(*found))
    assert (told(report) == [("wrong-address", ["w1"])]) is is_wrong
    # Without another address there it is a node of another network.
    alone = read(tables, addresses=addresses | {"w1": "198.51.100.1"}, resources=cluster(*found))
    assert "wrong-address" not in [kind for kind, _ in told(alone)]


def test_a_reflector_at_a_bridge_that_its_host_has_is_a_wrong_address_without_resources():
    """Its clients' peers are no mesh: the host's own list says that the address is a node's."""
    names = {"c3": 3, "c4": 4, "c5": 5}
    kind = "node specific"
    tables = {n: table(n, f"172.18.0.1 {SILENT}", f"192.0.2.2 {UP}", kind=kind) for n in names}
    clients = [f"192.0.2.{n}" for n in names.values()]
    tables["r1"] = table("r1", *(f"{a} {SILENT}" for a in (*clients, "192.0.2.2")), kind=kind)
    tables["r2"] = table("r2", *(f"{a} {UP}" for a in clients), f"172.18.0.1 {SILENT}", kind=kind)
    addresses = {n: f"192.0.2.{place}" for n, place in names.items()} | {
        "r1": "192.0.2.1 172.18.0.1",
        "r2": "192.0.2.2",
    }
    report = read(tables, addresses=addresses, reflectors=("r1", "r2"))
    assert told(report) == [("wrong-address", ["r1"])]
    assert "that of a Docker bridge" in report.causes[0].title


def test_behind_one_to_one_nat_no_hosts_list_proves_an_address_wrong():
    """w1 is cut off; none of the others, whose sessions are up, lists the address that Calico has either."""
    found = [node(f"w{n}", f"192.0.2.{n}/32", f"10.0.0.{n}") for n in (1, 2, 3, 4)]
    tables = {"w1": table("w1", *(f"192.0.2.{n} {HELD}" for n in (2, 3, 4)))} | seen("192.0.2.1", HELD)
    addresses = {f"w{n}": f"10.0.0.{n}" for n in (1, 2, 3, 4)}
    for resources in (cluster(*found), None):
        report = read(tables, addresses=addresses, resources=resources)
        assert told(report) == [("host-network-cut", ["w1"])]
        assert report.unexplained == ()


BRIDGE = "172.17.0.1"


@pytest.mark.parametrize(
    ("has", "wrong"),
    [
        # BIRD of w1 and w2 refuses the configuration with one neighbor address twice, and has the former one.
        ({"w3": [BRIDGE], "w4": [BRIDGE]}, ["w3", "w4"]),
        # Docker runs on all hosts, or on one that works.
        ({f"w{n}": [BRIDGE] for n in (1, 2, 3, 4)}, []),
        ({"w2": [BRIDGE], "w3": [BRIDGE], "w4": [BRIDGE]}, []),
        # An address that several hosts may well have, a virtual one.
        ({"w3": ["192.0.2.99"], "w4": ["192.0.2.99"]}, []),
        # Of one host alone a bridge is none of this.
        ({"w3": [BRIDGE]}, []),
    ],
)
def test_a_bridge_that_just_the_hosts_without_a_session_have_was_taken_for_their_address(has, wrong):
    cluster = build_cluster(4, topology=Topology.MESH)
    snapshot = snapshot_of(cluster, "host-cut:node3", "host-cut:node4")
    readings = tuple(
        reading.model_copy(
            update={"addresses": (*reading.addresses, *map(ip_address, has.get(f"w{reading.node[-1]}", ())))}
        )
        for reading in snapshot.readings
    )
    report = audit(snapshot.model_copy(update={"readings": readings}))
    causes = [cause for cause in report.causes if cause.kind == "wrong-address"]
    assert [f"w{cause.where[0][-1]}" for cause in causes] == wrong
    assert {cause.confidence for cause in causes} <= {Confidence.POSSIBLE}
    assert not any("network 172.17.0.0" in cause.title for cause in report.causes)


def test_what_a_host_did_not_list_is_no_evidence():
    (cause,) = pasted(*seen("10.4.0.1", SILENT).values(), resources=four("10.4.0.1/24")).causes
    assert cause.evidence[:2] == ("w1: BGP address 10.4.0.1", "w1: InternalIP 192.0.2.1")
    assert not any("itself has" in line for line in cause.evidence)


@pytest.mark.parametrize("switch", [[], ["node specific= 203.0.113.9 Established"]])
def test_that_its_address_is_in_no_inventory_follows_from_it_and_of_another_one_does_not(switch):
    """By the tables alone: the others dial a bridge's address, which no host has."""
    tables = {
        f"w{n}": table(f"w{n}", f"172.17.0.1 {SILENT}", *(f"192.0.2.{m} {UP}" for m in (2, 3, 4) if m != n), *switch)
        for n in (2, 3, 4)
    }
    own = table("w1", *(f"192.0.2.{m} {PASSIVE}" for m in (2, 3, 4)))
    report = read(tables | {"w1": own}, addresses={f"w{n}": f"192.0.2.{n}" for n in (1, 2, 3, 4)})
    (cause,) = [each for each in report.causes if each.kind == "wrong-address"]
    (unknown,) = [finding for finding in report.findings if finding.rule == "unknown-peers"]
    assert (unknown.cause_id == cause.id) is (not switch)
