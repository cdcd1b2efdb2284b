"""What an address that is no known node's may be: an external peer, or a node that nobody showed."""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.causes.case import Case
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import listed, some

_MOST_NAMED = 3


def perhaps_a_node(case: Case, keys: Iterable[SessionKey]) -> str | None:
    """In words which node the far end of these sessions may be; None where it is none of the cluster's.

    Calico's resources name the addresses of all nodes; of an inventory those may have it that were not read; of a paste
    nobody says which nodes there are: it may be one of those whose sessions are all down, or none that was pasted.
    """
    snapshot = case.cluster.snapshot
    if snapshot.resources is not None and snapshot.resources.tells_nodes:
        return None
    unplaced = {name for key in keys for name in case.cluster.identity.unplaced[key.family]}
    if not snapshot.hosts:
        lonely = sorted(name for name in unplaced if case.is_read(name) and case.bad_keys(name))
        lonely = [name for name in lonely if not case.up_keys(name)]
        if not lonely:
            return "a node that was not pasted"
        names = lonely[0] if len(lonely) == 1 else f"one of {some(lonely)}"
        return f"{names}, whose {'address' if len(lonely) == 1 else 'addresses'} nobody here says"
    unread = sorted(name for name in unplaced if case.cluster.by_name[name].reading is None)
    if not unread:
        return None
    if len(unread) > _MOST_NAMED:
        return f"one of the {len(unread)} nodes that were not read"
    return f"{unread[0]}, which was not read" if len(unread) == 1 else f"one of {listed(unread)}, which were not read"
