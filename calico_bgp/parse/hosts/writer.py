"""Hosts as hosts.txt: the inverse of parse.hosts.reader. Hosts in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from calico_bgp.model.inventory import Host

_PLAIN = re.compile(r"[^\s\"\\\[\]]+")


def format_hosts(hosts: Iterable[Host]) -> str:
    """One line per host, so that ``parse_hosts(format_hosts(hosts))`` gives the same hosts (but `source` and `line`).

    Raises:
        ValueError: A host's identity holds a line break or another control character, which hosts.txt cannot say.
    """
    return "".join(format_host(host) + "\n" for host in hosts)


def format_host(host: Host) -> str:
    """One host as a line, without the line's end.

    Raises:
        ValueError: As above.
    """
    words = [f"{host.user}@{host.label}" if host.user is not None else host.label]
    if host.node is not None:
        words.append(f"node={host.node}")
    if host.role is not None:
        words.append(f"role={host.role.value}")
    if host.addresses:
        words.append("ip=" + ",".join(map(str, host.addresses)))
    if host.identity is not None:
        words.append(f"identity={_quoted(host.identity)}")
    if host.jump is not None:
        words.append(f"jump={host.jump}")
    line = " ".join(words)
    if not line.isprintable():
        raise ValueError(f"hosts.txt cannot say {line!r}")
    return line


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
