"""Keeps what real BIRDs say of every fault: a snapshot folder and the rows of both ends, to develop against.

python -m tests.rig.corpus FOLDER mesh|reflectors [FAULT...]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.rig.broken_machines import FAULTS as MACHINES
from tests.rig.broken_resources import FAULTS as RESOURCES
from tests.rig.calico_rig import CalicoRig
from tests.rig.cell import RigError
from tests.rig.node import DAEMONS
from tests.rig.operator import Operator

PAIR = {"mesh": ("node2", "node5"), "reflectors": ("node1", "node4")}
#: Fault → on what: `1` one node, `2` the pair and reversed, `r` a reflector, `rr` all reflectors, `z` a zone.
WHERE = {
    **dict.fromkeys(MACHINES, "1"),
    **dict.fromkeys(RESOURCES, "1"),
    **dict.fromkeys(("link-cut", "one-way", "disabled-peer", "missing-peer", "one-sided-config"), "2"),
    **dict.fromkeys(("duplicate-router-id", "duplicate-address"), "2"),
    **dict.fromkeys(("lost-label", "lost-cluster-id", "reinstalled"), "r rr"),
    **dict.fromkeys(("reflector-removed", "replaced"), "r"),
    **dict.fromkeys(("rack-down", "partition"), "z"),
    "wrong-as": "1 2",
    "node-down": "1 r",
    "bird-down": "1 r",
    "selector-stale": "rr",
}


def cases(topology: str, fault: str) -> dict[str, tuple[str, ...]]:
    """Name of the case → the nodes."""
    pair, found = PAIR[topology], {}
    reflecting = topology == "reflectors"
    for where in WHERE[fault].split():
        if where == "1":
            found[fault] = ("node4",)
        elif where == "2":
            found |= {f"{fault}-pair": pair, f"{fault}-pair-reversed": pair[::-1]}
        elif where == "z":
            found[fault] = ("node5", "node6")
        elif reflecting:
            found[fault if where == "r" else f"{fault}-all"] = ("node1", "node2")[: len(where)]
            if where == "r" and "1" in WHERE[fault]:
                found[f"{fault}-reflector"] = found.pop(fault)
                found[fault] = ("node4",)
    return found


def rows(rig: CalicoRig) -> str:
    """What every BIRD shows."""
    lines = []
    for node in rig.nodes.values():
        for version, daemon in DAEMONS.items():
            lines.append(f"== {node.name} {daemon}")
            try:
                lines += [f"{name} {row}" for name, row in node.peers(version).items()]
            except RigError as error:
                lines.append(f"! {error}")
    refused = sorted(f"{name}/{DAEMONS[version]}" for name, version in rig.refused)
    return "\n".join([*lines, f"== refused by bird -p: {', '.join(refused) or 'none'}", ""])


def gather(rig: CalicoRig, operator: Operator, folder: Path, title: str) -> str:
    """Keep a snapshot, the resources and the rows."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    resources = folder / "resources.yaml"
    resources.write_text(rig.store.export())
    (folder / "resources-calicoctl.yaml").write_text(rig.store.export(kubernetes=False))
    options = ("--resources", resources, "--connect-timeout", "4s", "--timeout", "8s")
    done = operator.run("gather", operator.hosts(), "-o", folder / "snapshot", *options)
    (folder / "rows.txt").write_text(f"# {title}\n{rows(rig)}")
    return f"exit {done.returncode}" + (f" {done.stderr.strip()}" if done.returncode not in {0, 3} else "")


def main(folder: Path, topology: str, only: list[str]) -> None:
    """Gather all."""

    def log(text: str) -> None:
        with (folder / "LOG").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {text}\n")

    out = folder / topology
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "home").mkdir()
        (Path(work) / "rig").mkdir()
        version = "v3.33.0" if topology == "mesh" else "v3.32.1"
        with CalicoRig(topology, Path(work) / "rig", calicoctl=version) as rig:
            operator = Operator(rig, Path(work) / "home")
            rig.wait_established()
            for name in () if only else ("healthy-1", "healthy-2"):
                log(f"{topology}/{name}: {gather(rig, operator, out / name, name)}")
            for fault, inject in (MACHINES | RESOURCES).items():
                for name, nodes in cases(topology, fault).items() if not only or fault in only else ():
                    try:
                        began = time.monotonic()
                        inject(rig, nodes)
                        seconds = time.monotonic() - began
                        told = gather(rig, operator, out / name, f"{fault}:{','.join(nodes)}")
                        log(f"{topology}/{name} ({fault}:{','.join(nodes)}): {told}, injected in {seconds:.0f} s")
                    except Exception:  # noqa: BLE001 - the next one may work
                        log(f"{topology}/{name} FAILED {traceback.format_exc()}")
                    began = time.monotonic()
                    rig.reset()
                    if time.monotonic() - began > 15:
                        log(f"{topology}/{name} took {time.monotonic() - began:.0f} s to heal")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
