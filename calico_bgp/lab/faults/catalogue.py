"""The catalogue of faults that lab, rig and demo share: names, meaning, the nodes they take, and the cause they are.

Data only, in the order in which it is listed. fault.py reads what users write, effects/ says what each one changes.
"""

from __future__ import annotations

from calico_bgp.lab.faults.entries import configuration, network, nodes, reading, reflectors, routes, sessions
from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind

CATALOGUE: tuple[FaultEntry, ...] = (
    *nodes.ENTRIES,
    *network.ENTRIES,
    *sessions.ENTRIES,
    *reflectors.ENTRIES,
    *configuration.ENTRIES,
    *routes.ENTRIES,
    *reading.ENTRIES,
)
ENTRIES = {entry.kind: entry for entry in CATALOGUE}
#: Those of the switch, which a cluster must have.
OF_SWITCH = frozenset({FaultKind.TOR_DOWN, FaultKind.TOR_SILENT, FaultKind.TOR_UNTOLD})
