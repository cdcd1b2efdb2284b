"""BGPFilters (api/pkg/apis/projectcalico/v3/bgpfilter.go, from v3.26). Values only; nothing is judged here.

`parse.resources.bgp_filter` reads them, `routes.policy` says what they let through.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Family
from calico_bgp.model.place import Place
from calico_bgp.upstream import V3


class FilterAction(StrEnum):
    """What a rule that matches does. Either ends the evaluation: of later rules, filters and Calico's own rules."""

    ACCEPT = "Accept"
    REJECT = "Reject"


class MatchOperator(StrEnum):
    """How a route's prefix is compared with the rule's."""

    EQUAL = "Equal"
    NOT_EQUAL = "NotEqual"
    IN = "In"
    NOT_IN = "NotIn"


class Direction(StrEnum):
    """Seen from the node on which the filter hangs."""

    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True, slots=True, config=VALUES)
class PrefixLength:
    """The lengths that `In` takes within the prefix, in bits; None for its own length, and for the longest there is."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, config=VALUES)
class AddCommunity:
    """Adds a community: two numbers, or three for a large one (RFC 8092)."""

    value: tuple[int, ...]


@dataclass(frozen=True, slots=True, config=VALUES)
class PrependASPath:
    """Puts AS numbers before the path, so that it begins with them in this order."""

    prefix: tuple[int, ...]


@dataclass(frozen=True, slots=True, config=VALUES)
class SetPriority:
    """Sets the route's priority; lower is better, 1024 is normal (v3.32)."""

    value: int


Operation = AddCommunity | PrependASPath | SetPriority


@dataclass(frozen=True, slots=True, config=VALUES)
class FilterRule:
    """One rule: all its conditions must hold; without any it matches every route.

    Attributes:
        action: What is done with a route that matches.
        cidr: Verbatim; None when absent.
        operator: How the prefix is compared; with `cidr` only.
        prefix_length: Which lengths within `cidr` (v3.29).
        remote_peers_only: `source: RemotePeers`: only routes that came over BGP.
        interface: A pattern with `*` and `?` for the route's outgoing interface.
        peer_type: `iBGP` or `eBGP` (v3.32): the rule counts on such sessions only.
        community: Two or three numbers that the route must carry (v3.32).
        as_path_prefix: What the AS path must begin with (v3.32).
        priority: The priority that the route must have (v3.32).
        operations: What is changed in a route that is accepted (v3.32), in order.
    """

    action: FilterAction
    cidr: str | None = None
    operator: MatchOperator | None = None
    prefix_length: PrefixLength | None = None
    remote_peers_only: bool = False
    interface: str | None = None
    peer_type: str | None = None
    community: tuple[int, ...] | None = None
    as_path_prefix: tuple[int, ...] = ()
    priority: int | None = None
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True, config=VALUES)
class BGPFilter:
    """A BGPFilter.

    Attributes:
        name: metadata.name.
        import_v4: The rules for what a peer announces, in order; likewise the others.
        place: Where it stands.
        api_version: As written.
    """

    name: str
    import_v4: tuple[FilterRule, ...] = ()
    export_v4: tuple[FilterRule, ...] = ()
    import_v6: tuple[FilterRule, ...] = ()
    export_v6: tuple[FilterRule, ...] = ()
    place: Place = Place("-")
    api_version: str = V3

    def rules(self, direction: Direction, family: Family) -> tuple[FilterRule, ...]:
        """The rules for one direction of sessions of one family."""
        if family is Family.IPV4:
            return self.import_v4 if direction is Direction.IMPORT else self.export_v4
        return self.import_v6 if direction is Direction.IMPORT else self.export_v6
