"""A cluster on which a fault of the catalogue shows: the right topology and families. Pure."""

from __future__ import annotations

from calico_bgp.lab.cluster import LabCluster, Topology, build_cluster
from calico_bgp.lab.faults.catalogue import ENTRIES, OF_SWITCH
from calico_bgp.lab.faults.fault import FaultError
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.model.peer import Family

NODES = 6
#: One family is hurt and the other is not.
_OF_ONE_FAMILY = (
    FaultKind.BIRD4_DOWN,
    FaultKind.BIRD6_DOWN,
    FaultKind.SOCKET4_MISSING,
    FaultKind.SOCKET6_MISSING,
)


def stage_for(kind: FaultKind, topology: Topology | None = None) -> LabCluster:
    """Six nodes: a mesh, or with two reflectors, which is the default.

    Raises:
        FaultError: The fault cannot happen in this topology.
    """
    fits = ENTRIES[kind].topologies
    if topology is not None and topology not in fits:
        raise FaultError(f"{kind} needs the topology {fits[0]}; leave `--topology {topology}` out")
    return build_cluster(
        NODES,
        topology=topology or Topology.REFLECTORS,
        families=tuple(Family) if kind in _OF_ONE_FAMILY else (Family.IPV4,),
        switch=kind in OF_SWITCH,
    )
