"""Prints what BIRD and `ip` say of a simulated node's routes, as the captures of real ones have it. Text only.

Sources: BIRD 1.6 rt_show_rte (nest/rt-table.c), proto_cmd_show (nest/proto.c), bgp_show_proto_info (proto/bgp/bgp.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from calico_bgp.lab.printing.protocols import FamilyTable, Protocol
from calico_bgp.lab.printing.render import bird_row
from calico_bgp.lab.routing.spread import Held, Path, Writers
from calico_bgp.model.peer import BGPState, Family

BANNER = "BIRD v0.3.3+birdv1.6.8 ready."
_LAN = {Family.IPV4: ("192.0.2.0/24", "192.0.2.254"), Family.IPV6: ("2001:db8:77::/64", "2001:db8:77::ffff")}
#: Whom a route of old leads to: nobody.
_GONE = {Family.IPV4: "192.0.2.253", Family.IPV6: "2001:db8:77::fffe"}
_CHANGES = ("Import updates:", "Import withdraws:", "Export updates:", "Export withdraws:")


def show_status(router_id: str, now: datetime, started: datetime) -> str:
    """What birdcl prints for `show status`."""
    times = (f"{started:%Y-%m-%d %H:%M:%S}",) * 2
    lines = (
        BANNER,
        "BIRD v0.3.3+birdv1.6.8",
        f"Router ID is {router_id}",
        f"Current server time is {now:%Y-%m-%d %H:%M:%S}",
    )
    return "\n".join(
        (*lines, f"Last reboot on {times[0]}", f"Last reconfiguration on {times[1]}", "Daemon is up and running\n")
    )


def show_route_count(held: Held) -> str:
    """What birdcl prints for `show route count`."""
    own = len(held.own) + len(held.pods) + 1
    paths, networks = own + len(held.paths), own + len(held.best)
    return f"{BANNER}\n{paths} of {paths} routes for {networks} networks\n"


def show_route(held: Held, family: Family) -> str:
    """What is left on a node of `show route all`."""
    since = held.started
    lines = [BANNER]
    lines.append(_path(_LAN[family][0], f"dev eth0 [direct1 {since}] * (240)"))
    lines += [_path(str(block), f"blackhole [static1 {since}] * (200)") for block in held.own]
    lines += [_path(f"{pod}/{pod.max_prefixlen}", f"dev cali0123456789a [kernel1 {since}] * (10)") for pod in held.pods]
    last = None
    own = set(held.own)
    for path in held.paths:
        mark = "" if path.prefix == last or path.prefix in own else " !" if path.prefix in held.foreign else " *"
        lines += _bgp(path, mark, since, is_first=path.prefix != last)
        last = path.prefix
    return "\n".join(lines) + "\n"


def _bgp(path: Path, mark: str, since: str, *, is_first: bool) -> Iterator[str]:
    sender = f" from {path.from_peer}" if path.from_peer is not None else ""
    origin = "i" if path.as_number is None else f"AS{path.as_number}i"
    words = f"via {path.gateway} on eth0 [{path.protocol} {since}{sender}]{mark} (100/0) [{origin}]"
    yield _path(str(path.prefix) if is_first else "", words)
    if path.originator is not None:
        yield f"\tBGP.originator_id: {path.originator}"


def _path(net: str, words: str) -> str:
    return f"{net:<18} {words}"


def ip_route_show(held: Held, family: Family) -> str:
    """What `ip route show` prints."""
    lan, router = _LAN[family]
    lines = [f"default via {router} dev eth0 ", f"{lan} dev eth0 proto kernel scope link "]
    blackholes = {Writers.BIRD: "proto bird", Writers.BOTH: "proto bird", Writers.NOBODY: "proto 80"}
    lines += [f"blackhole {block} {blackholes[held.writers]} " for block in held.own]
    lines += [f"{pod} dev cali0123456789a scope link " for pod in held.pods]
    own = set(held.own)
    for path in held.best:
        if path.prefix in held.foreign:
            lines.append(f"{path.prefix} via {_GONE[family]} dev eth0 proto 80 ")
        elif path.prefix not in own and (held.writers is not Writers.NOBODY or path.origin is None):
            # Felix's has no metric and counts; with the same metric there would be but one of them.
            metric = "metric 1024 " if held.writers is Writers.BOTH else ""
            way = f"{path.prefix} via {path.gateway} dev eth0"
            lines += [f"{way} proto 80 "] if held.writers is Writers.BOTH and path.origin is not None else []
            lines.append(f"{way} proto bird {metric}")
    return "\n".join(lines) + "\n"


def show_protocols_all(
    table: FamilyTable,
    held: Held,
    *,
    static_is_down: bool = False,
    limited: frozenset[str] = frozenset(),
    plain: frozenset[str] = frozenset(),
) -> str:
    """What birdcl prints for `show protocols all`.

    Args:
        table: The protocols.
        held: The node's routes.
        static_is_down: Whether the static protocol is disabled.
        limited: The names of protocols whose import limit is hit.
        plain: The names of protocols whose far end offers no graceful restart.
    """
    lines = [BANNER, f"{'name':<8} {'proto':<8} {'table':<8} {'state':<6} {'since':<11} info"]
    pods = len(held.pods)
    best = [path.protocol for path in held.best]
    lines += _own("static1", "Static", table.started, None if static_is_down else (len(held.own), 0, len(held.own)))
    lines += _own("kernel1", "Kernel", table.started, (pods, len(best) + len(held.own), pods))
    lines += _own("device1", "Device", table.started, (0, 0, 0))
    lines += _own("direct1", "Direct", table.started, (1, 0, 1))
    for protocol in table.protocols:
        imported = sum(path.protocol == protocol.name for path in held.paths)
        numbers = (imported, held.exported.get(protocol.name, 0), best.count(protocol.name))
        filtered = held.filtered.get(protocol.name, 0)
        is_limited, is_plain = protocol.name in limited, protocol.name in plain
        lines += _of_bgp(protocol, numbers, filtered, is_limited=is_limited, is_plain=is_plain)
    return "\n".join(lines) + "\n"


def _own(name: str, kind: str, since: str, numbers: tuple[int, int, int] | None) -> Iterator[str]:
    yield bird_row(name, kind, "down" if numbers is None else "up", since)
    yield from _common("200" if kind == "Static" else "10")
    if numbers is not None:
        yield from _numbers(numbers)
    yield ""


def _common(preference: str, output: str = "ACCEPT") -> Iterator[str]:
    yield from (f"  {'Preference:':<15} {preference}", "  Input filter:   ACCEPT", f"  Output filter:  {output}")


def _numbers(numbers: tuple[int, int, int], filtered: int = 0) -> Iterator[str]:
    imported, exported, preferred = numbers
    yield f"  Routes:         {imported} imported, {exported} exported, {preferred} preferred"
    yield "  Route change stats:     received   rejected   filtered    ignored   accepted"
    for kind in _CHANGES:
        value = (imported if "Import" in kind else exported) if "updates" in kind else 0
        kept = filtered if kind == "Export updates:" else 0
        shown = str(kept) if "updates" in kind else "---"
        yield f"    {kind:<20} {value + kept:>10} {0:>10} {shown:>10} {'---':>10} {value:>10}"


def _of_bgp(
    protocol: Protocol, numbers: tuple[int, int, int], filtered: int, *, is_limited: bool, is_plain: bool
) -> Iterator[str]:
    info = protocol.error if protocol.bgp_state is None else f"{protocol.bgp_state:<14}{protocol.error}"
    yield bird_row(protocol.name, "BGP", protocol.state, protocol.since, info)
    yield from _common("100", "(unnamed)")
    if is_limited:
        yield from ("  Import limit:   0 [HIT]", "    Action:       block")
    if protocol.state != "down":
        yield from _numbers(numbers, filtered)
    yield f"  BGP state:          {protocol.bgp_state or 'Down'}"
    if protocol.address is not None:
        yield f"    Neighbor address: {protocol.address}"
        yield f"    Neighbor AS:      {protocol.peer_as}"
    if protocol.bgp_state is BGPState.ESTABLISHED and protocol.address is not None:
        internal = "internal" if protocol.local_as == protocol.peer_as else "external"
        yield f"    Neighbor ID:      {protocol.address if protocol.address.version == 4 else '198.51.100.2'}"
        restart = "" if is_plain else "restart-able "
        yield f"    Neighbor caps:    refresh enhanced-refresh {restart}AS4 add-path-rx add-path-tx"
        reflects = " route-reflector" if protocol.reflects else ""
        yield f"    Session:          {internal} multihop{reflects} AS4 add-path-rx add-path-tx"
        yield "    Hold timer:       198/240"
        yield "    Keepalive timer:  41/80"
    if protocol.error:
        yield f"    Last error:       {protocol.error}"
    yield ""
