"""FelixConfigurations, as far as routes depend on them. Values only."""

from __future__ import annotations

from typing import NamedTuple

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.place import Place
from calico_bgp.upstream import V3


class TableRange(NamedTuple):
    """IDs of the kernel's routing tables, both ends included."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, config=VALUES)
class FelixConfiguration:
    """A FelixConfiguration (api/pkg/apis/projectcalico/v3/felixconfig.go), as far as routes depend on it.

    Attributes:
        name: `default` for all nodes, `node.<name>` for one.
        program_cluster_routes: Which of Felix and BIRD programs routes to other nodes (v3.31), verbatim; None for the
            default of the release.
        tables: The routing tables that Felix may use beside `main` (WireGuard's, for example); empty for its default.
        device_route_protocol: The protocol number of its routes to pods; None for its default, 3.
        route_sync_disabled: Whether it programs no routes to pods.
        wireguard_enabled: Whether IPv4 goes through WireGuard; None for its default, no.
        wireguard_enabled_v6: Likewise for IPv6.
        place: Where it stands.
        api_version: As written.
    """

    name: str
    program_cluster_routes: str | None = None
    tables: tuple[TableRange, ...] = ()
    device_route_protocol: int | None = None
    route_sync_disabled: bool | None = None
    wireguard_enabled: bool | None = None
    wireguard_enabled_v6: bool | None = None
    place: Place = Place("-")
    api_version: str = V3
