"""Reads BIRD's answer to `show protocols all`. What the numbers mean for routes is not judged here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.bird_protocol import (
    BGPDetails,
    BirdDetails,
    BirdProtocolDetails,
    RouteChanges,
    RouteNumbers,
)
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.bird.answer import AnswerReader
from calico_bgp.parse.grammar import grammar

GRAMMAR = grammar("bird_show_protocols_all.textfsm")
_CODES = frozenset({"1002", "2002"})

_NUMBER_OF = re.compile(r"(\d{1,10}) (imported|filtered|exported|preferred)(?:, |$)")
_LIMIT = re.compile(r"(\d{1,10})( \[HIT\])?")
_TIMER = re.compile(r"\d{1,10}/(\d{1,10})")


def parse_bird_details(text: str) -> BirdDetails:
    """Read an answer: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD 1.6 or birdc printed.
    """
    answer = AnswerReader(text, GRAMMAR, _CODES)
    protocols: list[_Protocol] = []
    is_answer = False
    for line in answer:
        record = line.record
        if line.is_half:
            answer.reject(line)
        elif "NAME" in record:
            protocols.append(_Protocol(record))
            is_answer = True
        elif "CHANGE" in record or "LABEL" in record or "FLAG" in record:
            if not protocols or not protocols[-1].take(record):
                answer.reject(line)
        elif "RESTRICTED" not in record:  # the heading, or that there are none
            is_answer = True
    return BirdDetails(
        version=answer.version,
        protocols=tuple(protocol.details() for protocol in protocols),
        is_answer=is_answer,
        complete=is_answer and answer.has_end and not answer.unrecognised,
        refusal=answer.refusal,
        unrecognised=tuple(answer.unrecognised),
    )


class _Protocol:
    """One protocol on its way: its row, then its details."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row
        self.texts: dict[str, str] = {}
        self.flags: set[str] = set()
        self.limits: list[RouteLimit] = []
        self.changes: list[RouteChanges] = []

    def take(self, record: Mapping[str, str]) -> bool:
        """One line of details; False where it makes no sense."""
        if "CHANGE" in record:
            names = ("RECEIVED", "REJECTED", "FILTERED", "IGNORED", "ACCEPTED")
            numbers = (number_of(record[name]) for name in names)
            self.changes.append(RouteChanges(record["CHANGE"], *numbers))
            return True
        if "FLAG" in record:
            self.flags.add(record["FLAG"])
            return True
        label, text = record["LABEL"], record.get("TEXT", "")
        if label.endswith(" limit") and label != "Route limit":
            limit = _LIMIT.fullmatch(text)
            if limit is None:
                return False
            self.limits.append(RouteLimit(label.removesuffix(" limit"), int(limit[1]), bool(limit[2]), None))
        elif label == "Routes" and _routes(text) is None:
            return False  # absent means that the protocol is down, and this does not
        elif label == "Action":
            if not self.limits:
                return False
            self.limits[-1] = replace(self.limits[-1], action=text)
        else:
            self.texts[label] = text
        return True

    def details(self) -> BirdProtocolDetails:
        """All of it."""
        texts = self.texts
        return BirdProtocolDetails(
            name=self.row["NAME"],
            proto=self.row["PROTO"],
            state=self.row["STATE"],
            since=self.row["SINCE"],
            info=" ".join(self.row.get("INFO", "").split()),
            input_filter=texts.get("Input filter"),
            output_filter=texts.get("Output filter"),
            routes=_routes(texts.get("Routes")),
            limits=tuple(self.limits),
            changes=tuple(self.changes),
            recovery=texts.get("GR recovery") or None,
            bgp=self._bgp() if "BGP state" in texts else None,
        )

    def _bgp(self) -> BGPDetails:
        texts = self.texts
        fields: dict[str, Any] = {
            "neighbor_as": number_of(texts.get("Neighbor AS")),
            "neighbor_id": texts.get("Neighbor ID"),
            "capabilities": tuple(texts.get("Neighbor caps", "").split()),
            "session": tuple(texts.get("Session", "").split()),
            "is_restarting": "Neighbor graceful restart active" in self.flags,
            "last_error": texts.get("Last error"),
        }
        return BGPDetails(
            texts["BGP state"],
            neighbor_address=_address(texts.get("Neighbor address")),
            source_address=_address(texts.get("Source address")),
            hold_time=_negotiated(texts.get("Hold timer")),
            keepalive_time=_negotiated(texts.get("Keepalive timer")),
            **fields,
        )


def _routes(text: str | None) -> RouteNumbers | None:
    numbers = {name: int(number) for number, name in _NUMBER_OF.findall(text or "")}
    if not {"imported", "exported", "preferred"} <= numbers.keys():
        return None
    return RouteNumbers(**numbers)


def number_of(text: str | None) -> int | None:
    """The number that a field holds; None for anything else."""
    return int(text) if text is not None and text.isdecimal() and len(text) <= 10 else None


def _negotiated(text: str | None) -> int | None:
    """`198/240` is 198 s left of 240."""
    timer = _TIMER.fullmatch(text or "")
    return int(timer[1]) if timer else None


def _address(text: str | None) -> Address | None:
    """The address; an interface's name may stand behind a link-local one: `fe80::1%eth0`."""
    return None if text is None else read_address(text.split("%")[0])
