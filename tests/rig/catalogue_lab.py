"""Runs cases of the catalogue: breaks a rig, lets the operator audit it, runs the commands that the report prints.

Nothing is asserted here: an Outcome says what came of it. One lab at a time uses one rig.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.rig import broken_daemons, broken_layouts, broken_machines, broken_paths, broken_resources
from tests.rig.calico_rig import CalicoRig
from tests.rig.catalogue import Case, subject_names
from tests.rig.cell import RigError
from tests.rig.cluster_api import ClusterAPI
from tests.rig.operator import Audit, Operator

#: What the lab has, too, by the same names; and what only real machines show.
SHARED = broken_machines.FAULTS | broken_resources.FAULTS
FAULTS = SHARED | broken_layouts.FAULTS | broken_paths.FAULTS | broken_daemons.FAULTS
#: So long after a fault does the operator look: no session is young then, whatever the rig did before. Seconds.
LATER = 300
#: Quick enough for a test, and more than any node of a rig needs.
PATIENCE = ("--connect-timeout", "4s", "--timeout", "8s")
FORMS = ("kubectl", "calicoctl")


@dataclass
class Outcome:
    """What came of a case.

    Attributes:
        title: Whose.
        causes: (kind, names) of all causes, in order.
        wanted: Those that there should be, the first one first.
        by_tables: Those without resources; None where it was not tried.
        failed_before: Whether the audit failed while it was broken; None where nothing was to be mended.
        failed_after_nothing: Likewise after commands that do nothing.
        healed: Whether it was clean after the fix.
        ran: The commands.
        harmed: Sessions that were up before the commands and are not after them.
        innocent: Nodes that causes name and that have nothing to do with it.
        healthy: Whether the audit said so although sessions are down.
        trouble: Why it is not as it should be, or what went wrong on the way.
    """

    title: str
    causes: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    wanted: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    by_tables: list[tuple[str, frozenset[str]]] | None = None
    failed_before: bool | None = None
    failed_after_nothing: bool | None = None
    healed: bool | None = None
    ran: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    innocent: list[str] = field(default_factory=list)
    healthy: bool = False
    trouble: list[str] = field(default_factory=list)

    @property
    def is_first(self) -> bool:
        """Whether the injected fault is the first cause."""
        return bool(self.causes) and self.causes[0] in self.wanted

    @property
    def is_all(self) -> bool:
        """Whether every injected fault is named, and nothing else."""
        return sorted(map(str, self.causes)) == sorted(map(str, self.wanted))


class CatalogueLab:
    """A running rig with somebody on its bastion, kubectl and calicoctl; a context manager.

    Args:
        topology: `mesh` or `reflectors`.
        folder: Empty.
        keep: Where to leave a snapshot of what was explained wrongly.
    """

    def __init__(self, topology: str, folder: Path, *, keep: Path | None = None) -> None:
        self.topology = topology
        self._keep = keep
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name in ("rig", "home", "api"):
                (self._folder / name).mkdir(parents=True)
            version = "v3.33.0" if self.topology == "mesh" else "v3.32.1"
            self.rig = stack.enter_context(CalicoRig(self.topology, self._folder / "rig", calicoctl=version))
            # A Unix socket's path may have 107 characters; pytest's folders are longer.
            short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rig-")))
            self.api = stack.enter_context(ClusterAPI(self.rig, short))
            self.rig.wait_established()
            self.operator = Operator(self.rig, self._folder / "home")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def audit(self, *, resources: str | None = "kubectl") -> Audit:
        """What the operator sees.

        Args:
            resources: Who printed the nodes: `kubectl` or `calicoctl`. None: without resources.
        """
        arguments: list[str | Path] = [*PATIENCE, "--fail-on", "warning"]
        if resources is not None:
            path = self.operator.home / "resources.yaml"
            path.write_text(self.rig.store.export(kubernetes=resources == "kubectl"))
            arguments += ["--resources", path]
        return self.operator.audit(*arguments, hosts=self.inventory())

    def inventory(self) -> list[str]:
        """hosts.txt as somebody wrote it when the cluster was whole, with the nodes that were added since."""
        lines = [
            f"{node.ipv4} node={node.name}{' role=reflector' if node.name in self.rig.reflectors else ''}"
            for node in self.rig.nodes.values()
            if node.name not in self._gone
        ]
        return [*lines, *self.rig.also_listed]

    _gone: frozenset[str] = frozenset()

    @contextmanager
    def broken(self, cases: Sequence[Case]) -> Iterator[None]:
        """Inside, the faults are there; afterwards everything is as at first."""
        try:
            for case in cases:
                FAULTS[case.fault](self.rig, case.nodes)
            self.operator.trust_new_hosts()
            self.look_later(0 if any(case.fault in {"restarting", "recovering"} for case in cases) else LATER)
            yield
        finally:
            self._gone = frozenset()
            self.look_later(0)
            self.rig.reset()
            self.operator.trust_hosts()

    def look_later(self, seconds: int) -> None:
        """Whoever asks the nodes from now on comes so much later."""
        for node in self.rig.nodes.values():
            node.set_clock_ahead(seconds)

    def run(self, *cases: Case, form: str = "kubectl") -> Outcome:
        """Break, audit, mend as far as that is meant, heal."""
        outcome = Outcome(f"{self.topology} {' + '.join(map(str, cases))} ({form})")
        outcome.wanted = [(case.kind, case.names) for case in cases]
        try:
            with self.broken(cases):
                audit = self.audit(resources=form)
                report = _report(audit)
                outcome.causes = causes_of(report)
                outcome.innocent = self._innocent(outcome, cases)
                outcome.healthy = audit.verdict == "healthy"
                if not outcome.is_all:
                    outcome.trouble.append(_told(report))
                    self._leave(outcome)
                if all(case.without_resources for case in cases):
                    outcome.by_tables = causes_of(_report(self.audit(resources=None)))
                if len(cases) == 1 and cases[0].mends:
                    outcome.failed_before = audit.exit_code == 1
                    if outcome.is_first:
                        self._mend(cases[0], report["causes"][0], form, outcome)
                elif len(cases) == 1 and outcome.causes:
                    self._measure(cases[0], report["causes"][0], form, outcome)
        except (RigError, AssertionError, OSError, ValueError) as error:
            outcome.trouble.append(f"{type(error).__name__}: {error}")
        return outcome

    def _mend(self, case: Case, cause: dict[str, Any], form: str, outcome: Outcome) -> None:
        fixes = cause["fixes"]
        if not fixes or not fixes[0]["steps"]:
            outcome.trouble.append("no fix is printed")
            outcome.healed = False
            return
        fix = fixes[0]
        unknown = {asked["variable"] for asked in fix["asks"]} - set(case.asks)
        if unknown:
            outcome.trouble.append(f"asks for {', '.join(sorted(unknown))}, which nobody knows")
        self.api.shell("; ".join("true" for _ in fix["steps"]))
        outcome.failed_after_nothing = self.audit(resources=form).exit_code == 1
        self._execute(case, fix, form, outcome)
        if case.fault in {"replaced", "reflector-removed"}:
            self._gone = frozenset(case.nodes)  # hosts.txt is the operator's to mend
        try:
            self.rig.wait_established()
        except RigError as error:
            outcome.trouble.append(f"after the fix {error}")
        after = self.audit(resources=form)
        outcome.healed = after.exit_code == 0 and not causes_of(_report(after))
        if not outcome.healed:
            outcome.trouble.append(f"after the fix: exit {after.exit_code}, {_told(_report(after))}")

    def _innocent(self, outcome: Outcome, cases: Sequence[Case]) -> list[str]:
        guilty = {name for case in cases for name in (*case.nodes, *case.names)}
        named = {name for _, names in outcome.causes for name in names}
        return sorted((named & self.rig.nodes.keys()) - guilty)

    def _measure(self, case: Case, cause: dict[str, Any], form: str, outcome: Outcome) -> None:
        """Run what is printed although it need not heal, and see that it takes no session down."""
        for fix in cause["fixes"][:1]:
            if not fix["steps"] or {asked["variable"] for asked in fix["asks"]} - set(case.asks):
                continue
            before = set(broken_paths.down(self.rig))
            self._execute(case, fix, form, outcome)
            broken_paths.settled(self.rig)
            outcome.harmed = sorted(set(broken_paths.down(self.rig)) - before)

    def _execute(self, case: Case, fix: dict[str, Any], form: str, outcome: Outcome) -> None:
        for step in fix["steps"]:
            other = FORMS[1 - FORMS.index(form)]
            command = step[form] or step[other]
            if command is not None:
                outcome.ran.append(command)
                done = self.api.shell(command, {a["variable"]: case.asks[a["variable"]] for a in fix["asks"]})
            else:
                outcome.ran.append(f"on {step['on']}: {step['shell']}")
                done = self.rig.ssh(step["on"], step["shell"])
            if done.returncode != 0:
                outcome.trouble.append(f"{outcome.ran[-1]}: exit {done.returncode}: {done.stderr.strip()}")

    def _leave(self, outcome: Outcome) -> None:
        if self._keep is not None:
            folder = self._keep / outcome.title.replace(" ", "-")
            self.gather(folder)
            outcome.trouble.append(f"snapshot: {folder}")

    def gather(self, folder: Path) -> None:
        """Keep what the operator sees, with resources, as a snapshot."""
        resources = self.operator.home / "resources.yaml"
        resources.write_text(self.rig.store.export())
        hosts = self.operator.hosts(*self.inventory())
        self.operator.run("gather", hosts, "-o", folder, "--resources", resources, *PATIENCE)

    def whole(self, *harmless: str, form: str = "kubectl") -> list[tuple[str, frozenset[str]]]:
        """The causes that are named although nothing is wrong with BGP."""
        case = [Case(name, self.topology, ("node4",), "", frozenset()) for name in harmless]
        with self.broken(case):
            return causes_of(_report(self.audit(resources=form))) + causes_of(_report(self.audit(resources=None)))


def causes_of(report: dict[str, Any]) -> list[tuple[str, frozenset[str]]]:
    """(kind, names) of the causes of a report."""
    return [(cause["kind"], subject_names(cause)) for cause in report["causes"]]


def _report(audit: Audit) -> dict[str, Any]:
    assert audit.report is not None, audit.stderr
    return audit.report


def _told(report: dict[str, Any]) -> str:
    causes = [f"{kind} {sorted(names)}" for kind, names in causes_of(report)]
    loose = [
        f"{f['rule']}: {f['message']}" for f in report["findings"] if f["severity"] != "info" and not f["cause_id"]
    ]
    return f"causes: {'; '.join(causes) or 'none'}; unexplained: {' | '.join(loose) or 'nothing'}"
