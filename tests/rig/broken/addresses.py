"""Faults of addresses that somebody has and Calico does not, or the other way round, and of the port of BGP.

Each is a function that breaks and waits until nothing changes any more. They are in no lab; `CalicoRig.reset` heals.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from tests.rig.broken.machines import Break, bird_down
from tests.rig.broken.mending import BRIDGE
from tests.rig.broken.paths import TOOLS, settled
from tests.rig.broken.resources import LABEL, change
from tests.rig.machines.calico_rig import PEER, CalicoRig, node_of
from tests.rig.machines.datastore import ANNOTATIONS, Document, document
from tests.rig.machines.node import DAEMONS
from tests.rig.requirements import program

MOVED, VIRTUAL, OF_POOL = "192.0.2.111", "192.0.2.99", "10.66.4.1"
TRANSLATED = "192.0.2.97"
OTHER_POOL = "10.66.0.0/16"
LISTEN_PORT = 1790
_REFLECTORS = ("node1", "node2")


def stale_peer_ip(rig: CalicoRig, names: Sequence[str]) -> None:
    """Clients peer with reflectors by their addresses, and the reflector named has another IPv4 address since."""
    _peer_by_addresses(rig)
    for name in names:
        node = rig[name]
        node.cell.run("ip", "address", "add", f"{MOVED}/24", "dev", "eth0")
        # The bastion still comes by the old one; to BGP it is as if it were gone.
        gone = ["-d", node.ipv4, "-p", "tcp", "--dport", "179"]
        node.cell.run(program(TOOLS[4]), "-A", "INPUT", *gone, "-j", "REJECT", "--reject-with", "icmp-host-unreachable")
        change(rig, "Node", name, _moved)
    rig.follow()
    settled(rig)


def _peer_by_addresses(rig: CalicoRig) -> None:
    """Instead of one BGPPeer with a peerSelector, one for each address of each reflector: rr-1, rr-1-v6, rr-2, ..."""
    rig.store.delete("BGPPeer", PEER)
    among = {"nodeSelector": f"has({LABEL})", "peerSelector": f"has({LABEL})"}
    rig.store.put(document("BGPPeer", "among-reflectors", **among))
    for number, name in enumerate(_REFLECTORS, start=1):
        for suffix, address in (("", rig[name].ipv4), ("-v6", rig[name].ipv6)):
            spec = {"nodeSelector": f"!has({LABEL})", "peerIP": address, "asNumber": 64512}
            rig.store.put(document("BGPPeer", f"rr-{number}{suffix}", **spec))
    rig.follow()
    rig.wait_established()


def other_peer_as(rig: CalicoRig, _: Sequence[str]) -> None:
    """The BGPPeer of the first reflector's address says another AS than the reflector has."""
    _peer_by_addresses(rig)
    change(rig, "BGPPeer", "rr-1", lambda peer: peer["spec"].update(asNumber=64999))
    rig.follow()
    settled(rig)


def _moved(node: Document) -> None:
    """Another IPv4 address, which Kubernetes and Calico know."""
    node["metadata"]["annotations"][ANNOTATIONS["ipv4Address"]] = f"{MOVED}/24"
    node["status"]["addresses"][0]["address"] = MOVED


def stale_node(rig: CalicoRig, names: Sequence[str]) -> None:
    """Nodes whose machines are gone, and that nobody deleted."""
    for name in names:
        rig.store.put(node_of(int(name.removeprefix("node"))))
    rig.follow()
    settled(rig)


def virtual_address(rig: CalicoRig, names: Sequence[str]) -> None:
    """Calico took the virtual address of keepalived (a /32) for the first node's; it is the second's now."""
    first, second = names
    rig[second].cell.run("ip", "address", "add", f"{VIRTUAL}/32", "dev", "eth0")
    _take(rig, first, f"{VIRTUAL}/32")


def pool_address(rig: CalicoRig, names: Sequence[str]) -> None:
    """Calico took an address of its own pool, that of a tunnel, for the node's."""
    # Another pool than that of the blocks, whose routes stay in BIRD here, which is a fault of its own.
    rig.store.put(document("IPPool", "default-ipv4-ippool", cidr=OTHER_POOL, ipipMode="Always"))
    for name in names:
        cell = rig[name].cell
        cell.run("ip", "link", "add", BRIDGE, "type", "bridge")
        cell.run("ip", "address", "add", f"{OF_POOL}/32", "dev", BRIDGE)
        cell.run("ip", "link", "set", BRIDGE, "up")
        _take(rig, name, f"{OF_POOL}/32")


def _take(rig: CalicoRig, name: str, address: str) -> None:
    key = ANNOTATIONS["ipv4Address"]
    change(rig, "Node", name, lambda node: node["metadata"]["annotations"].update({key: address}))
    rig.follow()
    settled(rig)


def listen_port_not_followed(rig: CalicoRig, names: Sequence[str]) -> None:
    """The cluster has another port since, and the nodes named still listen on the old one."""
    rig.stuck.update(names)
    _listen_elsewhere(rig)
    settled(rig)


def listen_port_dropped(rig: CalicoRig, names: Sequence[str]) -> None:
    """The cluster has another port since, and a firewall of the nodes named lets no packet to it."""
    for name, tool in product(names, TOOLS.values()):
        match = ["-p", "tcp", "--dport", str(LISTEN_PORT)]
        rig[name].cell.run(program(tool), "-A", "INPUT", *match, "-j", "DROP")
    _listen_elsewhere(rig)
    settled(rig)


def _listen_elsewhere(rig: CalicoRig) -> None:
    change(rig, "BGPConfiguration", "default", lambda c: c["spec"].update(listenPort=LISTEN_PORT))
    for name in rig.nodes:
        if name not in rig.stuck:
            rig.restart_calico_node(name)


def listed_twice_and_down(rig: CalicoRig, names: Sequence[str]) -> None:
    """BIRD of a node is down, and hosts.txt has a second line about it, by its other address and name."""
    for name in names:
        rig.also_listed.append(f"{rig[name].ipv6} node={name}-b")
    bird_down(*DAEMONS)(rig, names)


def other_source_address(rig: CalicoRig, names: Sequence[str]) -> None:
    """What the nodes named send to the port of BGP leaves with another address of theirs, as behind a NAT. IPv4."""
    for name in names:
        node = rig[name]
        node.cell.run("ip", "address", "add", f"{TRANSLATED}/24", "dev", "eth0")
        sent = ["-p", "tcp", "--dport", "179"]
        node.cell.run(
            program(TOOLS[4]), "-t", "nat", "-A", "POSTROUTING", *sent, "-j", "SNAT", "--to-source", TRANSLATED
        )
        rig.kill_bird(name)
        node.start_bird()
    settled(rig)


def addresses_exchanged(rig: CalicoRig, names: Sequence[str]) -> None:
    """Each of the two Nodes named has the IPv4 address that the other one's host has."""
    key = ANNOTATIONS["ipv4Address"]
    for name, other in (names, names[::-1]):
        address = f"{rig[other].ipv4}/24"
        change(rig, "Node", name, lambda node, address=address: node["metadata"]["annotations"].update({key: address}))
    rig.follow()
    settled(rig)


FAULTS: dict[str, Break] = {
    "other-source-address": other_source_address,
    "addresses-exchanged": addresses_exchanged,
    "other-peer-as": other_peer_as,
    "stale-peer-ip": stale_peer_ip,
    "stale-node": stale_node,
    "virtual-address": virtual_address,
    "pool-address": pool_address,
    "listen-port-not-followed": listen_port_not_followed,
    "listen-port-dropped": listen_port_dropped,
    "listed-twice-and-down": listed_twice_and_down,
}
