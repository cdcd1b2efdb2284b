"""Breaks a running rig, waits until the nodes have noticed, and heals it again. Faults are named as in the lab.

Each fault is a context manager: inside its `with` the cluster is broken, afterwards everything is Established again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from calico_bgp.lab.faults.fault import FaultKind
from tests.rig.machines.cell import wait_for
from tests.rig.machines.cluster import Rig
from tests.rig.machines.node import DAEMONS, RigNode
from tests.rig.machines.plan import reflection
from tests.rig.requirements import program

OTHER_AS = 65001

#: A calicoctl that never answers.
HUNG = "#!/bin/sh\nexec sleep 600\n"


@contextmanager
def broken(rig: Rig, kind: FaultKind, *nodes: str) -> Iterator[None]:
    """Break a node, or the way between two, and heal it afterwards.

    Args:
        rig: A rig on which everything is Established.
        kind: The fault.
        nodes: As the catalogue says (calico_bgp/lab/faults/fault.py): one node, or two of which the first is to blame.
    """
    whole = rig.is_whole()
    with _FAULTS[kind](rig, nodes):
        yield
    if whole:  # else another fault is still there
        rig.wait_established()


@contextmanager
def _node_down(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    links = [f"port{rig[name].plan.number}" for name in nodes]
    for link in links:
        rig.wire.run("ip", "link", "set", link, "down")
    try:
        for name in nodes:
            _wait_for_peers(rig, name, but=nodes)
        yield
    finally:
        for link in links:
            rig.wire.run("ip", "link", "set", link, "up")


def _bird_down(*versions: int) -> Callable[[Rig, Sequence[str]], AbstractContextManager[None]]:
    @contextmanager
    def down(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
        for name in nodes:
            rig[name].stop_bird(versions)
        try:
            for name in nodes:
                _wait_for_peers(rig, name, but=nodes, versions=versions)
            yield
        finally:
            for name in nodes:
                rig[name].start_bird(versions)

    return down


def _socket_missing(*versions: int) -> Callable[[Rig, Sequence[str]], AbstractContextManager[None]]:
    @contextmanager
    def missing(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
        paths = [f"/run/calico/{DAEMONS[version]}.ctl" for version in versions]
        for name in nodes:
            for path in paths:
                rig[name].cell.run("mv", path, f"{path}.away")
        try:
            yield
        finally:
            for name in nodes:
                for path in paths:
                    rig[name].cell.run("mv", f"{path}.away", path)

    return missing


@contextmanager
def _felix_down(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    for name in nodes:
        rig[name].stop_felix()
    try:
        yield
    finally:
        for name in nodes:
            rig[name].start_felix()


@contextmanager
def _link_cut(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    first, second = (rig[name] for name in nodes)
    with _deaf(first, second), _deaf(second, first):
        rig.wait_down(first.name, second.name)
        rig.wait_down(second.name, first.name)
        yield


@contextmanager
def _one_way(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    first, second = (rig[name] for name in nodes)
    with _deaf(second, first):
        rig.wait_down(first.name, second.name)
        rig.wait_down(second.name, first.name)
        yield


@contextmanager
def _deaf(node: RigNode, towards: RigNode) -> Iterator[None]:
    """The node hears nothing from the other; SSH from the bastion still works."""
    rules = [("iptables", towards.ipv4), ("ip6tables", towards.ipv6)]
    for tool, address in rules:
        node.cell.run(program(tool), "-A", "INPUT", "-s", address, "-j", "DROP")
    try:
        yield
    finally:
        for tool, address in rules:
            node.cell.run(program(tool), "-D", "INPUT", "-s", address, "-j", "DROP")


@contextmanager
def _disabled_peer(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    first, second = nodes
    names = {version: rig[first].expected_protocols(rig.plans, version)[second] for version in DAEMONS}
    for version, name in names.items():
        rig[first].birdc(version, f"disable {name}")
    try:
        rig.wait_down(first, second)
        rig.wait_down(second, first)
        yield
    finally:
        for version, name in names.items():
            rig[first].birdc(version, f"enable {name}")


@contextmanager
def _missing_peer(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    first, second = rig[nodes[0]], nodes[1]
    whole = first.plan
    first.plan = replace(whole, neighbours=tuple(n for n in whole.neighbours if n.node != second))
    try:
        first.configure_bird(rig.plans)
        first.reload_bird()
        rig.wait_down(second, first.name)
        yield
    finally:
        first.plan = whole
        first.configure_bird(rig.plans)
        first.reload_bird()


@contextmanager
def _wrong_as(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    """NODE: it has another AS than its peers believe. NODE,NODE: the first believes so of the second."""
    node = rig[nodes[0]]
    whole = node.plan
    if len(nodes) == 1:
        node.plan = replace(whole, as_number=OTHER_AS)
        node.configure_bird(rig.plans)
        others = [n.node for n in whole.neighbours]
    else:
        node.configure_bird(rig.plans, expected_as={nodes[1]: OTHER_AS})
        others = [nodes[1]]
    try:
        node.reload_bird()
        for other in others:
            rig.wait_down(node.name, other)
            _wait_for_complaint(rig, node.name, other)
        yield
    finally:
        node.plan = whole
        node.configure_bird(rig.plans)
        node.reload_bird()


def _wait_for_complaint(rig: Rig, node: str, other: str) -> None:
    """Wait until one end has said `Bad peer AS` and not just gone down for the new configuration."""
    for version, daemon in DAEMONS.items():

        def said(version: int = version) -> bool:
            ends = ((node, other), (other, node))
            rows = [rig[a].peers(version)[rig[a].expected_protocols(rig.plans, version)[b]] for a, b in ends]
            return all("Bad peer AS" in row for row in rows)

        wait_for(f"{node} and {other} say Bad peer AS ({daemon})", said, seconds=25)


@contextmanager
def _reinstalled(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    """Reflectors lost label and cluster ID; the clients' only BGPPeer matches them no longer."""
    before = dict(rig.plans)
    left = [name for name, plan in before.items() if plan.cluster_id is not None and name not in nodes]
    rig.replan(reflection(list(before), left))
    try:
        rig.wait_planned()
        yield
    finally:
        rig.replan(before.values())


@contextmanager
def _calicoctl_hung(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    for name in nodes:
        rig[name].write_calicoctl(HUNG)
    try:
        yield
    finally:
        for name in nodes:
            rig[name].install_calicoctl(rig.calicoctl)


@contextmanager
def _calicoctl_missing(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    for name in nodes:
        rig[name].remove_calicoctl()
    try:
        yield
    finally:
        for name in nodes:
            rig[name].install_calicoctl(rig.calicoctl)


@contextmanager
def _host_key_changed(rig: Rig, nodes: Sequence[str]) -> Iterator[None]:
    """The nodes were installed anew; `rig.known_hosts()` was written before and is not written again."""
    for name in nodes:
        rig[name].files.new_host_key()
        rig[name].restart_sshd()
    yield  # any key does for the scenarios that follow


def _wait_for_peers(rig: Rig, name: str, *, but: Sequence[str], versions: Sequence[int] = (4, 6)) -> None:
    """Wait until all peers of a node but `but` show it as not Established."""
    for neighbour in rig[name].plan.neighbours:
        if neighbour.node not in but:
            rig.wait_down(neighbour.node, name, versions=versions)


_FAULTS: dict[FaultKind, Callable[[Rig, Sequence[str]], AbstractContextManager[None]]] = {
    FaultKind.NODE_DOWN: _node_down,
    FaultKind.BIRD_DOWN: _bird_down(4, 6),
    FaultKind.BIRD4_DOWN: _bird_down(4),
    FaultKind.BIRD6_DOWN: _bird_down(6),
    FaultKind.SOCKET_MISSING: _socket_missing(4, 6),
    FaultKind.SOCKET4_MISSING: _socket_missing(4),
    FaultKind.SOCKET6_MISSING: _socket_missing(6),
    FaultKind.FELIX_DOWN: _felix_down,
    FaultKind.LINK_CUT: _link_cut,
    FaultKind.ONE_WAY: _one_way,
    FaultKind.DISABLED_PEER: _disabled_peer,
    FaultKind.MISSING_PEER: _missing_peer,
    FaultKind.WRONG_AS: _wrong_as,
    FaultKind.REINSTALLED: _reinstalled,
    FaultKind.CALICOCTL_HUNG: _calicoctl_hung,
    FaultKind.CALICOCTL_MISSING: _calicoctl_missing,
    FaultKind.HOST_KEY_CHANGED: _host_key_changed,
}
