"""A cause at a node's BGP port: a firewall that drops packets without an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.dialling import only_dials, only_waits
from calico_bgp.causes.network.port_checks import (
    dialled_port,
    firewall,
    open_port,
    port_at_peer,
    port_from_peer,
    unusual,
)
from calico_bgp.causes.network.silence import (
    is_read_over_bgp_address,
    lonely_nodes,
    silent_keys,
    ups_of,
)
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.peering.password_facts import NEVER_HEARD, kernel_log, unmatched_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import in_one_family, rows_about
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "port-dropped",
    title="Packets to a node's BGP port are silently dropped",
    what="BGP packets silently dropped",
    messages={
        "from": "packets from {node} to its peers' BGP port, or their answers, are silently dropped{family:same}: "
        "{how:same}",
        "to": "packets to {node}'s BGP port{port:same} are silently dropped{family:same}: {how:same}",
    },
    meaning="A firewall with DROP, a security group, or a HostEndpoint without failsafe ports.",
    evidence="Sessions that others dial are silent and those that the node dials are up: likely. All are silent "
    "although SSH reaches the same address: possible.",
    look_alikes="host-network-cut. `ping` tells.",
    mending="The firewall.",
    no_demo="The lab is read over another network than BGP's, where `port-dropped` looks like "
    "[host-network-cut](host-network-cut.md), as this page says.",
)
def dropped(case: Case) -> Iterator[Candidate]:
    """A node whose sessions of one direction are silent, incoming or outgoing, while those of the other are up.

    Or all are silent, although we are connected to the same address: then its network is not cut.
    """
    silent_sessions = silent_keys(case) - unmatched_keys(case)
    lonely = set(lonely_nodes(case, silent_sessions))
    for name in sorted(case.bad_of):
        own_keys = case.bad_keys(name) & silent_sessions
        if not own_keys or not case.is_read(name) or len({key.far(name) for key in own_keys}) < 2:
            continue
        signals = case.all_signals(own_keys)
        # Sessions without any error may never have had a far end, or may still come up.
        no_error = signals <= {Signal.SILENT}
        # Passwords that differ look the same; the resources tell whether there are any.
        may_be_password = case.resources is None and signals <= NEVER_HEARD
        if Signal.UNREACHABLE in signals or (no_error and (name in lonely or own_keys & young_keys(case))):
            continue
        dropped_packets = _everything(case, name) if name in lonely else _one_direction(case, name, own_keys)
        if dropped_packets is None:
            continue
        how, outgoing = dropped_packets
        unsure = name in lonely or no_error or may_be_password
        port, over = dialled_port(case, name, own_keys), in_one_family(case, own_keys)
        yield Candidate(
            kind="port-dropped",
            subjects=(NodeSubject(node=name),),
            title=(
                Words("from", node=name, family=over, how=how)
                if outgoing
                else Words("to", node=name, port=unusual(port), family=over, how=how)
            ),
            explanation="A firewall with DROP, a security group or a network policy for hosts (a HostEndpoint without "
            "its failsafe port) lets what goes to it vanish.",
            confidence=Confidence.POSSIBLE if unsure else Confidence.LIKELY,
            explains=case.explained_by(own_keys) | (case.of_node(name, "isolated-node") if name in lonely else set()),
            evidence=rows_about(case, name, own_keys),
            keys=own_keys,
            decide=(
                firewall(name, port),
                port_at_peer(case, name, own_keys) if outgoing else port_from_peer(case, name, own_keys, port),
                *((kernel_log(name, "its peers"),) if may_be_password else ()),
            ),
            fixes=(open_port(name, port, outgoing=outgoing),),
        )


class _Dropped(NamedTuple):
    """Which packets the firewall drops: in words, and whether it is those that the node sends."""

    how: str
    outgoing: bool


def _everything(case: Case, name: str) -> _Dropped | None:
    """All packets of BGP, of a node without an established session; None where its network may be cut instead."""
    if not is_read_over_bgp_address(case, name):
        return None
    return _Dropped("it reaches none of its peers, although SSH reaches the same address", outgoing=False)


def _one_direction(case: Case, name: str, silent: frozenset[SessionKey]) -> _Dropped | None:
    """The packets of one direction; None where no session is up, or one that is dialled the same way as silent ones."""
    up = ups_of(case, name, {key.family for key in silent})
    if not up:
        return None
    if all(only_waits(case, name, key) for key in silent):
        how = "sessions that it dials itself are up, those in which it is dialled are silent"
        return None if any(only_waits(case, name, key) for key in up) else _Dropped(how, outgoing=False)
    if all(only_dials(case, name, key) for key in silent):
        how = "sessions in which it is dialled are up, those that it dials itself are silent"
        return None if any(only_dials(case, name, key) for key in up) else _Dropped(how, outgoing=True)
    return None
