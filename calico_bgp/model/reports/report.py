"""What an audit has to say. Values only; the rules are in rules/, the rendering in report/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field, with_config

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.severity import Severity as Severity  # noqa: PLC0414 - most who ask for a report ask for it
from calico_bgp.model.reports.subject import Subject
from calico_bgp.model.topology import Topology


@with_config(VALUES)
@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule has to say. As with its messages, what is read is validated, and what a rule makes is not.

    Attributes:
        id: A stable hash of rule and subject, for ignoring and diffs.
        rule: The rule's id, the name of its page under docs/rules.
        severity: How bad.
        subject: What it is about.
        message: One sentence for a tired person.
        key: Which of the rule's messages this is; None of a finding that was made without a rule.
        said: The template of the message, and its values.
        evidence: The rows and facts it rests on, one per line.
        next_step: What to run or do, and where; None when there is nothing to do.
        next_steps: The same, each step as template and values.
        cause_id: The cause that explains it; None where none does.
        consequence: Whose routes are lost because of it, in words; None where that was not worked out.
    """

    id: str
    rule: str
    severity: Severity
    subject: Subject
    message: str
    key: str | None = None
    said: Message | None = None
    evidence: tuple[str, ...] = ()
    next_step: str | None = None
    next_steps: tuple[Message, ...] = ()
    cause_id: str | None = None
    consequence: str | None = None


class IgnoredFinding(Frozen):
    """A finding that calico-bgp.toml accepts, with the reason it gives."""

    finding: Finding
    reason: str
    until: date | None = None


class OwnRule(Frozen):
    """A rule that ran and is not calico_bgp's: one of an installed package, or that a program gave."""

    id: str
    title: str


class Checked(Frozen):
    """What was judged, counted. None where the number is not knowable (a paste has no inventory).

    Attributes:
        nodes_listed: Hosts in the inventory.
        nodes_read: Nodes that answered.
        sessions_expected: Sessions (both ends joined, per family) that should be there, as far as an end of them could
            be looked at.
        sessions_established: Sessions that are Established at every end that was read. Never above what was seen.
        sessions_unseen: Sessions that should be there, of which neither end could be looked at.
        peers: Rows of the tables that were read.
        peers_established: Those that are Established.
        neighbours_unseen: Addresses in these tables that belong to no node which was read.
        has_resources: Whether Calico's resources said what should be.
        reflectors: Their names.
        families: Families with a peer anywhere.
        rules: The ids of the rules that ran.
        own_rules: Those of them that are not calico_bgp's, with their titles, which nobody else knows.
    """

    nodes_listed: int | None = None
    nodes_read: int = 0
    sessions_expected: int | None = None
    sessions_established: int = 0
    sessions_unseen: int = 0
    peers: int = 0
    peers_established: int = 0
    neighbours_unseen: int = 0
    has_resources: bool = False
    reflectors: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    rules: tuple[str, ...] = ()
    own_rules: tuple[OwnRule, ...] = ()


class ObservedPairs(Frozen):
    """The same as the tables of BIRD and of the kernel show it.

    Attributes:
        pairs: Pairs of which all routes arrive: in BIRD's table, and in the kernel where that was read.
        pairs_missing: Pairs of which one does not arrive.
        pairs_unknown: Pairs of which the tables do not tell.
        pairs_cut_off: Those of the unknown ones in which one of the two is a node that no session joins to anybody.
        kernels: Nodes whose kernel was read and could be judged.
        by_hash: Nodes that sent a hash of their routes, by which they are the same as another node's.
        sent_whole: Nodes that sent their tables as they print them, where others sent a hash, sorted.
    """

    pairs: int
    pairs_missing: int
    pairs_unknown: int
    pairs_cut_off: int = 0
    kernels: int
    by_hash: int = 0
    sent_whole: tuple[str, ...] = ()


class FamilyReachability(Frozen):
    """Who learns whose routes over one family, counted in pairs: a node, and another one's routes.

    Attributes:
        family: The family.
        nodes: The nodes that have an address of it.
        pairs: Pairs of which the node learns the routes.
        pairs_cut_off: Pairs of which it certainly does not.
        pairs_unknown: The rest: it depends on what is not known.
        assumptions: What the answer rests on, in sentences.
        doubts: What the unknown pairs depend on, a few words each.
        observed: What the nodes' tables of routes show; None where none was read: all is computed then.
    """

    family: Family
    nodes: int
    pairs: int
    pairs_cut_off: int
    pairs_unknown: int
    assumptions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    observed: ObservedPairs | None = None

    @property
    def missing(self) -> int:
        """Pairs that lack routes: by the tables where those tell, else as far as the sessions leave no doubt."""
        observed = self.observed
        return self.pairs_cut_off if observed is None else observed.pairs_missing + observed.pairs_cut_off

    @property
    def unknown(self) -> int:
        """Pairs of which neither tells."""
        observed = self.observed
        return self.pairs_unknown if observed is None else observed.pairs_unknown - observed.pairs_cut_off


class NotChecked(Frozen):
    """Something that could not be judged, and why."""

    what: str
    why: str


class NotRead(Frozen):
    """Nodes that could not be read, or only in part, for one reason.

    Attributes:
        nodes: Their names, in natural order.
        reason: Why, in a few words: `host key unknown`.
        option: The option of ours with which all of them can be read, or None.
        remedy: What else to do about all of them alike; None where each needs something else.
    """

    nodes: tuple[str, ...]
    reason: str
    option: str | None = None
    remedy: str | None = None


class Verdict(StrEnum):
    """The one word. `unknown`: nothing wrong was seen, but not everything could be looked at."""

    HEALTHY = "healthy"
    WARNINGS = "warnings"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Report(Frozen):
    """The result of an audit.

    Attributes:
        schema_: Written as `schema`.
        verdict: The one word.
        headline: What the verdict rests on, in a few words.
        cluster: The snapshot's cluster name.
        snapshot_at: When the gathering began; None for pasted texts.
        topology: Who is who.
        findings: Worst first.
        causes: The fewest explanations that account for the findings, surest and costliest first.
        ignored: What calico-bgp.toml accepted.
        checked: What was judged, counted.
        not_checked: What could not be judged, and why.
        unread: The names of the listed nodes that could not be read, or only in part.
        not_read: The same by reason, the most nodes first.
        reachability: Who learns whose routes, per family; empty where only a part of the cluster is in sight.
        doubts: What keeps the cluster from being called healthy although nothing wrong was seen, apart from `unread`:
            a few words each. None of a part of the cluster (a paste, `--limit`) beyond what was seen of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Literal["calico-bgp/audit/1"] = Field(default="calico-bgp/audit/1", alias="schema")
    verdict: Verdict
    headline: str = ""
    cluster: str | None = None
    snapshot_at: datetime | None = None
    topology: Topology
    findings: tuple[Finding, ...] = ()
    causes: tuple[Cause, ...] = ()
    ignored: tuple[IgnoredFinding, ...] = ()
    checked: Checked = Checked()
    not_checked: tuple[NotChecked, ...] = ()
    unread: tuple[str, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    reachability: tuple[FamilyReachability, ...] = ()
    doubts: tuple[str, ...] = ()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> int:
        """0 healthy; 1 a finding at or above `fail_on`; 3 nothing wrong seen, but something could not be looked at.

        That a node could not be read is itself reported as a finding, but alone it gives 3, never 1.
        """
        if any(f.severity.reaches(fail_on) and f.rule not in BLIND_RULES for f in self.findings):
            return 1
        return 3 if self.unread or self.verdict is Verdict.UNKNOWN else 0

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """The errors and warnings that no cause accounts for."""
        return tuple(f for f in self.findings if f.cause_id is None and f.severity is not Severity.INFO)

    def _repr_html_(self) -> str:
        """The report as HTML, for Jupyter. Everything from a node is escaped."""
        from calico_bgp.model._show import report_html  # noqa: PLC0415 - the one way up, see pyproject.toml

        return report_html(self)

    def to_frame(self) -> Any:
        """One row per finding, as a pandas DataFrame; the columns and their types stay when it is empty.

        Raises:
            MissingExtra: pandas is not installed (extra `notebook`).
        """
        from calico_bgp.model._show import report_frame  # noqa: PLC0415 - the one way up, see pyproject.toml

        return report_frame(self)


#: Rules that say "we could not look", not "it is broken": alone they make the verdict unknown (exit code 3).
BLIND_RULES = frozenset({"node-unreadable", "answer-incomplete", "node-not-listed"})
