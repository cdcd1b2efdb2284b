"""A CalicoNodeStatus of a lab's node, as calico-node writes it (node/pkg/status/populators). Values in, JSON out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import DaemonState
from calico_bgp.upstream import V3

_TYPES = {PeerType.MESH: "NodeMesh", PeerType.NODE: "NodePeer", PeerType.GLOBAL: "GlobalPeer"}
_NUMBER = {Family.IPV4: "V4", Family.IPV6: "V6"}


def node_status(node: str, table: NodeTable, written: datetime) -> dict[str, Any]:
    """The object; where either BIRD cannot be asked nothing of BGP is in it.

    Args:
        node: The name by which the cluster knows the node.
        table: What its BIRDs hold.
        written: When it was written (aware, UTC).
    """
    can_be_asked = all(family.state is DaemonState.RUNNING for family in table.families)
    bgp: dict[str, Any] = {}
    for family in Family:
        peers = [_peer(peer) for peer in table.family(family).peers] if can_be_asked else []
        up = sum(peer.get("state") == "Established" for peer in peers)
        bgp |= {f"numberEstablished{_NUMBER[family]}": up, f"numberNotEstablished{_NUMBER[family]}": len(peers) - up}
        bgp |= {f"peers{_NUMBER[family]}": peers} if peers else {}
    return {
        "apiVersion": V3,
        "kind": "CalicoNodeStatus",
        "metadata": {"name": f"status-{node}"},
        "spec": {"node": node, "classes": ["Agent", "BGP"], "updatePeriodSeconds": 10},
        "status": {
            "lastUpdated": written.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "agent": {f"bird{_NUMBER[family]}": _agent(table.family(family)) for family in Family},
            "bgp": bgp,
            "routes": {},
        },
    }


def _agent(table: FamilyTable) -> dict[str, str]:
    return {"state": "Ready" if table.state is DaemonState.RUNNING else "NotReady"}


def _peer(peer: Peer) -> dict[str, str]:
    row = {"peerIP": str(peer.address), "type": _TYPES.get(PeerType(peer.peer_type), ""), "since": peer.since or ""}
    # Passive is none of the states that calico-node knows, and so is left out.
    return row if peer.bgp_state in (None, BGPState.PASSIVE) else row | {"state": str(peer.bgp_state)}
