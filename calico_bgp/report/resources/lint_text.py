"""The lint on a terminal, as compilers write: `file:line: severity rule: message`, what fixes it, and a verdict last.

Editors and terminals make the first words of a line clickable. No judging in this file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.text import Text

from calico_bgp.messages.formatter import render
from calico_bgp.messages.words import count
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Finding, Severity, Verdict
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

#: So many of one rule are shown one by one, unless everything is asked for.
FEW = 5
_SEVERITIES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_VERDICTS = {
    Verdict.HEALTHY: "bold green",
    Verdict.WARNINGS: "bold yellow",
    Verdict.UNHEALTHY: "bold red",
    Verdict.UNKNOWN: "bold yellow",
}


def lint_to_text(report: LintReport, style: TextStyle | None = None) -> str:
    """The report as text for a terminal or a pipe.

    Args:
        report: What the lint says.
        style: Width, colour and how much; by default plain text without a limit.
    """
    style = style or TextStyle()
    page = Page(style)
    findings, hidden = _visible_and_hidden(report.findings, verbose=style.verbose)
    for finding in findings:
        _finding(page, finding, verbose=style.verbose)
    _remarks(page, report, hidden, verbose=style.verbose)
    if findings or page.text():
        page.blank()
    word, what = lint_verdict_line(report)
    number = sum(finding.severity is Severity.INFO for finding in report.findings)
    hints = f"; {count(number, 'hint')}: -v" if number and not style.verbose else ""
    calico = f" (Calico {report.calico_version}){hints}"
    page.line(Text(word, _VERDICTS[report.verdict]), Text(f": {what}", "bold"), calico)
    return page.text()


def lint_verdict_line(report: LintReport) -> tuple[str, str]:
    """The verdict as a word in capitals, and in words what it rests on."""
    numbers = [
        count(number, word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
        if (number := sum(f.severity is severity for f in report.findings))
    ]
    read = ", ".join(count(c.number, plain(c.kind)) for c in report.resources if c.read and c.number) or "no resource"
    result = ", ".join(numbers) if numbers else "nothing found that will hurt"
    blind = "; there is no Node among them" if report.verdict is Verdict.UNKNOWN else ""
    return report.verdict.value.upper(), f"{result} in {read}{blind}"


def place(finding: Finding) -> str:
    """Where it stands: `bgp.yaml:24`; the subject where that is no line of a file."""
    subject = finding.subject
    if not isinstance(subject, ResourceSubject) or subject.file is None:
        return plain(str(subject))
    return plain(subject.file if subject.line is None else f"{subject.file}:{subject.line}")


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """By file and line; what is about the whole cluster last."""

    def key(finding: Finding) -> tuple[object, ...]:
        subject = finding.subject
        if not isinstance(subject, ResourceSubject) or subject.file is None:
            return (1, (), 0, finding.severity.rank)
        return (0, natural_key(subject.file), subject.line or 0, finding.severity.rank)

    return sorted(findings, key=key)


def _visible_and_hidden(findings: Sequence[Finding], *, verbose: bool) -> tuple[list[Finding], dict[str, int]]:
    """What is shown, and of each rule how many more there are."""
    if verbose:
        return in_order(findings), {}
    by_rule: defaultdict[str, int] = defaultdict(int)
    hidden: defaultdict[str, int] = defaultdict(int)
    visible = []
    for finding in in_order(findings):
        by_rule[finding.rule] += 1
        if finding.severity is Severity.INFO:
            continue  # the last line counts them
        if by_rule[finding.rule] <= FEW:
            visible.append(finding)
        else:
            hidden[finding.rule] += 1
    return visible, dict(hidden)


def _finding(page: Page, finding: Finding, *, verbose: bool) -> None:
    page.line(
        Text(place(finding), "bold"),
        ": ",
        Text(str(finding.severity), _SEVERITIES[finding.severity]),
        f" {finding.rule}: {plain(finding.message)}",
        hang=4,
    )
    if verbose:
        for line in finding.evidence:
            page.line(plain(line), indent=4, hang=2)
    for place_of_step, step in enumerate(finding.next_steps):
        # What people copy is one line.
        page.line(Text("fix: " if place_of_step == 0 else "     ", "green"), plain(render(step)), indent=4, wrap=False)


def _remarks(page: Page, report: LintReport, hidden: dict[str, int], *, verbose: bool) -> None:
    """What is not shown, not checked, or accepted: a line each."""
    lines = [f"{number:,} more of {rule}: -v" for rule, number in hidden.items()]
    lines += [f"not checked: {plain(each.what)}: {plain(each.why)}" for each in report.not_checked]
    accepted = [
        f"accepted: {place(each.finding)}: {each.finding.rule}: {plain(each.reason)}" for each in report.ignored
    ]
    lines += (
        accepted if verbose or len(accepted) <= FEW else [*accepted[:FEW], f"{len(accepted) - FEW:,} more accepted: -v"]
    )
    skipped = [count(kind.number, plain(kind.kind)) for kind in report.resources if not kind.read]
    if skipped:
        more = f" and {count(len(skipped) - FEW, 'more kind')}" if len(skipped) > FEW else ""
        lines.append(f"skipped: {', '.join(skipped[:FEW])}{more}")
    for line in lines:
        page.line(Text(line, "dim"), hang=4)
