"""Keeps what real BIRDs say of every fault: a snapshot folder and the rows of both ends, to develop against.

python -m tests.rig.catalogue.corpus FOLDER mesh|reflectors [FAULT...]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.rig.catalogue.cases import CASES
from tests.rig.catalogue.lab import CatalogueLab
from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import RigError
from tests.rig.machines.node import DAEMONS


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


def keep(lab: CatalogueLab, folder: Path, title: str) -> None:
    """Write a snapshot and the rows."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lab.gather(folder / "snapshot")
    (folder / "rows.txt").write_text(f"# {title}\n{rows(lab.rig)}")
    print(f"{folder}: {title}", flush=True)


def main(folder: Path, topology: str, only: Sequence[str]) -> None:
    """Gather all."""
    with tempfile.TemporaryDirectory() as work, CatalogueLab(topology, Path(work)) as lab:
        if not only:
            keep(lab, folder / topology / "healthy", "nothing is wrong")
        for case in CASES:
            if case.topology == topology and (not only or case.fault in only):
                with lab.broken([case]):
                    keep(lab, folder / topology / str(case), f"{case.fault}:{','.join(case.nodes)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
