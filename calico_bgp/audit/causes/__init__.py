"""Causes: the fewest explanations of the findings. One file per family of causes; `CAUSE_FAMILIES` is the list."""

from calico_bgp.audit.causes import agreement, external, network, nodes, ports
from calico_bgp.audit.causes.candidate import CauseFamily

CAUSE_FAMILIES: tuple[CauseFamily, ...] = (
    *nodes.FAMILIES,
    *network.FAMILIES,
    *ports.FAMILIES,
    *agreement.FAMILIES,
    *external.FAMILIES,
)

__all__ = ["CAUSE_FAMILIES"]
