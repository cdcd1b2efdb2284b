"""Notices what stands twice in hosts.txt: a host, a node name, a BGP address. Nothing else."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from calico_bgp.model.inventory import Host
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.lines import Problems

_SSH_PORT = 22


class DuplicateCheck:
    """Remembers on which line each thing stood first."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._first: dict[Hashable, int] = {}

    def add(self, hosts: Sequence[Host], line: int, text: str) -> None:
        """Look at the hosts of one line. A range that stands twice is one problem, not a thousand."""
        repeated: dict[tuple[str, int], list[str]] = {}
        for host in hosts:
            for kind, key, words in _claims(host):
                first = self._first.setdefault((kind, key), line)
                if first != line:
                    repeated.setdefault((kind, first), []).append(words)
                elif (kind, key, line) in self._first:
                    repeated.setdefault((kind, line), []).append(words)
                self._first[kind, key, line] = line
        for (kind, first), names in repeated.items():
            more = f" (and {len(names) - 1:,} more of the same line)" if len(names) > 1 else ""
            where = "twice on this line" if first == line else f"already on line {first}"
            self._problems.add(f"{kind}{names[0]} stands {where}{more}", line, text, "each host, node= and ip= once")


def _claims(host: Host) -> Iterator[tuple[str, Hashable, str]]:
    """What only one host may say: (kind, what is compared, as it was written)."""
    # Host names do not tell case apart, and an IPv6 address has many spellings. Without a port it is nearly always 22.
    name = read_address(host.name) or host.name.lower().rstrip(".")
    yield "", (name, host.port or _SSH_PORT), host.label
    if host.node is not None:
        yield "node=", host.node, host.node
    for address in host.addresses:
        yield "ip=", address, str(address)
