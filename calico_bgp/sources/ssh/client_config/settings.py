"""What OpenSSH's client configuration says about a host. Files are read elsewhere; nothing here connects or runs.

The rules are those of ssh_config(5) and OpenSSH's readconf.c; docs/ssh-config.md lists the supported keywords. For
every keyword the first value wins. A section applies when its `Host` or `Match` line does, and with it the section it
was included in.
"""

from __future__ import annotations

import getpass
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from calico_bgp.errors import ConfigError
from calico_bgp.parse.openssh.host_index import HostIndex
from calico_bgp.parse.openssh.patterns import matches_patterns
from calico_bgp.sources.ssh.client_config.reader import COLLECTED, Criterion, Reader, Section, Setting
from calico_bgp.sources.ssh.client_config.tokens import Expander

_SYSTEM_FOLDER = Path("/etc/ssh")


@dataclass(frozen=True, slots=True)
class SSHHostSettings:
    """How to reach one host.

    Attributes:
        host: The name as it was asked for.
        hostname: The name or address to connect to.
        port: The TCP port.
        user: The login; the local user where nothing else is said.
        identity_files: Private keys to try, in this order; empty for `none`; None where nothing is said (ssh then
            tries its default files).
        certificate_files: User certificates to offer beside `<identity>-cert.pub`.
        identities_only: Offer no key of the agent that is not among the identity files.
        identity_agent: The agent's socket, `none` for no agent, None for `SSH_AUTH_SOCK`.
        host_key_alias: The name to look the host key up by, instead of host name and port.
        user_known_hosts_files: The user's known_hosts; new keys go to the first.
        global_known_hosts_files: The machine's known_hosts, read after the user's.
        hash_known_hosts: Write names of new hosts hashed.
        proxy_jump: `[user@]host[:port]`, several separated by commas, the first one dialled first; None for a direct
        connection.
        refusal: Why calico_bgp must not connect the way it can, and what to do; None where it may.
    """

    host: str
    hostname: str
    port: int
    user: str
    identity_files: tuple[Path, ...] | None
    certificate_files: tuple[Path, ...]
    identities_only: bool
    identity_agent: str | None
    host_key_alias: str | None
    user_known_hosts_files: tuple[Path, ...]
    global_known_hosts_files: tuple[Path, ...]
    hash_known_hosts: bool
    proxy_jump: str | None
    refusal: str | None


class SSHConfig:
    """One configuration, read once and asked for many hosts. Make one with `load`; safe to share among threads.

    Attributes:
        warnings: What was left out, as `file:line: ...`, for the user to read once.
    """

    def __init__(self, sections: list[Section], home: Path, warnings: tuple[str, ...] = ()) -> None:
        self.warnings = warnings
        self._sections = sections
        self._home = home
        self._local_user = _local_user()
        self._settings: dict[tuple[str, str | None, int | None], SSHHostSettings] = {}
        # A generated configuration has a Host block per host.
        self._index = HostIndex([section.hosts for section in sections])
        self._has_final = any(criterion.kind == "final" for section in sections for criterion in section.criteria)

    @classmethod
    def load(cls, path: Path | None = None, *, home: Path | None = None) -> SSHConfig:
        """Read a configuration.

        Args:
            path: The file to read instead of the usual ones, as with `ssh -F`; `none` reads nothing. None:
                `~/.ssh/config`, then `/etc/ssh/ssh_config`.
            home: The user's home; unlike ssh, `$HOME` counts before the password database.

        Raises:
            ConfigError: Every problem of the files, each with file and line.
        """
        home = Path.home() if home is None else home
        reader = Reader(home)
        if path is None:
            reader.read(home / ".ssh" / "config", home / ".ssh", must_exist=False)
            reader.read(_SYSTEM_FOLDER / "ssh_config", _SYSTEM_FOLDER, must_exist=False)
        elif str(path) != "none":
            reader.read(path, home / ".ssh", must_exist=True)
        if reader.problems:
            raise ConfigError(tuple(reader.problems))
        return cls(reader.sections, home, tuple(reader.warnings))

    def resolve(self, host: str, *, user: str | None = None, port: int | None = None) -> SSHHostSettings:
        """Everything that applies to a host.

        Args:
            host: The name as the user wrote it: what `Host` patterns are compared with.
            user: The login that the caller insists on, as with `ssh -l`.
            port: The port, likewise.
        """
        key = (host, user, port)
        settings = self._settings.get(key)
        if settings is None:
            settings = self._settings[key] = self._resolve(host, user, port)
        return settings

    def _resolve(self, host: str, user: str | None, port: int | None) -> SSHHostSettings:
        options = _Options(host, self._local_user)
        if user is not None:
            options.first["user"] = Setting("user", (user,), "", 0)
        if port is not None:
            options.first["port"] = Setting("port", (str(port),), "", 0)
        self._apply(options, host, final=False)
        if self._has_final:
            # ssh reads everything again with the name it is going to connect to; what is set stays, that name too.
            name = options.hostname.lower()
            options.first["hostname"] = Setting("hostname", (name.replace("%", "%%"),), "", 0)
            self._apply(options, name, final=True)
        return _host_settings(options, self._home)

    def _apply(self, options: _Options, name: str, *, final: bool) -> None:
        """Let every section that matches add what is not set yet."""
        active = set()
        for index in self._index.candidates(name):
            section = self._sections[index]
            if section.parent is not None and section.parent not in active:
                continue
            if section.hosts is not None and not matches_patterns(name, section.hosts):
                continue
            if not all(_holds(criterion, options, final=final) for criterion in section.criteria):
                continue
            active.add(index)
            for setting in section.settings:
                options.add(setting)


class _Options:
    """What has been collected for a host so far; `Match` looks at it while it grows."""

    def __init__(self, host: str, local_user: str) -> None:
        self.host = host
        self.local_user = local_user
        self.first: dict[str, Setting] = {}
        self.collected: dict[str, list[str]] = {}

    def add(self, setting: Setting) -> None:
        if setting.keyword in COLLECTED:
            values = self.collected.setdefault(setting.keyword, [])
            if setting.values[0] not in values:
                values.append(setting.values[0])
        elif setting.keyword in {"proxycommand", "proxyjump"}:
            # The two exclude each other: the first of either wins (ssh_config(5), ProxyJump).
            self.first.setdefault("proxy", setting)
        else:
            self.first.setdefault(setting.keyword, setting)

    def value(self, keyword: str) -> str | None:
        setting = self.first.get(keyword)
        return None if setting is None else setting.values[0]

    def is_on(self, keyword: str) -> bool:
        return (self.value(keyword) or "no").lower() in {"yes", "true"}

    @property
    def user(self) -> str:
        return self.value("user") or self.local_user

    @property
    def hostname(self) -> str:
        """HostName with its tokens (`%h` is the name as given), else the name itself."""
        return Expander({"h": self.host}).expand(self.value("hostname") or self.host)


def _holds(criterion: Criterion, options: _Options, *, final: bool) -> bool:
    match criterion.kind:
        case "all":
            return True
        case "final":
            holds = final
        case "host":
            patterns = [pattern.lower() for pattern in criterion.patterns]
            holds = matches_patterns(options.hostname.lower(), patterns)
        case "originalhost":
            patterns = [pattern.lower() for pattern in criterion.patterns]
            holds = matches_patterns(options.host.lower(), patterns)
        case "user":
            holds = matches_patterns(options.user, criterion.patterns)
        case "localuser":
            holds = matches_patterns(options.local_user, criterion.patterns)
        case _:
            return False
    return holds != criterion.negated


def _host_settings(options: _Options, home: Path) -> SSHHostSettings:
    hostname = options.hostname
    hostname = hostname if ":" in hostname else hostname.lower()
    port = int(options.value("port") or 22)
    alias = options.value("hostkeyalias")
    alias = None if alias is None else alias.lower()
    expander = Expander.for_host(
        host=options.host,
        hostname=hostname,
        port=port,
        user=options.user,
        local_user=options.local_user,
        home=home,
        host_key_alias=alias,
    )
    identities = options.collected.get("identityfile")
    proxy = options.first.get("proxy")
    proxy_value = None if proxy is None or proxy.values[0].lower() == "none" else proxy.values[0]
    is_command = proxy is not None and proxy.keyword == "proxycommand"
    return SSHHostSettings(
        host=options.host,
        hostname=hostname,
        port=port,
        user=options.user,
        identity_files=None if identities is None else expander.paths(identities),
        certificate_files=expander.paths(options.collected.get("certificatefile", ())),
        identities_only=options.is_on("identitiesonly"),
        identity_agent=expander.agent(options.value("identityagent")),
        host_key_alias=alias,
        user_known_hosts_files=expander.paths(
            _values(options, "userknownhostsfile", "~/.ssh/known_hosts", "~/.ssh/known_hosts2")
        ),
        global_known_hosts_files=expander.paths(
            _values(options, "globalknownhostsfile", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
        ),
        hash_known_hosts=options.is_on("hashknownhosts"),
        proxy_jump=None if proxy_value is None or is_command else expander.expand(proxy_value),
        refusal=_refusal(proxy) if proxy is not None and proxy_value is not None and is_command else None,
    )


def _values(options: _Options, keyword: str, *default: str) -> tuple[str, ...]:
    setting = options.first.get(keyword)
    return default if setting is None else setting.values


def _refusal(proxy: Setting) -> str:
    return (
        f"{proxy.file}:{proxy.line}: ProxyCommand is not supported, since it runs a program; say ProxyJump there, or "
        "jump= in hosts.txt (jump=none to connect directly)"
    )


def _local_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return getpass.getuser()
