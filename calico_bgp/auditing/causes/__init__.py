"""Causes: the fewest explanations of the findings. One file per family of causes; `CAUSE_FAMILIES` is the list."""

from calico_bgp.auditing.causes import (
    addresses,
    agreement,
    configuration,
    departed,
    disabled,
    emptied,
    everywhere,
    external,
    felix,
    hanging,
    names,
    network,
    nodes,
    out_of_sight,
    partial_cuts,
    passwords,
    pods,
    ports,
    reflectors,
    router_ids,
    strangers,
    young,
)
from calico_bgp.auditing.causes.candidate import CauseFamily

CAUSE_FAMILIES: tuple[CauseFamily, ...] = (
    *reflectors.FAMILIES,
    *departed.FAMILIES,
    *strangers.FAMILIES,
    *configuration.FAMILIES,
    *disabled.FAMILIES,
    *emptied.FAMILIES,
    *addresses.FAMILIES,
    *names.FAMILIES,
    *pods.FAMILIES,
    *nodes.FAMILIES,
    *felix.FAMILIES,
    *out_of_sight.FAMILIES,
    *hanging.FAMILIES,
    *network.FAMILIES,
    *partial_cuts.FAMILIES,
    *ports.FAMILIES,
    *agreement.FAMILIES,
    *router_ids.FAMILIES,
    *passwords.FAMILIES,
    *everywhere.FAMILIES,
    *external.FAMILIES,
    *young.FAMILIES,
)

__all__ = ["CAUSE_FAMILIES"]
