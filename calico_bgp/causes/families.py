"""The families of causes, in the order in which they are asked. One file per family."""

from __future__ import annotations

from calico_bgp.causes.addresses import names, router_ids, stale, strangers
from calico_bgp.causes.addresses import nodes as addresses
from calico_bgp.causes.candidate import CauseFamily
from calico_bgp.causes.network import hosts as network
from calico_bgp.causes.network import out_of_sight, partial_cuts, ports
from calico_bgp.causes.nodes import daemons as nodes
from calico_bgp.causes.nodes import disabled, emptied, everywhere, felix, hanging, pods, young
from calico_bgp.causes.peering import agreement, configuration, external, passwords
from calico_bgp.causes.reflectors import departed, layouts
from calico_bgp.causes.reflectors import roles as reflectors

CAUSE_FAMILIES: tuple[CauseFamily, ...] = (
    *reflectors.FAMILIES,
    *departed.FAMILIES,
    *layouts.FAMILIES,
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
    *stale.FAMILIES,
    *external.FAMILIES,
    *young.FAMILIES,
)
