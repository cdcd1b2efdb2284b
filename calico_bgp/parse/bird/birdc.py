"""Reads BIRD's own answer to `show protocols`, from its socket or from birdc. No table of calicoctl may enter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.parse.bird.answer import AnswerReader
from calico_bgp.parse.grammar import grammar
from calico_bgp.parse.status.peer_cells import address_of_name, make_peer

GRAMMAR = grammar("bird_show_protocols.textfsm")
_CODES = frozenset({"1002", "2002"})

#: How Calico names its peers (confd/etc/calico/confd/templates/bird.cfg.template). calicoctl shows the first three.
_PREFIXES = (
    ("Global_", PeerType.GLOBAL),
    ("Node_", PeerType.NODE),
    ("Mesh_", PeerType.MESH),
    ("Local_Workload_", PeerType.LOCAL_WORKLOAD),
)


class BirdProtocol(NamedTuple):
    """One line of the table. BIRD prints no INFO for most protocols, and no BGP state for one that is down."""

    name: str
    proto: str
    table: str
    state: str
    since: str
    info: str
    line: int


class BirdAnswer(NamedTuple):
    """What BIRD answered.

    Attributes:
        version: As BIRD greets, or None.
        protocols: All protocols, in BIRD's order.
        is_answer: Whether BIRD answered the question: False for silence, a greeting alone and a refusal.
        complete: False where the answer stops in the middle: the socket's `0000` is missing. birdc does not show it.
        refusal: What was said instead of an answer, or None.
        unrecognised: Lines that no rule understood.
    """

    version: str | None
    protocols: tuple[BirdProtocol, ...]
    is_answer: bool
    complete: bool
    refusal: str | None
    unrecognised: tuple[UnrecognisedLine, ...]


def parse_bird_protocols(text: str) -> BirdAnswer:
    """Read an answer to `show protocols`: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD or birdc printed. BIRD 1.6 and 2.
    """
    answer = AnswerReader(text, GRAMMAR, _CODES)
    protocols: list[BirdProtocol] = []
    has_table = False
    for line in answer:
        record = line.record
        if "NAME" not in record:  # the heading, or that there are none
            has_table = True
        elif line.is_half:
            answer.reject(line)
        else:
            name, proto, table = record["NAME"], record["PROTO"], record["TABLE"]
            info = " ".join(record.get("INFO", "").split())
            protocols.append(BirdProtocol(name, proto, table, record["STATE"], record["SINCE"], info, line.number))
            has_table = True
    return BirdAnswer(
        version=answer.version,
        protocols=tuple(protocols),
        is_answer=has_table,
        complete=has_table and answer.has_end,
        refusal=answer.refusal,
        unrecognised=tuple(answer.unrecognised),
    )


def node_status_from_bird(
    answers: Mapping[Family, str | None],
    *,
    node: str | None = None,
    felix_running: bool | None = None,
    source: str = "-",
) -> NodeStatus:
    """A node's status as its BIRDs tell it, with the rows that calicoctl drops.

    A protocol that is `down` (disabled, or shut down by a limit) is a peer here without a BGP state. `Local_Workload`
    peers have their own PeerType. A BGP protocol with another name is nobody's peer that Calico configured: it stands
    in `messages`, so that nobody takes it for a broken one.

    Args:
        answers: Per family what BIRD answered to `show protocols`; None where it could not be asked. A family that is
            left out is not mentioned in the status.
        node: The node's name, if known.
        felix_running: Whether Felix runs, if known.
        source: The file's name.
    """
    daemons: list[Daemon] = []
    peers: list[Peer] = []
    messages: list[str] = []
    unrecognised: list[UnrecognisedLine] = []
    complete = True
    for family in Family:
        if family not in answers:
            continue
        text = answers[family]
        if text is None:
            daemons.append(Daemon(family, DaemonState.UNREACHABLE, f"BIRD ({family.label}) could not be asked"))
            continue
        answer = parse_bird_protocols(text)
        daemons.append(_daemon(family, answer))
        # A refusal is a whole answer, though none to the question.
        complete = complete and (answer.complete or (not answer.is_answer and answer.refusal is not None))
        unrecognised += answer.unrecognised
        for protocol in answer.protocols:
            if protocol.proto != "BGP":
                continue
            peer = _peer(protocol, family)
            if peer is not None:
                peers.append(peer)
            else:
                cells = " ".join(filter(None, (protocol.state, protocol.since, protocol.info)))
                messages.append(f"BIRD ({family.label}) has a BGP protocol of another name: {protocol.name} {cells}")
    return NodeStatus.model_construct(
        node=node,
        felix_running=felix_running,
        daemons=tuple(daemons),
        peers=tuple(peers),
        messages=tuple(messages),
        unrecognised=tuple(unrecognised),
        complete=complete,
        origin="birdc",
        source=source,
    )


def _daemon(family: Family, answer: BirdAnswer) -> Daemon:
    if answer.is_answer:
        return Daemon(family, DaemonState.RUNNING)
    message = answer.refusal or (answer.unrecognised[0].text if answer.unrecognised else None)
    return Daemon(family, DaemonState.UNREACHABLE, message or f"BIRD ({family.label}) did not answer")


def _peer(protocol: BirdProtocol, family: Family) -> Peer | None:
    for prefix, kind in _PREFIXES:
        if protocol.name.startswith(prefix) and len(protocol.name) > len(prefix):
            address = address_of_name(protocol.name[len(prefix) :], family)
            return make_peer(address, kind.value, protocol.state, protocol.since, protocol.info, family)
    return None
