"""Reads `ip route show`, as JSON (`ip -j -d`) and as text. Who should have written a route is not judged here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from itertools import chain, repeat
from typing import Any

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, FELIX, KERNEL, STATIC, KernelHop, KernelRoute, KernelRoutes
from calico_bgp.model.routes.table import KEPT
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.grammar import grammar
from calico_bgp.prefixes import Prefix
from calico_bgp.upstream import WIREGUARD_INTERFACES

GRAMMAR = grammar("ip_route.textfsm")
#: iproute2's names (etc/iproute2/rt_protos); `ip` prints the number where its tables have no name.
_PROTOCOLS = {"boot": BOOT, "static": STATIC, "kernel": KERNEL, "bird": BIRD, "felix": FELIX, "redirect": 1, "ra": 9}
_DEFAULTS = {Family.IPV4: "0.0.0.0/0", Family.IPV6: "::/0"}
_SHOWN = 120
#: The tables that the kernel makes, and the priority of its own rule for `main` (linux/net/ipv4/fib_rules.c).
_KERNELS_OWN = frozenset({"local", "main", "default"})
_RULE_OF_MAIN = 32766


def parse_kernel_routes(text: str, family: Family, *, protocol: int = BOOT) -> KernelRoutes:
    """Read the routes of one family.

    Args:
        text: What `ip route show` printed, with or without `-j` and `-d`.
        family: `default` is in which family.
        protocol: Whose routes were asked for: `ip` leaves out what the question names (`ip route show proto bird`).

    Returns:
        What was not understood is in it; nothing is raised.
    """
    routes: list[KernelRoute] = []
    unrecognised: list[UnrecognisedLine] = []
    records = _of_json(text) if text.lstrip()[:1] == "[" else _of_text(text)
    for number, line, record in records:
        route = None if record is None else _route(record, family, protocol)
        if route is None:
            unrecognised.append(UnrecognisedLine(number, line))
        else:
            routes.append(route)
    # Silence is no answer: `ip -j` prints `[]` for no routes, and no host is without any.
    return KernelRoutes(tuple(routes), bool(text.strip()) and not unrecognised, tuple(unrecognised))


def parse_kernel_table(text: str, family: Family, *, most_lines: int) -> KernelRoutes:
    """Read the text of a whole table, `ip route show`: what many nodes print alike is read once.

    Args:
        text: What was printed, not as JSON.
        family: `default` is in which family.
        most_lines: Of longer texts the rest is left out, and the table is not complete.
    """
    lines = split_lines(text)
    is_whole = len(lines) <= most_lines
    main, rules, further = _parts(lines[:most_lines])
    read = list(map(_one_route, _whole_routes(main), repeat(family)))
    routes_of_main = tuple(chain.from_iterable(route_lines.routes for route_lines in read))
    unrecognised = tuple(chain.from_iterable(route_lines.unrecognised for route_lines in read))
    complete = bool(routes_of_main) and not unrecognised and is_whole
    beside = [_one_route(line, family) for line in further]
    if not rules or not is_whole or any(route_lines.unrecognised for route_lines in beside):
        return KernelRoutes(routes_of_main, complete, unrecognised)
    routes = (
        route
        for route_lines in beside
        for route in route_lines.routes
        if route.table in rules and route.type == "unicast"
    )
    return KernelRoutes((*routes_of_main, *(_over_wireguard(route) for route in routes)), complete, unrecognised, True)


def _parts(lines: list[str]) -> tuple[list[str], frozenset[str], list[str]]:
    """The lines of `main`, the tables that rules lead to before it, and the lines of WireGuard's routes behind them."""
    first = next((place for place, line in enumerate(lines) if _looked_up(line) is not None), len(lines))
    rules = frozenset(table for line in lines[first:] if (table := _looked_up(line)))
    return lines[:first], rules, [line for line in lines[first:] if _looked_up(line) is None and line.strip()]


def _looked_up(line: str) -> str | None:
    """The table that a rule of `ip rule show` leads to before `main`, or an empty text; None where it is no rule."""
    priority, _, selector = line.partition(":")
    if not priority.isdecimal() or not selector[:1].isspace():
        return None
    before, _, after = selector.rpartition(" lookup ")
    table = after.split(maxsplit=1)[0] if after.strip() else ""
    return table if before and table not in _KERNELS_OWN and int(priority[:9]) < _RULE_OF_MAIN else ""


def _over_wireguard(route: KernelRoute) -> KernelRoute:
    """`ip route show dev NAME` leaves out what the question names."""
    name = WIREGUARD_INTERFACES[route.prefix.version == 6]
    return route if route.hops else route._replace(hops=(KernelHop(None, name),))


def _whole_routes(lines: list[str]) -> list[str]:
    """The text of each route: its further ways stand below it, indented."""
    whole: list[str] = []
    for line in lines:
        if line[:1].isspace() and whole:
            whole[-1] += f"\n{line.rstrip()}"
        elif line.strip():
            whole.append(line)
    return whole


@lru_cache(KEPT)
def _one_route(text: str, family: Family) -> KernelRoutes:
    return parse_kernel_routes(text, family)


#: Where it stands, how it reads, and its fields by the names of `ip -j`; None for what is no route.
_Record = tuple[int, str, Mapping[str, Any] | None]


def _of_json(text: str) -> Iterator[_Record]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        yield 1, clean_line(text.strip()[:_SHOWN]), None
        return
    for number, route in enumerate(value, 1):
        # iproute2 prints `{}` for what a filter left out.
        if route != {}:
            yield number, clean_line(json.dumps(route)[:_SHOWN]), route if isinstance(route, dict) else None


def _of_text(text: str) -> Iterator[_Record]:
    waiting: tuple[int, str, dict[str, Any]] | None = None
    for number, raw in enumerate(split_lines(text), 1):
        line = clean_line(raw)
        record = GRAMMAR.read(line)
        if not record:
            continue
        if "HOP" in record and waiting is not None:
            waiting[2].setdefault("nexthops", []).append(
                {"gateway": record.get("VIA"), "dev": record.get("DEV"), "weight": int(record.get("WEIGHT", "1"))}
            )
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if "DST" in record:
            words = record.get("REST", "").split()
            named = {word: words[at + 1] for at, word in enumerate(words[:-1])}
            fields: dict[str, Any] = {"dst": record["DST"], "flags": [word for word in words if word == "onlink"]}
            fields |= {
                name: value
                for name, value in (
                    ("type", record.get("TYPE")),
                    ("gateway", record.get("VIA")),
                    ("dev", record.get("DEV")),
                    ("protocol", named.get("proto")),
                )
                if value is not None
            }
            if "table" in named:
                fields["table"] = named["table"]
            if "metric" in named:
                fields["metric"] = int(named["metric"]) if named["metric"].isdecimal() else named["metric"]
            waiting = (number, line, fields)
        else:
            yield number, line, None
    if waiting is not None:
        yield waiting


def _route(fields: Mapping[str, Any], family: Family, asked: int) -> KernelRoute | None:
    try:
        prefix = _prefix(fields["dst"], family)
        hops = fields.get("nexthops")
        ways = [fields] if hops is None else hops
        protocol = fields.get("protocol")
        metric = fields.get("metric", 0)
        if not isinstance(metric, int) or isinstance(metric, bool):
            return None
        return KernelRoute(
            prefix=prefix,
            type=str(fields.get("type", "unicast")),
            protocol=asked if protocol is None else _protocol(str(protocol)),
            metric=metric,
            hops=tuple(_hop(way) for way in ways if way.get("gateway") or way.get("dev")),
            is_onlink="onlink" in fields.get("flags", ()),
            table=_table(fields.get("table")),
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _prefix(text: Any, family: Family) -> Prefix:
    if not isinstance(text, str):
        raise TypeError
    return ip_network(_DEFAULTS[family] if text == "default" else text)


def _table(name: Any) -> str | None:
    return None if name in (None, "main") else clean_line(str(name))


def _protocol(text: str) -> int:
    return _PROTOCOLS[text] if text in _PROTOCOLS else int(text)


def _hop(way: Mapping[str, Any]) -> KernelHop:
    gateway = way.get("gateway")
    device = way.get("dev")
    weight = way.get("weight", 1)
    return KernelHop(
        None if gateway is None else ip_address(str(gateway)),
        None if device is None else clean_line(str(device)),
        weight if isinstance(weight, int) else 1,
    )
