"""Reads BIRD's answer to `show status`: who it is, since when, and whether it recovers from a restart."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.parse.bird.answer import AnswerReader
from calico_bgp.parse.grammar import grammar

GRAMMAR = grammar("bird_show_status.textfsm")


class BirdStatus(NamedTuple):
    """What BIRD answered. Times are verbatim.

    Attributes:
        version: Its version.
        router_id: Its router ID.
        server_time: Its clock.
        last_reboot: When it started.
        last_reconfiguration: When it last took a new configuration.
        is_recovering: Whether it waits for its peers after a graceful restart.
        complete: Whether the last line came and all was understood.
    """

    version: str | None
    router_id: str | None
    server_time: str | None
    last_reboot: str | None
    last_reconfiguration: str | None
    is_recovering: bool
    complete: bool


def parse_bird_status(text: str) -> BirdStatus:
    """Read an answer: numbered replies, birdc's text, or birdc's text with its prompts.

    Args:
        text: What BIRD 1.6 or birdc printed.
    """
    answer = AnswerReader(text, GRAMMAR, frozenset({"1000", "1011"}))
    fields: dict[str, str] = {}
    for line in answer:
        fields.update(line.record)
    return BirdStatus(
        version=fields.get("PROGRAM") or answer.version,
        router_id=fields.get("ROUTER_ID"),
        server_time=fields.get("SERVER_TIME"),
        last_reboot=fields.get("REBOOT"),
        last_reconfiguration=fields.get("RECONFIGURED"),
        is_recovering="RECOVERY" in fields,
        complete="STATE" in fields and answer.refusal is None and not answer.unrecognised,
    )
