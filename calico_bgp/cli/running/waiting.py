"""When `audit --wait` has waited enough: a cluster that is well twice, some seconds apart. Reads and prints nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from calico_bgp.model.reports.report import BLIND_RULES, Report, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.report.text.names import short_names

#: Between two rounds. BIRD retries a connection every 5 to 120 s; asking more often shows nothing new.
PAUSE = timedelta(seconds=5)
#: So far apart are the two rounds in which the cluster must be well: what comes up and falls again is not.
APART = timedelta(seconds=10)
#: Findings that will be gone by themselves; while one is there the cluster is on its way, not well.
_PASSING = frozenset({"graceful-restart"})
_NAMES = 60


@dataclass
class Patience:
    """What one `--wait` remembers. Times are seconds of one clock that only goes forward.

    Attributes:
        limit: How long to wait at most.
        began: When the waiting began.
        well_since: When the first of the rounds ended in which the cluster was well, without one between in which it
            was not; None where the last round was not well.
    """

    limit: timedelta
    began: float
    well_since: float | None = None

    def is_over(self, report: Report, fail_on: Severity, *, started: float, ended: float) -> bool:
        """Take in a round; whether it is the second in which the cluster is well.

        Args:
            report: Of this round.
            fail_on: From which severity on it is not well.
            started: When the round began to read.
            ended: When it was judged.
        """
        if not is_well(report, fail_on):
            self.well_since = None
            return False
        if self.well_since is None:
            self.well_since = ended
            return False
        return started - self.well_since >= APART.total_seconds()

    def pause(self, now: float) -> timedelta | None:
        """How long to sleep before the next round; None when the time is up."""
        time_left = timedelta(seconds=self.began + self.limit.total_seconds() - now)
        pause = PAUSE
        if self.well_since is not None:
            pause = max(timedelta(), APART - timedelta(seconds=now - self.well_since))
        return None if time_left <= pause else pause


def is_well(report: Report, fail_on: Severity) -> bool:
    """Whether waiting longer makes nothing better.

    Without Calico's resources it may stay unknown whether reflectors pass routes on: that no round will tell, so a
    cluster of which all else is well is waited for no longer; its exit code stays 3.
    """
    if any(finding.rule in _PASSING for finding in report.findings):
        return False
    if report.exit_code(fail_on) == 0:
        return True
    untold = bool(report.doubts) and not report.unread and not report.checked.has_resources
    faults = any(f.severity is not Severity.INFO or f.rule in BLIND_RULES for f in report.findings)
    return untold and not faults and report.checked.sessions_established == report.checked.sessions_expected


def waited_for(report: Report, fail_on: Severity) -> str:
    """The nodes that keep the cluster from being well, `node3, node5`; empty where that is no node's."""
    nodes = {node.name for node in report.topology.nodes}
    names = set(report.unread)
    for finding in report.findings:
        if not finding.severity.reaches(fail_on) and finding.rule not in _PASSING:
            continue
        subject = finding.subject
        if isinstance(subject, NodeSubject):
            names.add(subject.node)
        elif isinstance(subject, SessionSubject):
            names |= {subject.a, subject.b} & nodes
    return short_names(sorted(names), most=_NAMES) if names else ""
