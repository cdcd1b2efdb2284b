"""Small networks in few words, for tests of what is made of them. Nothing that computes reachability may enter it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from itertools import combinations
from typing import Any

from calico_bgp.model.peer import Family
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd, Speaker

AS = 64512


def end(node: str, cluster_id: str | None = None, *, peer_as: int = AS) -> SessionEnd:
    """An end; with a cluster ID it reflects to the other end."""
    return SessionEnd(node, None, EndSettings(AS, peer_as, cluster_id is not None, cluster_id))


def session(one: str, other: str, *, cluster: str | None = None) -> BGPSession:
    """A session of which, with a cluster ID, `one` is the reflector."""
    return BGPSession(end(one, cluster), end(other))


def network(names: Iterable[str], sessions: Iterable[BGPSession], **more: Any) -> Network:
    """The network of these nodes and sessions."""
    speakers = [Speaker(name, IPv4Address("192.0.2.0") + number) for number, name in enumerate(names, start=1)]
    return Network(more.pop("family", Family.IPV4), tuple(speakers), tuple(sessions), **more)


def mesh(names: Iterable[str], *, cut: Iterable[tuple[str, str]] = (), **more: Any) -> Network:
    """Everyone peers with everyone, apart from some."""
    names, gone = list(names), {frozenset(pair) for pair in cut}
    return network(names, [session(a, b) for a, b in combinations(names, 2) if {a, b} not in gone], **more)


def reflected(clients_of: dict[str, str], *, joined: bool = False, cluster: str = "244.0.0.1", **more: Any) -> Network:
    """Reflector → its clients, as words; `joined` lets the reflectors peer with one another as plain peers."""
    clients = sorted({name for words in clients_of.values() for name in words.split()})
    sessions = [session(r, c, cluster=cluster) for r, words in clients_of.items() for c in words.split()]
    sessions += [session(a, b) for a, b in combinations(clients_of, 2) if joined]
    return network([*clients_of, *clients], sessions, **more)


def switch(node: str, address: str = "203.0.113.1") -> ExternalSession:
    """The session of a node with a top-of-rack switch."""
    return ExternalSession(end(node, peer_as=65000), address)
