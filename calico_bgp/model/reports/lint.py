"""What a lint of Calico's resources has to say. Values only; the rules are in rules/resources."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.reports.report import Finding, IgnoredFinding, NotChecked, Severity, Verdict


class ResourceCount(Frozen):
    """How many resources of a kind stood in the files; `read` says whether the kind matters here."""

    kind: str
    number: int
    read: bool


class LintReport(Frozen):
    """The result of a lint.

    Attributes:
        schema_: Written as `schema`.
        verdict: The one word; `unknown` when nothing wrong was seen, but there were no Nodes to look at, or
            a rule failed.
        calico_version: For which Calico, `v3.33`.
        resources: What was read and what was skipped, counted by kind.
        sources: The files, in order.
        findings: Worst first.
        ignored: What calico-bgp.toml accepted.
        not_checked: What could not be judged, and why.
        rules: The ids of the rules that ran.
        failed: The ids of those that failed, by a mistake of ours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Literal["calico-bgp/lint/1"] = Field(default="calico-bgp/lint/1", alias="schema")
    verdict: Verdict
    calico_version: str
    resources: tuple[ResourceCount, ...] = ()
    sources: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    ignored: tuple[IgnoredFinding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    rules: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> int:
        """0, or 1 for a finding at or above `fail_on`, or 3 where none is known because a rule failed.

        Resources that are not there to be judged do not count.
        """
        if any(finding.severity.reaches(fail_on) for finding in self.findings):
            return 1
        return 3 if self.failed else 0
