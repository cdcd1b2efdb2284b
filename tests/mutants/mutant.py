"""A fault of a module that judges, and the tests that run its line. Runs nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tests.mutants.experience import Experience
from tests.mutants.mutations import Mutation, mutations
from tests.mutants.recorded import Recorded, tests_of

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "calico_bgp"
#: What judges: the rooms, or files of rooms, in which faults are made.
ROOMS = ("cluster", "rules", "causes", "routes", "changes", "expect", "whatif", "plan", "auditing/verdict.py")
#: How much longer a test counts whose seconds nobody measured.
_UNKNOWN_SECONDS = 1.0
#: How much sooner a test comes that goes an unusual way: slow ones do not keep the short and near ones waiting.
_UNUSUAL = 10
#: How many lines before and after another lie beside it, and of how many tests on a line one is few.
_BEFORE, _AFTER, _FEW = 8, 12, 10

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Mutant:
    """A fault in a file.

    Attributes:
        file: Where.
        mutation: What.
        tests: Node ids of the tests that run its line; where none does so while it runs, of those that run any line of
            the module.
        unusual: Those of them that run a line beside it that few of them run.
        at_import: The line runs when the module is imported, or a test file is.
    """

    file: Path
    mutation: Mutation
    tests: tuple[str, ...]
    unusual: frozenset[str]
    at_import: bool

    @property
    def place(self) -> str:
        return self.file.relative_to(PACKAGE).as_posix()

    @property
    def module(self) -> str:
        """The name by which it is imported."""
        return ".".join(self.file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @property
    def text(self) -> str:
        """The line in which it is, as it stands in the file: a number would change with every line before it."""
        return self.file.read_text().splitlines()[self.mutation.line - 1].strip()

    @property
    def key(self) -> Key:
        """What survivors.toml calls it."""
        return self.place, self.text, self.mutation.before, self.mutation.after

    def __str__(self) -> str:
        return f"{self.place}:{self.mutation.line}: {self.mutation.before!r} -> {self.mutation.after!r}"


def faults(rooms: Iterable[str]) -> list[tuple[Path, Mutation]]:
    """All of the rooms."""
    paths = [PACKAGE / room for room in rooms]
    files = [file for path in paths for file in ([path] if path.suffix else sorted(path.rglob("*.py")))]
    return [(file, mutation) for file in files for mutation in mutations(file.read_text())]


def mutants(recorded: Recorded, chosen: Iterable[tuple[Path, Mutation]]) -> Iterator[Mutant]:
    """Some faults, with what `make coverage` saw of their lines."""
    of_file: defaultdict[Path, list[Mutation]] = defaultdict(list)
    for file, mutation in chosen:
        of_file[file].append(mutation)
    for file, found in of_file.items():
        name = file.relative_to(ROOT).as_posix()
        contexts = recorded.of_lines(name, {line for mutation in found for line in _beside(mutation.line)})
        of_module = tests_of(recorded.of_file(name))
        for mutation in found:
            ran = contexts.get(mutation.line, set())
            few = [some for line in _beside(mutation.line) if len(some := contexts.get(line, ran)) < len(ran) / _FEW]
            unusual = frozenset(tests_of(ran & set().union(*few)))
            yield Mutant(file, mutation, tests_of(ran) or of_module, unusual, "" in ran)


def _beside(line: int) -> range:
    return range(line - _BEFORE, line + _AFTER)


def in_order(mutant: Mutant, seconds: Mapping[str, float], experience: Experience | None = None) -> list[str]:
    """First the tests that may notice soonest.

    These are those that noticed other faults nearby, then the short ones of every file, more of files that lie as the
    module, and those before that go an unusual way.
    """
    first = experience.first(mutant.place, mutant.tests, seconds) if experience else []
    of_file: Counter[str] = Counter()
    ranks: dict[str, float] = {}
    for test in sorted(mutant.tests, key=lambda name: (seconds.get(name, _UNKNOWN_SECONDS), name)):
        file = test.partition("::")[0]
        of_file[file] += seconds.get(test, _UNKNOWN_SECONDS)  # type: ignore[assignment]
        nearness = (1 + _shared(Path(file).parts[2:], Path(mutant.place).parts)) ** 2
        ranks[test] = of_file[file] / nearness / (_UNUSUAL if test in mutant.unusual else 1)
    return list(dict.fromkeys((*first, *sorted(ranks, key=ranks.__getitem__))))


def _shared(a: Sequence[str], b: Sequence[str]) -> int:
    """How many folders, and the file's name, two paths have in common."""
    pairs = zip(a, b, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].removeprefix("test_") == pair[1], pairs))
