"""What calico-bgp.toml accepts, taken out of the findings of any rules: the audit's and the lint's. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from calico_bgp.model.reports.report import Finding, IgnoredFinding, NotChecked
from calico_bgp.model.settings.config import Config


def set_aside(
    findings: Iterable[Finding], config: Config, today: date | None
) -> tuple[tuple[Finding, ...], tuple[IgnoredFinding, ...]]:
    """Part findings into those that stay and those that an exception accepts; both keep their order."""
    staying: list[Finding] = []
    ignored: list[IgnoredFinding] = []
    for finding in findings:
        accepted = config.ignored_by(finding, today or date.min)
        if accepted is None:
            staying.append(finding)
        else:
            ignored.append(IgnoredFinding(finding=finding, reason=accepted.reason, until=accepted.until))
    return tuple(staying), tuple(ignored)


def expired(config: Config | None, today: date | None) -> list[NotChecked]:
    """The exceptions that hide nothing any more, so that somebody renews or deletes them."""
    if config is None or today is None:
        return []
    return [
        NotChecked(
            what=f"the exception for {entry.rule} of {entry.subject or 'every subject'}",
            why=f"it expired on {entry.until}",
        )
        for entry in config.expired(today)
    ]
