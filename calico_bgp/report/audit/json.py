"""Reports as JSON, the stable forms of docs/json.md. Nothing that is meant for people may enter this file."""

from __future__ import annotations

from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Report
from calico_bgp.report.json.document import document_text


def report_to_json(report: Report) -> str:
    """The report as `calico-bgp/audit/1`; `Report.model_validate_json` reads it back."""
    return document_text(report)


def lint_to_json(report: LintReport) -> str:
    """The report as `calico-bgp/lint/1`; `LintReport.model_validate_json` reads it back."""
    return document_text(report)
