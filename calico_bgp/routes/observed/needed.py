"""Whether pods depend on the routes of BIRD: what the settings say, and what kernels show of it."""

from __future__ import annotations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family
from calico_bgp.routes.counts import carries_pods
from calico_bgp.routes.observed.compare import observed_of


def pods_need(cluster: Cluster, family: Family) -> bool:
    """Whether pods depend on BIRD's routes: also where a kernel shows that Felix did not write what it should."""
    return carries_pods(cluster, family) or _kernels_lack(cluster, family)


def _kernels_lack(cluster: Cluster, family: Family) -> bool:
    """Whether packets are lost by the table of a kernel, whoever should have written it."""
    observed = observed_of(cluster).get(family)
    if observed is None:
        return False
    judged = {node.node for node in observed.nodes if node.kernel_missing is not None}
    return any(pair.learner in judged for pair in observed.missing)
