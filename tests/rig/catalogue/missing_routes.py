"""Which routes the BIRDs of a rig lack: the truth that no verdict may be better than."""

from __future__ import annotations

from tests.rig.broken.paths import is_frozen
from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import RigError
from tests.rig.machines.confd_from_resources import block_of
from tests.rig.machines.node import DAEMONS, RigNode


def missing_routes(rig: CalicoRig) -> int:
    """How many blocks of other nodes are missing in the tables of nodes; all, where a BIRD does not answer."""
    numbers = {name: node.plan.number for name, node in rig.nodes.items()}
    lacking = 0
    for name, node in rig.nodes.items():
        others = [number for other, number in numbers.items() if other != name]
        for version in DAEMONS:
            known = _known(node, version)
            lacking += sum(block_of(number, version) not in known for number in others)
    return lacking


def _known(node: RigNode, version: int) -> set[str]:
    """The networks in BIRD's table."""
    if is_frozen(node, version):
        return set()
    try:
        answer = node.birdc(version, "show route")
    except RigError:
        return set()
    lines = (line[5:] if line[:4].isdigit() else line[1:] for line in answer.splitlines())
    return {words[0] for line in lines if (words := line.split()) and "/" in words[0]}
