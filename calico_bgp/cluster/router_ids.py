"""Router IDs that the BIRDs of several nodes have, by their own word. Facts only."""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Address
from calico_bgp.once import once
from calico_bgp.parse.addresses import read_address


@once
def shared_router_ids(cluster: Cluster) -> dict[Address, tuple[str, ...]]:
    """Router ID → the nodes whose BIRD says in `show status` that it has it, of each that two nodes or more have.

    A router ID is a number of four bytes, which BIRD prints as an IPv4 address (RFC 6286). Two that have a session
    with each other have not one ID, whatever was said a moment before or after.
    """
    nodes_of: dict[Address, list[str]] = defaultdict(list)
    for member in cluster.members:
        birds = () if member.reading is None else member.reading.birds
        for router_id in {read_address(bird.router_id) for bird in birds if bird.router_id} - {None}:
            assert router_id is not None
            nodes_of[router_id].append(member.name)
    shared = {
        router_id: tuple(sorted(names))
        for router_id, names in nodes_of.items()
        if len(names) > 1 and not _are_joined(cluster, set(names))
    }
    return dict(sorted(shared.items(), key=lambda item: int(item[0])))


def _are_joined(cluster: Cluster, names: set[str]) -> bool:
    return any(session.is_up and {key.a, key.b} <= names for key, session in cluster.sessions.items())
