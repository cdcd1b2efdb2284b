"""What `calico-bgp expect --format bird` writes, in real BIRDs: it is taken, comes up and means what was computed."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import pytest

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.report.resources.expected_bird import expected_to_bird
from tests.clusters import cluster, config, node, peer
from tests.rig.machines.birds import DAEMONS, Birds
from tests.rig.machines.cell import wait_for
from tests.rig.requirements import program

pytestmark = pytest.mark.rig

#: As text "10.9.0.9" > "10.9.0.10": not always does the first one wait.
ADDRESSES = {
    "n1": ("10.9.0.9", "fd09::9"),
    "n2": ("10.9.0.10", "fd09::10"),
    "n3": ("10.9.0.2", "fd09::a2"),
    "n4": ("10.9.0.100", "fd09::2"),
    "n5": ("10.9.0.30", "fd09::b"),
}
VERSIONS = {Family.IPV4: 4, Family.IPV6: 6}
BGP_PORT = 179

#: What a node's file has besides the protocols; short timers. Nodes that dial at one instant would meet half-way.
HEADER = """\
router id 192.0.2.{number};
listen bgp port {port};
protocol device {{ }}
template bgp T {{
  connect delay time {number};
  connect retry time 2;
  error wait time 1,2;
  hold time 9;
  startup hold time 9;
  add paths on;
}}
"""

MESH_OFF = """
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: default}
spec: {nodeToNodeMeshEnabled: false}
---
"""


def a_node(name: str, families: str = "46", labels: str = "", **bgp: object) -> str:
    """A Node as YAML."""
    v4, v6 = ADDRESSES[name]
    lines = [f"    {key}: {value}" for key, value in bgp.items()]
    lines += [f"    ipv4Address: {v4}/24"] if "4" in families else []
    lines += [f"    ipv6Address: {v6}/64"] if "6" in families else []
    text = f"apiVersion: projectcalico.org/v3\nkind: Node\nmetadata:\n  name: {name}\n"
    text += f"  labels: {{{labels}}}\nspec:\n  bgp:\n"
    return text + "\n".join(lines) + "\n---\n"


def a_peer(name: str, spec: str) -> str:
    """A BGPPeer as YAML."""
    return f"apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n---\n"


def a_port(name: str, port: int) -> str:
    """A BGPConfiguration with a listenPort."""
    kind = "apiVersion: projectcalico.org/v3\nkind: BGPConfiguration"
    return f"{kind}\nmetadata: {{name: {name}}}\nspec: {{listenPort: {port}}}\n---\n"


def reflectors(first: str, second: str) -> str:
    """Two reflectors and three clients of both families."""
    return (
        MESH_OFF
        + a_node("n1", labels="rr: yes", routeReflectorClusterID=first)
        + a_node("n4", labels="rr: yes", routeReflectorClusterID=second)
        + a_node("n2")
        + a_node("n3")
        + a_node("n5", "6")
    )


TOPOLOGIES = {
    "mesh": a_node("n1") + a_node("n2") + a_node("n3") + a_node("n4", "4") + a_node("n5", "6"),
    "mesh-with-ports": a_node("n1")
    + a_node("n2")
    + a_node("n3", "4")
    + a_port("default", 1790)
    + a_port("node.n2", 500),
    "mesh-beside-a-reflector": a_node("n1")
    + a_node("n2")
    + a_node("n4", labels="rr: yes", routeReflectorClusterID="10.0.0.1")
    + a_peer("rr", 'nodeSelector: "!has(rr)", peerSelector: has(rr)'),
    "all-one-cluster-id": reflectors("10.0.0.1", "10.0.0.1")
    + a_peer("all", "nodeSelector: all(), peerSelector: has(rr)"),
    "all-two-cluster-ids": reflectors("10.0.0.1", "10.0.0.2")
    + a_peer("all", "nodeSelector: all(), peerSelector: has(rr)"),
    "the-trap-with-ports": reflectors("10.0.0.1", "10.0.0.1")
    + a_port("node.n1", 500)
    + a_port("node.n2", 501)
    + a_peer("trap", "peerSelector: has(rr)"),
    "everybody-with-everybody": MESH_OFF
    + a_node("n1")
    + a_node("n2")
    + a_node("n3")
    + a_peer("all", "nodeSelector: all(), peerSelector: all()"),
    "global-peer-ip-of-nodes": MESH_OFF
    + a_node("n1", labels="rr: yes", routeReflectorClusterID="10.0.0.1")
    + a_node("n2")
    + a_node("n4")
    + a_peer("v4", "peerIP: 10.9.0.9, asNumber: 64512")
    + a_peer("v6", 'peerIP: "fd09::9", asNumber: 64512'),
    "peer-ip-from-reflector-to-reflector": reflectors("10.0.0.1", "10.0.0.1")
    + a_peer("clients", 'nodeSelector: "!has(rr)", peerSelector: has(rr)')
    + a_peer("one-sided", "node: n1, peerIP: 10.9.0.100, asNumber: 64512"),
    "an-as-per-rack": MESH_OFF
    + a_node("n1", labels="rack: r1", asNumber=65001)
    + a_node("n2", labels="rack: r2", asNumber=65002)
    + a_node("n3", labels="rack: r2", asNumber=65002, routeReflectorClusterID="10.0.0.1")
    + a_node("n4", labels="spine: s", asNumber="'1.10'")
    + a_peer("spine", "nodeSelector: has(rack), peerSelector: has(spine)")
    + a_peer("rack", "nodeSelector: rack == 'r2', peerSelector: rack == 'r2', nextHopMode: Self"),
}


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Birds]:
    with Birds(ADDRESSES, tmp_path_factory.mktemp("birds")) as birds:
        yield birds


@pytest.fixture
def birds(wire: Birds) -> Iterator[Birds]:
    yield wire
    wire.stop_all()


def complete(blocks: str, number: int, port: int = BGP_PORT) -> str:
    """A file that BIRD takes."""
    header = HEADER.format(number=number, port=port)
    return header + re.sub(r"^protocol bgp (\w+) \{$", r"protocol bgp \1 from T {", blocks, flags=re.MULTILINE)


def listen_ports(resources: Resources) -> dict[str, int]:
    of_all = resources.global_config.listen_port if resources.global_config is not None else None
    return {each.name: resources.listen_ports.get(each.name) or of_all or BGP_PORT for each in resources.nodes}


def side(expectation: Expectation, name: str, family: Family) -> list[ExpectedPeer]:
    return [found for found in expectation.peers[name] if found.family is family]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_session_comes_up_as_computed(topology: str, birds: Birds, tmp_path: Path, run_cli) -> None:
    path = tmp_path / "resources.yaml"
    path.write_text(TOPOLOGIES[topology])
    resources = parse_resources([(str(path), path.read_text())])
    expectation = expect(resources)
    ports = listen_ports(resources)
    numbers = {name: number for number, name in enumerate(ADDRESSES, start=1)}
    running = [(name, family) for name in ports for family in Family if side(expectation, name, family)]
    assert len(running) >= 4
    for name, family in running:
        result = run_cli("expect", path, "--format", "bird", "--node", name, "--family", family.value)
        assert (result.exit_code, result.stderr) == (0, "")
        birds.start(name, VERSIONS[family], complete(result.stdout, numbers[name], ports[name]))

    def all_established() -> bool:
        return all(
            found.state == "up Established"
            for name, family in running
            for found in birds.protocols(name, VERSIONS[family]).values()
        )

    wait_for(f"{topology}: every session", all_established, seconds=30)
    for name, family in running:
        expected = {found.name: found for found in side(expectation, name, family)}
        real = birds.protocols(name, VERSIONS[family])
        assert sorted(real) == sorted(expected)
        ends = birds.ends(name, VERSIONS[family])
        for protocol, wanted in expected.items():
            found = real[protocol]
            assert found.neighbour == str(wanted.address)
            assert found.neighbour_as == wanted.peer_as
            assert found.is_client == wanted.reflector_client
            assert found.is_internal == (wanted.local_as == wanted.peer_as)
            check_who_dialled(ends[found.neighbour], wanted, expectation, ports)


def check_who_dialled(
    connections: set[tuple[int, int]], wanted: ExpectedPeer, expectation: Expectation, ports: dict[str, int]
) -> None:
    """An end that waits was dialled at the port that it listens on; one that dials found the port that it names."""
    assert wanted.far_node is not None
    own, far = ports[wanted.node], ports[wanted.far_node]
    assert far == (wanted.port or BGP_PORT)
    back = [found for found in expectation.peers[wanted.far_node] if found.far_node == wanted.node]
    other_waits = {found.passive for found in back if found.family is wanted.family}
    if wanted.passive:
        assert all(mine == own for mine, _ in connections)
    elif other_waits == {True}:
        assert all(theirs == far for _, theirs in connections)
    assert all(own == mine or far == theirs for mine, theirs in connections)


def test_a_router_outside_meets_the_local_as_that_a_bgppeer_says(birds: Birds) -> None:
    expectation = expect(
        cluster(
            config(mesh=False),
            node("n1", "10.9.0.9", cluster_id="10.0.0.1"),
            peer("tor", node="n1", peer_ip="10.9.0.30:500", as_number=65100, local_as_number=65009),
            peer("inside", node="n1", peer_ip="10.9.0.2", as_number=65009, local_as_number=65009),
        )
    )
    birds.start("n1", 4, complete("".join(expected_to_bird(expectation, [Family.IPV4])), 1))
    for number, name, port, own_as in ((5, "n5", 500, 65100), (3, "n3", BGP_PORT, 65009)):
        block = f"protocol bgp Router {{ local as {own_as}; neighbor 10.9.0.9 as 65009; multihop; passive on; }}"
        birds.start(name, 4, HEADER.format(number=number, port=port) + block.replace("Router {", "Router from T {"))

    def states() -> set[str]:
        return {found.state for found in birds.protocols("n1", 4).values()}

    wait_for("both routers", lambda: states() == {"up Established"}, seconds=20)
    found = birds.protocols("n1", 4)
    assert {name: (one.is_internal, one.is_client) for name, one in found.items()} == {
        "Node_10_9_0_2": (True, True),
        "Node_10_9_0_30_port_500": (False, False),
    }


# -- bird -p ----------------------------------------------------------------------------------------------------------


def bird_takes(expectation: Expectation, name: str, family: Family, folder: Path) -> tuple[bool, str]:
    """Whether `bird -p` takes the file, and what it says."""
    path = folder / "bird.cfg"
    path.write_text(complete("".join(expected_to_bird(expectation, [family])), 1))
    done = subprocess.run(
        [program(DAEMONS[VERSIONS[family]]), "-p", "-c", path],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def checked(resources: Resources, folder: Path) -> dict[tuple[str, Family], bool]:
    """Every file → whether BIRD takes it; each must be what the engine says."""
    whole = expect(resources)
    found = {}
    for each in resources.nodes:
        alone = expect(resources, only={each.name})
        for family in Family:
            if side(whole, each.name, family):
                taken, said = bird_takes(alone, each.name, family, folder)
                refusals = [r for r in whole.refusals if (r.node, r.family) == (each.name, family)]
                assert taken is not bool(refusals), f"{each.name} {family}: {refusals}; BIRD: {said}"
                found[each.name, family] = taken
    return found


A = node("a", "192.0.2.1", "2001:db8::1")
OFF = config(mesh=False)


def router(peer_ip: str, as_number: int | None = 65001, **fields: object) -> Resources:
    """A node with a router outside."""
    return cluster(A, OFF, peer("p", peer_ip=peer_ip, as_number=as_number, **fields))


def reflector(cluster_id: str) -> Resources:
    """A reflector and a client of it."""
    return cluster(
        node("rr", "192.0.2.1", cluster_id=cluster_id, labels="rr"),
        node("c", "192.0.2.2"),
        OFF,
        peer("p", node="rr", peer_selector="!has(rr)"),
    )


GOOD = {
    "router": router("198.51.100.1"),
    "router of IPv6": router("2001:db8:f::1"),
    "greatest AS": router("198.51.100.1", 4294967295),
    "AS 1": router("198.51.100.1", 1),
    "port": router("198.51.100.1:65535"),
    "port 1": router("[2001:db8:f::1]:1"),
    "local AS": router("198.51.100.1", local_as_number=4294967295),
    "next hop": router("198.51.100.1", next_hop_mode="Self", num_allowed_local_as_numbers=10),
    "next hop kept": router("198.51.100.1", keep_original_next_hop=True),
    "first address": router("0.0.0.1"),
    "last address": router("255.255.255.255"),
    "link-local of IPv4": router("169.254.0.1"),
    "loopback": router("127.0.0.1"),
    "mapped": router("::ffff:198.51.100.1"),
    "after link-local": router("fec0::1"),
    "before link-local": router("fe7f::1"),
    "multicast": router("ff02::1"),
    "long name": router("[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
    "one neighbour twice": cluster(A, node("b", "192.0.2.2"), peer("p", peer_ip="192.0.2.2", as_number=64512)),
    "one node twice, by keys": cluster(
        A, node("b", "192.0.2.2"), node("c", "192.0.2.2"), OFF, peer("p", node="a", peer_selector="all()")
    ),
    **{
        f"cluster ID {text}": reflector(text)
        for text in ("10.0.0.1", "0.0.0.0", "255.255.255.255", "010.0.0.01", "1", "0", "4294967295", "0xFF", "007")
    },
}

BAD = {
    "no asNumber": router("198.51.100.1", None),
    "no asNumber for IPv6": router("2001:db8:f::1", None),
    "asNumber 0": router("198.51.100.1", 0),
    "address 0": router("0.0.0.0"),
    "address ::": router("::"),
    "address ::ffff:0.0.0.0": router("::ffff:0.0.0.0"),
    "link-local": router("fe80::1"),
    "last link-local": router("[febf:ffff::1]:179"),
    "AS 0 of the node": cluster(node("a", "192.0.2.1", as_number=0), OFF, peer("p", peer_ip="192.0.2.9", as_number=1)),
    "AS 0 of a mesh peer": cluster(A, node("b", "192.0.2.2", as_number=0)),
    "two of one address in the mesh": cluster(A, node("b", "192.0.2.2"), node("c", "192.0.2.2")),
    **{
        f"cluster ID {text}": reflector(text)
        for text in ("rack1", "1.2.3", "1.2.3.256", "1.2.3.4.5", "4294967296", "0x100000000", "-1", "::1", "0X1")
    },
}


@pytest.mark.parametrize("name", GOOD)
def test_bird_takes_what_the_engine_does_not_refuse(name: str, tmp_path: Path) -> None:
    taken = checked(GOOD[name], tmp_path)
    assert taken
    assert all(taken.values())


@pytest.mark.parametrize("name", BAD)
def test_bird_refuses_what_the_engine_refuses(name: str, tmp_path: Path) -> None:
    assert not all(checked(BAD[name], tmp_path).values())


def test_bird_and_the_engine_agree_on_random_clusters(tmp_path: Path) -> None:
    chance = random.Random(20230314)  # a seed, so that a failure comes again
    verdicts: list[bool] = []
    for _ in range(150):
        verdicts += checked(some_cluster(chance), tmp_path).values()
    # Both kinds must have been seen, or nothing was compared.
    assert verdicts.count(True) > 50
    assert verdicts.count(False) > 50


def some_cluster(chance: random.Random) -> Resources:
    v4 = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.3"]
    v6 = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "fe80::4"]
    nodes: list[CalicoNode] = []
    for number in range(chance.randint(1, 4)):
        addresses = [a for a in (chance.choice(v4), chance.choice(v6)) if chance.random() > 0.2]
        nodes.append(
            node(
                f"node{number}",
                *addresses,
                labels=chance.choice(["", "rr"]),
                as_number=chance.choice([None, None, None, 65001, 4294967295, 0]),
                cluster_id=chance.choice([None, None, "10.0.0.1", "7", "rack1", "10.0.0.256"]),
            )
        )
    peers: list[BGPPeer] = []
    hosts = [*v4, *v6, "198.51.100.1", "2001:db8:f::1", "0.0.0.0", "::", "2001:DB8::1"]
    for number in range(chance.randint(0, 3)):
        host = chance.choice(hosts)
        if chance.random() < 0.3:
            host = (
                f"[{host}]:{chance.choice([0, 1, 179, 65535])}" if isinstance(ip_address(host), IPv6Address) else host
            )
        by_ip = chance.random() < 0.6
        peers.append(
            peer(
                f"peer{number}",
                node_selector=chance.choice([None, "all()", "has(rr)", "!has(rr)"]),
                peer_ip=host if by_ip else None,
                peer_selector=None if by_ip else chance.choice(["all()", "has(rr)", "!has(rr)"]),
                as_number=chance.choice([None, 64512, 65001, 65001, 4294967295]),
                local_as_number=chance.choice([None, None, 65001]),
                next_hop_mode=chance.choice([None, "Self", "Keep"]),
                num_allowed_local_as_numbers=chance.choice([None, 0, 3]),
            )
        )
    ports = [config("node.node1", listen_port=chance.choice([None, 1, 65535]))]
    return cluster(*nodes, *peers, *ports, config(mesh=chance.choice([True, False])))
