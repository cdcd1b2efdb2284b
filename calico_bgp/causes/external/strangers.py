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
        fars = {far for key in keys for far in (key.a, key.b) if far not in case.cluster.by_name}
        # A node never peers with its own address.
        peers = {key.far(far) for far in fars for key in (*case.bad_keys(far), *case.up_keys(far))}
        able = sorted(name for name in unplaced - peers if case.is_read(name))
        if not any(case.up_keys(far) for far in fars):
            able = [name for name in able if case.bad_keys(name) and not case.up_keys(name)]
        if not able:
            return "a node that was not pasted"
        names = able[0] if len(able) == 1 else f"one of {some(able)}"
        return f"{names}, whose {'address' if len(able) == 1 else 'addresses'} nobody here says"
    unread = sorted(name for name in unplaced if case.cluster.by_name[name].reading is None)
    if not unread:
        return None
    if len(unread) > _MOST_NAMED:
        return f"one of the {len(unread)} nodes that were not read"
    return f"{unread[0]}, which was not read" if len(unread) == 1 else f"one of {listed(unread)}, which were not read"
