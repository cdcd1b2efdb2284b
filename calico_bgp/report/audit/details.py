"""Everything about one cause or one finding of a report, on a terminal. No judging in this file."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from calico_bgp import shell_words
from calico_bgp.model.reports.cause import Cause, Decision, Fix
from calico_bgp.model.reports.report import Finding, IgnoredFinding, Report
from calico_bgp.report.audit.cause_words import CONFIDENCE_WORDS, risk_words
from calico_bgp.report.audit.findings import SEVERITY_STYLES, steps_of
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain

#: What an id stands for.
Found = Cause | Finding | IgnoredFinding
#: Subjects and findings of a cause that are shown, but for --verbose: a cut network has thousands.
_SHOWN = 20


def find_by_id(report: Report, prefix: str) -> tuple[Found, ...]:
    """The causes and findings whose id is this, or begins so; a whole id wins over one that it begins."""
    entries: tuple[Found, ...] = (*report.causes, *report.findings, *report.ignored)
    exact = tuple(entry for entry in entries if id_of(entry) == prefix)
    return exact or tuple(entry for entry in entries if id_of(entry).startswith(prefix))


def id_of(entry: Found) -> str:
    """Its id; that of an accepted finding is the finding's."""
    return entry.finding.id if isinstance(entry, IgnoredFinding) else entry.id


def details_to_text(entry: Found, report: Report, style: TextStyle | None = None) -> str:
    """One cause with its evidence, decisions, fixes and findings, of many the first; or one finding with its cause."""
    style = style or TextStyle()
    page = Page(style)
    if isinstance(entry, Cause):
        most = None if style.verbose else _SHOWN
        _cause(page, entry, [f for f in report.findings if f.cause_id == entry.id], most)
    elif isinstance(entry, Finding):
        _finding(page, entry)
        cause = next((cause for cause in report.causes if cause.id == entry.cause_id), None)
        if cause is not None:
            labelled(
                page, "cause", f"{plain(cause.title)} ({cause.confidence}, {plain(cause.kind)}, {plain(cause.id)})"
            )
        else:
            labelled(page, "cause", "none of the report's causes explains it")
    else:
        _finding(page, entry.finding)
        until = "" if entry.until is None else f", until {entry.until.isoformat()}"
        labelled(page, "accepted", f"calico-bgp.toml accepts it: {plain(entry.reason)}{until}")
    return page.text()


def _cause(page: Page, cause: Cause, findings: list[Finding], most: int | None) -> None:
    page.line(Text("CAUSE", "bold red"), Text(f" {plain(cause.kind)}", "bold"))
    page.line(plain(cause.title), indent=2)
    labelled(page, "because", plain(cause.explanation))
    labelled(page, "confidence", f"{cause.confidence}: {CONFIDENCE_WORDS[cause.confidence]}")
    about = tuple(map(str, cause.subjects))
    _list(page, "about", (*about[:most], *_more(len(about), most)))
    if cause.costs is not None:
        labelled(page, "impact", plain(cause.costs))
    _list(page, "evidence", cause.evidence)
    labelled(page, "id", Text(plain(cause.id), "dim"))
    for decision in cause.decide:
        _decision(page, decision)
    for fix in cause.fixes:
        _fix(page, fix)
    if not cause.fixes:
        _heading(page, "FIX", "nothing that can be said from here")
    _heading(page, f"EXPLAINS {len(findings):,}", "finding" if len(findings) == 1 else "findings")
    for finding in findings[:most]:
        page.line(
            Text(plain(finding.id), "dim"),
            Text(f" {finding.severity}", SEVERITY_STYLES[finding.severity]),
            f" {plain(finding.rule)}: {plain(finding.message)}",
            indent=2,
            hang=2,
        )
    for more in _more(len(findings), most):
        page.line(Text(f"{more}; audit --explain {plain(cause.id)} -v shows all", "dim"), indent=2)


def _more(number: int, most: int | None) -> tuple[str, ...]:
    return () if most is None or number <= most else (f"and {number - most:,} more",)


def _heading(page: Page, title: str, text: str) -> None:
    page.blank()
    page.line(Text(title, "bold"), f" {text}")


def _list(page: Page, label: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        labelled(page, "" if number else label, plain(line))


def _decision(page: Page, decision: Decision) -> None:
    where = "where kubectl and calicoctl are configured" if decision.on is None else f"on {plain(decision.on)}"
    _heading(page, "TO BE SURE", f"{where}; it changes nothing")
    _command(page, decision.command)
    for outcome in decision.outcomes:
        page.line(f"{plain(outcome.sees)}: {plain(outcome.means)}", indent=2, hang=2)


def _fix(page: Page, fix: Fix) -> None:
    _heading(page, "FIX", plain(fix.summary))
    labelled(page, "risk", risk_words(fix))
    if fix.tried is not None:
        labelled(page, "tried", plain(fix.tried))
    if fix.wait_until is not None:
        labelled(page, "wait until", f"{fix.wait_until:%Y-%m-%d %H:%M:%S %Z}, then check")
    for asked in fix.asks:
        labelled(page, "fill in", f"{plain(asked.variable)}: {plain(asked.what)}")
    for number, step in enumerate(fix.steps, start=1):
        labelled(page, f"step {number}", plain(step.what))
        on = None if step.on is None else f"on {plain(step.on)}"
        ways = (("kubectl", step.kubectl), ("calicoctl", step.calicoctl), (on or "shell", step.shell))
        commands = [(program, command) for program, command in ways if command is not None]
        for place, (program, command) in enumerate(commands):
            page.line(
                f"{'or ' if place else ''}with {program}:" if program != on else f"{'or ' if place else ''}{on}:",
                indent=4,
            )
            _command(page, command)
    labelled(page, "verify", plain(fix.check_words or ""))
    if fix.check_words is None:
        _command(page, fix.check)


def _command(page: Page, command: str) -> None:
    """Whole lines that people copy, here-documents with theirs."""
    for line in command.split("\n"):
        page.line(plain(line, limit=None), indent=6 if "\n" not in command else 0, wrap=False)


def _finding(page: Page, finding: Finding) -> None:
    page.line(
        Text(str(finding.severity).upper(), SEVERITY_STYLES[finding.severity]), Text(f" {plain(finding.rule)}", "bold")
    )
    page.line(plain(finding.message), indent=2)
    labelled(page, "about", plain(str(finding.subject)))
    if finding.consequence is not None:
        labelled(page, "impact", plain(finding.consequence))
    _list(page, "evidence", finding.evidence)
    for number, step in enumerate(steps_of(finding)):
        page.line(Text(("" if number else "next step").ljust(12), "dim"), plain(step, limit=None), indent=2, wrap=False)
    labelled(page, "id", Text(plain(finding.id), "dim"))
    labelled(page, "rule", f"calico-bgp audit --explain {shell_words.quote(finding.rule)} says what it means")
