"""What becomes of a route at one session after the other. Values only; trace.py works them out."""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.model.peer import Family
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.policy.route import Route


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an end of a session does with the route.

    Attributes:
        accepted: Whether it goes on; None where that is not known.
        because: The rule that decides, or what is not known.
    """

    accepted: bool | None
    because: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One session that the route is offered to.

    Attributes:
        near: Who has the route.
        far: Who would get it: a node, or an external peer by its address.
        offered: Why BGP lets `near` pass it on, or why not.
        is_offered: Whether it does.
        export: What filters and Calico's own export rules of `near` do; None where it is not offered.
        incoming: What the filters of `far` do; None where it is not sent, or `far` is outside.
        stands: Whether the session stands for certain.
        arrives: Whether the route arrives at `far`; None where that is not known.
        route: As it stands at `far`; None where it does not arrive.
    """

    near: str
    far: str
    offered: str
    is_offered: bool
    export: Verdict | None
    incoming: Verdict | None
    stands: bool
    arrives: bool | None
    route: Route | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A route's way.

    Attributes:
        prefix: Which route.
        family: Over which sessions.
        origin: Who announces it.
        target: Who should get it.
        source: What it is at its origin, in words.
        answer: Whether it arrives.
        way: The sessions along the shortest way; up to where it stops, if it does not arrive.
        stops: The sessions nearest to the target that do not pass it on, where it does not arrive.
        notes: What the answer rests on, in sentences for people.
    """

    prefix: Prefix
    family: Family
    origin: str
    target: str
    source: str
    answer: Answer
    way: tuple[Hop, ...]
    stops: tuple[Hop, ...]
    notes: tuple[str, ...] = ()
