"""What is asked and what is said of blocks at a session. Values only; pod_routes.py works them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from calico_bgp.model.routes.bgp_filter import Direction
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.policy.export import Release


class Blocks(NamedTuple):
    """Blocks: those of a length that may lie within a prefix; one block, where that is the prefix itself."""

    within: Prefix
    size: int


class Outcome(Enum):
    """What becomes of routes."""

    PASSES = "all of them pass"
    REJECTED = "none of them passes"
    UNKNOWN = "not known"


#: What rejects a block that a node learned and that lies in no IPPool: Calico's last export rule.
NO_POOL = "no IPPool"


class Holder(NamedTuple):
    """A rule of a resource that rejects.

    Attributes:
        kind: `BGPFilter` or `IPPool`; `NO_POOL` where a pool is lacking, which then has no name.
        name: The resource's.
        rules: The list of a filter that holds the rule, `importV4`; empty for a pool.
        number: The rule's, from 1.
    """

    kind: str
    name: str
    rules: str = ""
    number: int = 0

    def __str__(self) -> str:
        if self.kind == NO_POOL:
            return "Calico's last export rule, for no IPPool holds the block"
        if self.kind == "IPPool":
            return f"disableBGPExport of IPPool {self.name}"
        return f"rule {self.number} of {self.kind} {self.name} ({self.rules})"


class Judgement(NamedTuple):
    """What becomes of routes, and what decides that.

    Attributes:
        outcome: What.
        because: The rule that rejects, or what is not known; None where nothing does.
    """

    outcome: Outcome
    because: Holder | str | None = None


class Step(Enum):
    """Where a block is judged."""

    OWN = "exported by the node whose block it is"
    LEARNED = "exported by a node that learned it"
    INCOMING = "imported"

    @property
    def direction(self) -> Direction:
        """Of the filters."""
        return Direction.IMPORT if self is Step.INCOMING else Direction.EXPORT


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a cluster beside the filters of one session.

    Attributes:
        release: Calico's, (3, 31).
        pools: The prefixes of all IPPools but those in `unexported`; empty where none is known.
        unexported: Names and prefixes of the pools with `disableBGPExport`.
        without_communities: Whether no route of a block can carry one: nothing adds any, and nothing comes from
            outside.
        one_as: Whether the AS path of every such route is empty: all sessions are iBGP, and nothing prepends.
        one_priority: Whether each has the normal priority where it is learned.
        copied: The prefixes of pools whose blocks Felix writes into the kernel, from where BIRD learns and announces
            them a second time, with the priority 0 (VXLAN; IPIP from v3.33).
    """

    release: Release
    pools: tuple[Prefix, ...] = ()
    unexported: tuple[tuple[str, Prefix], ...] = ()
    without_communities: bool = False
    one_as: bool = False
    one_priority: bool = False
    copied: tuple[Prefix, ...] = ()


class SessionAS(NamedTuple):
    """The AS numbers of a session at one end."""

    local_as: int
    peer_as: int

    @property
    def is_internal(self) -> bool:
        """Whether it is iBGP."""
        return self.local_as == self.peer_as
