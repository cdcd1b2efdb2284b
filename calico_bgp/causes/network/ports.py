"""Causes at one node's BGP port: refused, reset, or held by another program.

Three different stories (BIRD proto/bgp/bgp.c, sysdep/unix/io.c): a refusal is a reset of the SYN, a reset comes after
the connection stood, and a drop shows only as silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.network.port_checks import (
    dialled_port,
    firewall,
    open_port,
    unusual,
    who_listens,
)
from calico_bgp.causes.network.silence import (
    living_keys,
)
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import in_one_family, rows_about
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.reasons import row_text
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Peer, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.subject import NodeSubject

#: Errors that an end keeps of a session that broke, until it has dialled again and failed.
_BEFORE_DIALLING = NOTHING_COMES | {Signal.STOPPED_THERE, Signal.CLOSED}


@dataclass(frozen=True)
class _Story:
    kind: str
    signals: frozenset[Signal]
    explanation: str


_STORIES = (
    _Story(
        "port-refused",
        frozenset({Signal.REFUSED}),
        "The SYN is answered by a reset: a firewall with REJECT, or BIRD listens on another port or address than its "
        "peers dial.",
    ),
    _Story(
        "port-reset",
        frozenset({Signal.RESET}),
        "TCP connects and then a reset comes: a firewall or proxy that inspects what flows, or a program other than "
        "BIRD behind the port. A port that nobody listens on refuses at once instead.",
    ),
)


@cause(
    "port-refused",
    title="A node's BGP port refuses connections although BIRD runs",
    what="BGP port refuses connections",
    messages={
        "closed": "{node} {node:refuses|refuse} connections to {node:its|their} BGP "
        "port{port:same}{family:same}, although BIRD runs there",
        "other_port": "BGPPeer {peer} dials {node} at port {port:same}, and its BIRD listens at {listens:same}",
        "not_followed": "{node} {node:refuses|refuse} connections to the BGP port {port:same}: BIRD there may still "
        "listen at the one that it started with",
        "everywhere": "on {node} BIRD refuses connections to the BGP port {port:same}: none was restarted since that "
        "was set",
        "by_all": "connections between {node} and all its peers{but:same}{family:same} are refused: a firewall on "
        "{node} itself rejects BGP",
    },
    meaning="A firewall rejects with a TCP reset, or BIRD listens on another port or address than its peers dial. It "
    "takes a new listenPort only when it starts (BIRD conf/conf.c global_commit), and dials the new one at once.",
    evidence="`Connection refused` at two peers or more: likely; at one: possible. The node shows that BIRD runs.",
    look_alikes="bird-down, where the node cannot be read.",
    mending="A restart of calico-node where a listenPort is set, else the firewall, or the port in a BGPPeer's peerIP.",
    demos=("port-refused",),
)
@cause(
    "port-reset",
    title="Connections to a node's BGP port are reset",
    what="BGP port resets connections",
    messages={
        "closed": "connections to {node}'s BGP port{port:same}{family:same} are reset after they stood",
    },
    meaning="TCP connects, then a reset comes: something inspects what flows, or another program is behind the port.",
    evidence="`Connection reset by peer` at its peers, though the node has them as peers. Likely with two or more.",
    look_alikes="A node that lacks the peer resets as well: then its own table shows no row (confd-stuck, "
    "disabled-peer, one-sided-configuration).",
    mending="The firewall or proxy.",
    demos=("port-reset",),
)
def refused_or_reset(case: Case) -> Iterator[Candidate]:
    """A node that runs BIRD and whose peers are refused, or reset."""
    living = living_keys(case)
    for story in _STORIES:
        closed_by_node = {
            name: {key for key in keys & living if case.far_signal(name, key) in story.signals}
            for name, keys in case.bad_of.items()
        }
        for name, closed in sorted(closed_by_node.items()):
            bad_keys = case.bad_keys(name) & living
            if not closed or not case.is_read(name) or any(_has_no_socket(row) for row in _own_rows(case, name)):
                continue
            if _is_mutual_with_most(case, name, closed, living, story):
                continue
            keys = closed | {key for key in bad_keys if case.far_signal(name, key) in _BEFORE_DIALLING}
            keys |= _told_by_itself_alone(case, name, story)
            if 2 * len(closed) < len(keys):
                continue
            fars = {key.far(name) for key in closed}
            port = dialled_port(case, name, closed)
            yield Candidate(
                kind=story.kind,
                subjects=(NodeSubject(node=name),),
                title=Words("closed", node=name, port=unusual(port), family=in_one_family(case, keys)),
                explanation=story.explanation,
                confidence=Confidence.LIKELY if len(fars) > 1 else Confidence.POSSIBLE,
                explains=case.explained_by(keys),
                evidence=rows_about(case, name, keys),
                keys=frozenset(keys),
                decide=(who_listens(name, port), firewall(name, port)),
                fixes=(open_port(name, port),),
            )


@also("port-refused")
def refused_by_all(case: Case) -> Iterator[Candidate]:
    """A node between which and every peer connections are refused, while these have each other: its firewall does it.

    The end that dials has the error: in the mesh the node with the greater address (as text), with reflectors both.
    """
    living = living_keys(case)
    for name in sorted(case.bad_of):
        bad_keys = case.bad_keys(name)
        fars = {key.far(name) for key in bad_keys if case.is_read(key.far(name))}
        # A peer without any session, or without this one, may have a fault of its own: what the others say counts.
        told = frozenset(key for key in bad_keys & living if key.far(name) in fars and case.joined_keys(key.far(name)))
        working = {key.far(name) for key in told}
        alone = case.is_read(name) and not case.joined_keys(name) and 2 * len(working) > len(fars)
        if len(working) < 2 or not alone or not _are_rejected(case, told):
            continue
        rejected = told | frozenset(key for key in bad_keys & living if _are_rejected(case, {key}))
        # What an unread peer says nobody knows: the title leaves it out, and the session has no other reason.
        keys = rejected | frozenset(key for key in bad_keys & living if not case.is_read(key.far(name)))
        port, over = dialled_port(case, name, keys), in_one_family(case, keys)
        yield Candidate(
            kind="port-refused",
            subjects=(NodeSubject(node=name),),
            title=Words("by_all", node=name, but=_but(case, name, rejected), family=over),
            explanation="These peers have sessions with each other and refuse nobody else; what they have in common is "
            "this node. A REJECT on its own side answers in their name.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys) | case.of_node(name, "isolated-node"),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(firewall(name, port),),
            fixes=(open_port(name, port),),
        )


def _told_by_itself_alone(case: Case, name: str, story: _Story) -> frozenset[SessionKey]:
    """Its sessions with nodes that show no table, where its own end says the same as of the others."""
    alike = story.signals | _BEFORE_DIALLING
    return frozenset(
        key
        for key in case.bad_keys(name)
        if key.far(name) in case.cluster.by_name
        if case.cluster.session(*key).end(key.far(name)).table in {Table.UNREACHABLE, Table.UNKNOWN}
        if case.far_signal(key.far(name), key) in alike
    )


def _are_rejected(case: Case, keys: Collection[SessionKey]) -> bool:
    """Whether connections are refused in each of these sessions.

    A REJECT may show as `forbidden` in one family and as `unreachable` in the other, by their ICMP codes.
    """
    signals_of_each = [case.signals[key].both for key in keys]
    return all(Signal.REFUSED in signals for signals in signals_of_each) or (
        any(Signal.FORBIDDEN in signals for signals in signals_of_each)
        and all(signals & {Signal.FORBIDDEN, Signal.UNREACHABLE} for signals in signals_of_each)
    )


def _but(case: Case, name: str, keys: Collection[SessionKey]) -> str:
    """` but 192.0.2.1`: switches whose sessions are up, peers that say otherwise, and those that nobody read."""
    others = {key.far(name) for key in case.up_keys(name) | case.bad_keys(name)} - {key.far(name) for key in keys}
    return f" but {some(sorted(others))}" if others else ""


def _is_mutual_with_most(
    case: Case, name: str, closed: Collection[SessionKey], living: frozenset[SessionKey], story: _Story
) -> bool:
    """Whether both ends say so of each other, and the far ends are as likely at fault.

    The one with more such sessions is at fault, or the one without any other; where that decides for nobody, neither
    is. A node that has it with one far end alone may be at fault beside that.
    """
    fars = {key.far(name) for key in closed if _is_mutual(case, key, story)}
    rivals = {
        far
        for far in fars
        if _closed_by(case, far, living, story) >= len(closed) and (case.joined_keys(name) or not case.joined_keys(far))
    }
    return 2 * len(rivals) >= len(fars) and bool(rivals)


def _closed_by(case: Case, name: str, living: frozenset[SessionKey], story: _Story) -> int:
    """How many far ends say that this node refused, reset or closed the session."""
    alike = story.signals | {Signal.CLOSED}
    return sum(case.far_signal(name, key) in alike for key in case.bad_keys(name) & living)


def _is_mutual(case: Case, key: SessionKey, story: _Story) -> bool:
    alike = story.signals | {Signal.CLOSED}
    return all(case.far_signal(name, key) in alike for name in (key.a, key.b))


@cause(
    "port-taken",
    title="Another program holds a node's BGP port",
    what="BGP port taken",
    messages={
        "taken": "another program on {node} holds TCP port {port:same}, so BIRD cannot listen",
    },
    meaning="BIRD says `No listening socket`: a second BGP speaker on the host was first.",
    evidence="BIRD's own words on the node. Certain.",
    look_alikes="Nothing.",
    mending="Stop the other program, restart calico-node.",
    demos=("port-taken",),
)
def port_taken(case: Case) -> Iterator[Candidate]:
    """A node whose BIRD says that it could not open its listening socket."""
    for name in sorted(case.cluster.by_name):
        rows = [row for row in _own_rows(case, name) if _has_no_socket(row)]
        if not rows:
            continue
        families = {row.family for row in rows}
        keys = frozenset(key for key in case.bad_keys(name) if key.family in families)
        port = dialled_port(case, name, keys)
        yield Candidate(
            kind="port-taken",
            subjects=(NodeSubject(node=name, family=only_family(families)),),
            title=Words("taken", node=name, port=str(port)),
            explanation="BIRD says `No listening socket`: a second BGP speaker (a bird, frr or gobgp of the host, "
            "MetalLB, kube-router) was first.",
            confidence=Confidence.CERTAIN,
            explains=case.explained_by(keys) | case.of_node(name, "isolated-node"),
            evidence=(*(row_text(name, row) for row in rows[:2]), *rows_about(case, name, keys)),
            keys=keys,
            decide=(who_listens(name, port),),
            fixes=(
                Fix(
                    label="stop program",
                    summary="stop and disable that program, then restart calico-node there",
                    risk=Risk.RESTARTS_SESSIONS,
                    steps=(
                        FixStep(
                            what="find the program that listens; stop its service (systemctl disable --now NAME)",
                            shell=f"sudo ss -Hltnp 'sport = :{port.number}'",
                            on=name,
                        ),
                        case.pods.restart_step(name),
                    ),
                    restarts=case.pods.ended_by([name]),
                ),
            ),
        )


def _own_rows(case: Case, name: str) -> tuple[Peer, ...]:
    member = case.member(name)
    return () if member is None else member.peers


def _has_no_socket(row: Peer) -> bool:
    return row.error is not None and row.error.message == "No listening socket"
