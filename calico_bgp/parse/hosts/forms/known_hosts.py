"""An OpenSSH known_hosts: names and addresses of hosts that somebody has logged in to. Keys are not looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import NAME, DestinationError, parse_destination
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed
from calico_bgp.parse.hosts.forms.records import is_address
from calico_bgp.parse.hosts.forms.ssh_config import is_forge
from calico_bgp.parse.lines import Problems

_LINE = re.compile(
    r"(?:@(?P<marker>cert-authority|revoked)\s+)?(?P<names>\S+)\s+(?:(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)\s+"
    r"(?P<key>AAAA[\w+/=]+)(?:\s.*)?"
)
_WITH_PORT = re.compile(r"\[(?P<name>[^\[\]]+)\]:(?P<port>[0-9]+)")


def _is_known_hosts(foreign: Foreign) -> bool:
    return any(_LINE.fullmatch(line) for line in foreign.beginning)


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    # Names of one line, and of several lines with one key, are one host; a host has a line for each type of its keys.
    groups: dict[str, list[str]] = {}
    first_line: dict[int, int] = {}
    hashed = 0
    for number, raw in enumerate(foreign.lines, 1):
        match = _LINE.fullmatch(raw.strip())
        if match is None or match["marker"] is not None:
            continue
        if match["names"].startswith("|"):
            hashed += 1
            continue
        names = [name for name in match["names"].split(",") if not set("*?!") & set(name)]
        keys = [match["key"], *names]
        group = next((groups[key] for key in keys if key in groups), [])
        first_line.setdefault(id(group), number)
        group.extend(name for name in names if name not in group)
        groups.update(dict.fromkeys(keys, group))
    for group in {id(group): group for group in groups.values() if group}.values():
        try:
            yield _entry(group)
        except DestinationError as error:
            problems.add(error.message, first_line[id(group)], None, error.expected)
    if hashed and not groups:
        problems.add("all names are hashed, so nobody can read them", None, None, "names, as ssh-keyscan prints them")
    elif hashed:
        yield LeftOut(f"{hashed} hashed names", "ssh keeps them so that nobody can read them")


def _entry(names: list[str]) -> Entry:
    destinations = [parse_destination(_as_destination(name)) for name in names]
    plain = [one.name for one in destinations if not is_address(one.name) and NAME.fullmatch(one.name)]
    target = next((one for one in destinations if is_address(one.name)), destinations[0])
    if any(is_forge(name) for name in plain):
        return LeftOut(plain[0], "no node: a server of source code")
    port = None if target.port == 22 else target.port
    names_it = len(plain) == 1 and plain[0] != target.name
    return Listed(
        Host(name=target.name, port=port, node=plain[0] if names_it else None),
        None if names_it or len(plain) < 2 else "also " + ", ".join(name for name in plain if name != target.name),
    )


def _as_destination(name: str) -> str:
    """`[node1]:2222`, as ssh writes every name with a port, without the brackets that only IPv6 needs."""
    match = _WITH_PORT.fullmatch(name)
    return name if match is None or ":" in match["name"] else f"{match['name']}:{match['port']}"


KNOWN_HOSTS = Form("a known_hosts file", _is_known_hosts, _read)
