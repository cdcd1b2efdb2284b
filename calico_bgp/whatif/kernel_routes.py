"""Whether somebody writes the kernel's routes after a change: BIRD may have a route that no pod can use."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.expect.engine import Expectation
from calico_bgp.messages.words import listed
from calico_bgp.routes.network.programming import class_of, writers_of


def unwritten_routes(before: Expectation, after: Expectation) -> Iterator[str]:
    """The IPPools whose routes BIRD or Felix writes before a change and perhaps nobody afterwards, in sentences.

    Which of the two it is, programClusterRoutes of the BGPConfiguration and of the FelixConfiguration says
    (routes/network/programming.py); one for a single node is not looked at.
    """
    was = writers_of(before.resources, before.version)
    for kind, writers in writers_of(after.resources, after.version).items():
        in_use = [pool for pool in after.resources.ip_pools if pool.is_for_pods and not pool.disabled]
        pools = [pool.name for pool in in_use if class_of(pool) is kind]
        if not pools or writers.bird or writers.felix or writers == was[kind]:
            continue
        whose = f"the kernel's routes of {'IPPool' if len(pools) == 1 else 'the IPPools'} {listed(pools)}"
        if writers.felix is None:
            yield (
                f"BIRD would no longer write {whose}, and whether Felix does is not known: add the FelixConfigurations"
            )
        else:
            yield f"neither BIRD nor Felix would write {whose}, so that pods lose their way (programClusterRoutes)"
