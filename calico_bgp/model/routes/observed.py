"""Whose routes arrive where, as the tables of BIRD and of the kernel show it. Values only; nothing is computed here."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Family
from calico_bgp.prefixes import Prefix


class Stop(StrEnum):
    """Where a route stops that does not arrive, in the order of its way. Packets are lost in each."""

    NOT_HELD = "own route lost"
    """The owner's own BIRD has it not."""
    NOT_ANNOUNCED = "not announced"
    """The owner has it, and tells it to no peer."""
    NOT_PASSED_ON = "not passed on"
    """A node in between has it and does not tell it, or nobody on the way has it."""
    NOT_ACCEPTED = "not accepted"
    """It was told to a node whose filter or limit did not let it in."""
    UNREACHABLE = "unreachable"
    """It is in the learner's BIRD, whose next hop leads nowhere."""
    NOT_IN_KERNEL = "not in the kernel"
    """It is in the learner's BIRD, and the kernel has no route."""
    KERNEL_ELSEWHERE = "the kernel leads elsewhere"
    """It is in the learner's BIRD, and the kernel has a route of another writer to another next hop."""
    UNTRACED = "somewhere on the way"
    """It does not arrive, and what was read does not tell where it stops."""


class Apart(StrEnum):
    """What a single address is that a node has a route to, and that is in none of its own blocks."""

    BORROWED = "borrowed"
    """A pod's of this node, in the block of another one: Calico's IPAM lends addresses where a node has none left."""
    NO_BLOCK = "in no block"
    """A pod's, in an IPPool and in no node's block: what is left of a block that was given back."""
    NO_POOL = "in no IPPool"
    """A pod's, outside every IPPool: BIRD's export filter rejects it."""
    STRAY = "stray"
    """No pod's and none of Felix's: somebody else's route, which BIRD learns from the kernel and announces."""


@dataclass(frozen=True, slots=True, config=VALUES)
class SingleAddress:
    """A single address outside the blocks of the node that has it.

    Attributes:
        node: Which node has it.
        address: As a network of one address.
        kind: What it is.
        owner: The node whose block it lies in; None where it lies in none that is known.
        unreached_by: The nodes whose packets to it end, by the kernels; only of a borrowed one.
    """

    node: str
    address: Prefix
    kind: Apart
    owner: str | None = None
    unreached_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, config=VALUES)
class Missing:
    """A node's routes that do not arrive at another one.

    Attributes:
        learner: The node at which they are missing.
        origin: The node whose routes they are.
        blocks: Those of its blocks that are missing.
        stop: Where they stop.
        at: The node or peer at which they stop; the learner's own name where it is there.
        because: What tells so, in a few words; empty where nothing does.
        pods_cut_off: Whether, without a way in BIRD, packets to pods of the origin surely end: its kernel shows a pod
            in these blocks, and nothing outside the cluster may lead packets on that nodes tell of pods.
    """

    learner: str
    origin: str
    blocks: tuple[Prefix, ...]
    stop: Stop
    at: str | None = None
    because: str = ""
    pods_cut_off: bool = False


@dataclass(frozen=True, slots=True, config=VALUES)
class NodeRoutes:
    """What one node has of one family. Numbers are of blocks; None where the table was not read.

    Attributes:
        node: Its name.
        own: Its own blocks, by its BIRD or by Calico's resources.
        lost: Those of them that its BIRD lacks.
        owned_by_others: Blocks of other nodes, as far as they are known.
        learned: Those of them that are in its BIRD's table.
        unreachable: Those of the learned ones whose next hop leads nowhere.
        missing: Those that its BIRD lacks.
        in_kernel: Those that the kernel leads to their node.
        kernel_missing: Those that are learned, and that the kernel lacks or leads elsewhere.
        paths: All paths in BIRD's table.
        why_unknown: Why a table was not read, or not as a whole; None where both were.
        same_as: The node that has sent its routes through gateways, where those of this one are the same by their hash,
            but for what is its own; None where it sent them itself.
    """

    node: str
    own: tuple[Prefix, ...] = ()
    lost: tuple[Prefix, ...] = ()
    owned_by_others: int = 0
    learned: int | None = None
    unreachable: int | None = None
    missing: tuple[Prefix, ...] | None = None
    in_kernel: int | None = None
    kernel_missing: tuple[Prefix, ...] | None = None
    paths: int | None = None
    why_unknown: str | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True, config=VALUES)
class Doubt:
    """Why the tables do not tell of some pairs.

    Attributes:
        because: Why, in words.
        pairs: How many.
        gateway: What their packets go to, where that is no node of the cluster; None for all else.
    """

    because: str
    pairs: int
    gateway: IPv4Address | IPv6Address | None = None


@dataclass(frozen=True, slots=True, config=VALUES)
class ExternalSession:
    """What goes over a session with a peer that is no node, as the node's BIRD counts it; paths, not prefixes.

    Attributes:
        peer: The peer's address.
        node: The node.
        imported: What was accepted from it.
        refused: Announcements of it that a filter refused, since the session began.
        exported: What is announced to it; None where BIRD does not say.
    """

    peer: str
    node: str
    imported: int | None
    refused: int | None
    exported: int | None


@dataclass(frozen=True, slots=True, config=VALUES)
class ObservedRoutes:
    """One family. Pairs are a node and another one's routes, as in what is computed.

    Attributes:
        family: The family.
        nodes: What each node has, sorted by name.
        arrive: Pairs of which all routes arrive: in BIRD, with a next hop, and in the kernel where read.
        missing: Pairs of which one does not, each with the place; sorted.
        unknown: Pairs of which the tables do not tell: one was not read, or nobody knows what the origin announces.
        kernels: Nodes whose kernel was read and could be judged.
        doubts: Why they do not tell, the most pairs first; all of `unknown` together.
        untold: Nodes of which nobody tells what blocks are theirs: every pair with their routes is unknown.
        apart: Single addresses outside the blocks of the node that has them, as far as kernels were read.
        externals: What goes over the sessions with peers that are no nodes, sorted by peer.
        sent_whole: Nodes of a large cluster that sent their tables as they print them, where others send a hash.
    """

    family: Family
    nodes: tuple[NodeRoutes, ...]
    arrive: int
    missing: tuple[Missing, ...]
    unknown: int
    kernels: int
    doubts: tuple[Doubt, ...] = ()
    untold: frozenset[str] = frozenset()
    apart: tuple[SingleAddress, ...] = ()
    externals: tuple[ExternalSession, ...] = ()
    sent_whole: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        """All pairs."""
        return len(self.nodes) * (len(self.nodes) - 1)
