"""Joins what calicoctl and BIRD said in one section into the statuses of nodes. Reads no text."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.model.peer import Family
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus


def combined(tables: Sequence[NodeStatus], birds: Sequence[NodeStatus]) -> list[NodeStatus]:
    """One status per node: two answers of BIRD for two families are one node's, as are calicoctl's and BIRD's together.

    BIRD shows what calicoctl leaves out: its rows count as well. Where both tell of one peer the later answer counts.
    """
    joined: list[NodeStatus] = []
    for status in birds:
        if joined and not _families(joined[-1]) & _families(status):
            joined[-1] = _join(joined[-1], status)
        else:
            joined.append(status)
    if len(tables) == 1 and len(joined) == 1 and _may_be_one(tables[0], joined[0]):
        first, second = sorted((tables[0], joined[0]), key=lambda status: status.line)
        return [_join(first, second)]
    return sorted((*tables, *joined), key=lambda status: status.line)


def _families(status: NodeStatus) -> set[Family]:
    return {daemon.family for daemon in status.daemons} | {peer.family for peer in status.peers}


def _may_be_one(table: NodeStatus, bird: NodeStatus) -> bool:
    """Whether the two may be of one node: neither holds a peer that the other one should show, too."""
    for family in _families(table) & _families(bird):
        addresses_in_table = {peer.address for peer in table.peers if peer.family is family}
        addresses_of_bird = {
            peer.address for peer in bird.peers if peer.family is family and peer.bgp_state is not None
        }
        if (
            table.complete
            and bird.complete
            and addresses_in_table
            and addresses_of_bird
            and addresses_in_table != addresses_of_bird
        ):
            return False
    return True


def _join(first: NodeStatus, second: NodeStatus) -> NodeStatus:
    daemons: dict[Family, Daemon] = {daemon.family: daemon for daemon in first.daemons}
    for daemon in second.daemons:
        earlier = daemons.get(daemon.family)
        if earlier is None or earlier.state is not DaemonState.RUNNING or daemon.state is DaemonState.RUNNING:
            daemons[daemon.family] = daemon
    later = {(peer.family, peer.address, peer.port) for peer in second.peers if peer.address is not None}
    only_in_first = [peer for peer in first.peers if (peer.family, peer.address, peer.port) not in later]
    peers = sorted((*only_in_first, *second.peers), key=lambda peer: peer.family)
    birdcs = {family for status in (first, second) if status.origin == "birdc" for family in _families(status)}
    felix = second.felix_running if second.felix_running is not None else first.felix_running
    return first.model_copy(
        update={
            "felix_running": felix,
            "daemons": tuple(daemons[family] for family in Family if family in daemons),
            "peers": tuple(peers),
            "messages": tuple(dict.fromkeys((*first.messages, *second.messages))),
            "unrecognised": (*first.unrecognised, *second.unrecognised),
            "complete": first.complete and second.complete,
            "origin": "birdc" if birdcs >= {peer.family for peer in peers} else "calicoctl",
            "addresses": tuple(dict.fromkeys((*first.addresses, *second.addresses))),
        }
    )
