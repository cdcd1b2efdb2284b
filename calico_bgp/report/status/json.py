"""All peers of all nodes as JSON, `calico-bgp/status/1` of docs/json.md. Nothing meant for people may enter this file.

Every row is a Peer with its node beside its fields, which no value of the model is: so the document is put together
here, of the values' own JSON. It is written by json: pydantic refuses surrogates, which the name of a file may hold.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import Daemon
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.columns import PeerRow
from calico_bgp.report.text.sanitize import json_text

SCHEMA = "calico-bgp/status/1"
_PEER = TypeAdapter(Peer)
_DAEMONS = TypeAdapter(tuple[Daemon, ...])


def status_to_json(snapshot: Snapshot, rows: Sequence[PeerRow]) -> str:
    """The peers as `calico-bgp/status/1`.

    Args:
        snapshot: What was read; it gives the nodes, so that a node without peers is not lost.
        rows: The peers to show, in order.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "cluster": snapshot.cluster,
        "taken_at": None if snapshot.taken_at is None else snapshot.taken_at.isoformat(),
        "complete": snapshot.complete,
        "peers": [{"node": row.reading.name, **_PEER.dump_python(row.peer, mode="json")} for row in rows],
        "nodes": [
            {
                "node": reading.name,
                "host": reading.host,
                "complete": reading.complete,
                "felix_running": reading.status.felix_running,
                "daemons": _DAEMONS.dump_python(reading.status.daemons, mode="json"),
            }
            for reading in snapshot.readings
        ],
        "failures": [failure.model_dump(mode="json") for failure in snapshot.failures],
    }
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"
