"""The score of the catalogue, as text. Nothing here runs anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tests.rig.catalogue.outcome import Outcome

Part = Callable[[Outcome], bool]


def score_table(outcomes: Sequence[Outcome], topologies: Sequence[str]) -> str:
    """A column for each topology.

    Args:
        outcomes: What came of the cases; of healthy clusters the titles begin with `<topology> whole`.
        topologies: The columns.
    """
    columns = [[o for o in outcomes if o.title.split()[0] == topology] for topology in topologies]
    lines = [_line("", topologies)]

    def shares(title: str, of: Part, good: Part) -> None:
        counted = [[o for o in column if of(o)] for column in columns]
        lines.append(_line(title, [f"{sum(map(good, c))}/{len(c)}" for c in counted]))

    def sums(title: str, count: Callable[[Outcome], int]) -> None:
        lines.append(_line(title, [str(sum(map(count, column))) for column in columns]))

    shares("single faults with resources", lambda o: _single(o) and not _by_tables(o), lambda _: True)
    shares("  right first cause", lambda o: _single(o) and not _by_tables(o), lambda o: o.is_first)
    shares("  and nothing else", lambda o: _single(o) and not _by_tables(o), lambda o: o.is_all)
    shares("faults that the tables alone tell", lambda o: _single(o) and o.tables_tell, _first_by_tables)
    shares("  and nothing else", lambda o: _single(o) and o.tables_tell, lambda o: o.is_told_by_tables)
    shares("two faults: both, nothing else", _pair, lambda o: o.is_all)
    shares("fixed by the printed commands", lambda o: o.failed_before is not None, lambda o: bool(o.healed))
    shares("  failing after a no-op instead", lambda o: o.failed_before is not None, _failing_after_nothing)
    shares("runs with a printed fix that ran", lambda o: not _whole(o), lambda o: bool(o.ran))
    sums("harmful fixes", lambda o: bool(o.harmed))
    sums("innocent nodes named", lambda o: len(o.innocent))
    shares("runs in which a route was missing", lambda o: not _whole(o), lambda o: o.missing > 0)
    sums("verdicts better than the truth", lambda o: len(o.better))
    shares("audits of whole clusters, healthy", _whole, lambda o: o.is_good)
    return "\n".join(lines)


def _line(title: str, values: Iterable[str]) -> str:
    return f"{title:<36}{''.join(f'{value:>12}' for value in values)}".rstrip()


def _whole(outcome: Outcome) -> bool:
    return outcome.title.split()[1] == "whole"


def _pair(outcome: Outcome) -> bool:
    return " + " in outcome.title and not _whole(outcome)


def _single(outcome: Outcome) -> bool:
    return not _pair(outcome) and not _whole(outcome)


def _by_tables(outcome: Outcome) -> bool:
    return outcome.title.endswith("(tables)")


def _first_by_tables(outcome: Outcome) -> bool:
    return bool(outcome.by_tables) and outcome.by_tables is not None and outcome.by_tables[0] in outcome.wanted


def _failing_after_nothing(outcome: Outcome) -> bool:
    return bool(outcome.failed_before and outcome.failed_after_nothing)
