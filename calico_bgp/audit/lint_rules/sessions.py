"""Rules about sessions: two definitions of one, one end without the other, ports, files that BIRD refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp.audit.lint_context import LintContext, about_peer
from calico_bgp.audit.lint_rules.mesh import MESH_OFF
from calico_bgp.audit.lint_rules.peer_fields import KIND
from calico_bgp.audit.mending import delete, drop_field, set_field
from calico_bgp.audit.rule import Draft, rule
from calico_bgp.audit.words import count, some
from calico_bgp.expect.engine import BGP_PORT
from calico_bgp.expect.entry import Entry
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.report import ClusterSubject, Severity, Subject
from calico_bgp.model.resources import Because, BGPPeer, PeerPass


def about_because(context: LintContext, because: Iterable[Because], path: str | None = None) -> Subject:
    """The first BGPPeer that made a peer, else the cluster."""
    for source in because:
        if source.kind == KIND and source.name in context.peers_by_name:
            return about_peer(context.peers_by_name[source.name], path)
    return ClusterSubject()


@rule(
    "same-session-twice",
    Severity.INFO,
    title="Two BGPPeers make the same session",
    meaning="Where both say the same, nothing happens until somebody changes one of them. Where they differ within one "
    "of confd's passes (an error), it is not determined which one counts: it may change with every restart. A global "
    "BGPPeer always wins over one for some nodes, whose other settings are then silently not used (a warning). Source: "
    "confd/pkg/backends/calico/client.go updatePeersV1.",
    evidence="The BGPPeers, the neighbour, and what differs.",
    action="Keep one of them, or let their nodeSelectors exclude each other.",
)
def same_session_twice(context: LintContext) -> Iterator[Draft]:
    """One finding per set of BGPPeers."""
    differing: defaultdict[tuple[str, ...], list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    for conflict in context.expectation.conflicts:
        if len(conflict.bgp_peers) > 1:
            place = (conflict.node or "every node", str(conflict.address), conflict.fields)
            differing[conflict.bgp_peers].append(place)
    for names, places in sorted(differing.items()):
        fields = sorted({field for _, _, differ in places for field in differ})
        yield Draft(
            about_peer(context.peers_by_name[names[0]]),
            f"{_and(names)} define the same session and differ in {_and(fields)}: which one counts is not determined",
            tuple(f"{node}: neighbour {address} ({', '.join(differ)})" for node, address, differ in places),
            f"keep one of them, for example {delete(KIND, names[-1])}",
            Severity.ERROR,
        )
    yield from _hidden(context)
    yield from _equal(context, set(differing))


def _hidden(context: LintContext) -> Iterator[Draft]:
    """BGPPeers for some nodes behind a global one that says something else."""
    globals_by_key: dict[object, Entry] = {}
    for selected in context.expectation.selected:
        if selected.peer.is_global:
            for entry in selected.forward:
                globals_by_key.setdefault(entry.key, entry)
    for selected in context.expectation.selected:
        if selected.peer.is_global or not selected.near:
            continue
        hidden = [e for e in selected.forward if e.key in globals_by_key and _says_else(e, globals_by_key[e.key])]
        if hidden:
            names = sorted({context.global_keys[entry.key] for entry in hidden})
            yield Draft(
                about_peer(selected.peer),
                f"{selected.peer.name} changes nothing for {some([str(e.address) for e in hidden])}: the global "
                f"{_and(names)} defines {'it' if len(hidden) == 1 else 'them'} otherwise, and wins",
                (f"on {some(selected.near)}",),
                f"give {_and(names)} a nodeSelector that leaves these nodes out, or {delete(KIND, selected.peer.name)}",
                Severity.WARNING,
            )


def _says_else(one: Entry, other: Entry) -> bool:
    """Whether they differ in more than what is only known by the way in which the far end was found."""
    a, b = (e.settings._replace(cluster_id=None, is_calico_node=False) for e in (one, other))
    return a != b


def _equal(context: LintContext, differing: set[tuple[str, ...]]) -> Iterator[Draft]:
    same: defaultdict[tuple[str, ...], list[ExpectedPeer]] = defaultdict(list)
    for peers in context.explicit.values():
        for peer in peers:
            names = tuple(sorted({source.name for source in peer.because if source.kind == KIND}))
            if len(names) > 1:
                same[names].append(peer)
    for names, twice in sorted(same.items()):
        if names not in differing:
            pairs = [f"{peer.node}: {peer.address}" for peer in twice]
            yield Draft(
                about_peer(context.peers_by_name[names[0]]),
                f"{_and(names)} make the same {count(len(twice), 'peer')}, with the same settings",
                (some(pairs),),
            )


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


@rule(
    "neighbour-twice",
    Severity.WARNING,
    title="A node has two protocols for one neighbour",
    meaning="A peer that repeats the mesh, or `ip` beside `ip:179`: BIRD runs one of the two, the other stays `start "
    "Idle` for good, without an error. The routes flow, but every look at the table shows a peer that is down. Source: "
    "bgp_processor.go: only global and node-specific peers are de-duplicated.",
    evidence="The names of both protocols.",
    action="Take one away: the BGPPeer, or the mesh.",
)
def neighbour_twice(context: LintContext) -> Iterator[Draft]:
    """One finding per set of resources."""
    groups: defaultdict[tuple[str, ...], list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    meshed: set[tuple[str, ...]] = set()
    for overlap in context.expectation.overlaps:
        names = tuple(sorted({source.name for source in overlap.because if source.kind == KIND}))
        if any(source.made_by is PeerPass.MESH for source in overlap.because):
            meshed.add(names)
        groups[names].append((overlap.node, str(overlap.address), overlap.names))
    for names, places in sorted(groups.items()):
        nodes = sorted({node for node, _, _ in places})
        in_mesh = names in meshed
        what = (
            f"the mesh already has what {_and(names)} adds"
            if in_mesh
            else f"two protocols for one neighbour, by {_and(names)},"
        )
        first = context.peers_by_name[names[0]]
        step = f"{delete(KIND, names[0])}; or, to keep it and disable the mesh: {MESH_OFF}"
        yield Draft(
            about_peer(first),
            f"{what} on {some(nodes)}: BIRD runs one of the two protocols, the other stays down for good",
            tuple(f"{node}: {' and '.join(protocols)}" for node, _, protocols in places[:20]),
            step if in_mesh else _one_port(names, first),
        )


def _one_port(names: tuple[str, ...], peer: BGPPeer) -> str:
    if len(names) > 1 or peer.peer_ip is None:
        return f"keep one of them, for example {delete(KIND, names[-1])}"
    return f"write the same port everywhere, or {delete(KIND, peer.name)}"


class _OneSided(NamedTuple):
    """A session that only its near end has, made by one BGPPeer."""

    peer: ExpectedPeer
    bgp_peer: BGPPeer


def one_sided(context: LintContext) -> Iterator[_OneSided]:
    """Explicit peers whose far node has no peer for the near one."""
    for (near, far, family), peers in sorted(context.explicit_ends.items()):
        if (far, near, family) in context.explicit_ends or context.in_mesh(near, far, family):
            continue
        for peer in peers:
            if len(context.expectation.nodes_by_address.get(peer.address, ())) > 1:
                continue
            maker = next((context.peers_by_name.get(b.name) for b in peer.because if b.kind == KIND), None)
            if maker is not None:
                yield _OneSided(peer, maker)


@rule(
    "one-sided-peering",
    Severity.ERROR,
    title="A BGPPeer makes one end of a session only",
    meaning="The far end is a node of the cluster that gets no peer for the near end, so its BIRD refuses the "
    "connection. With `reversePeering: Manual` the other half must be a BGPPeer of its own. Where the peer is global, "
    "the near ends whose address is the smaller text even wait to be dialled: nobody dials, both sides stay as they "
    "are for ever. Source: confd/pkg/backends/calico/client.go updatePeersV1; bgp_processor.go.",
    evidence="The near ends and the far end.",
    action="Take `reversePeering: Manual` away, or add the other half.",
)
def one_sided_peering(context: LintContext) -> Iterator[Draft]:
    """One finding per BGPPeer, unless its AS number, its port or its spelling explains it."""
    groups: defaultdict[str, list[ExpectedPeer]] = defaultdict(list)
    for peer, maker in one_sided(context):
        if maker.peer_ip is not None and maker.peer_selector is None and _is_explained(context, maker):
            continue
        groups[maker.name].append(peer)
    for name, peers in groups.items():
        maker = context.peers_by_name[name]
        far = sorted({peer.far_node or "" for peer in peers})
        near = sorted({peer.node for peer in peers})
        waiting = sorted({peer.node for peer in peers if peer.passive})
        manual = maker.reverse_peering == "Manual"
        passive = (
            f"; {some(waiting)} {'waits' if len(waiting) == 1 else 'wait'} to be dialled, which nobody does"
            if waiting
            else ""
        )
        why = ", for reversePeering is Manual" if manual else ""
        yield Draft(
            about_peer(maker, "spec.reversePeering" if manual else None),
            f"{name} gives {some(near)} the peer {some(far)}, which {'gets' if len(far) == 1 else 'get'} no peer for "
            f"{some(near)}{why}{passive}",
            tuple(f"{peer.node}: {peer.name}{' (waits)' if peer.passive else ''}" for peer in peers[:20]),
            drop_field(KIND, name, "reversePeering")
            if manual
            else f"add a BGPPeer with nodeSelector or node for {some(far)} and the other nodes as its far end",
        )


def _is_explained(context: LintContext, maker: BGPPeer) -> bool:
    """Whether another rule says why this peerIP does not name the node."""
    target = parse_peer_ip(maker.peer_ip or "")
    if target.address is None or target.host != str(target.address) or not maker.as_number:
        return True
    owners = [context.speakers[name] for name in context.expectation.nodes_by_address.get(target.address, ())]
    as_fits = any(owner.local_as == maker.as_number for owner in owners)
    return not as_fits or (target.port is not None and _port_differs(context, maker) is not None)


def _port_differs(context: LintContext, maker: BGPPeer) -> tuple[str, int, int] | None:
    """(node, port in peerIP, port on which the node listens) where the two differ."""
    if maker.peer_ip is None or maker.peer_selector is not None:
        return None
    target = parse_peer_ip(maker.peer_ip)
    if target.address is None or target.port is None or target.host != str(target.address):
        return None
    for name in context.expectation.nodes_by_address.get(target.address, ()):
        listens = context.speakers[name].port or BGP_PORT
        if listens != target.port:
            return name, target.port, listens
    return None


@rule(
    "peer-port-mismatch",
    Severity.WARNING,
    title="A peerIP names a port on which the node does not listen",
    meaning="The near end dials a port where no BIRD listens. With a listenPort set that differs (the node's own or "
    "the global one) the peerIP does not even name the node, so it gets no reverse peer: an error. Without one, the "
    "session comes up only as far as the far end dials. Source: confd/pkg/backends/calico/client.go "
    "nodesWithIPPortAndAS.",
    evidence="The port in peerIP, and the listenPort that counts for the node.",
    action="Leave the port out: Calico takes the node's own.",
)
def peer_port_mismatch(context: LintContext) -> Iterator[Draft]:
    """One finding per BGPPeer."""
    alone = {maker.name for _, maker in one_sided(context)}
    for peer in context.resources.bgp_peers:
        differs = _port_differs(context, peer)
        if differs is None:
            continue
        name, port, listens = differs
        yield Draft(
            about_peer(peer, "spec.peerIP"),
            f"{peer.name} dials {name} on port {port}, but BIRD listens there on {listens}",
            (f"peerIP: {peer.peer_ip}", f"listenPort of {name}: {context.speakers[name].port or 'none (179)'}"),
            set_field(KIND, peer.name, "peerIP", str(parse_peer_ip(peer.peer_ip or "").address)),
            Severity.ERROR if peer.name in alone else None,
        )


@rule(
    "bird-refuses",
    Severity.ERROR,
    title="BIRD refuses a node's configuration",
    meaning="confd checks every new file with `bird -p`. One protocol that BIRD does not take makes the whole file "
    "fail: confd keeps the old one, and every later change on that node is lost until this is mended. Source: BIRD "
    "proto/bgp/bgp.c bgp_check_config; confd's bird.cfg.",
    evidence="The protocol, and what BIRD does not take.",
    action="Mend the resource that makes this protocol.",
)
def bird_refuses(context: LintContext) -> Iterator[Draft]:
    """One finding per reason and resource, unless a rule of its own names it."""
    groups: defaultdict[tuple[str, tuple[Because, ...]], list[str]] = defaultdict(list)
    for refusal in context.expectation.refusals:
        why = refusal.why
        if why.startswith("`as 0`"):
            makers = [context.peers_by_name.get(source.name) for source in refusal.because if source.kind == KIND]
            if any(maker is not None and maker.peer_ip and not maker.as_number for maker in makers):
                continue
            why = "`as 0`: the asNumber of the far node is 0"
        if not why.startswith("`rr cluster id") and "because two nodes have the address" not in why:
            groups[why, refusal.because].append(refusal.node)
    for (why, because), nodes in sorted(groups.items()):
        names = sorted(set(nodes))
        yield Draft(
            about_because(context, because, "spec.peerIP"),
            f"BIRD refuses the whole configuration of {some(names)}: {why}",
            tuple(map(str, because)),
            "mend the resource above, then look for `bird -p` in the log of calico-node on these nodes",
        )
