"""What BIRD's long answer says of each session that stands, from both ends. Facts only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.model.routes.observed import ExternalSession
from calico_bgp.natural_order import natural_key
from calico_bgp.once import once


class SessionReading(NamedTuple):
    """What a node's BIRD says of a session that stands.

    Attributes:
        node: Whose BIRD.
        far: The node, or the address, at the other end.
        protocol: What it says.
        family: The family.
        is_external: Whether the other end is no node: it has no node's address, nor one that may be of a node whose
            address nobody says.
    """

    node: str
    far: str
    protocol: ProtocolReading
    family: Family
    is_external: bool


@once
def session_readings(cluster: Cluster) -> tuple[SessionReading, ...]:
    """Each end of each session that stands, as its BIRD's long answer has it."""
    return tuple(_readings(cluster))


def external_sessions(cluster: Cluster, family: Family) -> Iterator[ExternalSession]:
    """The numbers of each session with a peer that is no node and that stands, by peer and node."""
    readings = [one for one in session_readings(cluster) if one.is_external and one.family is family]
    for reading in sorted(readings, key=lambda one: (natural_key(one.far), natural_key(one.node))):
        protocol = reading.protocol
        yield ExternalSession(
            peer=reading.far,
            node=reading.node,
            imported=protocol.imported,
            refused=protocol.imports_filtered,
            exported=protocol.exported,
        )


def _readings(cluster: Cluster) -> Iterator[SessionReading]:
    asked = {m.name: m.reading for m in cluster.members if m.reading is not None and m.reading.birds}
    for session in cluster.in_order if asked else ():
        if not session.is_up:
            continue
        for end, far in zip(session.ends, (session.key.b, session.key.a), strict=True):
            reading = asked.get(end.name)
            if reading is None:
                continue
            is_external = far not in cluster.by_name and cluster.identity.has_strangers(session.key.family)
            for row in end.rows:
                protocol = reading.protocol_of(row) if row.is_established else None
                if protocol is not None and protocol.imported is not None:
                    yield SessionReading(end.name, far, protocol, session.key.family, is_external)
