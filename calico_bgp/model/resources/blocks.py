"""BlockAffinities: which node has which block of addresses. Values only."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.place import Place
from calico_bgp.upstream import V3


@dataclass(frozen=True, slots=True, config=VALUES)
class BlockAffinity:
    """A BlockAffinity (libcalico-go/lib/apis/internalapi; api/pkg/apis/projectcalico/v3/blockaffinity.go).

    Attributes:
        name: metadata.name; it is cut and hashed where it would be long, so that nothing can be read out of it.
        node: The node that has the block; `load-balancer` where `type` is `virtual`.
        cidr: `10.244.1.0/26`, verbatim.
        state: `confirmed`, `pending` or `pendingDeletion`, verbatim; None, which is as good as `confirmed`.
        type: `host` (also when None), or `virtual` for a block that no node has.
        deleted: Whether it is only there to be taken away, so that it counts as absent.
        place: Where it stands.
        api_version: As written.
    """

    name: str
    node: str
    cidr: str
    state: str | None = None
    type: str | None = None
    deleted: bool = False
    place: Place = Place("-")
    api_version: str = V3

    @property
    def is_a_nodes(self) -> bool:
        """Whether the block is a node's: neither deleted nor one of the addresses of load balancers."""
        return not self.deleted and self.type in (None, "host")

    @property
    def is_confirmed(self) -> bool:
        """Whether confd takes the block for its node's own: neither new nor given back (bgp_processor.go)."""
        return self.is_a_nodes and self.state in (None, "", "confirmed")
