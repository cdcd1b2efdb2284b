"""Nodes that Calico's resources do not tell apart: swap two of a class, and every node is configured as before.

So what two nodes of a class have is enough to know what all have, and nobody need work out a million peers of a mesh.
A node is told apart by its AS number, cluster ID, port and families, by what BGPPeers select, and by an address that is
not its alone or that BIRD refuses. That addresses have an order, by which one end of a session waits, is the caller's
to mind (from_expected.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address

from calico_bgp.expect.bgp_peers import Selected
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.speakers import Speaker, speakers_of
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.resources import Resources
from calico_bgp.routes.network.classes.sessions import class_numbers

#: So many nodes of a class show what all of it have: one, and another to which it is a neighbour.
REPRESENTATIVES = 2


def classes_of(expectation: Expectation) -> tuple[tuple[str, ...], ...]:
    """Every node of the resources in one class, sorted.

    Args:
        expectation: What Calico would configure; the peers are not looked at.
    """
    return _classes(expectation.resources, expectation.selected)


def expect_representatives(resources: Resources, version: CalicoVersion, also: Collection[str] = ()) -> Expectation:
    """What Calico would configure, with the peers of a few nodes of each class only.

    What is wrong shows on those nodes as well; then everybody's peers are worked out.

    Args:
        resources: Nodes, BGPPeers and BGPConfigurations.
        version: Of Calico.
        also: Nodes whose peers are wanted in any case.
    """
    expectation = expect(
        resources, version=version, only=lambda selected: representatives(_classes(resources, selected)).union(also)
    )
    if expectation.refusals or expectation.conflicts:
        return expect(resources, version=version)
    return expectation


def expect_without_nodes(
    resources: Resources, removed: Collection[str], version: CalicoVersion
) -> tuple[Expectation, Expectation] | None:
    """What Calico would configure with all nodes and without some, for the others with representatives' peers only.

    Args:
        resources: Nodes, BGPPeers and BGPConfigurations.
        removed: The nodes that go.
        version: Of Calico.

    Returns:
        None where that is not all that happens to the others: a peer of theirs changes, or something is wrong.
    """
    remaining = resources.without_nodes(removed)
    with_all, with_some = (_without_peers(each, version) for each in (resources, remaining))
    classes = (*classes_of(with_all), *classes_of(with_some), *classes_of_both(with_all, with_some))
    before, after = (expect(each, version=version, only=representatives(classes)) for each in (resources, remaining))
    if before.refusals or before.conflicts or after.refusals or after.conflicts:
        return None
    for node, peers in after.peers.items():
        if peers != tuple(peer for peer in before.peers[node] if peer.far_node not in removed):
            return None
    return before, after


def classes_of_both(one: Expectation, other: Expectation) -> tuple[tuple[str, ...], ...]:
    """The nodes of both expectations in classes: those of a class are equal in the one and in the other."""
    numbers = [class_numbers(classes_of(each)) for each in (one, other)]
    alike: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, number in numbers[0].items():
        if name in numbers[1]:
            alike[number, numbers[1][name]].append(name)
    return tuple(sorted(map(tuple, alike.values())))


def _without_peers(resources: Resources, version: CalicoVersion) -> Expectation:
    return expect(resources, version=version, only=())


def representatives(classes: Sequence[tuple[str, ...]]) -> frozenset[str]:
    """The nodes whose peers are enough to know those of all."""
    return frozenset(name for names in classes for name in names[:REPRESENTATIVES])


def _classes(resources: Resources, selected: Collection[Selected]) -> tuple[tuple[str, ...], ...]:
    speakers = speakers_of(resources)
    chosen = _chosen(selected, len(speakers))
    owners = Counter(text for speaker in speakers.values() for text in speaker.texts.values())
    alike: dict[object, list[str]] = defaultdict(list)
    for name, speaker in speakers.items():
        alike[chosen.get(name, ()), _own(speaker, owners)].append(name)
    return tuple(sorted(map(tuple, alike.values())))


def _chosen(selected: Collection[Selected], everyone: int) -> dict[str, tuple[tuple[int, str], ...]]:
    """Node → which BGPPeers select it, and as what."""
    by_node: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, selection in enumerate(selected):
        sides = {
            "near": selection.near,
            "forward": [entry.far_node for entry in selection.forward],
            "far": selection.far,
            "backward": [entry.far_node for entry in selection.backward],
        }
        for side, names in sides.items():
            distinct = {name for name in names if name is not None}
            if len(distinct) < everyone:
                for name in distinct:
                    by_node[name].append((number, side))
    return {name: tuple(sides) for name, sides in by_node.items()}


def _own(speaker: Speaker, owners: Counter[str]) -> tuple[object, ...]:
    """What a node itself says that its peers or its own configuration show."""
    texts = speaker.texts.values()
    is_odd = any(owners[text] > 1 for text in texts) or any(
        int(address) == 0 or address.is_link_local for address in speaker.node.addresses
    )
    return (
        speaker.local_as,
        speaker.node.as_number,
        speaker.cluster_id,
        speaker.own_port,
        tuple(speaker.texts),
        isinstance(speaker.node.ipv4, IPv4Address),
        speaker.name if is_odd else None,
    )
