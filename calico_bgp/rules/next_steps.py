"""What to do next about a session or an answer: at the end that can tell more, and never what was just done.

Nothing is run. What the words of a row mean is in messages.info.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.reasons import telling_end
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, Steps, look_at_node, step
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, family_of
from calico_bgp.model.reports.message import Message

#: What both ends are configured with, so that neither end's state tells more.
_OF_RESOURCES = frozenset({"Bad peer AS", "Bad BGP identifier"})

#: How many nodes are named that should be asked.
_ASKED = 3

_VERSION = re.compile(r"version mismatch|allow-version-mismatch|verify version|cluster version", re.IGNORECASE)
_MISSING = re.compile(
    r"command not found|: not found|no such file|unknown command|unknown shorthand|executable file not found"
    r"|no such command|is not recognized",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"super user|permission denied|not permitted|must be root|sudoers|password is required", re.IGNORECASE
)
_HANGS = re.compile(r"i/o timeout|timed out", re.IGNORECASE)


def about_session(cluster: Cluster, key: SessionKey, near: str, row: Peer) -> Steps:
    """The next step about a session that is down.

    Args:
        cluster: The cluster.
        key: The session.
        near: The end whose row tells most.
        row: The row. A bare `Passive`, `Active` or `Connect` has its reason at the far end.
    """
    far = key.far(near)
    far_member = cluster.by_name.get(far)
    kind, message = row.error if row.error is not None else (None, "")
    if message in _OF_RESOURCES:
        return LOOK_AT_RESOURCES if far_member else step("compare the BGPPeer for {far} with {far} itself", far=far)
    if kind == ErrorClass.RECEIVED:
        refuses = step("look at {far} itself: it refuses the session", far=far)
        return cluster.pods.look_at(far) if far_member is not None else refuses
    if kind in {ErrorClass.LOCAL, ErrorClass.AUTOMATIC} or (kind == ErrorClass.BGP and message != "Hold timer expired"):
        return cluster.pods.look_at(near)
    if kind is None and far_member is not None and far_member.reading is None:
        return look_at_node(far)
    return _try_port(cluster, key, near, row)


def about_sessions(cluster: Cluster, near: str, sessions: Sequence[Session]) -> Steps:
    """The next step about several sessions of one node: at the far ends, where a bare state hides there."""
    fars = sorted({session.key.far(near) for session in sessions})
    unread = [name for name in fars if name in cluster.by_name and cluster.by_name[name].reading is None]
    telling = [(session.key, end[0].name, end[1]) for session in sessions if (end := telling_end(session)) is not None]
    if unread and all(row.error is None for _, _, row in telling):
        return give_tables(unread)
    if not telling:
        return LOOK_AT_RESOURCES
    return about_session(cluster, *next((one for one in telling if one[2].error is not None), telling[0]))


def _try_port(cluster: Cluster, key: SessionKey, near: str, row: Peer) -> Steps:
    """Try the port of the end that is dialled, from the one that dials."""
    far = key.far(near)
    dials, waits = (far, near) if row.bgp_state is BGPState.PASSIVE and row.error is None else (near, far)
    address = str(row.address or row.address_text)
    if waits == near:
        addresses = [a for a in cluster.identity.addresses.get(near, ()) if family_of(a) is key.family]
        if not addresses or far not in cluster.by_name:
            return step("look at {far}, which does not dial: this end only waits to be dialled", far=far)
        address = str(addresses[0])
    port = dialled(cluster, key, waits)
    words = {"near": shell_words.quote(dials), "address": shell_words.quote(address), "port": str(port.number)}
    if port.set_by is None:
        attempt = step("on {near}: nc -vz {address} {port}", **words)
    else:
        attempt = step("on {near}: nc -vz {address} {port} ({set_by})", **words, set_by=port.set_by)
    return attempt if waits in cluster.by_name else (attempt, step("then look at BGP on {far} itself", far=waits))


def about_answer(cluster: Cluster, member: Member) -> Steps:
    """The next step where an answer says nothing, or not all: another way than the one that failed."""
    name = member.name
    texts = "\n".join(() if member.reading is None else (*member.reading.status.messages, *_unread_lines(member)))
    pasted = member.host is None
    node = shell_words.quote(name)
    ask_in_pod = cluster.pods.birdcl(name, Family.IPV4, "show protocols")
    if _VERSION.search(texts):
        return step("on {node}: sudo calicoctl node status --allow-version-mismatch", node=node)
    if _MISSING.search(texts):
        return step("ask BIRD in the pod instead: {command}", command=ask_in_pod)
    if _RIGHTS.search(texts):
        return step("on {node}, as root (or by sudo): calicoctl node status", node=node)
    if _HANGS.search(texts):
        first, *others = cluster.pods.look_at(name)
        return (step("does BIRD hang there? {look}", look=first), *others)
    if member.reading is not None and not (member.reading.complete and member.reading.status.complete):
        whole = step("paste all of {name}'s answer, to its end", name=name)
        return whole if pasted else cluster.pods.look_at(name)
    if pasted and member.reading is not None and member.reading.status.peers:
        return step("paste the other family's half of the answer of {node} as well", node=node)
    return step("ask BIRD itself: {command}", command=ask_in_pod)


def _unread_lines(member: Member) -> tuple[str, ...]:
    assert member.reading is not None
    return tuple(line.text for line in member.reading.status.unrecognised)


def give_tables(names: Sequence[str]) -> tuple[Message, ...]:
    """Ask for the tables of nodes that nobody read."""
    quoted = tuple(map(shell_words.quote, names[:_ASKED]))
    if len(names) > _ASKED:
        where = step("on {nodes:all} and {number} more: ", nodes=quoted, number=len(names) - _ASKED)
    else:
        where = step("on {nodes:all}: ", nodes=quoted)
    return (step("{where}sudo calicoctl node status", where=where), step("audit with their tables as well"))
