"""What can go wrong with the routes of a simulated cluster while its sessions stand. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong; machines by name.

    Attributes:
        own_lost: Their BIRD has lost its static protocol, and their own blocks with it.
        hidden: They announce none of their own blocks to anybody.
        kept_back: They announce none of their own blocks to nodes.
        mute: (machine, far machine) of sessions over which the machine's export filter lets nothing out.
        poolless: Their BIRD knows no IPPool that holds the pods' blocks: of those it tells nobody but its own.
        deleted: Their Node is gone and they announce their blocks all the same.
        limits: (machine, far machine) of sessions whose import limit of no routes is hit.
        shared_blocks: (first, second) of which the second also calls the first one's block its own.
        shared_ids: (first, second) of which the second has the first one's router ID.
        kernel_behind: Another program has written the routes to other nodes into their kernel, to a next hop of old.
        written_twice: Felix writes the routes to other nodes into their kernel as well.
        unwritten: Nobody writes them.
        plain: Their BIRD offers no graceful restart.
        switch_is_silent: Whether the switch announces nothing.
        switch_is_untold: They announce none of their own blocks to the switch.
    """

    own_lost: frozenset[str] = frozenset()
    kept_back: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    mute: frozenset[tuple[str, str]] = frozenset()
    poolless: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    limits: frozenset[tuple[str, str]] = frozenset()
    shared_blocks: tuple[tuple[str, str], ...] = ()
    shared_ids: tuple[tuple[str, str], ...] = ()
    kernel_behind: frozenset[str] = frozenset()
    written_twice: frozenset[str] = frozenset()
    unwritten: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    switch_is_silent: bool = False
    switch_is_untold: frozenset[str] = frozenset()

    @property
    def only_routes_tell(self) -> bool:
        """Whether the sessions show nothing of some of it; of a router ID that two nodes have they do."""
        return replace(self, shared_ids=()) != Trouble()
