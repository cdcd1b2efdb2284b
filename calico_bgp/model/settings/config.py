"""What calico-bgp.toml says: exceptions, clusters and output. Values only; parse.config reads the file."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import SessionSubject, Subject
from calico_bgp.model.settings.cluster_settings import ClusterSettings, Setting
from calico_bgp.model.settings.maintenance import MaintenanceWindow


@dataclass(frozen=True, slots=True, config=VALUES)
class Ignore:
    """One accepted exception, an `[[ignore]]` table.

    Attributes:
        rule: The rule's id.
        reason: Why it is accepted; the report shows it.
        subject: A glob (`*`, `?`, `[...]`) on the subject as the report prints it, or on one end of a session; None for
            every subject.
        until: The last day on which it applies; None for ever.
        source: The file that says so.
        line: The line of its `[[ignore]]`, from 1.
    """

    rule: str
    reason: str
    subject: str | None = None
    until: date | None = None
    source: str | None = None
    line: int | None = None

    def is_expired(self, today: date) -> bool:
        """Whether `until` has passed. An expired exception no longer hides anything."""
        return self.until is not None and today > self.until

    def matches(self, rule: str, subject: Subject) -> bool:
        """Whether this exception is about that rule and subject, whatever the date."""
        return rule == self.rule and (self.subject is None or any(_matches(self.subject, n) for n in _names(subject)))

    def applies_to(self, finding: Finding, today: date) -> bool:
        """Whether this exception accepts the finding on that day."""
        return not self.is_expired(today) and self.matches(finding.rule, finding.subject)


class Config(Frozen):
    """The whole of calico-bgp.toml.

    Attributes:
        ignore: Accepted exceptions.
        clusters: What is set for each cluster that has a name.
        default_cluster: Which of them is meant when nothing is named.
        output: How commands write, unless they are told otherwise.
        maintenance: When the watcher expects trouble.
    """

    ignore: tuple[Ignore, ...] = ()
    clusters: tuple[ClusterSettings, ...] = ()
    default_cluster: Setting | None = None
    output: tuple[Setting, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()

    def cluster(self, name: str) -> ClusterSettings | None:
        """The settings of a cluster, None where there are none of that name."""
        return next((cluster for cluster in self.clusters if cluster.name == name), None)

    def ignored_by(self, finding: Finding, today: date) -> Ignore | None:
        """The first exception that accepts the finding on that day, or None."""
        return next((entry for entry in self.ignore if entry.applies_to(finding, today)), None)

    def expired(self, today: date) -> tuple[Ignore, ...]:
        """The exceptions whose last day has passed: somebody should renew or delete them."""
        return tuple(entry for entry in self.ignore if entry.is_expired(today))


def _names(subject: Subject) -> tuple[str, ...]:
    """What a glob may match: the subject as printed, and the bare name of each node in it."""
    if isinstance(subject, SessionSubject):
        return str(subject), subject.a, subject.b
    node = getattr(subject, "node", None)
    return (str(subject),) if node is None else (str(subject), node)


def _matches(pattern: str, text: str) -> bool:
    # Written out in full it is always meant, also where it holds a bracket.
    return pattern == text or fnmatchcase(text, pattern)
