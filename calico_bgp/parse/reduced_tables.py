r"""Makes tables of routes comparable: one line for each route, sorted, without what differs on equal nodes. Text only.

A node of a large cluster does the same in its shell (sources/node/route_scripts.py), and sends a hash of the lines of
routes through gateways, with or without these lines, and all others. The attributes of a path follow it behind tabs.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from calico_bgp.parse.cleaning import split_lines

#: What the shell's `[ TAB]via ` finds: a path, one of several ways, a route of the kernel.
_VIA = re.compile(r"[ \t]via ")
_TIME = re.compile(r" \[([A-Za-z_][A-Za-z0-9_]*) [0-9][0-9:.-]*(?: [0-9][0-9:.]*)?")
_CODE = re.compile(r"10[01][0-9][- ]")
_NET_END = re.compile(r" +")
_FIELD = re.compile(r"[ \t]")
_SRC = re.compile(r" src [^ ]*")
_EXPIRES = re.compile(r" expires [^ ]*")
_HASH = re.compile(r"hash ([0-9a-f]{64}) ([0-9]{1,9}) ([0-9a-f]{64})")
_ENDED = re.compile(r"ended ([0-9]{1,3})")
#: So many of the commonest ways to a network make the shape of a table.
_COMMONEST = 3


class Reduced(NamedTuple):
    """What a node sent in the place of a table as it was printed.

    Attributes:
        lines: Of routes, and whatever else was printed.
        sha256: The hash of the lines of routes through gateways, sorted, each with its line end; None where it did not
            come.
        routes: How many those are.
        shape: A hash of the commonest ways: nodes that stand alike in the network have the same.
        exit_code: Of the program that printed the table; None where its end did not come.
    """

    lines: tuple[str, ...]
    sha256: str | None = None
    routes: int = 0
    shape: str = ""
    exit_code: int | None = None

    @property
    def has_gateways(self) -> bool:
        """Whether any routes through gateways came: then all did, unless the table was cut."""
        return any(map(_VIA.search, self.lines))

    @property
    def is_whole(self) -> bool:
        """Whether all of them came."""
        gateways = gateway_lines(self.lines)
        return len(gateways) == self.routes and sha256_of(gateways) == self.sha256


def read_reduced(text: str) -> Reduced:
    """Read what a node sent."""
    lines: list[str] = []
    exit_code: int | None = None
    sha256, routes, shape = None, 0, ""
    for line in split_lines(text):
        first = line[:1]
        if first == "h" and (found := _HASH.fullmatch(line)) is not None:
            sha256, routes, shape = found.group(1), int(found.group(2)), found.group(3)
        elif first == "e" and (ended := _ENDED.fullmatch(line)) is not None:
            exit_code = int(ended.group(1))
        elif line:
            lines.append(line)
    return Reduced(tuple(lines), sha256, routes, shape, exit_code)


def reduce_table(text: str, *, is_kernel: bool, exit_code: int | None, with_gateways: bool = False) -> str:
    """What a node sends in the place of a table as it was printed.

    Args:
        text: The table.
        is_kernel: Whether it is the kernel's.
        exit_code: Of the program that printed it; None where its end did not come.
        with_gateways: Whether the routes are sent of which there is a hash.
    """
    lines = table_lines(text, is_kernel=is_kernel)
    hashed = gateway_lines(lines)
    ended = [] if exit_code is None else [f"ended {exit_code}"]
    shown = lines if with_gateways else [line for line in lines if _VIA.search(line) is None]
    shown = sorted_lines([*shown, *ended], is_kernel=is_kernel)
    return "\n".join([*shown, f"hash {sha256_of(hashed)} {len(hashed)} {shape_of(hashed)}\n"])


def table_lines(text: str, *, is_kernel: bool) -> list[str]:
    """All routes of a whole table, a line each, sorted as the nodes do it."""
    lines = split_lines(text)
    return sorted_lines(_kernel_lines(lines) if is_kernel else _bird_lines(lines), is_kernel=is_kernel)


def sorted_lines(lines: Iterable[str], *, is_kernel: bool) -> list[str]:
    """As `LC_ALL=C sort`; of the kernel's routes to one network the first counts, so that they stay in order."""
    return sorted(lines, key=lambda line: (_FIELD.split(line, maxsplit=1)[0] if is_kernel else line).encode())


def gateway_lines(lines: Iterable[str]) -> list[str]:
    """Those of routes through gateways."""
    return [line for line in lines if _VIA.search(line) is not None]


def sha256_of(lines: Sequence[str]) -> str:
    """The hash of lines, each with its line end."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def printed(line: str) -> str:
    """A line as it was printed, what belongs to it on lines of their own."""
    return line.replace("\t", "\n\t")


def _bird_lines(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for raw in lines:
        line = raw[5:] if _CODE.match(raw) else raw
        if line[:1] == " " and line[1:2] not in ("", " "):
            line = line[1:]
        if not line:
            continue
        if line[0] == "\t":
            if found:
                found[-1] += line
            continue
        if line[0] == " " and found:
            line = f"{found[-1].partition(' ')[0]} {line.lstrip(' ')}"
        found.append(_TIME.sub(r" [\1 00:00:00", _NET_END.sub(" ", line, count=1), count=1))
    return found


def _kernel_lines(lines: Iterable[str]) -> list[str]:
    whole: list[str] = []
    for line in lines:
        if line[:1] == "\t":
            if whole:
                whole[-1] += line
        elif line:
            whole.append(line)
    return [_kernel_line(line) for line in whole]


def _kernel_line(line: str) -> str:
    line = _EXPIRES.sub("", _SRC.sub("", line, count=1), count=1)
    return _NET_END.sub(" ", line).removesuffix(" ")


def shape_of(hashed: Iterable[str]) -> str:
    """A hash of the commonest ways: nodes that stand alike in the network have the same."""
    counted: Counter[str] = Counter()
    for line in hashed:
        way = line.partition("\t")[0].partition(" ")[2]
        if " from " in way and way.startswith("via "):
            way = way[4:].partition(" ")[2]
        counted[way] += 1
    # `sort -rn`: by number, then by text, both from the end.
    commonest = sorted(counted, key=lambda way: (counted[way], way.encode()), reverse=True)[:_COMMONEST]
    return sha256_of(sorted(commonest, key=str.encode))
