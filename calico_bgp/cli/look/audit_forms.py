"""The forms of an audit's report. What makes a form is imported when it is asked for: most runs want a screen."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.last_report import keep
from calico_bgp.cli.running.maintenance_note import maintenance_note
from calico_bgp.model.reports.report import Report, Severity
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import TextStyle


class Shown(NamedTuple):
    """What is written, and how.

    Attributes:
        report: The report.
        snapshot: What it was made from.
        config: The user's settings and exceptions.
        fail_on: How bad a finding must be to count as a failure.
        again: The command that audits the same source again.
        live: Whether that source is a cluster.
        took: Seconds from the first read to the verdict.
        per_node: Whether there are samples of each node.
    """

    report: Report
    snapshot: Snapshot
    config: Config | None
    fail_on: Severity
    again: str
    live: bool
    took: float
    per_node: bool


def _text(shown: Shown, style: TextStyle) -> str:
    report, snapshot = shown.report, shown.snapshot
    note = maintenance_note(snapshot, report, shown.config)
    numbered = keep(report, shown.again)
    return report_to_text(report, snapshot, style, again=shown.again, numbered=numbered, live=shown.live, note=note)


def _json(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.audit.json import report_to_json  # noqa: PLC0415 - see the head of this file

    return report_to_json(shown.report)


def _junit(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.audit.junit import report_to_junit  # noqa: PLC0415

    return report_to_junit(shown.report, fail_on=shown.fail_on)


def _markdown(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.markdown.report import report_to_markdown  # noqa: PLC0415

    keep(shown.report, shown.again)  # it names commands that explain it
    return report_to_markdown(shown.report, shown.snapshot)


def _html(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.html.audit import audit_to_html  # noqa: PLC0415

    return audit_to_html(shown.report, shown.snapshot)


def _svg(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.picture.svg import report_to_svg  # noqa: PLC0415

    return report_to_svg(shown.report, shown.snapshot)


def _mermaid(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.report.picture.mermaid import report_to_mermaid  # noqa: PLC0415

    return report_to_mermaid(shown.report, shown.snapshot)


def _prometheus(shown: Shown, _: TextStyle) -> str:
    from calico_bgp.monitor.metrics.exposition import report_to_prometheus  # noqa: PLC0415

    return report_to_prometheus(shown.snapshot, shown.report, shown.took, per_node=shown.per_node)


FORMATS: Formats[Shown] = Formats(
    text=Format("one screen: how bad, where, what, what fixes it", _text),
    json=Format("everything, as `calico-bgp/audit/1`", _json),
    junit=Format("for CI", _junit),
    markdown=Format("a post-mortem to be completed", _markdown),
    html=Format("a page to send", _html),
    svg=Format("a picture", _svg),
    mermaid=Format("a picture for Markdown", _mermaid),
    prometheus=Format("for a textfile collector", _prometheus),
)
