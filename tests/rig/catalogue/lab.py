"""Runs cases of the catalogue: breaks a rig, lets the operator audit it, runs the commands that the report prints.

Nothing is asserted here: an Outcome says what came of it. One lab at a time uses one rig.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from tests.rig.broken import addresses, daemons, kept_back, layouts, machines, paths, resources
from tests.rig.catalogue.both_ways import SHOWN_BY_BIRD_ALONE, THROUGH_API, causes_of, differences
from tests.rig.catalogue.case import subject_names
from tests.rig.catalogue.cases import Case
from tests.rig.catalogue.missing_routes import missing_routes
from tests.rig.catalogue.outcome import Named, Outcome
from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import RigError
from tests.rig.machines.operator import Audit, Operator
from tests.rig.standins.cluster_api import ClusterAPI
from tests.rig.standins.kubernetes_api import RigKubernetes

#: What the lab has, too, by the same names; and what only real machines show.
SHARED = machines.FAULTS | resources.FAULTS | kept_back.SHARED
FAULTS = SHARED | layouts.FAULTS | paths.FAULTS | daemons.FAULTS | addresses.FAULTS | kept_back.FAULTS
#: So long after a fault does the operator look: no session is young then, whatever the rig did before. Seconds.
LATER = 300
#: Quick enough for a test, and more than any node of a rig needs.
PATIENCE = ("--connect-timeout", "4s", "--timeout", "8s")
#: Who prints the resources and runs the fix.
FORMS = ("kubectl", "calicoctl")
#: Without resources; what is printed then is run with kubectl.
TABLES = "tables"
#: What kubectl says of what another way of installing Calico would have: a resource of the operator, a DaemonSet of the
#: manifest in kube-system.
_OTHER_MAKE = ("the server doesn't have a resource type", "calico-node not found")
#: The one word of a report that claims that nothing is wrong.
HEALTHY = "healthy"


class CatalogueLab:
    """A running rig with somebody on its bastion, kubectl and calicoctl; a context manager.

    Args:
        topology: `mesh` or `reflectors`.
        folder: Empty.
        keep: Where to leave a snapshot of what was explained wrongly.
        through_api: The faults that are audited through Kubernetes as well; the answers have to be equal.
    """

    def __init__(
        self, topology: str, folder: Path, *, keep: Path | None = None, through_api: Collection[str] = THROUGH_API
    ) -> None:
        self.topology = topology
        self._through_api = through_api
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
            self.kubernetes = stack.enter_context(RigKubernetes(self.api, short))
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

    def audit_through_api(self) -> Audit:
        """What somebody sees who has a kubeconfig only."""
        return self.operator.audit_kubernetes(self.kubernetes.kubeconfig, "--fail-on", "warning")

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
        """Break, audit, fix as far as that is meant, heal.

        Args:
            cases: One fault, or two at once.
            form: `kubectl`, `calicoctl`, or `tables`: without resources.
        """
        outcome = Outcome(title_of(cases, form), tables_tell=all(case.without_resources for case in cases))
        outcome.wanted = [(case.kind, case.names) for case in cases]
        began = time.monotonic()
        try:
            with self.broken(cases):
                outcome.missing = missing_routes(self.rig)
                report = self._judge(cases, form, outcome)
                if len(cases) == 1 and cases[0].fixes and form != TABLES:
                    outcome.failed_before = report["exit_code"] == 1
                    if outcome.is_first:
                        self._mend(cases[0], report["causes"][0], form, outcome)
                if len(cases) == 1 and report["causes"] and outcome.healed is None:
                    self._measure(cases[0], report["causes"][0], form, outcome)
        except (RigError, AssertionError, OSError, ValueError) as error:
            outcome.trouble.append(f"{type(error).__name__}: {error}")
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome

    def _judge(self, cases: Sequence[Case], form: str, outcome: Outcome) -> dict[str, Any]:
        """Audit with and without resources; gives the report that the form is about."""
        # What no table shows and costs no route, tables may call healthy: a file that BIRD refuses.
        asked = self.audit(resources=None)
        # A route that came back while the audit asked is none that it should have missed.
        outcome.missing = min(outcome.missing, missing_routes(self.rig))
        shown = outcome.missing > 0 or bool(paths.down(self.rig))
        tables = _report(asked, outcome if shown else None, "without resources")
        outcome.by_tables = causes_of(tables)
        report = tables
        if form == TABLES:
            outcome.causes = list(outcome.by_tables) if outcome.tables_tell else list(outcome.wanted)
        else:
            audit = self.audit(resources=form)
            report = _report(audit, outcome, "with resources")
            outcome.causes = causes_of(report)
            if any(case.fault in self._through_api for case in cases):
                through = self.audit_through_api()
                same_rows = not any(case.fault in SHOWN_BY_BIRD_ALONE for case in cases)
                outcome.trouble += differences(audit, through, same_rows=same_rows)
                report = _report(through, outcome, "through the API")  # its fixes name the pods
        outcome.innocent = self._innocent([*outcome.causes, *outcome.by_tables], cases)
        if not outcome.is_all or not outcome.is_told_by_tables:
            outcome.trouble.append(f"{_told(report)}; without resources {_told(tables)}")
        if outcome.trouble or outcome.innocent or outcome.better:
            self._leave(outcome)
        return report

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
            outcome.healed = False
            return
        self.api.shell("; ".join("true" for _ in fix["steps"]))
        outcome.failed_after_nothing = self.audit(resources=form).exit_code == 1
        outcome.trouble += self._execute(case, fix, form, outcome)
        if case.fault in {"replaced", "reflector-removed"}:
            self._gone = frozenset(case.nodes)  # hosts.txt is the operator's to fix
        try:
            self.rig.wait_established()
        except RigError as error:
            outcome.trouble.append(f"after the fix {error}")
            outcome.harmed = paths.down(self.rig)
        after = self.audit(resources=form)
        outcome.healed = after.exit_code == 0 and not causes_of(_report(after))
        if not outcome.healed:
            outcome.trouble.append(f"after the fix: exit {after.exit_code}, {_told(_report(after))}")

    def _innocent(self, causes: Sequence[Named], cases: Sequence[Case]) -> list[str]:
        guilty = {name for case in cases for name in (*case.nodes, *case.names)}
        named = {name for _, names in causes for name in names}
        return sorted((named & self.rig.nodes.keys()) - guilty)

    def _measure(self, case: Case, cause: dict[str, Any], form: str, outcome: Outcome) -> None:
        """Run what is printed although it need not heal, and see that it takes no session down.

        A command that fails is none to print, unless its cause is a guess that the tables cannot make better, or it is
        for clusters of another make: of such ways the operator takes the next one.
        """
        for fix in cause["fixes"]:
            if not fix["steps"] or {asked["variable"] for asked in fix["asks"]} - set(case.asks):
                return
            before = set(paths.down(self.rig))
            failed = self._execute(case, fix, form, outcome)
            if failed and all(any(words in said for words in _OTHER_MAKE) for said in failed):
                continue
            if cause["confidence"] != "possible" and (cause["kind"], subject_names(cause)) in outcome.wanted:
                outcome.trouble += failed
            paths.settled(self.rig)
            outcome.harmed = sorted(set(paths.down(self.rig)) - before)
            return

    def _execute(self, case: Case, fix: dict[str, Any], form: str, outcome: Outcome) -> list[str]:
        """Run all commands; gives those that failed."""
        failed = []
        for step in fix["steps"]:
            chosen, other = ("calicoctl", "kubectl") if form == "calicoctl" else FORMS
            command = step[chosen] or step[other]
            if command is not None:
                outcome.ran.append(command)
                done = self.api.shell(command, {a["variable"]: case.asks[a["variable"]] for a in fix["asks"]})
            else:
                outcome.ran.append(f"on {step['on']}: {step['shell']}")
                done = self.rig.ssh(step["on"], step["shell"])
            if done.returncode != 0:
                failed.append(f"{outcome.ran[-1]}: exit {done.returncode}: {done.stderr.strip()}")
        return failed

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

    def whole(self, title: str, *harmless: str, form: str = "kubectl") -> Outcome:
        """Audit what is not broken: no cause may be named.

        Args:
            title: The outcome's.
            harmless: What is odd, and no fault of BGP.
            form: Who prints the resources.
        """
        outcome, began = Outcome(title), time.monotonic()
        with self.broken([Case(name, self.topology, ("node4",), "", frozenset()) for name in harmless]):
            outcome.missing = missing_routes(self.rig)
            for resources in (form, None):
                audit = self.audit(resources=resources)
                report = _report(audit)
                outcome.causes += causes_of(report)
                if audit.exit_code not in ((0, 3) if resources is None else (0,)):
                    outcome.trouble.append(f"exit {audit.exit_code}: {_told(report)}")
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome


def title_of(cases: Sequence[Case], form: str) -> str:
    """What an outcome is called."""
    return f"{cases[0].topology} {' + '.join(map(str, cases))} ({form})"


def _report(audit: Audit, broken: Outcome | None = None, which: str = "") -> dict[str, Any]:
    """The JSON; notes in the outcome of something broken where the verdict is better than that."""
    assert audit.report is not None, audit.stderr
    if broken is not None and (audit.verdict == HEALTHY or audit.exit_code == 0):
        broken.better.append(f"{which}: {audit.verdict}, exit {audit.exit_code}")
    return audit.report | {"exit_code": audit.exit_code}


def _told(report: dict[str, Any]) -> str:
    causes = [f"{kind} {sorted(names)}" for kind, names in causes_of(report)]
    loose = [
        f"{f['rule']}: {f['message']}" for f in report["findings"] if f["severity"] != "info" and not f["cause_id"]
    ]
    return f"causes: {'; '.join(causes) or 'none'}; unexplained: {' | '.join(loose) or 'nothing'}"
