"""Expected peers as JSON, `calico-bgp/expect/1` of docs/json.md. Nothing meant for people may enter this file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.report.text.sanitize import json_text

SCHEMA = "calico-bgp/expect/1"


def expected_to_json(expectation: Expectation) -> Iterator[str]:
    """The document in pieces, a node each: a mesh of 1,000 nodes has a million peers."""
    yield f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "nodes": {{'
    for place, (node, peers) in enumerate(expectation.peers.items()):
        families = {family.value: [_peer(peer) for peer in peers if peer.family is family] for family in Family}
        document = _dump(families).replace("\n", "\n    ")
        yield f"{',' if place else ''}\n    {_dump(node)}: {document}"
    yield "\n  }\n}\n" if expectation.peers else "}\n}\n"


def _dump(value: Any) -> str:
    return json_text(json.dumps(value, indent=2, ensure_ascii=False))


def _peer(peer: ExpectedPeer) -> dict[str, Any]:
    return {
        "name": peer.name,
        "address": str(peer.address),
        "port": peer.port,
        "peer_type": peer.peer_type.value,
        "local_as": peer.local_as,
        "peer_as": peer.peer_as,
        "passive": peer.passive,
        "reflector_client": peer.reflector_client,
        "cluster_id": peer.cluster_id,
        "because": [{"kind": b.kind, "name": b.name, "pass": b.made_by.value} for b in peer.because],
    }
