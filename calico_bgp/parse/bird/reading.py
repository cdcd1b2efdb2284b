"""Takes several answers of one BIRD apart, and makes one value of them. Each answer has its own reader beside this."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_protocol import BirdProtocolDetails, RouteChanges
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading
from calico_bgp.parse.bird.protocols import parse_bird_details
from calico_bgp.parse.bird.routes import parse_bird_routes
from calico_bgp.parse.bird.status import parse_bird_status

_GREETING = re.compile(r"(?:bird> ?)?(?:0001 )?BIRD \S{1,100} ready\.?\s*")
#: On the socket the number before the last line of an answer is followed by a blank, as in `0000 ` and `0014 39 of`.
_LAST_LINE = re.compile(r"\d{4} ")
#: What an answer is about stands in one of its first lines.
_STATUS = re.compile(r"^(?:1011[- ]| )?Router ID is ", re.MULTILINE)
_COUNT = re.compile(r"^(?:0014[- ])?\d{1,10} of \d{1,10} routes for ", re.MULTILINE)
_PROTOCOLS = re.compile(r"^(?:2002[- ])?\s{0,4}name {1,20}proto {1,20}table", re.MULTILINE)


def bird_reading(text: str, family: Family) -> BirdReading | None:
    """What BIRD says of itself, in answers to `show status`, `show route count` and `show protocols [all]`.

    Args:
        text: The answers, in any order, one after the other: each with birdc's greeting, or all of one connection to
            the socket.
        family: Which BIRD.

    Returns:
        None where BIRD answered nothing of it.
    """
    status = numbers = table = None
    for answer in _answers(text):
        if _PROTOCOLS.search(answer):
            table = table or parse_bird_details(answer)
        elif _STATUS.search(answer):
            status = status or parse_bird_status(answer)
        elif _COUNT.search(answer):
            numbers = numbers or parse_bird_routes(answer).counted
    if status is None and numbers is None and table is None:
        return None
    return BirdReading(
        family=family,
        version=status.version if status is not None else table.version if table is not None else None,
        router_id=None if status is None else status.router_id,
        server_time=None if status is None else status.server_time,
        last_reboot=None if status is None else status.last_reboot,
        last_reconfiguration=None if status is None else status.last_reconfiguration,
        is_recovering=None if status is None else status.is_recovering,
        paths=None if numbers is None else numbers.all_paths,
        networks=None if numbers is None else numbers.networks,
        is_long=table is not None and any(protocol.input_filter for protocol in table.protocols),
        protocols=() if table is None else tuple(map(_protocol, table.protocols)),
        complete=table is not None
        and table.complete
        and numbers is not None
        and status is not None
        and status.complete,
    )


def _answers(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if _GREETING.fullmatch(line):
            if lines:
                yield "".join(lines)
            lines = [line]
        else:
            lines.append(line)
            if _LAST_LINE.match(line):
                yield "".join(lines)
                lines = []
    if lines:
        yield "".join(lines)


def _protocol(details: BirdProtocolDetails) -> ProtocolReading:
    numbers, bgp = details.routes, details.bgp
    changes = {change.kind: change for change in details.changes}
    return ProtocolReading(
        name=details.name,
        proto=details.proto,
        state=details.state,
        since=details.since,
        info=details.info,
        imported=None if numbers is None else numbers.imported,
        exported=None if numbers is None else numbers.exported,
        preferred=None if numbers is None else numbers.preferred,
        imports_filtered=_filtered(changes.get("Import updates")),
        exports_filtered=_filtered(changes.get("Export updates")),
        input_filter=details.input_filter,
        output_filter=details.output_filter,
        limits=details.limits,
        recovery=details.recovery,
        neighbor_address=None if bgp is None else bgp.neighbor_address,
        neighbor_as=None if bgp is None else bgp.neighbor_as,
        neighbor_id=None if bgp is None else bgp.neighbor_id,
        capabilities=() if bgp is None else bgp.capabilities,
        session=() if bgp is None else bgp.session,
        source_address=None if bgp is None else bgp.source_address,
        hold_time=None if bgp is None else bgp.hold_time,
        keepalive_time=None if bgp is None else bgp.keepalive_time,
        is_restarting=bgp is not None and bgp.is_restarting,
        last_error=None if bgp is None else bgp.last_error,
    )


def _filtered(changes: RouteChanges | None) -> int | None:
    return None if changes is None else changes.filtered
