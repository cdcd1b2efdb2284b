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
from tests.rig.catalogue import CASES
from tests.rig.cell import RigError
from tests.rig.node import DAEMONS
from tests.rig.operator import Operator

FAULTS = MACHINES | RESOURCES
REFLECTING = (1, 2)
#: So long after a fault does the operator look: no session is young then, whatever a rig did before. Seconds.
LATER = 300


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


def inventory(rig: CalicoRig) -> list[str]:
    """hosts.txt as somebody wrote it when the cluster was whole; new nodes were added."""
    lines = []
    for node in rig.nodes.values():
        reflects = rig.topology == "reflectors" and node.plan.number in REFLECTING
        lines.append(f"{node.ipv4} node={node.name}{' role=reflector' if reflects else ''}")
    return lines


def look_later(rig: CalicoRig, seconds: int) -> None:
    """Whoever asks the nodes from now on comes so many seconds later."""
    for node in rig.nodes.values():
        node.set_clock_ahead(seconds)


def gather(rig: CalicoRig, operator: Operator, folder: Path, title: str) -> str:
    """Keep a snapshot, the resources and the rows."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    resources = folder / "resources.yaml"
    resources.write_text(rig.store.export())
    (folder / "resources-calicoctl.yaml").write_text(rig.store.export(kubernetes=False))
    options = ("--resources", resources, "--connect-timeout", "4s", "--timeout", "8s")
    done = operator.run("gather", operator.hosts(*inventory(rig)), "-o", folder / "snapshot", *options)
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
            for case in CASES:
                if case.topology != topology or (only and case.fault not in only):
                    continue
                title = f"{case.fault}:{','.join(case.nodes)}"
                try:
                    began = time.monotonic()
                    FAULTS[case.fault](rig, case.nodes)
                    seconds = time.monotonic() - began
                    operator.trust_new_hosts()
                    look_later(rig, 0 if case.fault == "restarting" else LATER)
                    told = gather(rig, operator, out / str(case), title)
                    log(f"{topology}/{case} ({title}): {told}, injected in {seconds:.0f} s")
                except Exception:  # noqa: BLE001 - the next one may work
                    log(f"{topology}/{case} FAILED {traceback.format_exc()}")
                began = time.monotonic()
                rig.reset()
                operator.trust_hosts()
                if time.monotonic() - began > 15:
                    log(f"{topology}/{case} took {time.monotonic() - began:.0f} s to heal")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
