"""`python -m tests.mutants`: puts faults into what judges, and prints those that no test notices.

Which tests run a line is taken from `make coverage`. A fault that the first of them let pass meets all of them. The
exit code is 1 where one survives that survivors.toml does not explain.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.mutants.child import BROKEN, KILLED, SURVIVED, start
from tests.mutants.mutations import Mutation, mutated, mutations

ROOT = Path(__file__).parents[2]
#: What judges, and the tests of lines of which nothing is recorded: those of a module's beginning.
TARGETS = {
    "cluster": ("tests/unit/cluster", "tests/unit/auditing/test_captures.py"),
    "rules": ("tests/unit/rules",),
    "causes/choice.py": ("tests/property/test_choice.py", "tests/unit/causes/test_two_faults.py"),
    "auditing/verdict.py": ("tests/property/test_verdict.py", "tests/unit/auditing/test_only_what_was_read.py"),
    "routes/computed": ("tests/unit/routes",),
}
#: How many tests a fault meets first, and what CPU time they and all have.
FIRST, FIRST_SECONDS, ALL_SECONDS = 40, 60, 400


@dataclass(frozen=True)
class Mutant:
    """A fault in a file, and the tests that run its line."""

    file: Path
    mutation: Mutation
    tests: tuple[str, ...]

    @property
    def place(self) -> str:
        return self.file.relative_to(ROOT / "calico_bgp").as_posix()

    @property
    def text(self) -> str:
        """The line in which it is, as it stands in the file: a number would change with every line before it."""
        return self.file.read_text().splitlines()[self.mutation.line - 1].strip()

    def __str__(self) -> str:
        return f"{self.place}:{self.mutation.line}: {self.mutation.before!r} -> {self.mutation.after!r}"


def mutants(data: CoverageData, targets: Iterable[str]) -> Iterator[Mutant]:
    """All faults of the modules."""
    for target in targets:
        path = ROOT / "calico_bgp" / target
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            tests = {line: _tests(contexts) for line, contexts in data.contexts_by_lineno(name).items()}
            for mutation in mutations(file.read_text()):
                yield Mutant(file, mutation, tests.get(mutation.line) or TARGETS[target])


def _tests(contexts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({context.rpartition("|")[0] for context in contexts if "|" in context}))


def run(todo: Sequence[tuple[Mutant, tuple[str, ...]]], seconds: int, jobs: int) -> Iterator[tuple[Mutant, int]]:
    """Each with its outcome, never more than `jobs` at once."""
    waiting, running = list(reversed(todo)), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant, tests = waiting.pop()
            module = mutant.file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            source, number = mutant.file.read_text(), mutant.mutation.number

            def code(source=source, number=number, file=mutant.file):
                return compile(mutated(source, number), str(file), "exec")

            child = start(module.removesuffix(".__init__"), mutant.file, code, tests, seconds)
            running[child] = mutant, time.monotonic() + 5 * seconds
        for child, (mutant, deadline) in list(running.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended and time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                ended, status = os.waitpid(child, 0)
            if ended:
                del running[child]
                # Who runs on for ever is noticed.
                yield mutant, KILLED if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        time.sleep(0.02)


def explained() -> set[tuple[str, str, str, str]]:
    """The faults that are none, by what stands in the file."""
    entries = tomllib.loads((Path(__file__).parent / "survivors.toml").read_text()).get("survivor", [])
    return {(entry["module"], entry["line"], entry["before"], entry["after"]) for entry in entries if entry["reason"]}


def _target(text: str) -> str:
    if text not in TARGETS:
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(TARGETS)}")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    # argparse of Python 3.11 holds the empty list of a missing TARGET itself against choices.
    parser.add_argument("targets", nargs="*", type=_target, metavar="TARGET", help=f"one of {', '.join(TARGETS)}")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, choices=range(1, 9), metavar="1-8")
    options = parser.parse_args()
    data = CoverageData(str(ROOT / ".coverage"))
    data.read()
    if not data.measured_files():
        sys.exit("which tests run which line is not known: make coverage")
    os.chdir(ROOT)
    all_ = list(mutants(data, options.targets or TARGETS))
    chosen = (
        all_ if options.sample is None else random.Random(options.seed).sample(all_, min(options.sample, len(all_)))
    )
    outcomes: Counter[int] = Counter()
    again: list[tuple[Mutant, tuple[str, ...]]] = []
    survivors: list[Mutant] = []
    for mutant, outcome in run([(m, _spread(m.tests)) for m in chosen], FIRST_SECONDS, options.jobs):
        if outcome == SURVIVED and len(mutant.tests) > FIRST:
            again.append((mutant, mutant.tests))
            continue
        outcomes[outcome] += 1
        if outcome != KILLED:
            survivors.append(mutant)
            print(("BROKEN " if outcome == BROKEN else "SURVIVED ") + str(mutant), flush=True)
    for mutant, outcome in run(again, ALL_SECONDS, options.jobs):
        outcomes[outcome] += 1
        if outcome != KILLED:
            survivors.append(mutant)
            print(f"SURVIVED {mutant} ({len(mutant.tests)} tests)", flush=True)
    known = explained()
    new = [m for m in survivors if (m.place, m.text, m.mutation.before, m.mutation.after) not in known]
    noticed = f"{outcomes[KILLED]} noticed, {len(survivors)} not, {len(new)} of these without a reason"
    print(f"{len(chosen)} of {len(all_)} faults: {noticed}")
    return 1 if new else 0


def _spread(tests: tuple[str, ...]) -> tuple[str, ...]:
    """The first few, from all over the list: neighbours test alike."""
    return tests[:: max(1, -(-len(tests) // FIRST))]


if __name__ == "__main__":
    sys.exit(main())
