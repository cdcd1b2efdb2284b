#!/usr/bin/env python3
"""A stand-in for calicoctl on the rig's nodes: `node status` and `version`, nothing else; standard library only.

It goes the way of calicoctl/calicoctl/commands/node/status.go: look through the process list, ask BIRD's control
socket, print the table and the messages. No code of calico_bgp may enter it: it is what calico_bgp is tested against.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TextIO

#: Replaced when the rig installs it. It decides the table's layout, as it does upstream.
VERSION = "v3.33.0"

BIRD_TIMEOUT = 2.0  # seconds for each read, birdTimeOut upstream
HEADINGS = ("Peer address", "Peer type", "State", "Since", "Info")
PEER_TYPES = {"Global": "global", "Node": "node specific", "Mesh": "node-to-node mesh"}
WRAP_AT = 30  # columns; the tablewriter library's default, up to v3.32

Row = tuple[str, ...]


class Family(NamedTuple):
    """What calicoctl knows of a family."""

    number: str
    process: str
    separator: str

    @property
    def sockets(self) -> tuple[str, str]:
        """Where BIRD's control socket may be; the first is Calico's."""
        return f"/var/run/calico/{self.process}.ctl", f"/var/run/bird/{self.process}.ctl"


FAMILIES = (Family("4", "bird", "."), Family("6", "bird6", ":"))


class CommandError(Exception):
    """Ends the command with exit code 1, its text on stderr."""


def node_status(
    processes: Iterable[Sequence[str]],
    ask: Callable[[Family], Iterable[str]],
    *,
    version: str = VERSION,
    out: TextIO = sys.stdout,
) -> None:
    """Print what `calicoctl node status` prints.

    Args:
        processes: The argument lists of all processes of the node.
        ask: The lines that BIRD's socket answers to `show protocols`; raises OSError when it cannot be asked.
        version: The release whose layout and wording to use, `v3.32.1`.
        out: Where to print.

    Raises:
        CommandError: exit code 1, the text on stderr.
    """
    running = [tuple(arguments[:2]) for arguments in processes]
    if ("calico-felix",) not in [a[:1] for a in running] and ("calico-node", "-felix") not in running:
        raise CommandError("Calico process is not running.")
    print("Calico process is running.", file=out)
    names = {arguments[0] for arguments in running if arguments}
    if names.isdisjoint(family.process for family in FAMILIES):
        print("\nThe BGP backend process (BIRD) is not running.", file=out)
    else:
        for family in FAMILIES:
            if family.process in names:
                _print_peers(family, ask, version, out)
            else:
                print(f"\nINFO: BIRDv{family.number} process: '{family.process}' is not running.", file=out)
    print(file=out)


def _print_peers(family: Family, ask: Callable[[Family], Iterable[str]], version: str, out: TextIO) -> None:
    print(f"\nIPv{family.number} BGP status", file=out, flush=True)
    try:
        answer = ask(family)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        where = f"dial unix {family.sockets[1]}: connect: {reason}"
        # No newline: the next heading follows directly, as it does upstream.
        print(f"Error querying BIRD: unable to connect to BIRDv{family.number} socket: {where}", end="", file=out)
        return
    try:
        rows = list(peer_rows(answer, family))
    except TimeoutError:
        word = "error" if _release(version) >= (3, 31) else "Error"
        raise CommandError(f"{word} executing command: read unix @->{family.sockets[0]}: i/o timeout") from None
    if not rows:
        print(f"No IPv{family.number} peers found.", file=out)
        return
    draw = left_aligned_table if _release(version) >= (3, 33) else centred_table
    print(draw(rows), end="", file=out)


def peer_rows(answer: Iterable[str], family: Family) -> Iterator[Row]:
    """The rows that calicoctl shows: BGP protocols with one of its names and at least six words."""
    for line in answer:
        code, words = line[:4], line[5:].split() if line[:1] != " " else line.split()
        if code == "0000":
            return
        if code in {"0001", "2002"} or len(words) < 6 or words[1] != "BGP":
            continue
        name = re.match(r"(Global|Node|Mesh)_(.+)$", words[0])
        if name is None:
            continue
        address = name[2].replace("_", family.separator)
        yield address, PEER_TYPES[name[1]], words[3], words[4], " ".join(words[5:])


def left_aligned_table(rows: Sequence[Row]) -> str:
    """The table of v3.33 and later: nothing centred, nothing wrapped."""
    heading = tuple(text.upper() for text in HEADINGS)
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    return _box([_line(heading, widths, str.ljust)], [_line(row, widths, str.ljust) for row in rows], widths)


def centred_table(rows: Sequence[Row]) -> str:
    """The table up to v3.32: centred headings, cells wrapped at 30 columns with the least raggedness."""
    heading = tuple(text.upper() for text in HEADINGS)
    wrapped = [[wrap(cell, WRAP_AT) for cell in row] for row in rows]
    widths = [len(text) for text in heading]
    for row, lines in zip(rows, wrapped, strict=True):
        for column, (cell, parts) in enumerate(zip(row, lines, strict=True)):
            # A wrapped cell claims the whole limit, even where its longest line is shorter.
            widths[column] = max(widths[column], min(len(cell), WRAP_AT), *map(len, parts))
    body = []
    for lines in wrapped:
        for index in range(max(map(len, lines))):
            cells = tuple(parts[index] if index < len(parts) else "" for parts in lines)
            body.append(_line(cells, widths, _number_right))
    return _box([_line(heading, widths, _centre)], body, widths)


def wrap(text: str, limit: int) -> tuple[str, ...]:
    """Break between words so that the squares of the room left in the lines, save the last, add up to the least."""
    words = text.split(" ")
    too_long = 100_000  # worse than any raggedness: only for a word that is longer than the limit

    @cache
    def best(start: int) -> tuple[int, tuple[str, ...]]:
        rest = " ".join(words[start:])
        if len(rest) <= limit or start == len(words) - 1:
            return 0, (rest,)
        choices = []
        for end in range(start + 1, len(words)):
            line = " ".join(words[start:end])
            cost, lines = best(end)
            cost += (limit - len(line)) ** 2 + (too_long if len(line) > limit else 0)
            choices.append((cost, end, (line, *lines)))
        cost, _, lines = min(choices)
        return cost, lines

    return best(0)[1]


def _centre(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return " " * left + text + " " * (width - len(text) - left)


def _number_right(text: str, width: int) -> str:
    """The old tablewriter sets a lone number to the right, as in the second half of `Unknown error 6.9`."""
    return text.rjust(width) if re.fullmatch(r"-?\d+(\.\d+)?%?", text) else text.ljust(width)


def _line(cells: Row, widths: Sequence[int], align: Callable[[str, int], str]) -> str:
    return "| " + " | ".join(align(cell, width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _box(heading: list[str], body: list[str], widths: Sequence[int]) -> str:
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    return "\n".join([rule, *heading, rule, *body, rule, ""])


def _release(version: str) -> tuple[int, int]:
    numbers = re.findall(r"\d+", version)
    return int(numbers[0]), int(numbers[1])


def running_processes() -> Iterator[list[str]]:
    """The argument list of every process in this process list."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                arguments = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended meanwhile
            yield arguments.decode(errors="replace").split("\0")[:-1]


def ask_socket(family: Family) -> Iterator[str]:
    """Send `show protocols` to BIRD and give its lines; the connection is made at once, the reading is lazy."""
    connection = None
    for path in family.sockets:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(BIRD_TIMEOUT)
        try:
            connection.connect(path)
            break
        except OSError:
            connection.close()
            if path == family.sockets[-1]:
                raise
    assert connection is not None
    connection.sendall(b"show protocols\n")

    def lines(connection: socket.socket) -> Iterator[str]:
        with connection, connection.makefile("r", encoding="utf-8", errors="replace") as file:
            yield from (line.rstrip("\n") for line in file)

    return lines(connection)


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit code."""
    words = [word for word in arguments if not word.startswith("-")]
    if words[:1] == ["version"]:
        print(f"Client Version:    {VERSION}\nGit commit:        0000000")
        if "--client" in arguments:
            return 0
        # A node seldom has access to the datastore.
        print("Unable to retrieve Cluster Version or Type: connection refused", file=sys.stderr)
        return 1
    if words != ["node", "status"]:
        print(f"Invalid option: 'calicoctl {' '.join(arguments)}'.", file=sys.stderr)
        return 1
    if os.geteuid() != 0:
        print("Need super user privileges: Operation not permitted")
        return 1
    try:
        node_status(running_processes(), ask_socket)
    except CommandError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
