"""A CalicoNodeStatus resource as a node's status. Its fields alone; how documents are found: objects.py.

Upstream: api/pkg/apis/projectcalico/v3/nodestatus.go; node/pkg/status/populators.
"""

from __future__ import annotations

from typing import Any, Final

from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus
from calico_bgp.parse.status.peer_cells import make_peer
from calico_bgp.parse.untyped import as_list, as_mapping

_TYPES = {"NodeMesh": PeerType.MESH, "NodePeer": PeerType.NODE, "GlobalPeer": PeerType.GLOBAL}
ORIGIN: Final = "calico-node-status"
_NUMBER = {Family.IPV4: "V4", Family.IPV6: "V6"}


def status_of_object(value: dict[str, Any], *, source: str, line: int) -> NodeStatus:
    """What a CalicoNodeStatus says.

    Where either BIRD's socket cannot be reached calico-node empties the whole of `status.bgp`, and its counts are 0 as
    well where nobody asked for the class BGP (populators/peers.go): no peers at all prove nothing unless both BIRDs are
    Ready. A passive peer has no `state`. There are no error texts.

    Args:
        value: The object, its scalars as text or as JSON has them.
        source: The file's name.
        line: Where it begins.
    """
    metadata, spec, status = (as_mapping(value.get(key)) for key in ("metadata", "spec", "status"))
    bgp, agent = as_mapping(status.get("bgp")), as_mapping(status.get("agent"))
    if not status:
        # As somebody made it: calico-node has not filled it in.
        unfilled = (_age(metadata, spec, status),)
        node = _text(spec.get("node"))
        return NodeStatus.model_construct(
            node=node, messages=unfilled, complete=False, origin=ORIGIN, source=source, line=line
        )
    daemons: list[Daemon] = []
    peers: list[Peer] = []
    complete = True
    rows_of = {family: _rows(bgp, family) for family in Family}
    birds = {family: as_mapping(agent.get(f"bird{_NUMBER[family]}")) for family in Family}
    was_asked = any(rows_of.values()) or (
        bool(bgp) and "BGP" in as_list(spec.get("classes")) and all(b.get("state") == "Ready" for b in birds.values())
    )
    for family in Family:
        bird = birds[family]
        peers_of_family = [_peer(row, family) for row in rows_of[family]]
        peers += peers_of_family
        counted = sum(
            _number(bgp.get(f"{word}{_NUMBER[family]}")) for word in ("numberEstablished", "numberNotEstablished")
        )
        complete = complete and counted <= len(peers_of_family)
        if bird.get("state") == "NotReady":
            message = f"CalicoNodeStatus: BIRD ({family.label}) is NotReady: its socket does not answer"
            daemons.append(Daemon(family, DaemonState.UNREACHABLE, message))
        elif peers_of_family or (was_asked and counted == 0):
            daemons.append(Daemon(family, DaemonState.RUNNING))
        elif bgp or bird or family is Family.IPV4:
            message = "CalicoNodeStatus: it has no peers, and it is not known whether BIRD could be asked"
            daemons.append(Daemon(family, DaemonState.UNKNOWN, message))
    return NodeStatus.model_construct(
        node=_text(spec.get("node")),
        daemons=tuple(daemons),
        peers=tuple(peers),
        messages=(_age(metadata, spec, status),),
        complete=complete,
        origin=ORIGIN,
        source=source,
        line=line,
    )


def _peer(row: dict[str, Any], family: Family) -> Peer:
    state = _text(row.get("state")) or "Passive"
    kind = _TYPES.get(str(row.get("type")))
    return make_peer(
        _text(row.get("peerIP")) or "",
        str(kind) if kind is not None else str(row.get("type")),
        "up" if state == "Established" else "start",
        _text(row.get("since")) or "",
        state,
        family,
    )


def _age(metadata: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> str:
    updated = _text(status.get("lastUpdated"))
    period = _text(spec.get("updatePeriodSeconds"))
    name = _text(metadata.get("name")) or "without a name"
    if updated is None:
        node = _text(spec.get("node")) or "that node"
        return f"CalicoNodeStatus {name}: never updated; is calico-node running on {node}?"
    every = "and never again" if period == "0" else f"every {period} s" if period else "period not given"
    return f"CalicoNodeStatus {name}: of {updated}, updated {every}"


def _rows(bgp: dict[str, Any], family: Family) -> list[dict[str, Any]]:
    return [row for row in as_list(bgp.get(f"peers{_NUMBER[family]}")) if isinstance(row, dict)]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    text = "".join(character for character in str(value) if character.isprintable()).strip()
    return text[:253] or None


def _number(value: Any) -> int:
    text = _text(value) or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
