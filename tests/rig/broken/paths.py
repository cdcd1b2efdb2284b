"""Faults of a node's addresses, routes and firewall, on a rig that follows resources. `CalicoRig.reset` heals all.

Each is a function that breaks and waits until nothing changes any more. They are in no lab: what they do to rows only a
real kernel and a real BIRD can tell.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.rig.broken.machines import RESET, SYN, Break
from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import RigError
from tests.rig.machines.node import DAEMONS, RigNode
from tests.rig.requirements import program

#: The hold time of a rig is 9 s; what a fault does shows after it and after one more try to dial. Seconds.
_LEAST, _STILL, _MOST = 14.0, 5.0, 60.0
TOOLS = {4: "iptables", 6: "ip6tables"}


def settled(rig: CalicoRig, *, least: float = _LEAST) -> None:
    """Wait until which sessions are down has not changed for a while."""
    began = quiet_since = time.monotonic()
    last: list[str] | None = None
    while time.monotonic() - began < _MOST:
        now = down(rig)
        if now != last:
            last, quiet_since = now, time.monotonic()
        if time.monotonic() - began > least and time.monotonic() - quiet_since > _STILL:
            return
        time.sleep(0.3)


def down(rig: CalicoRig) -> list[str]:
    """The peers that BIRDs which answer show as not Established."""
    found = []
    for node in rig.nodes.values():
        for version, daemon in DAEMONS.items():
            try:
                peers = node.peers(version) if not is_frozen(node, version) else {}
            except RigError:
                peers = {}
            found += [f"{node.name} {daemon} {name}" for name, row in peers.items() if row != "up Established"]
    return sorted(found)


def is_frozen(node: RigNode, version: int) -> bool:
    """Whether the daemon is stopped by a signal: it would be asked in vain."""
    return node.cell.path(f"/run/{DAEMONS[version]}.stopped").exists()


def drops(node: RigNode, chain: str, match: Sequence[str], *, target: Sequence[str] = ("DROP",), version: int) -> None:
    """A rule of the node's firewall."""
    node.cell.run(program(TOOLS[version]), "-A", chain, *match, "-j", *target)


def address_of(node: RigNode, version: int) -> str:
    """The node's address of a family."""
    return node.ipv4 if version == 4 else node.ipv6


def partial_partition(rig: CalicoRig, names: Sequence[str]) -> None:
    """The first half of the nodes named and the second do not reach each other; all others reach everybody."""
    half = len(names) // 2
    here, there = names[:half], names[half:]
    for one, others in ((here, there), (there, here)):
        for name in one:
            for other in others:
                for version in DAEMONS:
                    drops(rig[name], "INPUT", ["-s", address_of(rig[other], version)], version=version)
    settled(rig)


def port_filtered(chain: str, side: str, *versions: int, target: Sequence[str] = ("DROP",)) -> Break:
    """A firewall of the node that lets one direction of BGP through, or one family.

    Args:
        chain: INPUT or OUTPUT.
        side: `--dport` or `--sport`: whether the packets go to the port or come from it.
        versions: Of which families.
        target: What becomes of them.
    """

    def close(rig: CalicoRig, names: Sequence[str]) -> None:
        for name in names:
            for version in versions:
                drops(rig[name], chain, ["-p", "tcp", side, "179"], target=target, version=version)
        settled(rig)

    return close


def rejects_by_icmp(rig: CalicoRig, names: Sequence[str]) -> None:
    """The node's firewall refuses BGP by ICMP (firewalld's default), in and out."""
    for name in names:
        for version, kind in ((4, "icmp-admin-prohibited"), (6, "icmp6-adm-prohibited")):
            for chain in ("INPUT", "OUTPUT"):
                match = ["-p", "tcp", "--dport", "179"]
                drops(rig[name], chain, match, target=("REJECT", "--reject-with", kind), version=version)
    settled(rig)


def refused_for_one(rig: CalicoRig, names: Sequence[str]) -> None:
    """The first node's firewall refuses connections of the second, in and out; what stood is reset."""
    first, second = (rig[name] for name in names)
    for version in DAEMONS:
        match = ["-p", "tcp", "--dport", "179", *SYN]
        for chain, end in (("INPUT", "-s"), ("OUTPUT", "-d")):
            far = [end, address_of(second, version)]
            drops(first, chain, [*far, *match], target=RESET, version=version)
    rig.kill_bird(first.name)
    first.start_bird()
    settled(rig)


def cut_in_family(version: int) -> Break:
    """Packets of one family pass between two nodes in neither direction."""

    def cut(rig: CalicoRig, names: Sequence[str]) -> None:
        first, second = (rig[name] for name in names)
        drops(first, "INPUT", ["-s", address_of(second, version)], version=version)
        drops(second, "INPUT", ["-s", address_of(first, version)], version=version)
        settled(rig)

    return cut


def routed_away(kind: str) -> Break:
    """The first node's way to the second is a route that leads nowhere: `blackhole` or `prohibit`."""

    def route(rig: CalicoRig, names: Sequence[str]) -> None:
        first, second = (rig[name] for name in names)
        first.cell.run("ip", "route", "add", kind, f"{second.ipv4}/32")
        first.cell.run("ip", "-6", "route", "add", kind, f"{second.ipv6}/128")
        settled(rig)

    return route


def wrong_netmask(rig: CalicoRig, names: Sequence[str]) -> None:
    """The node's interface has a prefix of 30 bits, so that it has no way to most others. IPv6 goes on."""
    for name in names:
        node = rig[name]
        node.cell.run("ip", "address", "del", f"{node.ipv4}/24", "dev", "eth0")
        node.cell.run("ip", "address", "add", f"{node.ipv4}/30", "dev", "eth0")
        node.cell.run("ip", "route", "add", "192.0.2.1/32", "dev", "eth0")  # the bastion is still known
    settled(rig)


def address_gone(rig: CalicoRig, names: Sequence[str]) -> None:
    """The host got another IPv4 address; Calico has the old one."""
    for name in names:
        node = rig[name]
        node.cell.run("ip", "address", "del", f"{node.ipv4}/24", "dev", "eth0")
        node.cell.run("ip", "address", "add", f"192.0.2.{100 + node.plan.number}/24", "dev", "eth0")
    settled(rig)


def ipv6_off(rig: CalicoRig, names: Sequence[str]) -> None:
    """Somebody switched IPv6 off in the kernel of the node."""
    for name in names:
        rig[name].cell.run("sysctl", "-w", "net.ipv6.conf.eth0.disable_ipv6=1")
    settled(rig)


FAULTS: dict[str, Break] = {
    "partial-partition": partial_partition,
    "port-dropped-in6": port_filtered("INPUT", "--dport", 6),
    "port-dropped-out": port_filtered("OUTPUT", "--dport", 4, 6),
    "replies-dropped": port_filtered("INPUT", "--sport", 4, 6),
    "rejects-by-icmp": rejects_by_icmp,
    "refused-for-one": refused_for_one,
    "link4-cut": cut_in_family(4),
    "link6-cut": cut_in_family(6),
    "blackhole": routed_away("blackhole"),
    "prohibit": routed_away("prohibit"),
    "wrong-netmask": wrong_netmask,
    "address-gone": address_gone,
    "ipv6-off": ipv6_off,
}
