"""Reads BIRD's answer to `show route`, with or without `all`. What a route is good for is not judged here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from calico_bgp.model.bird_route import (
    BGPAttributes,
    BirdRoute,
    BirdRoutes,
    Destination,
    NextHop,
    Prefix,
    RouteCount,
)
from calico_bgp.model.reading import UnrecognisedLine
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.grammar import grammar

GRAMMAR = grammar("bird_show_route.textfsm")

_COMMUNITY = re.compile(r"\((\d{1,10}),\s?(\d{1,10})(?:,\s?(\d{1,10}))?\)")


def parse_bird_routes(text: str) -> BirdRoutes:
    """Read an answer: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD 1.6 or birdc printed.
    """
    reader = _Reader()
    lines = split_lines(text)
    for number, raw in enumerate(lines, 1):
        # birdc fed through a pipe writes its prompt before the answer.
        line = clean_line(raw).removeprefix("bird> ").removeprefix("bird>")
        reader.take(number, line, is_last=number == len(lines))
    return reader.answer()


class _Reader:
    """The paths so far. A path's attributes follow it, line by line."""

    def __init__(self) -> None:
        self.version: str | None = None
        self.refusal: str | None = None
        self.count: RouteCount | None = None
        self.routes: list[BirdRoute] = []
        self.unrecognised: list[UnrecognisedLine] = []
        self.prefix: Prefix | None = None
        self.fields: dict[str, Any] | None = None
        self.attributes: dict[str, str] = {}
        self.numbered = self.ended = self.is_down = self.is_answer = False

    def take(self, number: int, line: str, *, is_last: bool) -> None:
        self.numbered = self.numbered or line[:4] in {"0001", "1007"}
        record = GRAMMAR.read(line)
        # On the socket every line has its end, so a last one without it is the half of a line.
        is_half = is_last and self.numbered and bool(line) and "END" not in record
        if not record:
            return
        if is_half or not self._understood(record):
            self.unrecognised.append(UnrecognisedLine(number, line))

    def answer(self) -> BirdRoutes:
        self._finish()
        is_answer = self.is_answer or self._is_empty_table()
        return BirdRoutes(
            version=self.version,
            routes=tuple(self.routes),
            counted=self.count,
            is_answer=is_answer,
            is_down=self.is_down,
            complete=is_answer and (self.ended or not self.numbered) and not self.unrecognised,
            refusal=self.refusal,
            unrecognised=tuple(self.unrecognised),
        )

    def _is_empty_table(self) -> bool:
        """`0000` at once is the answer of a table without routes."""
        return self.ended and self.refusal is None and not self.unrecognised

    def _understood(self, record: Mapping[str, str]) -> bool:
        if "WEIGHT" in record:
            return self._next_hop(record)
        if "PROTOCOL" in record:
            return self._path(record)
        if "ATTRIBUTE" in record:
            return self._attribute(record)
        if "PATHS" in record:
            self.count = RouteCount(int(record["PATHS"]), int(record["ALL_PATHS"]), int(record["NETS"]))
            # The count is the last reply of its answer.
            self.is_answer = self.ended = True
        elif "NOTHING" in record:
            self.is_answer = self.ended = True
        elif "DOWN" in record:
            self.is_down = True
            self.refusal = self.refusal or record["DOWN"]
        elif "END" in record:
            self.ended = True
        elif "VERSION" in record:
            self.version = record["VERSION"]
        elif "RESTRICTED" in record:
            pass  # the answer to `restrict`, which goes before the question
        elif "REFUSED" in record:
            self.refusal = self.refusal or record["REFUSED"]
        else:
            return False
        return True

    def _path(self, record: Mapping[str, str]) -> bool:
        self._finish()
        try:
            if "NET" in record:
                self.prefix = None
                self.prefix = ip_network(record["NET"])
            gateway = ip_address(record["GATEWAY"]) if "GATEWAY" in record else None
            from_peer = ip_address(record["PEER"]) if "PEER" in record else None
        except ValueError:
            return False
        if self.prefix is None:
            return False
        kind = record.get("KIND") or ("via" if gateway is not None else "dev")
        metric = record.get("METRIC")
        self.fields = {
            "prefix": self.prefix,
            "destination": Destination(kind),
            "protocol": record["PROTOCOL"],
            "since": record["SINCE"],
            "preference": int(record["PREFERENCE"]),
            "gateway": gateway,
            "interface": record.get("INTERFACE") or record.get("DEVICE"),
            "from_peer": from_peer,
            "is_best": "MARK" in record,
            "not_in_kernel": record.get("MARK") == "!",
            "stale": "STALE" in record,
            "igp_metric": int(metric) if metric is not None and metric.isdigit() else None,
            "is_resolved": metric != "-",
            "origin_as": int(record["AS"]) if "AS" in record else None,
        }
        self.is_answer = True
        return True

    def _next_hop(self, record: Mapping[str, str]) -> bool:
        if self.fields is None or self.fields["destination"] is not Destination.MULTIPATH:
            return False
        try:
            hop = NextHop(ip_address(record["GATEWAY"]), record["INTERFACE"], int(record["WEIGHT"]))
        except ValueError:
            return False
        self.fields["next_hops"] = (*self.fields.get("next_hops", ()), hop)
        return True

    def _attribute(self, record: Mapping[str, str]) -> bool:
        if self.fields is None:
            return False
        self.attributes[record["ATTRIBUTE"]] = record.get("TEXT", "")
        return True

    def _finish(self) -> None:
        if self.fields is not None:
            self.routes.append(BirdRoute(**self.fields, **_attributes(self.attributes)))
        self.fields, self.attributes = None, {}


def _attributes(texts: Mapping[str, str]) -> dict[str, Any]:
    """The long form's fields. What is not a number where one belongs counts as absent."""
    if not texts:
        return {}
    kind = texts.get("Type", "").split(" ")[0] or None
    fields: dict[str, Any] = {
        "type": kind,
        "kernel_source": _number(texts.get("Kernel.source")),
        "kernel_metric": _number(texts.get("Kernel.metric")),
    }
    if any(name.startswith("BGP.") for name in texts):
        both = f"{texts.get('BGP.community', '')} {texts.get('BGP.large_community', '')}"
        fields["bgp"] = BGPAttributes(
            as_path=texts.get("BGP.as_path", ""),
            next_hops=tuple(map(ip_address, filter(_is_address, texts.get("BGP.next_hop", "").split()))),
            local_pref=_number(texts.get("BGP.local_pref")),
            med=_number(texts.get("BGP.med")),
            communities=tuple(tuple(int(part) for part in found if part) for found in _COMMUNITY.findall(both)),
            originator_id=texts.get("BGP.originator_id"),
            cluster_list=tuple(texts.get("BGP.cluster_list", "").split()),
        )
    return fields


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) <= 10 else None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
