"""Lost routes in groups that can be read: who is cut off from everyone, and else who no longer learns whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from calico_bgp.routes.computed.compare import Block
from calico_bgp.routes.computed.propagation import Reachability
from calico_bgp.routes.network.network import Network

#: Nodes that are alike, as a Block has them.
_Names: TypeAlias = tuple[str, ...]

#: So many nodes are named at most through which alone routes came.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs of nodes to which the same happens.

    Attributes:
        learners: Who no longer learns, sorted.
        origins: Whose routes, sorted. The same as `learners` where these lose one another.
        mutual: Whether the origins no longer learn the routes of the learners either.
        everyone: Whether the learners lose everyone they had, and everyone loses them; `origins` is then everyone.
        pairs: How many pairs (learner, origin); two nodes are two pairs.
    """

    learners: tuple[str, ...]
    origins: tuple[str, ...]
    mutual: bool
    everyone: bool
    pairs: int

    @property
    def example(self) -> tuple[str, str]:
        """One (learner, origin) of them."""
        learner = self.learners[0]
        return learner, next(name for name in self.origins if name != learner)


@dataclass(frozen=True, slots=True)
class Loss:
    """Routes that are lost, and why.

    Attributes:
        group: Whose.
        clients: How many of the learners are clients of reflectors before, which pass nothing on themselves.
        only: The nodes to be removed through which alone the routes came; empty where it is not that simple.
        reflectors: Whether all of `only` are reflectors.
        way: Along which way an example came, in words; empty when that is not known.
        why: Why it no longer does, in words.
    """

    group: Group
    clients: int
    only: tuple[str, ...]
    reflectors: bool
    way: str
    why: str


def grouped(lost_blocks: Iterable[Block], kept_blocks: Iterable[Block]) -> tuple[Group, ...]:
    """Some of the pairs in groups, the largest first.

    Args:
        lost_blocks: The pairs to be grouped.
        kept_blocks: The pairs that go on learning, perhaps.
    """
    pairs_of = {(block.learners, block.origins): block.pairs for block in lost_blocks}
    staying = {names for block in kept_blocks for names in (block.learners, block.origins)}
    lonely = {names for key in pairs_of for names in key} - staying
    groups = [_lonely(lonely, pairs_of)] if lonely else []
    origins_of: dict[_Names, set[_Names]] = defaultdict(set)
    for learner, origin in pairs_of:
        if learner not in lonely and origin not in lonely:
            origins_of[learner].add(origin)
    sides = _sides(origins_of)
    done: set[frozenset[_Names]] = set()
    for learners, origins in sides.items():
        if learners in done:
            continue
        mutual = learners == origins or sides.get(origins) == learners
        done |= {learners, origins} if mutual else {learners}
        keys = {(one, other) for one in learners for other in origins}
        keys |= {(other, one) for one, other in keys} if mutual else set()
        pairs = sum(pairs_of.get(key, 0) for key in keys)
        groups.append(Group(_names(learners), _names(origins), mutual, everyone=False, pairs=pairs))
    return tuple(sorted(groups, key=lambda group: (-group.pairs, group.learners)))


def _sides(origins_of: Mapping[_Names, set[_Names]]) -> dict[frozenset[_Names], frozenset[_Names]]:
    """Learners that lose the same origins together; those that lose one another as one."""
    closed: dict[frozenset[_Names], set[_Names]] = defaultdict(set)
    for learner, origins in origins_of.items():
        if len(learner) == 1 or learner in origins:
            closed[frozenset(origins | {learner})].add(learner)
    sides = {frozenset(learners): origins for origins, learners in closed.items() if learners == origins}
    mutual = {learner for learners in sides for learner in learners}
    by_origins: dict[frozenset[_Names], set[_Names]] = defaultdict(set)
    for learner, lost_origins in origins_of.items():
        if learner not in mutual:
            by_origins[frozenset(lost_origins)].add(learner)
    return sides | {frozenset(learners): origins for origins, learners in by_origins.items()}


def _lonely(lonely: Collection[_Names], pairs_of: Mapping[tuple[_Names, _Names], int]) -> Group:
    keys = [key for key in pairs_of if key[0] in lonely or key[1] in lonely]
    everyone = {names for key in keys for names in key}
    pairs = sum(pairs_of[key] for key in keys)
    return Group(_names(lonely), _names(everyone), mutual=True, everyone=True, pairs=pairs)


def _names(groups: Iterable[_Names]) -> _Names:
    return tuple(sorted(name for names in groups for name in names))


def explained(group: Group, before: Reachability, after: Reachability, removed: Collection[str]) -> Loss:
    """Why one group loses its routes, told by an example.

    Args:
        group: The group.
        before: Who learns whose routes before.
        after: And afterwards.
        removed: The nodes that are removed.
    """
    learner, origin = group.example
    reflectors, clients = parts(before.network)
    only = _only(before, learner, origin, frozenset(removed))
    nodes = set(after.nodes)
    absent = next((name for name in (learner, origin) if name not in nodes), None)
    why = (
        after.explain(learner, origin).text
        if absent is None
        else f"{absent} does not speak {after.family.label} any more"
    )
    return Loss(
        group,
        clients=sum(name in clients for name in group.learners),
        only=only,
        reflectors=reflectors.issuperset(only),
        way=before.explain(learner, origin).path,
        why=why,
    )


def _only(before: Reachability, learner: str, origin: str, removed: frozenset[str]) -> tuple[str, ...]:
    """The fewest nodes on which the pair relied, where they are all among the removed."""
    removed_here = removed & set(before.nodes)
    if not removed_here:
        return ()
    cut = before.redundancy(learner, origin, limit=_MOST_NAMED)
    return cut.nodes if cut.nodes and removed_here.issuperset(cut.nodes) else ()


def parts(network: Network) -> tuple[frozenset[str], frozenset[str]]:
    """(reflectors, clients that are none themselves) of a network."""
    reflectors: set[str] = set()
    clients: set[str] = set()
    for block in network.blocks():
        for near, far, settings in ((block.a, block.b, block.a_settings), (block.b, block.a, block.b_settings)):
            if settings.client:
                reflectors.update(near)
                clients.update(far)
    return frozenset(reflectors), frozenset(clients - reflectors)
