"""Reads BIRD's answer to `show route`, with or without `all`. What a route is good for is not judged here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from calico_bgp.model.routes.bird_route import (
    BGPAttributes,
    BirdRoute,
    BirdRoutes,
    Destination,
    NextHop,
    RouteCount,
)
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.bird.answer import AnswerReader
from calico_bgp.parse.bird.protocols import number_of
from calico_bgp.parse.grammar import grammar
from calico_bgp.prefixes import Prefix

GRAMMAR = grammar("bird_show_route.textfsm")

_COMMUNITY = re.compile(r"\((\d{1,10}),\s?(\d{1,10})(?:,\s?(\d{1,10}))?\)")


def parse_bird_routes(text: str) -> BirdRoutes:
    """Read an answer: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD 1.6 or birdc printed.
    """
    answer = AnswerReader(text, GRAMMAR, frozenset({"1007"}))
    table = _Table()
    for line in answer:
        if line.is_half or not table.take(line.record):
            answer.reject(line)
    # `0000` at once is the answer of a table without routes; of birdc that looks like no answer.
    is_empty = answer.ended and answer.refusal is None and not table.is_down and not answer.unrecognised
    is_answer = table.is_answer or is_empty
    return BirdRoutes(
        version=answer.version,
        routes=table.routes(),
        counted=table.counted,
        is_answer=is_answer,
        is_down=table.is_down,
        complete=is_answer and (table.is_one_reply or answer.has_end) and not answer.unrecognised,
        refusal=answer.refusal or table.refusal,
        unrecognised=tuple(answer.unrecognised),
    )


class _Table:
    """The paths so far. A path's attributes follow it, line by line.

    Attributes:
        counted: For `show route count`.
        is_answer: Whether something of an answer came.
        is_down: Whether the protocol that was asked about is down.
        is_one_reply: Whether it is an answer of one line, after which no `0000` comes.
        refusal: What was said instead of an answer, or None.
    """

    def __init__(self) -> None:
        self.counted: RouteCount | None = None
        self.is_answer = self.is_down = self.is_one_reply = False
        self.refusal: str | None = None
        self._routes: list[BirdRoute] = []
        self._prefix: Prefix | None = None
        self._fields: dict[str, Any] | None = None
        self._attributes: dict[str, str] = {}

    def routes(self) -> tuple[BirdRoute, ...]:
        """All of them."""
        self._finish()
        return tuple(self._routes)

    def take(self, record: Mapping[str, str]) -> bool:
        """One line; False where it makes no sense."""
        if "WEIGHT" in record:
            return self._next_hop(record)
        if "PROTOCOL" in record:
            return self._path(record)
        if "ATTRIBUTE" in record:
            return self._attribute(record)
        if "PATHS" in record:
            self.counted = RouteCount(int(record["PATHS"]), int(record["ALL_PATHS"]), int(record["NETS"]))
            self.is_answer = self.is_one_reply = True
        elif "NOTHING" in record:
            self.is_answer = self.is_one_reply = True
        elif "DOWN" in record:
            self.is_down = True
            self.refusal = record["DOWN"]
        # What is left is the answer to `restrict`, which goes before the question.
        return True

    def _path(self, record: Mapping[str, str]) -> bool:
        self._finish()
        try:
            if "NET" in record:
                self._prefix = None
                self._prefix = ip_network(record["NET"])
            gateway = ip_address(record["GATEWAY"]) if "GATEWAY" in record else None
            from_peer = ip_address(record["PEER"]) if "PEER" in record else None
        except ValueError:
            return False
        if self._prefix is None:
            return False
        kind = record.get("KIND") or ("via" if gateway is not None else "dev")
        metric = record.get("METRIC")
        self._fields = {
            "prefix": self._prefix,
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
        if self._fields is None or self._fields["destination"] is not Destination.MULTIPATH:
            return False
        try:
            hop = NextHop(ip_address(record["GATEWAY"]), record["INTERFACE"], int(record["WEIGHT"]))
        except ValueError:
            return False
        self._fields["next_hops"] = (*self._fields.get("next_hops", ()), hop)
        return True

    def _attribute(self, record: Mapping[str, str]) -> bool:
        if self._fields is None:
            return False
        self._attributes[record["ATTRIBUTE"]] = record.get("TEXT", "")
        return True

    def _finish(self) -> None:
        if self._fields is not None:
            self._routes.append(BirdRoute(**self._fields, **_attributes(self._attributes)))
        self._fields, self._attributes = None, {}


def _attributes(texts: Mapping[str, str]) -> dict[str, Any]:
    """The long form's fields. What is not a number where one belongs counts as absent."""
    if not texts:
        return {}
    kind = texts.get("Type", "").split(" ")[0] or None
    fields: dict[str, Any] = {
        "type": kind,
        "kernel_source": number_of(texts.get("Kernel.source")),
        "kernel_metric": number_of(texts.get("Kernel.metric")),
    }
    if any(name.startswith("BGP.") for name in texts):
        communities = f"{texts.get('BGP.community', '')} {texts.get('BGP.large_community', '')}"
        fields["bgp"] = BGPAttributes(
            as_path=texts.get("BGP.as_path", ""),
            next_hops=tuple(
                a for text in texts.get("BGP.next_hop", "").split() if (a := read_address(text)) is not None
            ),
            local_pref=number_of(texts.get("BGP.local_pref")),
            med=number_of(texts.get("BGP.med")),
            communities=tuple(tuple(int(part) for part in match if part) for match in _COMMUNITY.findall(communities)),
            originator_id=texts.get("BGP.originator_id"),
            cluster_list=tuple(texts.get("BGP.cluster_list", "").split()),
        )
    return fields
