"""Any faults of the catalogue that a cluster of the lab can have, for property tests."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import strategies as st

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind, Scope

#: The fewest and the most nodes that a fault takes, where that is not one to all.
LIMITS = {Scope.PAIR: (1, 2), Scope.TWO: (2, 2), Scope.CLUSTER: (0, 0)}


@st.composite
def faults_of(draw, cluster: LabCluster, *, most: int = 4, but: Collection[FaultKind] = ()) -> tuple[Fault, ...]:
    """Up to so many faults at once; the same one may come twice."""
    wanted = [entry for entry in CATALOGUE if cluster.topology in entry.topologies and entry.kind not in but]
    faults = []
    for entry in draw(st.lists(st.sampled_from(wanted), max_size=most)):
        names = [node.name for node in (cluster.reflectors if entry.scope is Scope.REFLECTORS else cluster.nodes)]
        least, limit = LIMITS.get(entry.scope, (1, len(names)))
        nodes = draw(st.lists(st.sampled_from(names), min_size=least, max_size=limit, unique=True))
        faults.append(Fault(entry.kind, tuple(nodes)))
    return tuple(faults)
