"""Says of which nodes trouble is expected, for the head of an audit. The verdict stays: only the watcher waits."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.states.maintenance import maintenance_of
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain


def maintenance_note(snapshot: Snapshot, report: Report, config: Config | None) -> str | None:
    """`in maintenance: node[4-5] (kernel upgrade)`; None where nothing is expected, or nothing is wrong.

    Args:
        snapshot: What was read.
        report: What was said of it.
        config: The user's, with the windows.
    """
    if report.verdict is Verdict.HEALTHY:
        return None
    windows = () if config is None else config.maintenance
    maintenance = maintenance_of(snapshot, windows, snapshot.taken_at or datetime.now(UTC))
    reasons: dict[str, list[str]] = defaultdict(list)
    for node, why in maintenance.nodes:
        if why != maintenance.cluster:
            reasons[why].append(node)
    parts = [f"{short_names(nodes)} ({plain(why)})" for why, nodes in reasons.items()]
    if maintenance.cluster is not None:
        parts.insert(0, f"the whole cluster ({plain(maintenance.cluster)})")
    return f"in maintenance: {', '.join(parts)}" if parts else None
