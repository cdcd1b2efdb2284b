"""An SSH configuration: its aliases as hosts, each with what applies to it. Include and Match are not followed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import NAME, DestinationError, parse_destination
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed
from calico_bgp.parse.hosts.forms.records import jump_of
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.openssh.host_index import HostIndex
from calico_bgp.parse.openssh.patterns import matches_patterns

_HOST = re.compile(r"(?i:host)(?:\s+|\s*=\s*)(?P<patterns>\S.*)")
_KEYWORD = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9]*)(?:\s+|\s*=\s*)(?P<value>\S.*)")
#: Words of ssh_config that a hosts.txt cannot hold at the beginning of a line with one word behind it.
_TELLING = frozenset({
    "hostname", "user", "port", "identityfile", "proxyjump", "proxycommand", "stricthostkeychecking", "forwardagent",
    "userknownhostsfile", "identitiesonly", "serveraliveinterval", "addkeystoagent", "include", "match", "loglevel",
    "preferredauthentications", "passwordauthentication", "controlmaster", "controlpath", "hostkeyalias",
})  # fmt: skip
_FORGES = re.compile(r"(?:[\w.-]+\.)?(?:github|gitlab|bitbucket|codeberg|azure|visualstudio)\.(?:com|org)")


@dataclass(slots=True)
class _Block:
    """A `Host` block: its patterns and its settings, of which the first counts."""

    patterns: list[str]
    line: int
    settings: dict[str, str] = field(default_factory=dict)


def is_forge(name: str) -> bool:
    """Whether a host serves source code, as in everybody's ssh_config and known_hosts."""
    return _FORGES.fullmatch(name) is not None


def _is_config(foreign: Foreign) -> bool:
    keywords = [match["key"].lower() for line in foreign.beginning if (match := _KEYWORD.fullmatch(line)) is not None]
    return any(_HOST.fullmatch(line) for line in foreign.beginning) and bool(_TELLING & set(keywords))


def _blocks(foreign: Foreign) -> list[_Block]:
    blocks = [_Block(["*"], 1)]
    skipping = False
    for number, raw in enumerate(foreign.lines, 1):
        line = raw.strip()
        if not line or line.startswith("#") or (match := _KEYWORD.fullmatch(line)) is None:
            continue
        key, value = match["key"].lower(), match["value"].strip()
        if key == "host":
            skipping = False
            blocks.append(_Block([word.strip('"') for word in value.split() if not word.startswith("#")], number))
        elif key == "match":
            skipping = value.lower() != "all"
            blocks.append(_Block([] if skipping else ["*"], number))
        elif not skipping:
            blocks[-1].settings.setdefault(key, value.strip('"'))
    return blocks


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    yield from _not_followed(foreign)
    blocks = _blocks(foreign)
    aliases = {
        pattern: block.line
        for block in reversed(blocks)
        for pattern in reversed(block.patterns)
        if NAME.fullmatch(pattern)
    }
    index = HostIndex([block.patterns for block in blocks])
    settings = {alias: _settings(blocks, index, alias) for alias in reversed(list(aliases))}
    jumps = {hop for of in settings.values() for hop in _hops(of.get("proxyjump", ""))}
    alias_by_target: dict[tuple[str, str], str] = {}
    for alias, settings_of_alias in settings.items():
        target, port = (
            settings_of_alias.get("hostname", alias).replace("%h", alias),
            settings_of_alias.get("port", "22"),
        )
        if alias in jumps and not _is_node(alias, jumps, settings):
            yield LeftOut(alias, "a jump host of others here")
        elif settings_of_alias.get("user") == "git" or is_forge(target):
            yield LeftOut(alias, "no node: a server of source code")
        elif (target, port) in alias_by_target:
            yield LeftOut(alias, f"another name of {alias_by_target[target, port]}")
        else:
            alias_by_target[target, port] = alias
            try:
                yield Listed(_host(alias, target, settings_of_alias, settings))
            except DestinationError as error:
                problems.add(f"{alias}: {error.message}", aliases[alias], None, error.expected)


def _not_followed(foreign: Foreign) -> Iterator[LeftOut]:
    """What may hold further hosts or settings, and is not read."""
    for raw in foreign.lines:
        match = _KEYWORD.fullmatch(raw.strip())
        key = match["key"].lower() if match is not None else ""
        if match is not None and key == "include":
            yield LeftOut(
                f"Include {match['value']}", "what is included is not read here: calico-bgp hosts FILE of each"
            )
        elif match is not None and key == "match" and match["value"].lower() != "all":
            yield LeftOut(f"Match {match['value']}", "what counts only at times is not read")


def _is_node(alias: str, jumps: set[str], settings: dict[str, dict[str, str]]) -> bool:
    """Whether a jump host may be a node as well: nobody but jump hosts is left otherwise."""
    return set(settings) <= jumps and alias in settings


def _settings(blocks: list[_Block], index: HostIndex, alias: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    for block in (blocks[number] for number in index.candidates(alias)):
        if matches_patterns(alias, block.patterns):
            for key, value in block.settings.items():
                settings.setdefault(key, value)
    return settings


def _host(alias: str, target: str, settings_of_alias: dict[str, str], settings: dict[str, dict[str, str]]) -> Host:
    destination = parse_destination(target)
    port = _port(settings_of_alias)
    identity = settings_of_alias.get("identityfile")
    return Host(
        name=destination.name,
        user=settings_of_alias.get("user"),
        port=None if port == 22 else port,
        node=alias if alias != destination.name else None,
        identity=None if identity is None or identity.lower() == "none" or "%" in identity else identity,
        jump=_jump(settings_of_alias, settings),
    )


def _port(settings_of_alias: dict[str, str]) -> int | None:
    return parse_destination(f"x:{settings_of_alias['port']}").port if "port" in settings_of_alias else None


def _jump(settings_of_alias: dict[str, str], settings: dict[str, dict[str, str]]) -> str | None:
    """The jump hosts, with their own aliases resolved: hosts.txt is read without this file."""
    jump = settings_of_alias.get("proxyjump")
    if jump is None:
        command = settings_of_alias.get("proxycommand", "none")
        return None if command == "none" else jump_of({"ansiblesshargs": f"ProxyCommand={command}"})
    return jump if jump == "none" else ",".join(_resolved(hop, settings) for hop in _hops(jump))


def _hops(jump: str) -> list[str]:
    return [hop.strip().removeprefix("ssh://") for hop in jump.split(",") if hop.strip() not in ("", "none")]


def _resolved(hop: str, settings: dict[str, dict[str, str]]) -> str:
    destination = parse_destination(hop)
    settings_of_hop = settings.get(destination.name)
    if settings_of_hop is None:
        return hop
    user = destination.user or settings_of_hop.get("user")
    port = destination.port or _port(settings_of_hop)
    name = settings_of_hop.get("hostname", destination.name)
    bracketed = f"[{name}]" if ":" in name and port else name
    return (f"{user}@" if user else "") + bracketed + (f":{port}" if port and port != 22 else "")


CONFIG = Form("an SSH configuration (ssh_config)", _is_config, _read)
