"""Groups of nodes between which everything is silent, and nothing else is. Facts for the families about networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.silence import crossing, islands, shared_by, silent_keys
from calico_bgp.causes.peering.password_facts import unmatched_keys
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.once import once


class Cut(NamedTuple):
    """A group of nodes that is cut from others.

    Attributes:
        group: The nodes of the group.
        others: The largest group of those from which it is cut.
        keys: The sessions of which one end is in the group; all are silent.
        is_whole: Whether `others` are all nodes outside of the group.
    """

    group: frozenset[str]
    others: frozenset[str]
    keys: frozenset[SessionKey]
    is_whole: bool


@once
def cuts(case: Case) -> tuple[Cut, ...]:
    """Two or more nodes that reach each other, or share a rack, and none of the others."""
    return tuple(_cuts(case))


def _cuts(case: Case) -> Iterator[Cut]:
    silent_sessions = silent_keys(case) - unmatched_keys(case)
    main, *others = islands(case, silent_sessions) or [frozenset[str]()]
    # Of a node that nobody read and nobody has a session with, sessions with other unread nodes are not known.
    others = [group for group in others if any(map(case.is_read, group))]
    if not any(map(case.is_read, main)):
        return
    lonely = frozenset(name for group in others if len(group) == 1 for name in group)
    groups = [group for group in others if len(group) > 1] + ([lonely] if shared_by(case, lonely) is not None else [])
    for group in groups:
        # Groups that are not meant to peer with each other have no such session.
        keys = crossing(silent_sessions, group)
        if keys & crossing(silent_sessions, main):
            yield Cut(group, main, keys, is_whole=not others[1:])
    if not groups and len(main) > 1 and _are_all_clients(main, lonely, silent_sessions):
        yield Cut(main, lonely, crossing(silent_sessions, main), is_whole=True)


def _are_all_clients(main: frozenset[str], lonely: frozenset[str], silent_sessions: frozenset[SessionKey]) -> bool:
    """Whether the nodes look like all clients of one group of reflectors: they alone peer with all of it.

    A fault near the reflectors is then more likely than one at so many hosts at once.
    """
    ends = {name for key in silent_sessions for name in (key.a, key.b)}
    return (
        len(lonely) > 1
        and ends == main | lonely
        and all((key.a in main) is not (key.b in main) for key in silent_sessions)
    )
