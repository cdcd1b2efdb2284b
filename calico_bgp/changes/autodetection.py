"""How calico-node is to find its BGP address at its next start, as a value, and its command. Nothing is run.

The operator owns the DaemonSet and undoes what is written into its environment, so there the Installation is the place
(tigera/operator api/v1 NodeAddressAutodetection); elsewhere it is the environment of the DaemonSet (calico-node,
IP_AUTODETECTION_METHOD). No resource that decides about BGP changes before calico-node starts again.
"""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.changes import dialects
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.commands import Command
from calico_bgp.changes.fields import Parts, Written
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Autodetection
from calico_bgp.upstream import CALICO_NODE

FIELD = {Family.IPV4: "nodeAddressAutodetectionV4", Family.IPV6: "nodeAddressAutodetectionV6"}
VARIABLE = {Family.IPV4: "IP_AUTODETECTION_METHOD", Family.IPV6: "IP6_AUTODETECTION_METHOD"}
#: Where Calico's manifests set it.
OF_MANIFEST = Autodetection("DaemonSet", CALICO_NODE, "kube-system")
#: Where the operator does.
OF_OPERATOR = Autodetection("Installation", "default")
#: The Installation takes one method: what is not wanted has to go.
_METHODS = ("firstFound", "kubernetes", "interface", "skipInterface", "canReach", "cidrs")


@dataclass(frozen=True, slots=True)
class SetAutodetection:
    """calico-node takes the InternalIP of its Node, or an address of a network.

    Attributes:
        place: Where it is set.
        family: Of the address.
        network: The network; None for the InternalIP.
    """

    place: Autodetection
    family: Family
    network: str | Ask[str] | None = None

    def command(self) -> Command:
        """Of kubectl: calicoctl knows neither object."""
        asks = (self.network,) if isinstance(self.network, Ask) else ()
        if self.place.kind == "Installation":
            method_fields: Written = (
                {"kubernetes": "NodeInternalIP"} if self.network is None else {"cidrs": [self.network]}
            )
            spec = {"calicoNetwork": {FIELD[self.family]: dict.fromkeys(_METHODS) | method_fields}}
            return Command(dialects.patch_installation(self.place.name, spec), None, asks)
        method = Parts(("kubernetes-internal-ip",) if self.network is None else ("cidr=", self.network))
        name, namespace = self.place.name, self.place.namespace or ""
        return Command(dialects.set_env(name, namespace, VARIABLE[self.family], method), None, asks)
