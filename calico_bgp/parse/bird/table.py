"""Reads a whole table of BIRD (`show route all`, or what the node left of it) into the reduced form of snapshots.

The tables of a cluster's nodes are alike: a line is read once for all nodes on which it is the same but for its time.
What a line says is `bird_show_route.textfsm`'s business, as in routes.py; here only the time is cut out before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from calico_bgp.model.routes.bird_route import BirdRoute
from calico_bgp.model.routes.table import KEPT, TableRoute
from calico_bgp.parse.bird.routes import parse_bird_routes
from calico_bgp.parse.cleaning import split_lines

#: `[Mesh_192_0_2_11 21:16:24` or `[... 2026-11-29 21:16:24`; everything else is read the long way.
_TIME = re.compile(r"\[([A-Za-z_][A-Za-z0-9_]{0,80}) [0-9][0-9:.-]{4,11}(?: [0-9:.]{8,15})?(?=[\] ])")
#: Where the next network begins in birdc's text; the socket's answer has numbers before each, and stays in one piece.
_BEFORE_NET = re.compile(r"\n(?=[0-9a-fA-F.:]{1,45}/[0-9]{1,3} )")
#: Numbers that lines have on the socket, and where the number is the one before.
_CODE = re.compile(r"10(?:07|08|12)[- ]")
#: A prefix, before its first path.
_NET = re.compile(r"[0-9a-fA-F.:]{1,45}/[0-9]{1,3}(?= )")
#: Lines that are no path and no attribute: a greeting, an end, `restrict`'s answer.
_AROUND = re.compile(r"(?:0001 )?BIRD .{1,200}|0000 ?|(?:0016 )?Access restricted|\s*")


class ReadTable(NamedTuple):
    """What came of a table.

    Attributes:
        routes: Its paths.
        is_whole: Whether all lines were understood, and of the socket's answer the end came.
        is_answer: Whether BIRD spoke at all.
    """

    routes: tuple[TableRoute, ...]
    is_whole: bool
    is_answer: bool


def parse_bird_table(text: str, *, most_lines: int) -> ReadTable:
    """Read a table.

    Args:
        text: What BIRD or birdc printed.
        most_lines: Of longer texts the rest is left out, and the table is not whole.
    """
    lines = split_lines(text)
    if len(lines) > most_lines:
        part = _portion("\n".join(lines[:most_lines]))._replace(is_whole=False)
        return _table([part])
    text = _without_times("\n".join(lines) if "\r" in text else text)
    first, *nets = _BEFORE_NET.split(text)
    # A line that looks like a network and is no path ends nothing: then nothing can be read apart from the rest.
    if not all(" [" in net.partition("\n")[0] for net in nets):
        return _table([_portion(text)])
    return _table([_portion(first), *map(_cached_portion, nets)])


def _without_times(text: str) -> str:
    """As `_TIME.sub` of all of it, in half the time."""
    pieces = _TIME.split(text)
    pieces[1::2] = [f"[{protocol} 00:00:00" for protocol in pieces[1::2]]
    return "".join(pieces)


class _Portion(NamedTuple):
    """A part of a table that no other part depends on; `ended` and `numbered` are of the socket's answer."""

    routes: tuple[TableRoute, ...]
    is_whole: bool
    is_answer: bool
    ended: bool
    numbered: bool


def _table(portions: list[_Portion]) -> ReadTable:
    routes, are_whole, are_answers, ended, numbered = zip(*portions, strict=True)
    is_answer = any(are_answers)
    is_whole = all(are_whole) and is_answer and (any(ended) or not any(numbered))
    return ReadTable(tuple(chain.from_iterable(routes)), is_whole, is_answer)


def _portion(text: str) -> _Portion:
    all_routes: list[TableRoute] = []
    is_whole = True
    is_answer = ended = numbered = False
    for head, attributes in _paths(text.split("\n")):
        if head is None:
            is_answer = is_answer or any("ready" in line for line in attributes)
            numbered = numbered or any(line.startswith("0001 ") for line in attributes)
            ended = ended or any(line.startswith("0000") for line in attributes)
            is_whole = is_whole and all(map(_AROUND.fullmatch, attributes))
            continue
        routes = _read(head, attributes)
        is_whole = is_whole and len(routes) == 1
        all_routes += routes
    return _Portion(tuple(all_routes), is_whole, is_answer, ended, numbered)


#: A network with its paths stands alike in the tables of many nodes, and is then looked at once.
_cached_portion = lru_cache(KEPT)(_portion)


def _paths(lines: list[str]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """Each path with the lines that belong to it, its net before it and its time cut out; other lines beside None."""
    net = ""
    head: str | None = None
    attributes: list[str] = []
    for raw in lines:
        line = raw[5:] if _CODE.match(raw) else raw
        bare = line.lstrip(" ")
        if "\t" in line[:2] and head is not None:
            attributes.append(bare.rstrip())
            continue
        if " [" not in line:
            yield None, (line.rstrip(),)
            continue
        if head is not None:
            yield head, tuple(attributes)
        attributes = []
        match = _NET.match(bare)
        if match is not None:
            net, bare = match.group(), bare[match.end() :].lstrip(" ")
        bare = _TIME.sub(r"[\1 00:00:00", bare, count=1)
        head = f"{net} {bare}".rstrip()
    if head is not None:
        yield head, tuple(attributes)


@lru_cache(KEPT)
def _read(head: str, attributes: tuple[str, ...]) -> tuple[TableRoute, ...]:
    """The one path that these lines are; none where they are not understood."""
    read = parse_bird_routes("\n".join((head, *attributes)))
    return () if read.unrecognised or read.refusal else tuple(map(reduced, read.routes))


def reduced(route: BirdRoute) -> TableRoute:
    """What of a path tells where packets go."""
    bgp = route.bgp
    return TableRoute(
        prefix=route.prefix,
        destination=route.destination,
        protocol=route.protocol,
        gateway=route.gateway,
        interface=route.interface,
        from_peer=route.from_peer,
        hops=tuple(hop.gateway for hop in route.next_hops),
        is_best=route.is_best,
        not_in_kernel=route.not_in_kernel,
        is_resolved=route.is_resolved,
        is_stale=route.stale,
        preference=route.preference,
        origin_as=route.origin_as,
        communities=() if bgp is None else bgp.communities,
        originator_id=None if bgp is None else bgp.originator_id,
        kernel_source=route.kernel_source,
    )
