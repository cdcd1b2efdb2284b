"""IPPools, as far as routes depend on them. Values only."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.place import Place
from calico_bgp.upstream import V3


@dataclass(frozen=True, slots=True, config=VALUES)
class IPPool:
    """An IPPool (api/pkg/apis/projectcalico/v3/ippool.go), as far as routes depend on it.

    Attributes:
        name: metadata.name.
        cidr: `10.244.0.0/16`, verbatim.
        ipip_mode: `Always`, `CrossSubnet` or `Never` (also when None).
        vxlan_mode: Likewise.
        disabled: Whether no address is assigned from it.
        disable_bgp_export: Whether its routes are not announced.
        node_selector: The nodes that use it; None for all.
        block_size: Bits of its blocks' prefixes; None for Calico's default.
        place: Where it stands.
        api_version: As written.
        by_hand: As in BGPPeer.
        allowed_uses: `Workload`, `Tunnel`, `LoadBalancer`; empty for Calico's default, the first two.
    """

    name: str
    cidr: str
    ipip_mode: str | None = None
    vxlan_mode: str | None = None
    disabled: bool = False
    disable_bgp_export: bool = False
    node_selector: str | None = None
    place: Place = Place("-")
    api_version: str = V3
    by_hand: bool = False
    block_size: int | None = None
    allowed_uses: tuple[str, ...] = ()

    @property
    def is_for_pods(self) -> bool:
        """Whether pods have addresses of it (api/pkg/apis/projectcalico/v3/ippool.go, `allowedUses`)."""
        return not self.allowed_uses or "Workload" in self.allowed_uses
