"""Texts to parse: what the nodes of large clusters print, made from a fixed seed in both layouts of calicoctl."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

HEADINGS = ("PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO")
# A twelfth of the sessions is in trouble, which is a bad day. The longest wrap into three lines.
TROUBLES = (
    "Active Socket: Connection refused",
    "Connect Socket: No route to host",
    "Passive BGP Error: Hold timer expired",
    "Idle BGP Error: Bad peer AS",
    "Active Received: Unexpected message in OpenConfirm state of a peer",
    "Passive",
)

Row = tuple[str, str, str, str, str]


class Corpus(NamedTuple):
    """Texts, and what they are."""

    title: str
    texts: Sequence[str]


def table(rows: Sequence[Row], *, wrapped: bool) -> str:
    """The table as v3.32 (centred headings, INFO wrapped at 30 columns) or v3.33 (left, never wrapped) prints it."""
    lines: list[Sequence[str]] = []
    for row in rows:
        info = _wrap(row[4]) if wrapped else [row[4]]
        lines.append((*row[:4], info[0]))
        lines += [("", "", "", "", more) for more in info[1:]]
    widths = [max(len(heading), *(len(line[i]) for line in lines)) for i, heading in enumerate(HEADINGS)]
    border = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    place = str.center if wrapped else str.ljust
    heading = "| " + " | ".join(map(place, HEADINGS, widths)) + " |"
    body = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([border, heading, border, *body, border, ""])


def answer(v4: Sequence[Row], v6: Sequence[Row], *, wrapped: bool) -> str:
    """All that a node prints."""
    parts = [
        f"\nIPv{digit} BGP status\n" + (table(rows, wrapped=wrapped) if rows else f"No IPv{digit} peers found.\n")
        for digit, rows in (("4", v4), ("6", v6))
    ]
    return "Calico process is running.\n" + "".join(parts) + "\n"


def mesh(nodes: int, *, family: int, wrapped: bool, young: bool, seed: int = 2) -> Corpus:
    """A full mesh: each node shows every other one.

    Args:
        nodes: How many.
        family: 4 or 6.
        wrapped: The layout of v3.32.
        young: All sessions began within the last 20 hours, each at a second of its own: no two rows of the fleet need
            be equal. Else they are older, and SINCE is one of five dates.
        seed: Of the random numbers.
    """
    chance = random.Random(seed)
    addresses = [_address(number, family) for number in range(nodes)]
    texts = []
    for near in range(nodes):
        rows = [_row(chance, addresses[far], "node-to-node mesh", young=young) for far in range(nodes) if far != near]
        texts.append(answer(rows if family == 4 else [], rows if family == 6 else [], wrapped=wrapped))
    age = "each SINCE its own second" if young else "SINCE a date"
    layout = "v3.32 layout, wrapped INFO" if wrapped else "v3.33 layout"
    return Corpus(f"mesh of {nodes}, IPv{family}, {layout}, {age}", texts)


def one_large(peers: int, seed: int = 3) -> Corpus:
    """One output with that many distinct addresses, half of each family."""
    chance = random.Random(seed)
    half = peers // 2
    v4 = [_row(chance, _address(number, 4), "node specific", young=True) for number in range(half)]
    v6 = [_row(chance, _address(number, 6), "node specific", young=True) for number in range(peers - half)]
    return Corpus(f"one output of {peers} distinct addresses", [answer(v4, v6, wrapped=True)])


def many_small(outputs: int, seed: int = 4) -> Corpus:
    """Clients of reflectors: 5 peers in each family, of 40 racks with reflectors of their own."""
    chance = random.Random(seed)
    texts = []
    for number in range(outputs):
        rack = number % 40 * 5
        v4 = [_row(chance, _address(rack + k, 4), "global", young=True) for k in range(5)]
        v6 = [_row(chance, _address(rack + k, 6), "global", young=True) for k in range(5)]
        texts.append(answer(v4, v6, wrapped=number % 2 == 0))
    return Corpus(f"{outputs} outputs of 10 rows", texts)


def _row(chance: random.Random, address: str, kind: str, *, young: bool) -> Row:
    second = chance.randrange(20 * 3600)
    since = (
        f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        if young
        else f"2026-11-{chance.randrange(5) + 10}"
    )
    if chance.randrange(12):
        return address, kind, "up", since, "Established"
    return address, kind, "start", since, chance.choice(TROUBLES)


def _address(number: int, family: int) -> str:
    if family == 4:
        return str(IPv4Address(int(IPv4Address("10.240.0.11")) + number * 3))
    return str(IPv6Address(int(IPv6Address("2001:db8:77::11")) + number * 3))


def _wrap(info: str) -> list[str]:
    lines = [""]
    for word in info.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > 30:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def rows_in(texts: Iterable[str]) -> int:
    """How many rows the texts hold."""
    return sum(text.count(" | up ") + text.count(" | start ") for text in texts)
