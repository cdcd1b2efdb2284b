"""Reports and peers as JSON, the stable forms of docs/json.md. Nothing that is meant for people may enter this file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from calico_bgp.model.lint import LintReport
from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import Daemon
from calico_bgp.model.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.columns import PeerRow
from calico_bgp.report.text.sanitize import json_text

STATUS_SCHEMA = "calico-bgp/status/1"

_PEER = TypeAdapter(Peer)
_DAEMONS = TypeAdapter(tuple[Daemon, ...])


def report_to_json(report: Report) -> str:
    """The report as `calico-bgp/audit/1`; `Report.model_validate_json` reads it back."""
    return json_text(report.model_dump_json(indent=2)) + "\n"


def lint_to_json(report: LintReport) -> str:
    """The report as `calico-bgp/lint/1`; `LintReport.model_validate_json` reads it back."""
    return json_text(report.model_dump_json(indent=2)) + "\n"


def status_to_json(snapshot: Snapshot, rows: Sequence[PeerRow]) -> str:
    """The peers as `calico-bgp/status/1`.

    Args:
        snapshot: What was read; it gives the nodes, so that a node without peers is not lost.
        rows: The peers to show, in order.
    """
    document: dict[str, Any] = {
        "schema": STATUS_SCHEMA,
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
