"""What hurts most: every node, every pair of reflectors and every zone taken away in turn. Nothing is shown here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import lost_pairs
from calico_bgp.routes.computed.losses import parts
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.classes.sessions import class_numbers
from calico_bgp.routes.network.network import Network
from calico_bgp.upstream import ZONE_LABEL


class Removal(StrEnum):
    """What is taken away: a node, a zone, or two reflectors at once."""

    NODE = "node"
    ZONE = "zone"
    REFLECTORS = "reflectors"


@dataclass(frozen=True, slots=True)
class Risk:
    """What one removal does to the nodes that remain. Pairs are (learner, origin): two nodes are two pairs.

    Attributes:
        family: The family.
        removal: What kind of thing is taken away.
        name: The zone's name; None for nodes.
        nodes: What is taken away, sorted.
        lost: The pairs that learn the route before and do not afterwards.
        doubtful: The pairs whose route is surer before than afterwards, but not lost for certain.
        left: How many nodes remain.
        lonely: The nodes that are cut off from everyone by it, sorted; those that were before are left out.
    """

    family: Family
    removal: Removal
    name: str | None
    nodes: tuple[str, ...]
    lost: int
    doubtful: int
    left: int
    lonely: tuple[str, ...]

    @property
    def pairs(self) -> int:
        """How many pairs remain."""
        return self.left * (self.left - 1)

    @property
    def is_single_point(self) -> bool:
        """Whether one failure, of a node or a zone, takes routes from others."""
        return self.lost > 0 and self.removal is not Removal.REFLECTORS


@dataclass(frozen=True)
class Risks:
    """What hurts in one family.

    Attributes:
        family: The family.
        before: Who learns whose routes with everything there.
        ranking: The removals that take routes from others, perhaps take them, worst first.
        tried: How many removals of each kind were tried.
        zoneless: The nodes without a zone, sorted.
    """

    family: Family
    before: Reachability
    ranking: tuple[Risk, ...]
    tried: Mapping[Removal, int]
    zoneless: tuple[str, ...] = ()

    @property
    def single_points(self) -> tuple[Risk, ...]:
        """The single points of failure, worst first."""
        return tuple(risk for risk in self.ranking if risk.is_single_point)

    @property
    def pairs_cut_off(self) -> int:
        """How many pairs have no route although everything is there."""
        return self.before.count(Answer.NO)

    @property
    def pairs_not_known(self) -> int:
        """Of how many pairs it is not known."""
        return self.before.count(Answer.PERHAPS)

    @property
    def answer(self) -> Answer:
        """Whether every single failure leaves the others their routes.

        NO also where pairs are cut off before anything fails: what is broken must not pass for redundant.
        """
        if self.single_points or self.pairs_cut_off:
            return Answer.NO
        unsure = self.pairs_not_known or any(
            risk.doubtful and risk.removal is not Removal.REFLECTORS for risk in self.ranking
        )
        return Answer.PERHAPS if unsure else Answer.YES


def zones_of(resources: Resources | None) -> dict[str, tuple[str, ...]]:
    """Zone → its nodes, sorted, as the label `topology.kubernetes.io/zone` has it."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    for node in () if resources is None else resources.nodes:
        zone = node.label(ZONE_LABEL)
        if zone:
            by_zone[zone].append(node.name)
    return {zone: tuple(sorted(names)) for zone, names in sorted(by_zone.items())}


def reflectors_of(network: Network) -> tuple[str, ...]:
    """The nodes that reflect on some session, sorted."""
    return tuple(sorted(parts(network)[0]))


def risks(network: Network, zones: Mapping[str, Collection[str]] | None = None) -> Risks:
    """Take away every node, every pair of reflectors and every zone in turn, and see who else loses routes.

    What holds for one node holds for equivalent ones, so that a harmless one is tried once for all: a mesh is one
    removal.

    Args:
        network: The sessions of one family.
        zones: Zone → its nodes, as `zones_of` has them.
    """
    before = reachability(network)
    there = frozenset(before.nodes)
    zones = {zone: there.intersection(names) for zone, names in (zones or {}).items()}
    bystanders = _bystanders(network)
    all_risks: list[Risk] = []
    tried: dict[Removal, int] = dict.fromkeys(Removal, 0)
    for removal, zone, alike in _removals(before, reflectors_of(network), zones):
        tried[removal] += len(alike)
        if bystanders.issuperset(alike[0]):
            continue
        for nodes in alike:
            risk = _tried(before, removal, zone, nodes)
            if risk is None:
                break
            all_risks.append(risk)
    zoneless = tuple(sorted(there.difference(*zones.values())))
    return Risks(network.family, before, tuple(sorted(all_risks, key=_rank)), tried, zoneless)


def _removals(
    before: Reachability, reflectors: tuple[str, ...], zones: Mapping[str, Collection[str]]
) -> Iterator[tuple[Removal, str | None, list[tuple[str, ...]]]]:
    """(kind, zone, removals that are alike but for the names of equivalent nodes)."""
    class_of = class_numbers(before.classes)
    for names in before.classes:
        yield Removal.NODE, None, [(name,) for name in names]
    alike: dict[tuple[int, ...], list[tuple[str, ...]]] = defaultdict(list)
    for pair in combinations([name for name in reflectors if name in class_of], 2):
        alike[tuple(sorted(class_of[name] for name in pair))].append(pair)
    for pairs in alike.values():
        yield Removal.REFLECTORS, None, pairs
    for zone, members in zones.items():
        if members:
            yield Removal.ZONE, zone, [tuple(sorted(members))]


def _bystanders(network: Network) -> frozenset[str]:
    """The nodes that never pass on what they learned, so that nobody else misses them.

    Rule (c) leaves nothing to a node with plain iBGP sessions of one AS only. Without add-paths a node may also matter
    by what its routes hide, so that there is no bystander.
    """
    kinds: dict[str, set[tuple[bool, int, bool]]] = {speaker.name: set() for speaker in network.speakers}
    ends = [end for block in network.blocks() for end in ((block.a, block.a_settings), (block.b, block.b_settings))]
    if not all(settings.add_paths for _, settings in ends):
        return frozenset()
    for names, settings in (*ends, *(((s.near.node,), s.near.settings) for s in network.externals)):
        for name in names:
            if name in kinds:
                kinds[name].add((settings.is_internal, settings.local_as, settings.client))
    return frozenset(
        name
        for name, roles in kinds.items()
        if not roles or (len(roles) == 1 and all(internal and not client for internal, _, client in roles))
    )


def _tried(before: Reachability, removal: Removal, zone: str | None, nodes: tuple[str, ...]) -> Risk | None:
    """One removal; None when nobody else loses anything."""
    after = before.without(nodes)
    lost_number, doubtful = lost_pairs(before, after)
    if not lost_number and not doubtful:
        return None
    lonely = tuple(sorted(set(after.isolated).difference(before.isolated)))
    return Risk(before.family, removal, zone, nodes, lost_number, doubtful, len(after.nodes), lonely)


def _rank(risk: Risk) -> tuple[object, ...]:
    return -risk.lost, -risk.doubtful, list(Removal).index(risk.removal), len(risk.nodes), risk.name or "", risk.nodes
