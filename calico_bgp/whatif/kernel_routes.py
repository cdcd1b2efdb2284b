"""Whether somebody writes the kernel's routes after a change: BIRD may have a route that no pod can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.expect.engine import Expectation
from calico_bgp.messages.words import listed
from calico_bgp.model.resources import NODE_CONFIG_PREFIX
from calico_bgp.routes.network.programming import class_of, writers_of


class Unwritten(NamedTuple):
    """IPPools whose routes BIRD or Felix writes before a change, and perhaps nobody afterwards.

    Attributes:
        text: Which, and who does not, in a sentence.
        is_certain: Whether somebody surely does before, and surely nobody afterwards.
    """

    text: str
    is_certain: bool


def unwritten_routes(before: Expectation, after: Expectation) -> Iterator[Unwritten]:
    """One for each class of IPPools.

    Who writes them, programClusterRoutes of the BGPConfiguration and of the FelixConfiguration says
    (routes/network/programming.py). One for a single node is not looked at: with such a one nothing is certain.
    """
    was = writers_of(before.resources, before.version)
    has_own = any(one.name.startswith(NODE_CONFIG_PREFIX) for one in after.resources.felix)
    for kind, writers in writers_of(after.resources, after.version).items():
        in_use = [pool for pool in after.resources.ip_pools if pool.is_for_pods and not pool.disabled]
        pools = [pool.name for pool in in_use if class_of(pool) is kind]
        if not pools or writers.bird or writers.felix or writers == was[kind]:
            continue
        whose = f"the kernel's routes of {'IPPool' if len(pools) == 1 else 'the IPPools'} {listed(pools)}"
        if writers.felix is None:
            text = (
                f"BIRD would no longer write {whose}, and whether Felix does is not known: add the FelixConfigurations"
            )
        else:
            text = f"neither BIRD nor Felix would write {whose}, so that pods lose their way (programClusterRoutes)"
        was_written = was[kind].bird or was[kind].felix is True
        yield Unwritten(text, is_certain=writers.is_nobody and was_written and not has_own)
