"""Large clusters, made cheaply: nodes whose sessions are established, of which some change from poll to poll."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, ip_address

from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import KernelHop, KernelRoute
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.model.snapshot import Snapshot

START = datetime(2026, 11, 30, 0, tzinfo=UTC)
DAEMONS = (Daemon(Family.IPV4, DaemonState.RUNNING),)


def peer(number: int, since: str, kind: PeerType = PeerType.MESH) -> Peer:
    address = ip_address(0x0A00_0000 + number)
    return Peer(Family.IPV4, address, str(address), None, kind, "up", BGPState.ESTABLISHED, since, "Established")


def down(old: Peer, since: str) -> Peer:
    return replace(old, protocol_state="start", bgp_state=BGPState.CONNECT, since=since, info="Connect")


def up(old: Peer, since: str) -> Peer:
    return replace(old, protocol_state="up", bgp_state=BGPState.ESTABLISHED, since=since, info="Established")


def snapshot(tables: list[list[Peer]], at: datetime) -> Snapshot:
    return Snapshot(
        hosts=tuple(Host(f"node{n}", node=f"node{n}") for n in range(len(tables))),
        taken_at=at,
        readings=tuple(
            NodeReading(
                host=f"node{n}",
                node=f"node{n}",
                taken_at=at + timedelta(seconds=1),
                clock=at + timedelta(seconds=1),
                status=NodeStatus(daemons=DAEMONS, peers=tuple(peers)),
            )
            for n, peers in enumerate(tables)
        ),
    )


def mesh(nodes: int, rng: random.Random) -> list[list[Peer]]:
    """Each node peers with every other; sessions began within some minutes of a day."""
    return [
        [
            peer(n, f"{rng.randrange(8, 12):02}:{rng.randrange(60):02}:{rng.randrange(60):02}")
            for n in range(nodes)
            if n != own
        ]
        for own in range(nodes)
    ]


def restarted(tables: list[list[Peer]], node: int, since: datetime, rng: random.Random, *, is_up: bool) -> None:
    """In place: all sessions of a node go down, or come back within some seconds."""
    change = up if is_up else down
    for own, rows in enumerate(tables):
        for place, row in enumerate(rows):
            if own == node or row.address_text == str(ip_address(0x0A00_0000 + node)):
                text = (since + timedelta(seconds=rng.randrange(4) if is_up else rng.randrange(2))).strftime("%H:%M:%S")
                rows[place] = change(row, text)


def with_routes(shown: Snapshot, down: Collection[int] = ()) -> Snapshot:
    """Every node of a mesh has a block, and the routes of all others; those that are down have nobody's.

    BIRD's order is that of its hash, the same on all nodes; the kernel's is that of the addresses.
    """
    numbers = range(len(shown.readings))
    order = random.Random(3).sample(numbers, len(numbers))
    far, kernel = [_learned(number) for number in numbers], [_in_kernel(number) for number in numbers]

    def table(own: int) -> RouteTable:
        held = set(numbers) - set(down) if own not in down else set()
        return RouteTable(
            Family.IPV4,
            tuple(_own(n) if n == own else far[n] for n in order if n == own or n in held),
            tuple(_own_in_kernel(n) if n == own else kernel[n] for n in numbers if n == own or n in held),
            bird_is_whole=True,
            kernel_is_whole=True,
        )

    return shown.model_copy(
        update={
            "readings": tuple(
                reading.model_copy(update={"tables": (table(number),)}) for number, reading in enumerate(shown.readings)
            )
        }
    )


def _block(number: int) -> IPv4Network:
    return IPv4Network((0x0AC0_0000 + number * 64, 26))


def _learned(number: int) -> TableRoute:
    address = IPv4Address(0x0A00_0000 + number)
    protocol = f"Mesh_{str(address).replace('.', '_')}"
    return TableRoute(_block(number), Destination.GATEWAY, protocol, address, "eth0", is_best=True, preference=100)


def _own(number: int) -> TableRoute:
    return TableRoute(_block(number), Destination.BLACKHOLE, "static1", is_best=True, preference=200)


def _in_kernel(number: int) -> KernelRoute:
    return KernelRoute(_block(number), "unicast", 12, 32, (KernelHop(IPv4Address(0x0A00_0000 + number), "eth0"),))


def _own_in_kernel(number: int) -> KernelRoute:
    return KernelRoute(_block(number), "blackhole", 12, 32, ())
