"""What several rules of the tables ask for. Facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp.cluster.view import ClusterView
from calico_bgp.messages.words import some
from calico_bgp.model.message import Message
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.observed.tables import NodeTables, node_tables
from calico_bgp.rules.rule import Context

#: What several lines of evidence show at most.
SHOWN = 8
#: Stops at which the route is in the learner's BIRD: no session has to do with them.
_AFTER_BIRD = frozenset({Stop.UNREACHABLE, Stop.NOT_IN_KERNEL, Stop.KERNEL_ELSEWHERE, Stop.NOT_HELD})


class Told(NamedTuple):
    """What a node's BIRD says of a session that stands.

    Attributes:
        node: Whose BIRD.
        far: The node, or the address, at the other end.
        protocol: What it says.
        family: The family.
        is_external: Whether the other end is no node.
    """

    node: str
    far: str
    protocol: ProtocolReading
    family: Family
    is_external: bool


def told_sessions(view: ClusterView) -> Iterator[Told]:
    """Each end of each session that stands, as its BIRD's long answer has it."""
    for session in view.in_order:
        if not session.is_up:
            continue
        for end, far in zip(session.ends, (session.key.b, session.key.a), strict=True):
            member = view.by_name.get(end.name)
            if member is None or member.reading is None:
                continue
            for row in end.rows:
                protocol = member.reading.protocol_of(row) if row.is_established else None
                if protocol is not None and protocol.imported is not None:
                    yield Told(end.name, far, protocol, session.key.family, far not in view.by_name)


def tables_of(context: Context, family: Family) -> Iterator[NodeTables]:
    """What was read of each node's routes."""
    for member in context.view.members:
        found = node_tables(member, family)
        if found is not None:
            yield found


def missing_at(context: Context, *stops: Stop) -> Iterator[tuple[Family, Missing]]:
    """The routes that stop there, but for those that a session is missing for: its own finding says that."""
    for family, found in context.observed.items():
        computed = context.routes.get(family)
        nodes = frozenset() if computed is None else frozenset(computed.now.nodes)
        for missing in found.missing:
            if missing.stop not in stops:
                continue
            if missing.stop in _AFTER_BIRD:
                yield family, missing
            elif computed is not None and {missing.learner, missing.origin} <= nodes:
                answer = computed.now.learns(missing.learner, missing.origin)
                told = missing.stop is not Stop.UNTRACED
                if answer is Answer.YES or (answer is Answer.PERHAPS and told):
                    yield family, missing


def by_place(found: Iterable[tuple[Family, Missing]]) -> Iterator[tuple[Family, str, list[Missing]]]:
    """Put together by the node at which they stop; sorted."""
    places: dict[tuple[str, str], list[Missing]] = defaultdict(list)
    for family, missing in found:
        places[missing.at or missing.learner, family].append(missing)
    for (at, name), routes in sorted(places.items()):
        yield Family(name), at, routes


def evidence_of(routes: Iterable[Missing]) -> tuple[str, ...]:
    """What tells so, each once."""
    lines = list(dict.fromkeys(one.because or f"{one.learner} lacks {some(one.blocks)}" for one in routes))
    more = (f"and {len(lines) - SHOWN} more",) if len(lines) > SHOWN else ()
    return (*lines[:SHOWN], *more)


def look_at_routes(context: Context, node: str, family: Family, command: str) -> Message:
    """Ask a node's BIRD."""
    return Message("{command}", (("command", context.view.pods.birdcl(node, family, command)),))
