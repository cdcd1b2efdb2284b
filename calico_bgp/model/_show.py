"""The one way up: a model shows itself in a notebook by calling report/, imported when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calico_bgp.model.reports.report import Report
    from calico_bgp.model.snapshot import Snapshot


def snapshot_html(snapshot: Snapshot) -> str:
    """See report.notebook.html.snapshot_to_html."""
    from calico_bgp.report.notebook.html import snapshot_to_html  # noqa: PLC0415

    return snapshot_to_html(snapshot)


def report_html(report: Report) -> str:
    """See report.notebook.html.report_to_html."""
    from calico_bgp.report.notebook.html import report_to_html  # noqa: PLC0415

    return report_to_html(report)


def snapshot_frame(snapshot: Snapshot) -> Any:
    """See report.notebook.frames.snapshot_to_frame."""
    from calico_bgp.report.notebook.frames import snapshot_to_frame  # noqa: PLC0415

    return snapshot_to_frame(snapshot)


def report_frame(report: Report) -> Any:
    """See report.notebook.frames.report_to_frame."""
    from calico_bgp.report.notebook.frames import report_to_frame  # noqa: PLC0415

    return report_to_frame(report)
