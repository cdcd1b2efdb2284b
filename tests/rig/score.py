"""All faults of the catalogue in both topologies, with both ways of mending them: prints the score.

python -m tests.rig.score [FAULT...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.rig.calico_rig import TOPOLOGIES
from tests.rig.catalogue import CASES, HARMLESS, PAIRS
from tests.rig.catalogue_lab import FORMS, CatalogueLab, Outcome
from tests.rig.requirements import missing


@dataclass
class Score:
    """What came of one topology."""

    topology: str
    single: list[Outcome] = field(default_factory=list)
    pairs: list[Outcome] = field(default_factory=list)
    false_causes: int = 0
    healthy_audits: int = 0


def run(topology: str, folder: Path, only: Sequence[str], keep: Path | None) -> Score:
    """Every case of a topology; one that is mended with kubectl and once more with calicoctl."""
    score = Score(topology)
    with CatalogueLab(topology, folder / topology, keep=keep) as lab:
        for harmless in ((), HARMLESS):
            for form in FORMS:
                score.false_causes += len(lab.whole(*harmless, form=form))
                score.healthy_audits += 2
        for case in CASES:
            if case.topology == topology and (not only or case.fault in only):
                for form in FORMS if case.mends else FORMS[:1]:
                    score.single.append(_told(lab.run(case, form=form)))
        for pair in PAIRS:
            if pair[0].topology == topology and not only:
                score.pairs.append(_told(lab.run(*pair)))
        for form in FORMS:  # after all that
            score.false_causes += len(lab.whole(form=form))
            score.healthy_audits += 2
    return score


def _told(outcome: Outcome) -> Outcome:
    good = outcome.is_all and not outcome.trouble and outcome.healed is not False and not outcome.harmed
    print(f"{'ok ' if good else 'BAD'} {outcome.title}", flush=True)
    for line in outcome.trouble if not good else ():
        print(f"      {line}", flush=True)
    return outcome


def table(scores: Sequence[Score]) -> str:
    """The score."""
    lines = [f"{'':<34}{''.join(f'{score.topology:>12}' for score in scores)}"]

    def row(title: str, *values: str) -> None:
        lines.append(f"{title:<34}{''.join(f'{value:>12}' for value in values)}")

    def of(done: int, all_of: int) -> str:
        return f"{done}/{all_of}"

    row("runs of single faults", *(str(len(score.single)) for score in scores))
    row("  right first cause", *(of(sum(o.is_first for o in s.single), len(s.single)) for s in scores))
    row("  and nothing else", *(of(sum(o.is_all for o in s.single), len(s.single)) for s in scores))
    by_tables = [[o for o in score.single if o.by_tables is not None] for score in scores]
    row("  also without resources", *(of(sum(o.by_tables == o.wanted for o in t), len(t)) for t in by_tables))
    mends = [[o for o in score.single if o.failed_before is not None] for score in scores]
    row("mended by the printed commands", *(of(sum(bool(o.healed) for o in m), len(m)) for m in mends))
    row("  failing after a no-op instead", *(of(sum(bool(o.failed_after_nothing) for o in m), len(m)) for m in mends))
    everything = [score.single + score.pairs for score in scores]
    row("innocent nodes named", *(str(sum(len(o.innocent) for o in outcomes)) for outcomes in everything))
    row("harmful fixes", *(str(sum(bool(o.harmed) for o in outcomes)) for outcomes in everything))
    row("healthy while something is broken", *(str(sum(o.healthy for o in outcomes)) for outcomes in everything))
    row("two faults: both, nothing else", *(of(sum(o.is_all for o in s.pairs), len(s.pairs)) for s in scores))
    row("audits of healthy clusters", *(str(score.healthy_audits) for score in scores))
    row("  false causes", *(str(score.false_causes) for score in scores))
    return "\n".join(lines)


def main(only: list[str]) -> int:
    """Both topologies side by side."""
    if missing():
        print(f"the rig needs {', '.join(missing())}", file=sys.stderr)
        return 2
    keep = None
    if only[:1] == ["--keep"]:
        keep, only = Path(only[1]), only[2:]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(TOPOLOGIES)) as threads:
        scores = list(threads.map(lambda topology: run(topology, Path(folder), only, keep), TOPOLOGIES))
    print(table(scores))
    wrong = any(
        s.false_causes or not all(o.is_all and o.healed is not False and not o.harmed for o in s.single + s.pairs)
        for s in scores
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
