"""All faults of the catalogue in both topologies, with every way of mending them: prints the score.

python -m tests.rig.catalogue.score [--results FILE] [--minutes N] [--worlds N] [--keep DIR] [--through-api] [FAULT...]

What came of each case goes to FILE at once; what stands there already is not run again, so that the score can be made
in pieces. Lines that are deleted there are run anew. Some faults are audited through Kubernetes as well, and with
--through-api all of which that gives the same answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.rig.catalogue.both_ways import OTHERWISE_THROUGH_API, THROUGH_API
from tests.rig.catalogue.case import Case
from tests.rig.catalogue.cases import CASES, HARMLESS, PAIRS
from tests.rig.catalogue.lab import FAULTS, FORMS, TABLES, CatalogueLab, title_of
from tests.rig.catalogue.outcome import Outcome
from tests.rig.catalogue.score_table import score_table
from tests.rig.catalogue.worlds import EACH, Worlds
from tests.rig.machines.calico_rig import TOPOLOGIES
from tests.rig.requirements import missing


@dataclass(frozen=True)
class Job:
    """What one lab does in one go: a case in one form, or an audit of a whole cluster.

    Attributes:
        title: Its outcome's.
        topology: In which.
        cases: The faults; none: nothing is wrong.
        harmless: What is odd then, and no fault.
        form: Who prints the resources.
    """

    title: str
    topology: str
    cases: tuple[Case, ...]
    harmless: tuple[str, ...]
    form: str

    def run(self, lab: CatalogueLab) -> Outcome:
        """Do it."""
        if self.cases:
            return lab.run(*self.cases, form=self.form)
        return lab.whole(self.title, *self.harmless, form=self.form)


def jobs(only: Sequence[str] = ()) -> Iterator[Job]:
    """All; of some faults only where any are named."""
    for topology in TOPOLOGIES:
        for harmless in () if only else ((), HARMLESS):
            for form in FORMS:
                title = " + ".join(("whole", *harmless))
                yield Job(f"{topology} {title} ({form})", topology, (), harmless, form)
    for case in CASES:
        if not only or case.fault in only:
            for form in (*(FORMS if case.fixes else FORMS[:1]), TABLES):
                yield Job(title_of([case], form), case.topology, (case,), (), form)
    for pair in PAIRS:
        if not only or any(case.fault in only for case in pair):
            yield Job(title_of(pair, FORMS[0]), pair[0].topology, pair, (), FORMS[0])


class Results:
    """Outcomes in a file, one a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        lines = path.read_text().splitlines() if path.exists() else []
        self.outcomes = {o.title: o for o in (Outcome.from_json(json.loads(line)) for line in lines)}

    def add(self, outcome: Outcome) -> None:
        """Keep it, and tell."""
        with self._lock:
            self.outcomes[outcome.title] = outcome
            with self._path.open("a") as file:
                file.write(json.dumps(outcome.to_json()) + "\n")
            print(f"{'ok ' if outcome.is_good else 'BAD'} {outcome.title} {outcome.seconds:.0f} s", flush=True)
            for line in () if outcome.is_good else told(outcome):
                print(f"      {line}", flush=True)


#: Which runs are first.
_ORDER = ("kubectl", TABLES, "calicoctl")


def told(outcome: Outcome) -> Iterator[str]:
    """What is not as it should be."""
    yield from outcome.trouble
    for what in ("harmed", "innocent", "better"):
        if getattr(outcome, what):
            yield f"{what}: {', '.join(getattr(outcome, what))}"
    if outcome.harmed:
        yield f"ran: {' ; '.join(outcome.ran)}"


def run(
    wanted: Sequence[Job],
    results: Results,
    *,
    minutes: float,
    each: int,
    keep: Path | None,
    through_api: Collection[str] = THROUGH_API,
) -> None:
    """Let some labs of each topology work through the jobs; what is not begun in time is left out."""
    deadline = time.monotonic() + 60 * minutes

    def begin(lab: CatalogueLab, job: Job) -> None:
        if time.monotonic() < deadline:
            results.add(job.run(lab))

    topologies = tuple(t for t in TOPOLOGIES if any(job.topology == t for job in wanted))
    with (
        tempfile.TemporaryDirectory() as folder,
        Worlds(Path(folder), each=each, topologies=topologies, keep=keep, through_api=through_api) as w,
    ):
        futures = [w.submit(job.topology, lambda lab, job=job: begin(lab, job)) for job in wanted]
        for future in as_completed(futures):
            future.result()


def main(arguments: Sequence[str]) -> int:
    """Exit 0 only where everything is as it should be and nothing was left out."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig.catalogue.score", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--worlds", type=int, default=EACH, help="labs of each topology")
    parser.add_argument("--keep", type=Path, help="where to leave snapshots of what was explained wrongly")
    parser.add_argument("--through-api", action="store_true", help="audit every fault through Kubernetes as well")
    options = parser.parse_args(arguments)
    if missing():
        print(f"the rig needs {', '.join(missing())}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        results = Results(options.results or Path(folder) / "results.jsonl")
        todo = list(jobs(options.faults))
        # Where time does not suffice for all, every case has been run once.
        left = sorted((job for job in todo if job.title not in results.outcomes), key=lambda j: _ORDER.index(j.form))
        began = time.monotonic()
        if left:
            through_api = frozenset(FAULTS) - OTHERWISE_THROUGH_API if options.through_api else THROUGH_API
            run(
                left,
                results,
                minutes=options.minutes,
                each=options.worlds,
                keep=options.keep,
                through_api=through_api,
            )
        outcomes = [results.outcomes[job.title] for job in todo if job.title in results.outcomes]
    print(score_table(outcomes, TOPOLOGIES))
    print(f"{len(outcomes)} of {len(todo)} runs; this took {time.monotonic() - began:.0f} s")
    for outcome in outcomes:
        if not outcome.is_good:
            print(f"BAD {outcome.title}")
    return 0 if len(outcomes) == len(todo) and all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
