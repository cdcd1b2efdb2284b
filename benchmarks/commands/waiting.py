"""`python -m benchmarks commands`: whole commands that users wait for, against what Python itself takes for a part.

CPU time of the process, user and system; a command and its lower bound run in turns, so that what else the machine does
meets both alike. The package is compiled first, as pip does when it installs one: what it depends on is, too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import compile_package, interleave, median, run
from benchmarks.resources.expect import mesh

ROOT = Path(__file__).parents[2]
CAPTURE = ROOT / "tests/fixtures/captures/v3.32/rr_ok_dual/node1.stdout.txt"
COMMAND = (sys.executable, "-m", "calico_bgp")
COMPLETION = {"_CALICO_BGP_COMPLETE": "bash_complete", "COMP_WORDS": "calico-bgp pa", "COMP_CWORD": "1"}
CLICK = (sys.executable, "-c", "import click")
LIBRARIES = (sys.executable, "-c", "import pydantic.dataclasses, textfsm, click")


class Row(NamedTuple):
    """A command, what it is measured against, and the most that it may take: times that, and MiB."""

    title: str
    command: tuple[str, ...]
    bound_title: str
    bound: tuple[str, ...]
    at_most: float
    mib: float | None = None
    env: Mapping[str, str] = {}


def rows(folder: Path) -> Iterator[Row]:
    yield Row("--version", (*COMMAND, "--version"), "import click", CLICK, 1.6)
    yield Row("--help", (*COMMAND, "--help"), "import click", CLICK, 1.6)
    yield Row("completion", COMMAND, "import click", CLICK, 1.6, env=COMPLETION)
    libraries = "importing pydantic.dataclasses, textfsm and click"
    yield Row("parse FILE", (*COMMAND, "parse", str(CAPTURE)), libraries, LIBRARIES, 1.5)
    yield Row("explain", (*COMMAND, "explain", "Active Socket: Connection refused"), libraries, LIBRARIES, 1.5)
    table = folder / "table.txt"
    table.write_text("".join(_tables(30)))
    status, parse = (*COMMAND, "status", "--pasted", str(table)), (*COMMAND, "parse", str(table))
    yield Row("status of 1,770 rows as text", status, "parse of the same text", parse, 2.5)
    resources = folder / "mesh.json"
    resources.write_text(_resources(1_000))
    expect = (*COMMAND, "expect", str(resources), "--format", "json")
    engine = (sys.executable, "-m", "benchmarks.resources.expect", "--measure", "mesh of 1,000 nodes")
    yield Row("expect of a mesh of 1,000 as JSON", expect, "the engine alone", engine, 2.7, mib=300)


def _tables(nodes: int) -> Iterator[str]:
    for near in range(nodes):
        yield f"root@node{near:02}:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\n"
        for far in range(2 * nodes):
            if far != near:
                state = "up    | 2026-01-02 | Established" if far % 12 else "start | 10:00:00   | Idle"
                yield f"| 10.0.0.{far + 1} | node-to-node mesh | {state} |\n"
        yield "\nIPv6 BGP status\nNo IPv6 peers found.\n\n"


def _resources(nodes: int) -> str:
    items = [
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "Node",
            "metadata": {"name": node.name},
            "spec": {"bgp": {"ipv4Address": f"{node.ipv4}/16"}},
        }
        for node in mesh(nodes).nodes
    ]
    return json.dumps({"apiVersion": "projectcalico.org/v3", "kind": "NodeList", "items": items})


def judged(row: Row, rounds: int) -> bool:
    """One command against its bound."""
    costs = interleave(
        rounds,
        {
            row.title: lambda: run(row.command, env=os.environ | row.env),
            row.bound_title: lambda: run(row.bound),
        },
    )
    ours, theirs = costs[row.title], costs[row.bound_title]
    ratio = statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))
    memory = max(cost.memory for cost in ours)
    met = ratio <= row.at_most and (row.mib is None or memory <= row.mib)
    print(f"\n{row.title}: {median(ours, 'cpu'):.3f} s, peak {memory:.0f} MiB")
    limit = f"at most {row.at_most:g}" + ("" if row.mib is None else f", and {row.mib:g} MiB")
    bound = f"{row.bound_title} ({median(theirs, 'cpu'):.3f} s)"
    print(f"  {'ok  ' if met else 'MISS'} {ratio:.2f} times the time of {bound} ({limit})", flush=True)
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks commands", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", metavar="WORDS", default="", help="only rows whose title holds these words")
    options = parser.parse_args(arguments)
    compile_package()
    with tempfile.TemporaryDirectory() as folder:
        chosen = [row for row in rows(Path(folder)) if options.only in row.title]
        return 0 if all([judged(row, options.rounds) for row in chosen]) else 1  # noqa: C419 - each prints


if __name__ == "__main__":
    raise SystemExit(main())
