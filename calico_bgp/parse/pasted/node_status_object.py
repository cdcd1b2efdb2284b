"""A CalicoNodeStatus resource as a node's status. Its fields alone; how documents are found: objects.py.

Upstream: api/pkg/apis/projectcalico/v3/nodestatus.go; node/pkg/status/populators.
"""

from __future__ import annotations

from typing import Any

from calico_bgp.model.peer import Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeStatus
from calico_bgp.parse.peer_cells import make_peer

_TYPES = {"NodeMesh": PeerType.MESH, "NodePeer": PeerType.NODE, "GlobalPeer": PeerType.GLOBAL}
_NUMBER = {Family.IPV4: "V4", Family.IPV6: "V6"}


def status_of_object(value: dict[str, Any], *, source: str, line: int) -> NodeStatus:
    """What a CalicoNodeStatus says.

    Where either BIRD's socket cannot be reached calico-node leaves the whole of `status.bgp` empty, so that empty does
    not mean that there are no peers. A passive peer has no `state`. There are no error texts.

    Args:
        value: The object, its scalars as text or as JSON has them.
        source: The file's name.
        line: Where it begins.
    """
    metadata, spec, status = (_dict(value.get(key)) for key in ("metadata", "spec", "status"))
    bgp, agent = _dict(status.get("bgp")), _dict(status.get("agent"))
    if not status:
        # As somebody made it: calico-node has not filled it in.
        unfilled = (_age(metadata, spec, status),)
        return NodeStatus(node=_text(spec.get("node")), messages=unfilled, complete=False, source=source, line=line)
    daemons: list[Daemon] = []
    peers: list[Peer] = []
    complete = True
    for family in Family:
        rows = bgp.get(f"peers{_NUMBER[family]}")
        bird = _dict(agent.get(f"bird{_NUMBER[family]}"))
        mine = [_peer(row, family) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        peers += mine
        counted = sum(
            _number(bgp.get(f"{word}{_NUMBER[family]}")) for word in ("numberEstablished", "numberNotEstablished")
        )
        complete = complete and counted <= len(mine)
        if bird.get("state") == "NotReady":
            said = f"CalicoNodeStatus: BIRD ({family.label}) is NotReady: its socket does not answer"
            daemons.append(Daemon(family, DaemonState.UNREACHABLE, said))
        elif mine or (bgp and counted == 0):
            daemons.append(Daemon(family, DaemonState.RUNNING))
        elif bgp or bird or family is Family.IPV4:
            daemons.append(Daemon(family, DaemonState.UNKNOWN, "CalicoNodeStatus: status.bgp is empty"))
    return NodeStatus(
        node=_text(spec.get("node")),
        daemons=tuple(daemons),
        peers=tuple(peers),
        messages=(_age(metadata, spec, status),),
        complete=complete,
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


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    text = "".join(character for character in str(value) if character.isprintable()).strip()
    return text[:253] or None


def _number(value: Any) -> int:
    text = _text(value) or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
