"""What a picture shows, before anything has a place: nodes in groups, links, and the numbers of the causes. Values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from calico_bgp.model.peer import Family
from calico_bgp.model.topology import TopologyKind


class _State(Enum):
    """What is known of something: its class in the style, one character, and what it means in words."""

    def __init__(self, css: str, symbol: str, words: str) -> None:
        self.css = css
        self.symbol = symbol
        self.words = words


class LinkState(_State):
    """Of the sessions of two neighbours, the worst."""

    UP = ("up", "●", "Established")
    RECOVERING = ("recovering", "◐", "graceful restart")
    UNKNOWN = ("unknown", "?", "not known")
    DOWN = ("down", "✗", "not Established")


class NodeState(_State):
    """What is known of a node's sessions."""

    UP = ("up", "●", "all sessions Established")
    PART = ("part", "▲", "some sessions not Established")
    AFFECTED = ("affected", "△", "affected (lacks only sessions with numbered nodes)")
    DOWN = ("down", "✗", "no session Established")
    UNKNOWN = ("unknown", "?", "not all is known of its sessions")
    IDLE = ("idle", "○", "no session")


@dataclass(frozen=True, slots=True)
class Link:
    """Two neighbours: their sessions of every family.

    Attributes:
        a: The one end's name.
        b: The other's; of a link that leaves the cluster this is the external peer's address.
        states: The state of each family's session.
    """

    a: str
    b: str
    states: tuple[tuple[Family, LinkState], ...]

    @property
    def state(self) -> LinkState:
        """The worst of them."""
        return worst(state for _, state in self.states)

    @property
    def words(self) -> str:
        """`node1 <-> node2: IPv4 Established, IPv6 not Established`."""
        each = ", ".join(f"{family.label} {state.words}" for family, state in self.states)
        return f"{self.a} \N{LEFT RIGHT ARROW} {self.b}: {each}"

    def far(self, name: str) -> str:
        """The end that is not `name`."""
        return self.b if name == self.a else self.a


def worst(states: Iterable[LinkState]) -> LinkState:
    """The worst state; UP of none."""
    order = list(LinkState)
    return max(states, key=order.index, default=LinkState.UP)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, or an external peer.

    Attributes:
        name: Its name, or an external peer's address.
        state: What is known of its sessions.
        words: The same with numbers, and what else is known: `1 of 2 sessions Established; BIRD not running (IPv4)`.
        causes: The numbers of the causes that name it.
        zone: Its zone, None where it has none.
    """

    name: str
    state: NodeState
    words: str
    causes: tuple[int, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that stand together.

    Attributes:
        title: The zone's name; `clients`, `nodes` or `no zone` where there is none.
        spots: Its nodes, in natural order.
    """

    title: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """A cause, or several alike, by number.

    Attributes:
        number: From 1 on; the nodes at fault carry it.
        title: One sentence.
    """

    number: int
    title: str


@dataclass(frozen=True)
class Diagram:
    """All that a picture shows.

    Attributes:
        kind: The shape of the peering.
        verdict: The verdict's word in capitals.
        verdict_css: Its class in the style.
        sentence: What the verdict rests on.
        reflectors: The middle; empty where there is none.
        groups: All other nodes.
        externals: The peers outside the cluster.
        links: Everybody's.
        captions: The causes.
        families: The families that are drawn.
        moment: When it was read, in words; empty where nobody knows.
        outside: What an external peer is called: without Calico's resources it may be a node that nobody named.
    """

    kind: TopologyKind
    verdict: str
    verdict_css: str
    sentence: str
    reflectors: tuple[Spot, ...]
    groups: tuple[Group, ...]
    externals: tuple[Spot, ...]
    links: tuple[Link, ...]
    captions: tuple[Caption, ...] = ()
    families: tuple[Family, ...] = ()
    moment: str = ""
    outside: str = "external peer"

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Name → the group's place; REFLECTORS for a reflector, EXTERNALS for an external peer."""
        places = {spot.name: place for place, group in enumerate(self.groups) for spot in group.spots}
        places |= {spot.name: REFLECTORS for spot in self.reflectors}
        return places | {spot.name: EXTERNALS for spot in self.externals}

    @cached_property
    def inner(self) -> frozenset[str]:
        """The names of the nodes."""
        return frozenset(spot.name for spot in self.spots)

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every node, the reflectors first."""
        return (*self.reflectors, *(spot for group in self.groups for spot in group.spots))

    @cached_property
    def counts(self) -> Mapping[LinkState, int]:
        """How many sessions are in which state."""
        return Counter(state for link in self.links for _, state in link.states)


REFLECTORS = -1
EXTERNALS = -2
