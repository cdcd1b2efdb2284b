"""`python -m tests.mutants`: puts faults into what judges, and prints those that no test notices.

Which tests run a line, and how long they take, is taken from `make coverage`. What came of each fault goes to the file
of --results at once; what stands there already is not tried again. The exit code is 1 where one survives that
survivors.toml does not explain.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.mutant import PACKAGE, ROOMS, ROOT, Key, Mutant, faults, mutants
from tests.mutants.recorded import Recorded
from tests.mutants.results import BROKEN, NOTICED, SURVIVED, Result, Results, share_at_most
from tests.mutants.trial import try_anew, try_in_place


def explained() -> set[Key]:
    """The faults that are none, by what stands in the file."""
    entries = tomllib.loads((Path(__file__).parent / "survivors.toml").read_text()).get("survivor", [])
    return {(entry["module"], entry["line"], entry["before"], entry["after"]) for entry in entries if entry["reason"]}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    recorded = Recorded(ROOT / ".coverage")
    if not recorded.contexts:
        sys.exit("which tests run which line is not known: make coverage")
    os.chdir(ROOT)
    all_ = faults(options.rooms or ROOMS)
    # The first few of a larger sample are the smaller one.
    random.Random(options.seed).shuffle(all_)
    made = {(mutant.file, mutant.mutation): mutant for mutant in mutants(recorded, all_[: options.sample])}
    chosen = [made[fault] for fault in all_[: options.sample]]
    with tempfile.TemporaryDirectory() as folder:
        # pytest keeps the folders of its last runs only: here of all, until the end.
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        results = Results(options.results or Path(folder, "results.jsonl"))
        _try(chosen, results, options)
        found = results.of(chosen)
    return _tell(found, len(all_))


def _try(chosen: Sequence[Mutant], results: Results, options: argparse.Namespace) -> None:
    bounds = options.seconds, options.jobs, time.monotonic() + 60 * options.minutes
    before = results.of(chosen)
    if new := [mutant for mutant in chosen if mutant not in before]:
        try_in_place(new, results, *bounds)
    again = [mutant for mutant, result in results.of(chosen).items() if _is_to_be_tried_anew(mutant, result)]
    try_anew(again, results, *bounds)


def _is_to_be_tried_anew(mutant: Mutant, result: Result) -> bool:
    """What is worked out when tests are imported is not seen in place."""
    return not result.anew and (result.outcome == BROKEN or (result.outcome == SURVIVED and mutant.at_import))


def _tell(found: dict[Mutant, Result], number: int) -> int:
    known = explained()
    survivors = [result for result in found.values() if result.outcome != NOTICED]
    new = [result for result in survivors if result.key not in known]
    for result in sorted(new, key=lambda result: result.mutant):
        print(result)
    print(f"{len(found)} of {number} faults: {len(found) - len(survivors)} noticed, {len(survivors)} not")
    print(f"{len(new)} of these without a reason")
    if found:
        print(f"with 95 % confidence at most {100 * share_at_most(len(survivors), len(found)):.1f} % are not noticed")
    return 1 if new else 0


def _room(text: str) -> str:
    """A room, or what lies in one: `causes`, `causes/peering`, `causes/peering/filters.py`."""
    path = PACKAGE / text
    if not path.exists() or not any(path.is_relative_to(PACKAGE / room) for room in ROOMS):
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(ROOMS)}, and lies in none")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    # argparse of Python 3.11 holds the empty list of a missing ROOM itself against choices.
    parser.add_argument(
        "rooms", nargs="*", type=_room, metavar="ROOM", help=f"one of {', '.join(ROOMS)}, or a folder or file in one"
    )
    parser.add_argument("--sample", type=int, help="so many of them, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, choices=range(1, 9), metavar="1-8")
    parser.add_argument("--results", type=Path, help="where to keep what came of each")
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="after which none begins")
    parser.add_argument("--seconds", type=float, default=30.0, help="CPU time of the tests of each")
    return parser


if __name__ == "__main__":
    sys.exit(main())
