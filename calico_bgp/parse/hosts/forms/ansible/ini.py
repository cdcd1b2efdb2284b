"""Ansible's INI inventory: groups in brackets, hosts with variables, `:children` and `:vars`. No YAML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from calico_bgp.parse.hosts.forms.ansible.inventory import Ansible, unfolded
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form
from calico_bgp.parse.lines import Problems

_SECTION = re.compile(r"\[([^\[\]:]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?")
_VARIABLE = re.compile(r"\s(?:ansible_[a-z_]+|ip|access_ip)\s*=")
# Keys that only a hosts.txt has: that one has mistakes, and is no inventory of Ansible's.
_HOSTS_TXT = re.compile(r"\s(?:node=|role=(?:reflector|client)\b|jump=)")
_MAX_LINE = 10_000


def _is_ini(foreign: Foreign) -> bool:
    """Whether there is a section that no range of hosts.txt could be, or a variable of Ansible's behind a host."""
    lines = [line for line in foreign.beginning if not _SECTION.fullmatch(line)]
    if not lines or any(_HOSTS_TXT.search(line) for line in lines):
        return False
    return any(
        (match := _SECTION.fullmatch(line)) is not None and not re.fullmatch(r"[0-9][0-9,-]*", match[1])
        for line in foreign.beginning
    ) or any("ansible_" in line and _VARIABLE.search(line) for line in foreign.beginning)


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    inventory = Ansible()
    group, what = "ungrouped", "hosts"
    for number, raw in enumerate(foreign.lines, 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if len(line) > _MAX_LINE:
            problems.add("the line is too long", number, line)
        elif (section := _SECTION.fullmatch(line)) is not None:
            group, what = section[1].strip(), section[2] or "hosts"
            inventory.group(group)
        elif what == "children":
            inventory.group(group).children.append(line.partition("#")[0].strip())
        elif what == "vars":
            key, equals, value = line.partition("=")
            if equals:
                inventory.group(group).variables[key.strip()] = _unquoted(value)
        else:
            _host(inventory, group, line, number, problems)
        if problems.full:
            break
    yield from inventory.entries(problems, foreign.address)


def _unquoted(value: str) -> str:
    value = re.sub(r"(?s)(?<!\s)\s++#.*", "", value.strip())
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _host(inventory: Ansible, group: str, line: str, number: int, problems: Problems) -> None:
    try:
        name, *words = shlex.split(line, comments=True)
    except ValueError:
        problems.add("the closing quote is missing", number, line)
        return
    variables = {key: value for key, equals, value in (word.partition("=") for word in words) if equals}
    hosts = unfolded(name)
    if hosts is None:
        problems.add(f"{name!r} is no range of Ansible's, or too large a one", number, line, "such as node[01:20]")
        return
    for host in hosts:
        # `node1:2222` is a host and its port; several colons are an IPv6 address.
        host_name, colon, port = host.partition(":")
        if colon and port.isdigit():
            inventory.add(group, host_name, {"ansible_port": port, **variables}, number)
        else:
            inventory.add(group, host, variables, number)


INI = Form("an Ansible inventory (INI)", _is_ini, _read)
