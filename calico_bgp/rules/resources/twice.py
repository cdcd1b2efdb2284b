"""Rules about what is there twice: sessions that several BGPPeers make, neighbours with two protocols."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.changes.advice import delete
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.entry import Entry
from calico_bgp.expect.trouble import Conflict
from calico_bgp.messages.steps import Steps, step
from calico_bgp.messages.words import some
from calico_bgp.model.expected import ExpectedPeer, PeerPass
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.rules.resources.mesh import set_mesh
from calico_bgp.rules.resources.peer_fields import KIND
from calico_bgp.rules.rule import Draft, rule


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
    messages={
        "differ": "{peers:and} define the same session and differ in {fields:and}: which one counts is not determined",
        "hidden": "{peer} changes nothing for {addresses}: the global {globals:and} {globals:defines|define} "
        "{addresses:it|them} otherwise, and {globals:wins|win}",
        "equal": "{peers:and} make the same {sessions:count peer}, with the same settings",
    },
)
def same_session_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per set of BGPPeers."""
    configured = cluster.configured
    # Of three BGPPeers the second differs from the first, then the third from either: all differ from each other.
    names_at: defaultdict[Conflict, set[str]] = defaultdict(set)
    fields_at: defaultdict[Conflict, set[str]] = defaultdict(set)
    for conflict in configured.expectation.conflicts:
        place = conflict._replace(bgp_peers=(), fields=())
        names_at[place].update(conflict.bgp_peers)
        fields_at[place].update(conflict.fields)
    differing: defaultdict[tuple[str, ...], list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    for place, names in names_at.items():
        if len(names) > 1:
            where = (place.node or "every node", str(place.address), tuple(sorted(fields_at[place])))
            differing[tuple(sorted(names))].append(where)
    for together, places in sorted(differing.items()):
        fields = sorted({field for _, _, differ in places for field in differ})
        yield Draft(
            about_peer(configured.peers_by_name[together[0]]),
            "differ",
            [f"{node}: neighbour {address} ({', '.join(differ)})" for node, address, differ in places],
            _keep_one(together),
            Severity.ERROR,
            peers=together,
            fields=fields,
        )
    yield from _hidden(configured)
    yield from _equal(configured, set(differing))


def _hidden(configured: Configured) -> Iterator[Draft]:
    """BGPPeers for some nodes behind a global one that says something else."""
    globals_by_key: dict[object, Entry] = {}
    for selected in configured.expectation.selected:
        if selected.peer.is_global:
            for entry in selected.forward:
                globals_by_key.setdefault(entry.key, entry)
    for selected in configured.expectation.selected:
        if selected.peer.is_global or not selected.near:
            continue
        hidden = [e for e in selected.forward if e.key in globals_by_key and _says_else(e, globals_by_key[e.key])]
        if hidden:
            names = sorted({configured.global_keys[entry.key] for entry in hidden})
            yield Draft(
                about_peer(selected.peer),
                "hidden",
                (f"on {some(selected.near)}",),
                step(
                    "give {globals:and} a nodeSelector that leaves these nodes out, or {command}",
                    globals=tuple(names),
                    command=delete(KIND, selected.peer.name),
                ),
                Severity.WARNING,
                peer=selected.peer.name,
                addresses=[str(entry.address) for entry in hidden],
                globals=names,
            )


def _says_else(one: Entry, other: Entry) -> bool:
    """Whether they differ in more than what is only known by the way in which the far end was found."""
    a, b = (e.settings._replace(cluster_id=None, is_calico_node=False) for e in (one, other))
    return a != b


def _equal(configured: Configured, differing: set[tuple[str, ...]]) -> Iterator[Draft]:
    peers_by_names: defaultdict[tuple[str, ...], list[ExpectedPeer]] = defaultdict(list)
    for peers in configured.explicit.values():
        for peer in peers:
            names = tuple(sorted({source.name for source in peer.because if source.kind == KIND}))
            if len(names) > 1:
                peers_by_names[names].append(peer)
    for names, twice in sorted(peers_by_names.items()):
        if names not in differing:
            pairs = [f"{peer.node}: {peer.address}" for peer in twice]
            yield Draft(
                about_peer(configured.peers_by_name[names[0]]),
                "equal",
                (some(pairs),),
                peers=names,
                sessions=len(twice),
            )


@rule(
    "neighbour-twice",
    Severity.WARNING,
    title="A node has two protocols for one neighbour",
    meaning="A peer that repeats the mesh, or `ip` beside `ip:179`: BIRD runs one of the two, the other stays `start "
    "Idle` for good, without an error. The routes flow, but every look at the table shows a peer that is down. Source: "
    "bgp_processor.go: only global and node-specific peers are de-duplicated.",
    evidence="The names of both protocols.",
    action="Take one away: the BGPPeer, or the mesh.",
    messages={
        "in-mesh": "the mesh already has what {peers:and} {peers:adds|add} on {nodes}: BIRD runs one of the two "
        "protocols, the other stays down for good",
        "two-protocols": "two protocols for one neighbour, by {peers:and}, on {nodes}: BIRD runs one of the two "
        "protocols, the other stays down for good",
    },
)
def neighbour_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per set of resources."""
    groups: defaultdict[tuple[str, ...], list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    meshed: set[tuple[str, ...]] = set()
    for overlap in cluster.configured.expectation.overlaps:
        names = tuple(sorted({source.name for source in overlap.because if source.kind == KIND}))
        if any(source.made_by is PeerPass.MESH for source in overlap.because):
            meshed.add(names)
        groups[names].append((overlap.node, str(overlap.address), overlap.names))
    for names, places in sorted(groups.items()):
        nodes = sorted({node for node, _, _ in places})
        in_mesh = names in meshed
        first = cluster.configured.peers_by_name[names[0]]
        without_mesh = set_mesh(cluster.configured.resources, on=False)
        out_of_mesh: Steps = (
            *(delete(KIND, name) for name in names),
            step("or, to keep {peers:it|them} and disable the mesh: {command}", peers=names, command=without_mesh),
        )
        yield Draft(
            about_peer(first),
            "in-mesh" if in_mesh else "two-protocols",
            [f"{node}: {' and '.join(protocols)}" for node, _, protocols in places[:20]],
            out_of_mesh if in_mesh else _one_left(names),
            peers=names,
            nodes=nodes,
        )


def _one_left(names: tuple[str, ...]) -> Steps:
    if len(names) > 1:
        return _keep_one(names)
    return step("write the same port everywhere, or {command}", command=delete(KIND, names[0]))


def _keep_one(names: tuple[str, ...]) -> Steps:
    """The first stays, all others go."""
    one, *more = (delete(KIND, name) for name in names[1:])
    return (
        step("keep one of them, for example {command}", command=one),
        *(step("and {command}", command=another) for another in more),
    )
