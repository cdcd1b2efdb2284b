"""Causes: what explains several findings, and the commands that fix it. Values only; causes/ finds them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.reports.check import AUDIT_AGAIN, CheckLine, CheckWords
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.severity import Severity
from calico_bgp.model.reports.subject import Subject


class Confidence(StrEnum):
    """How sure a cause is, and by what right."""

    CERTAIN = "certain"
    """Calico's resources, or the node itself, say so."""
    LIKELY = "likely"
    """What both ends show agrees with it, and with nothing else that is known here."""
    POSSIBLE = "possible"
    """One end shows it, or something else fits as well; `Cause.decide` says what would tell."""

    @property
    def rank(self) -> int:
        """0 for certain, 1 for likely, 2 for possible: sorts surest first."""
        return ("certain", "likely", "possible").index(self.value)


class Risk(StrEnum):
    """What a fix does to what works."""

    NONE = "none"
    """No session that stands is touched."""
    RESTARTS_SESSIONS = "restarts sessions"
    """Sessions that stand end and come again; graceful restart keeps most routes meanwhile."""
    INTERRUPTS_TRAFFIC = "interrupts traffic"
    """Routes that are there go for a while."""


class Outcome(Frozen):
    """One answer that a deciding command can give, and what it would mean."""

    sees: str
    means: str


class Decision(Frozen):
    """A command that tells whether the cause is the true one.

    Attributes:
        command: One line for a shell. It changes nothing.
        on: The node to run it on; None where kubectl and calicoctl are configured.
        outcomes: What it may show.
    """

    command: str
    on: str | None = None
    outcomes: tuple[Outcome, ...] = ()


class FixStep(Frozen):
    """One step of a fix. Each command that is given does the whole step: they are ways, not a sequence.

    Attributes:
        what: What it does, in words.
        kubectl: The command as kubectl has it, quoted for a shell; None where kubectl cannot.
        calicoctl: The same as calicoctl has it; None where calicoctl cannot.
        shell: A command for a shell on the node `on`, where neither can.
        on: The node on which to run `shell`.
    """

    what: str
    kubectl: str | None = None
    calicoctl: str | None = None
    shell: str | None = None
    on: str | None = None

    @property
    def commands(self) -> tuple[str, ...]:
        """Every way to do it."""
        return tuple(command for command in (self.kubectl, self.calicoctl, self.shell) if command is not None)


class Asked(Frozen):
    """A value that cannot be known from here: the commands hold it as a shell variable, and it is never invented.

    Attributes:
        variable: The shell variable, `CLUSTER_ID`.
        what: What it is and where to find it.
    """

    variable: str
    what: str


class Fix(Frozen, serialize_by_alias=True):
    """Commands that fix a cause.

    Attributes:
        label: Two or three words, for a table: `restart pod`, `2 commands`.
        summary: One sentence.
        risk: What it does to what works.
        steps: In order; empty where there is nothing to do but wait.
        asks: What must be filled in first.
        verify: What proves that it worked, mostly another audit; `check` when a fix is made, and in JSON.
        wait_until: Until when waiting is right, by our clock (aware, UTC); None where nothing ends by itself.
        tried: What the what-if model says of it, in words; None where no model can say.
        restores: How many routes come back because of it, by the model; None likewise.
        restarts: Sessions that are up as far as was seen, and that end because of it and come again; None where that is
            not known.
    """

    label: str = ""
    summary: str
    risk: Risk
    steps: tuple[FixStep, ...] = ()
    asks: tuple[Asked, ...] = ()
    verify: CheckLine = Field(default=AUDIT_AGAIN, alias="check")
    wait_until: datetime | None = None
    tried: str | None = None
    restores: int | None = None
    restarts: int | None = None

    @property
    def check(self) -> str:
        """The command that proves that it worked; a comment of a shell where no command does."""
        return self.verify.line

    @property
    def check_words(self) -> str | None:
        """How to prove that it worked, where no command does; None where `check` is one."""
        return self.verify.words if isinstance(self.verify, CheckWords) else None


class Cause(Frozen):
    """One explanation of several findings.

    Attributes:
        id: A stable hash of kind and subjects: the same cause has the same id in the next audit.
        kind: Which cause of the catalogue it is, the name of its page under docs/causes.
        subjects: The nodes, session or resource at fault, sorted.
        what: What happened, in five words at most; the same for all causes that differ in their places only.
        where: The names of the nodes at fault, else of the session, address or resource; natural order.
        severity: How bad: `error` routes are lost, `warning` redundancy is, or nobody knows, `info` neither.
        routes_lost: How many routes (one node's way to another's pods) are lost because of it, perhaps some of them
            because of another cause, too; None where that is not known.
        sessions: How many sessions are down because of it.
        title: One sentence for a tired person; names who is at fault.
        said: The template of the title, and its values; None of a cause that was made without.
        explanation: How that leads to what is seen.
        confidence: How sure.
        evidence: What speaks for it, one per line.
        costs: Whose routes are lost because of it, in words; None where that was not worked out.
        findings: The ids of the findings it explains.
        decide: What would make it sure, surest first; empty where it is certain.
        fixes: What fixes it, best first; empty where nothing from here can.
    """

    id: str
    kind: str
    subjects: tuple[Subject, ...]
    what: str = ""
    where: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    routes_lost: int | None = None
    sessions: int = 0
    title: str
    said: Message | None = None
    explanation: str
    confidence: Confidence
    evidence: tuple[str, ...] = ()
    costs: str | None = None
    findings: tuple[str, ...] = ()
    decide: tuple[Decision, ...] = ()
    fixes: tuple[Fix, ...] = ()
