"""`python -m benchmarks parsing`: text to typed peers, against the ways that one would think of first.

Our caches are emptied before every run, so nothing is remembered from the round before. Method: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Target, compare
from benchmarks.parsing import rivals
from benchmarks.parsing.corpora import Corpus, many_small, mesh, one_large, rows_in
from calico_bgp.model.reading import NodeStatus
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.parse.status.rows import forget

OURS, OBVIOUS, BARE = "calico_bgp", "textfsm, dicts, pydantic", "bare re.findall"


def ours(texts: Sequence[str]) -> Callable[[], list[NodeStatus]]:
    """parse_node_status with cold caches."""

    def run() -> list[NodeStatus]:
        forget()
        return [parse_node_status(text) for text in texts]

    return run


def _our_rows(outputs: list[NodeStatus]) -> list[list[tuple[Any, ...]]]:
    return [
        [(p.family, p.address, p.peer_type, p.protocol_state, p.since, p.info) for p in status.peers]
        for status in outputs
    ]


def _their_rows(outputs: list[list[rivals.Row]]) -> list[list[tuple[Any, ...]]]:
    return [[(r.family, r.address, r.peer_type, r.state, r.since, r.info) for r in output] for output in outputs]


def against_obvious(corpus: Corpus, rounds: int, *, times_as_fast: float, of_findall: float | None = None) -> bool:
    """One corpus, judged."""
    targets = [Target(OURS, OBVIOUS, times_as_fast=times_as_fast)]
    if of_findall is not None:
        targets.append(Target(OURS, BARE, at_most=of_findall))
    return compare(
        f"{corpus.title} ({rows_in(corpus.texts)} rows)",
        {OURS: ours(corpus.texts), OBVIOUS: rivals.obvious(corpus.texts), BARE: rivals.bare(corpus.texts)},
        equal={OURS: _our_rows, OBVIOUS: _their_rows},
        targets=tuple(targets),
        rounds=rounds,
    )


def against_others(rounds: int) -> None:
    """ttp and clitable on a tenth of a mesh; they make dicts only, so nothing is judged."""
    full = mesh(200, family=4, wrapped=False, young=True)
    texts = full.texts[:20]
    with tempfile.TemporaryDirectory(prefix="calico-bgp-bench-") as folder:
        compare(
            f"20 outputs of the {full.title} ({rows_in(texts)} rows)",
            {
                OURS: ours(texts),
                OBVIOUS: rivals.obvious(texts),
                "ntc-templates (clitable), dicts": rivals.clitable(texts, Path(folder)),
                "ttp, dicts": rivals.with_ttp(texts),
                BARE: rivals.bare(texts),
            },
            equal={
                OURS: lambda outputs: [[str(p.address) for p in status.peers] for status in outputs],
                "ntc-templates (clitable), dicts": lambda outputs: [[r["address"] for r in each] for each in outputs],
                "ttp, dicts": lambda outputs: [
                    [r["address"] for r in each["families"][0]["rows"] if r["address"] != "PEER"] for each in outputs
                ],
            },
            rounds=min(rounds, 3),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks parsing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(arguments).rounds
    met = [
        against_obvious(mesh(200, family=family, wrapped=wrapped, young=young), rounds, times_as_fast=4.5, of_findall=3)
        for family, wrapped, young in ((4, True, True), (4, True, False), (6, False, True))
    ]
    met.append(against_obvious(one_large(5000), rounds, times_as_fast=3))
    met.append(against_obvious(many_small(5000), rounds, times_as_fast=2.5))
    against_others(rounds)
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
