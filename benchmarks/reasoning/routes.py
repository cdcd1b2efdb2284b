"""`python -m benchmarks routes`: whole commands about routes in big clusters, against reading what they are given.

The lower bound of each is a process of the same run that imports the command and reads its input: no answer can take
less. CPU is that of the whole process, memory its peak.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import compile_package, interleave, median, run
from benchmarks.reasoning.causes import snapshot
from benchmarks.reasoning.whatif import mesh
from calico_bgp.cli.main import COMMANDS
from calico_bgp.model.peer import ErrorClass
from calico_bgp.store.snapshot_folder import save_snapshot

_FIRST = IPv4Address("10.0.0.1")
_READ_RESOURCES = (
    "import sys, calico_bgp.cli.{module}\n"
    "from calico_bgp.cli.sources.resource_files import read_resources\n"
    "read_resources(sys.argv[1:])"
)
_READ_SNAPSHOT = (
    "import sys, calico_bgp.cli.look.audit\n"
    "from calico_bgp.store.snapshot_folder import load_snapshot\n"
    "load_snapshot(sys.argv[1])"
)


class Row(NamedTuple):
    """A command with its targets.

    Attributes:
        title: What is asked of what.
        command: The words after `calico-bgp`; the input is the last one.
        bound: A program that only reads the input.
        at_most: Times the CPU of the bound.
        memory: Times the memory of the bound.
    """

    title: str
    command: tuple[str, ...]
    bound: str
    at_most: float
    memory: float


def resource(kind: str, name: str, spec: str, labels: str = "") -> str:
    more = f", labels: {{{labels}}}" if labels else ""
    return f"apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: {name}{more}}}\nspec: {{{spec}}}\n"


def mesh_documents(nodes: int) -> Iterator[str]:
    """A full mesh."""
    for number in range(nodes):
        yield resource("Node", f"node{number:05}", f"bgp: {{ipv4Address: {_FIRST + number}/16}}")


def filtered_documents(nodes: int) -> Iterator[str]:
    """Nodes that all peer through a BGPFilter, with two blocks each, of three pools; one of these is not exported."""
    yield resource("BGPConfiguration", "default", "nodeToNodeMeshEnabled: false")
    yield resource("BGPPeer", "all", "nodeSelector: all(), peerSelector: all(), filters: [guard]")
    yield resource("IPPool", "open", "cidr: 10.200.0.0/16")
    yield resource("IPPool", "rejected", "cidr: 10.201.0.0/16")
    yield resource("IPPool", "hidden", "cidr: 10.202.0.0/16, disableBGPExport: true")
    rules = "{action: Reject, matchOperator: In, cidr: 10.201.0.0/16}, {action: Accept, matchOperator: In, cidr: "
    yield resource("BGPFilter", "guard", f"exportV4: [{rules}10.200.0.0/16}}]")
    yield from mesh_documents(nodes)
    for number in range(2 * nodes):
        # One node in four has a block that the filter rejects, one in ten a block of the pool that is hidden.
        pool = 201 if number % 8 == 0 else 202 if number % 20 == 1 else 200
        block = f"10.{pool}.{number // 4 % 256}.{number % 4 * 64}/26"
        spec = f"cidr: {block}, node: node{number // 2:05}, state: confirmed, deleted: 'false'"
        made = resource("BlockAffinity", f"block-{number}", spec)
        yield made.replace("projectcalico.org/v3", "crd.projectcalico.org/v1")


def pair_documents(clients: int, reflectors: int) -> Iterator[str]:
    """Clients of two random reflectors each, which all peer with one another."""
    rng = random.Random(1)
    yield resource("BGPConfiguration", "default", "nodeToNodeMeshEnabled: false")
    for number in range(reflectors):
        bgp = f"ipv4Address: {_FIRST + number}/16, routeReflectorClusterID: 244.0.0.{number + 1}"
        yield resource("Node", f"reflector{number:02}", f"bgp: {{{bgp}}}", f'rr: "", rr{number}: ""')
    pairs = set()
    for number in range(clients):
        one, other = sorted(rng.sample(range(reflectors), 2))
        pairs.add((one, other))
        bgp = f"bgp: {{ipv4Address: {_FIRST + reflectors + number}/16}}"
        yield resource("Node", f"client{number:05}", bgp, f"pair: {one}-{other}")
    for one, other in sorted(pairs):
        spec = f"nodeSelector: \"pair == '{one}-{other}'\", peerSelector: has(rr{one}) || has(rr{other})"
        yield resource("BGPPeer", f"pair-{one}-{other}", spec)
    yield resource("BGPPeer", "reflectors", "nodeSelector: has(rr), peerSelector: has(rr)")


def cut_in_two(nodes: int, folder: Path) -> Path:
    """A snapshot of a mesh of which two fifths do not reach the others."""
    full = mesh(nodes)
    near = {node.name for node in full.nodes[: nodes * 2 // 5]}
    cut = (ErrorClass.BGP, "Hold timer expired")
    save_snapshot(snapshot(full, lambda a, b: cut if (a in near) != (b in near) else None), folder / "cut")
    return folder / "cut"


def rows(folder: Path) -> Iterator[Row]:
    """Every command, with its input made."""

    def written(name: str, documents: Iterator[str]) -> str:
        path = folder / f"{name}.yaml"
        path.write_text("---\n".join(documents))
        return str(path)

    thousand = written("mesh-1000", mesh_documents(1_000))
    three_hundred = written("mesh-300", mesh_documents(300))
    filtered = written("filtered-1000", filtered_documents(1_000))
    pairs = written("pairs", pair_documents(2_000, 20))
    one = "node00005"
    lint, reach, whatif, drain, risks = (
        _READ_RESOURCES.format(module=COMMANDS[name][0]) for name in ("lint", "reach", "whatif", "drain-check", "risks")
    )
    yield Row("lint, mesh of 1,000", ("lint", thousand), lint, 2.5, 1.5)
    yield Row("reach, mesh of 1,000", ("reach", "--resources", thousand), reach, 2.5, 1.5)
    yield Row("reach through filters, 1,000 nodes", ("reach", "--resources", filtered), reach, 2.5, 1.5)
    yield Row("whatif --remove, mesh of 1,000", ("whatif", "--remove", one, "--resources", thousand), whatif, 4, 1.5)
    yield Row("drain-check, mesh of 300", ("drain-check", one, "--resources", three_hundred), drain, 2.5, 1.5)
    yield Row("risks, 2,000 clients on pairs of 20", ("risks", "--resources", pairs), risks, 8, 1.5)
    audit = ("audit", "--snapshot", str(cut_in_two(200, folder)))
    yield Row("audit, mesh of 200 cut in two", audit, _READ_SNAPSHOT, 4.2, 3)


def judged(row: Row, rounds: int) -> bool:
    """One command against its lower bound."""
    costs = interleave(
        rounds,
        {
            row.title: lambda: run([sys.executable, "-m", "calico_bgp", *row.command]),
            "reading only": lambda: run([sys.executable, "-c", row.bound, row.command[-1]]),
        },
    )
    cpu, memory = ([median(costs[name], field) for name in costs] for field in ("cpu", "memory"))
    print(
        f"\n{row.title}: {cpu[0]:.2f} s of CPU, {memory[0]:.0f} MiB; reading only {cpu[1]:.2f} s, {memory[1]:.0f} MiB"
    )
    met = True
    for what, found, most in (("CPU", cpu, row.at_most), ("memory", memory, row.memory)):
        ratio = found[0] / found[1]
        met = met and ratio <= most
        print(f"  {'ok  ' if ratio <= most else 'MISS'} {what}: {ratio:.2f} times that of reading (at most {most:g})")
    sys.stdout.flush()
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks routes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    compile_package()
    with tempfile.TemporaryDirectory() as folder:
        met = [judged(row, options.rounds) for row in rows(Path(folder))]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
