"""Faults of machines and of the network, on a rig that follows resources. `CalicoRig.reset` heals all of them.

Each is a function that breaks and waits until the nodes have noticed. Names are those of the lab's catalogue.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from tests.rig.faults import HUNG
from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import wait_for
from tests.rig.machines.node import DAEMONS, RigNode
from tests.rig.requirements import program

Break = Callable[[CalicoRig, Sequence[str]], None]

#: Longer than a dialler waits before it tries again, so that rows show what it came to. Seconds.
SETTLES = 5.0
#: A program that is no BGP speaker of Calico's and has its port.
_TAKER = """
import socket, threading
found = []
for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, 179))
    s.listen()
    found.append(s)
def serve(s):
    while True:
        s.accept()[0].close()
for s in found:
    threading.Thread(target=serve, args=(s,)).start()
"""


def gone(rig: CalicoRig, names: Iterable[str], *, versions: Sequence[int] = (4, 6)) -> None:
    """Wait until the peers of these nodes, but for one another, show none of them as Established."""
    names = set(names)
    for name in sorted(names):
        for neighbour in rig[name].plan.neighbours:
            if neighbour.node not in names:
                rig.wait_down(neighbour.node, name, versions=versions)


def cut(rig: CalicoRig, here: Iterable[str], there: Iterable[str]) -> None:
    """No session between these and those, at either end."""
    for a, b in product(here, there):
        if any(n.node == b for n in rig[a].plan.neighbours):
            rig.wait_down(a, b)
            rig.wait_down(b, a)
    time.sleep(SETTLES)


def _others(rig: CalicoRig, names: Sequence[str]) -> list[str]:
    return [name for name in rig.nodes if name not in names]


def node_down(rig: CalicoRig, names: Sequence[str]) -> None:
    """The machines are off: their links are down."""
    for name in names:
        rig.wire.run("ip", "link", "set", f"port{rig[name].plan.number}", "down")
    gone(rig, names)
    time.sleep(SETTLES)


def bird_down(*versions: int) -> Break:
    """BIRD is stopped."""

    def stop(rig: CalicoRig, names: Sequence[str]) -> None:
        for name in names:
            rig[name].stop_bird(versions)
        gone(rig, names, versions=versions)
        time.sleep(SETTLES)

    return stop


def socket_missing(*versions: int) -> Break:
    """BIRD runs, its control socket is gone."""

    def move(rig: CalicoRig, names: Sequence[str]) -> None:
        for name, version in product(names, versions):
            path = f"/run/calico/{DAEMONS[version]}.ctl"
            rig[name].cell.run("mv", path, f"{path}.away")

    return move


def felix_down(rig: CalicoRig, names: Sequence[str]) -> None:
    """Felix has died."""
    for name in names:
        rig[name].stop_felix()


def restarting(rig: CalicoRig, names: Sequence[str]) -> None:
    """All of calico-node was rolled out anew a moment ago; the sessions of the nodes named are still to come."""
    addresses = [address for name in names for address in (rig[name].ipv4, rig[name].ipv6)]
    waits = "  connect delay time 200;\n"
    for node in rig.nodes.values():
        far = "" if node.name in names else f"neighbor (?:{'|'.join(map(re.escape, addresses))}) "
        pattern = re.compile(rf"^(protocol bgp [^}}]*{far}[^}}]*)\}}", re.MULTILINE)
        rig.edits[node.name] = lambda text, version, p=pattern: p.sub(rf"\1{waits}}}", text)  # type: ignore[misc]
    for name in rig.nodes:
        rig.kill_bird(name)
    rig.follow()
    for name in rig.nodes:
        rig[name].start_bird()
    wait_for(
        "all others stand", lambda: all(any(f in row for f in _marks(rig, names)) for row in rig.down()), seconds=40
    )


def _marks(rig: CalicoRig, names: Sequence[str]) -> list[str]:
    """What stands in the rows of these nodes, and in those about them."""
    found = [f"{name} (" for name in names]
    for name in names:
        found += [rig[name].ipv4.replace(".", "_") + " ", rig[name].ipv6.replace(":", "_") + " "]
    return found


def recovering(rig: CalicoRig, names: Sequence[str]) -> None:
    """BIRD was restarted while a peer is off: it waits for that one's routes and announces none of its own."""
    name, dead = names
    node_down(rig, [dead])
    rig.edits[name] = lambda text, version: text.replace("graceful restart wait 5;", "graceful restart wait 240;")
    rig.kill_bird(name)
    rig.follow()
    rig[name].start_bird()
    up = [n.node for n in rig[name].plan.neighbours if n.node != dead]
    for version, other in product(DAEMONS, up):
        row = rig[name].expected_protocols(rig.plans, version)[other]
        wait_for(
            f"{name} has {other} again", lambda v=version, r=row: "Established" in rig[name].peers(v)[r], seconds=40
        )


def link_cut(rig: CalicoRig, names: Sequence[str]) -> None:
    """Packets pass between two nodes in neither direction: dropped on the way."""
    first, second = names
    _deaf(rig[first], [rig[second]])
    _deaf(rig[second], [rig[first]])
    cut(rig, [first], [second])


def one_way(rig: CalicoRig, names: Sequence[str]) -> None:
    """What the first sends to the second does not arrive."""
    first, second = names
    _deaf(rig[second], [rig[first]])
    cut(rig, [first], [second])


def partition(rig: CalicoRig, names: Sequence[str]) -> None:
    """The nodes named see one another and none of the rest: a router between two subnets drops."""
    rest = _others(rig, names)
    for name in names:
        _deaf(rig[name], [rig[other] for other in rest])
    for other in rest:
        _deaf(rig[other], [rig[name] for name in names])
    cut(rig, names, rest)


def host_cut(rig: CalicoRig, names: Sequence[str]) -> None:
    """A node's BGP network is dead: no neighbour answers ARP. SSH goes another way."""
    for name in names:
        rest = _others(rig, [name])
        for other in rest:
            _unreachable(rig[name], rig[other])
            _unreachable(rig[other], rig[name])
        cut(rig, [name], rest)


def _deaf(node: RigNode, towards: Sequence[RigNode]) -> None:
    for other in towards:
        node.cell.run(program("iptables"), "-A", "INPUT", "-s", other.ipv4, "-j", "DROP")
        node.cell.run(program("ip6tables"), "-A", "INPUT", "-s", other.ipv6, "-j", "DROP")


def _unreachable(node: RigNode, other: RigNode) -> None:
    """As when ARP gets no answer: connect() says EHOSTUNREACH."""
    node.cell.run("ip", "route", "add", "unreachable", f"{other.ipv4}/32")
    node.cell.run("ip", "-6", "route", "add", "unreachable", f"{other.ipv6}/128")


def port_closed(*action: str, flags: Sequence[str] = ()) -> Break:
    """A firewall of the node lets no BGP in; with reflectors, none out either.

    Args:
        action: What iptables does with it.
        flags: Which packets; all by default.
    """

    def close(rig: CalicoRig, names: Sequence[str]) -> None:
        for name in names:
            # With reflectors both ends dial: what the node may dial comes up, and nobody sees that its port is closed.
            chains = ("INPUT",) if rig.topology == "mesh" else ("INPUT", "OUTPUT")
            for tool, chain in product(("iptables", "ip6tables"), chains):
                match = ["-p", "tcp", "--dport", "179", *flags]
                rig[name].cell.run(program(tool), "-A", chain, *match, "-j", *action)
            if flags:  # what stands would stay: the firewall came with a start of the machine
                rig.kill_bird(name)
                rig[name].start_bird()
        dialled = [other for other in _others(rig, names) if rig.topology != "mesh" or other > names[0]]
        cut(rig, names, dialled)

    return close


def port_taken(rig: CalicoRig, names: Sequence[str]) -> None:
    """Another program has BGP's port when calico-node starts."""
    for name in names:
        node = rig[name]
        rig.kill_bird(name)
        script = node.files.folder / "bin" / "other-speaker"
        script.write_text(_TAKER)
        node.cell.start("exec python3 /usr/local/bin/other-speaker & echo $! >/run/taker.pid; wait", str(node.log))
        wait_for(f"{name}: port 179 is taken", lambda n=node: _listens(n), seconds=10)
        node.start_bird()
    gone(rig, names)
    time.sleep(SETTLES)


def _listens(node: RigNode) -> bool:
    """Whether both families' port 179 has a listener."""
    script = "grep -c ':00B3 .* 0A ' /proc/net/tcp /proc/net/tcp6 | grep -vc ':0$'; true"
    return node.cell.run("sh", "-c", script).strip() == "2"


def disabled_peer(rig: CalicoRig, names: Sequence[str]) -> None:
    """The first node's peer is disabled in BIRD."""
    first, second = names
    for version in DAEMONS:
        rig[first].birdc(version, f"disable {rig[first].expected_protocols(rig.plans, version)[second]}")
    cut(rig, [first], [second])


def calicoctl_hung(rig: CalicoRig, names: Sequence[str]) -> None:
    """The command never answers."""
    for name in names:
        rig[name].write_calicoctl(HUNG)


def calicoctl_missing(rig: CalicoRig, names: Sequence[str]) -> None:
    """No calicoctl on the host."""
    for name in names:
        rig[name].remove_calicoctl()


def host_key_changed(rig: CalicoRig, names: Sequence[str]) -> None:
    """The hosts were installed anew; whoever asks them has the old keys."""
    for name in names:
        rig[name].files.new_host_key()
        rig[name].restart_sshd()


SYN = ("--tcp-flags", "SYN,ACK", "SYN")
DATA = ("--tcp-flags", "PSH", "PSH")
RESET = ("REJECT", "--reject-with", "tcp-reset")

FAULTS: dict[str, Break] = {
    "node-down": node_down,
    "rack-down": node_down,
    "bird-down": bird_down(4, 6),
    "bird4-down": bird_down(4),
    "bird6-down": bird_down(6),
    "socket-missing": socket_missing(4, 6),
    "socket4-missing": socket_missing(4),
    "socket6-missing": socket_missing(6),
    "felix-down": felix_down,
    "restarting": restarting,
    "recovering": recovering,
    "link-cut": link_cut,
    "one-way": one_way,
    "partition": partition,
    "host-cut": host_cut,
    "port-refused": port_closed(*RESET, flags=SYN),
    "port-reset": port_closed(*RESET, flags=DATA),
    "port-dropped": port_closed("DROP"),
    "port-taken": port_taken,
    "disabled-peer": disabled_peer,
    "calicoctl-hung": calicoctl_hung,
    "calicoctl-missing": calicoctl_missing,
    "host-key-changed": host_key_changed,
}
