"""From a host of the inventory to a logged-in connection: settings, TCP or jump hosts, host key, authentication."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import paramiko
import stamina

from calico_bgp.errors import AuthenticationFailed, GatherError, GatherTimeout, HostKeyMismatch, HostUnreachable
from calico_bgp.gather.deadlines import Attempt
from calico_bgp.gather.options import SSHOptions
from calico_bgp.gather.ssh_auth import DEFAULT_IDENTITIES, Candidate, KeyRing, authenticate, with_certificates
from calico_bgp.gather.ssh_config import SSHConfig, SSHHostSettings
from calico_bgp.gather.ssh_hostkey import HostKeyCheck, WrongKeyType
from calico_bgp.gather.ssh_tcp import TryAgain, dial, resolve
from calico_bgp.gather.ssh_transport import NodeTransport
from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import DestinationError, parse_destination

#: Jump hosts behind jump hosts; more is a loop in the configuration.
_MOST_JUMPS = 8


class Connector:
    """Opens connections for one run; what hosts share (keys, known_hosts, jump hosts) is shared among threads."""

    def __init__(self, options: SSHOptions, config: SSHConfig, ring: KeyRing) -> None:
        self._options = options
        self._config = config
        self._ring = ring
        self._host_keys = HostKeyCheck(options.host_keys, options.known_hosts)
        self._jumps: dict[tuple[str, ...], _Jump] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def connected(self, host: Host, attempt: Attempt) -> Iterator[NodeTransport]:
        """A connection to a node; it is closed at the end of the block, and by `attempt.abort`.

        Raises:
            GatherError: One of its classes says at which stage it failed.
        """
        settings = self.settings(host)
        jump = host.jump or self._options.jump or settings.proxy_jump
        with ExitStack() as stack:
            yield self._open(settings, self._files(host), _hops(jump), attempt, stack)

    def settings(self, host: Host) -> SSHHostSettings:
        """What applies to a host: hosts.txt, then the options, then the ssh configuration."""
        settings = self._config.resolve(host.name, user=host.user or self._options.user, port=host.port)
        if settings.refusal is not None and not (host.jump or self._options.jump):
            raise HostUnreachable(settings.refusal, "set jump= in hosts.txt, or --jump")
        return settings

    def identity_files(self, host: Host) -> tuple[tuple[Path, ...], bool]:
        """The key files for a host, and whether somebody named them (else they are ssh's usual ones)."""
        explicit = self._files(host) or self.settings(host).identity_files
        if explicit is not None and explicit != ():
            return explicit, True
        return (() if explicit == () else _default_files()), False

    def close(self) -> None:
        """End the connections to the jump hosts."""
        with self._lock:
            jumps = list(self._jumps.values())
            self._jumps.clear()
        for jump in jumps:
            jump.close()

    def _files(self, host: Host) -> tuple[Path, ...]:
        return (Path(host.identity).expanduser(),) if host.identity else self._options.identities

    def _open(
        self,
        settings: SSHHostSettings,
        files: tuple[Path, ...],
        hops: tuple[str, ...],
        attempt: Attempt,
        stack: ExitStack,
    ) -> NodeTransport:
        try:
            try:
                transport = self._negotiated(settings, hops, attempt, stack, self._host_keys.key_types(settings))
                self._check_host_key(transport, settings)
            except WrongKeyType as error:
                # The host's line is hashed, so that its type was not known before; ask for that type.
                transport = self._negotiated(settings, hops, attempt, stack, error.known_types)
                self._check_host_key(transport, settings)
            attempt.step("authentication", self._options.auth_timeout)
            candidates = self._candidates(settings, files)
            authenticate(
                transport,
                user=settings.user,
                candidates=candidates,
                unusable=self._unusable(settings, files),
                password=self._options.password,
                attempt=attempt,
                ring=self._ring,
            )
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _translated(error, attempt) from error
        return transport

    def _check_host_key(self, transport: NodeTransport, settings: SSHHostSettings) -> None:
        self._host_keys.check(settings, *transport.shown_host_key())

    def _negotiated(
        self,
        settings: SSHHostSettings,
        hops: tuple[str, ...],
        attempt: Attempt,
        stack: ExitStack,
        key_types: tuple[str, ...],
    ) -> NodeTransport:
        seconds = self._options.connect_timeout
        targets = [] if hops else resolve(settings.hostname, settings.port, attempt, seconds)
        certificates = self._host_keys.wants_certificate(settings)
        tries = stamina.retry_context(
            on=TryAgain, attempts=self._options.attempts, timeout=None, wait_initial=0.2, wait_max=2.0, wait_jitter=0.2
        )
        for number in tries:
            with number, ExitStack() as inner:
                attempt.check()
                sock: Any
                if hops:
                    sock = self._through(hops, settings, attempt)
                else:
                    sock = dial(targets, settings.hostname, attempt, seconds)
                transport = NodeTransport(sock, key_types=key_types, certificates=certificates)
                inner.enter_context(attempt.closing(transport.end))
                transport.negotiate(attempt, seconds)
                stack.push(inner.pop_all())
                return transport
        raise AssertionError  # retry_context returns or raises

    def _candidates(self, settings: SSHHostSettings, files: tuple[Path, ...]) -> list[Candidate]:
        later = self._later(settings)
        first = [key for path in files for key in self._ring.file_keys(path)]
        rest = [key for path in later for key in self._ring.file_keys(path)] if not files else []
        agent: list[Candidate] = []
        if self._options.agent and settings.identity_agent != "none":
            agent = list(self._ring.agent_keys(settings.identity_agent))
            if settings.identities_only:
                named = {key.blob for key in (*first, *rest)} | {
                    self._ring.public_part(path) for path in (*files, *later)
                }
                agent = [key for key in agent if key.blob in named]
        return with_certificates([*first, *agent, *rest], settings.certificate_files)

    def _unusable(self, settings: SSHHostSettings, files: tuple[Path, ...]) -> list[str]:
        problems = self._ring.problems
        return [f"{path}: {problems[path]}" for path in (files or self._later(settings)) if path in problems]

    @staticmethod
    def _later(settings: SSHHostSettings) -> tuple[Path, ...]:
        """The key files to try where neither hosts.txt nor the options name one."""
        return settings.identity_files if settings.identity_files is not None else _default_files()

    def _through(self, hops: tuple[str, ...], settings: SSHHostSettings, attempt: Attempt) -> paramiko.Channel:
        """A channel to a host through the last of these hops."""
        with self._lock:
            jump = self._jumps.setdefault(hops, _Jump(hops[-1]))
        patience = 3 * self._options.connect_timeout + self._options.auth_timeout
        attempt.step(f"the jump host {hops[-1]}", patience * len(hops))
        transport = jump.transport(self, hops, attempt)
        attempt.step(f"connecting from the jump host {hops[-1]}", self._options.connect_timeout)
        try:
            return transport.open_channel(
                "direct-tcpip", (settings.hostname, settings.port), ("127.0.0.1", 0), timeout=attempt.left()
            )
        except paramiko.ChannelException as error:
            raise HostUnreachable(
                f"the jump host {hops[-1]} cannot connect to {settings.hostname}:{settings.port}: {error.text}",
                "is the host up, and may the jump host forward (AllowTcpForwarding)?",
            ) from error
        except paramiko.SSHException as error:
            attempt.left()
            raise HostUnreachable(f"the jump host {hops[-1]} was lost: {error}") from error

    def open_hop(self, hops: tuple[str, ...], attempt: Attempt, stack: ExitStack) -> NodeTransport:
        """Connect to the last of these hops, through those before it."""
        try:
            user, name, port = parse_destination(hops[-1])
        except DestinationError as error:
            raise HostUnreachable(f"{hops[-1]!r} is no jump host: {error}") from error
        settings = self._config.resolve(name, user=user, port=port)
        if settings.refusal is not None and len(hops) == 1:
            raise HostUnreachable(settings.refusal)
        before = hops[:-1]
        if not before and settings.proxy_jump:
            # ssh runs another ssh for the first hop, which reads the configuration for it.
            before = _hops(settings.proxy_jump)
            if len(before) > _MOST_JUMPS or hops[-1] in before:
                raise HostUnreachable(f"the jump hosts go round in circles: {', '.join((*before, *hops))}")
        return self._open(settings, self._options.identities, before, attempt, stack)


class _Jump:
    """The one connection to a jump host. The first thread that needs it opens it; a failure is remembered."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._attempt: Attempt | None = None
        self._transport: NodeTransport | None = None
        self._failure: GatherError | None = None

    def transport(self, connector: Connector, hops: tuple[str, ...], attempt: Attempt) -> NodeTransport:
        """The connection, opened at need.

        Raises:
            GatherError: It cannot be had; the same for every node behind it.
        """
        if not self._lock.acquire(timeout=attempt.left()):
            raise attempt.timed_out()
        try:
            if self._failure is None and (self._transport is None or not self._transport.is_active()):
                self._attempt = Attempt(f"jump host {self._name}")
                try:
                    self._transport = connector.open_hop(hops, self._attempt, self._stack)
                except GatherError as error:
                    self._failure = error
            if self._failure is not None:
                raise _behind(self._name, self._failure)
            assert self._transport is not None
            return self._transport
        finally:
            self._lock.release()

    def close(self) -> None:
        """End it, and whoever is opening it."""
        self._failure = self._failure or GatherTimeout("the run is over")
        if self._attempt is not None:
            self._attempt.abort("the run is over")
        self._stack.close()


def _behind(name: str, error: GatherError) -> GatherError:
    told = HostUnreachable(f"the jump host {name} cannot be used: {error.message}", error.hint)
    for kind in (HostKeyMismatch, AuthenticationFailed):
        if isinstance(error, kind):
            told = kind(told.message, error.hint)  # type: ignore[assignment]
    return told


def _hops(jump: str | None) -> tuple[str, ...]:
    if not jump or jump == "none":
        return ()
    return tuple(hop.strip() for hop in jump.split(","))


def _default_files() -> tuple[Path, ...]:
    folder = Path(os.path.expanduser("~/.ssh"))  # noqa: PTH111 - Path.home() raises where there is no home
    return tuple(path for name in DEFAULT_IDENTITIES if (path := folder / name).exists())


def _translated(error: Exception, attempt: Attempt) -> GatherError:
    """What paramiko or the system raised, as one of ours."""
    attempt.left()  # an attempt that was ended raises its own error
    text = " ".join(str(error).split())[:200] or "it closed the connection"
    if isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE):
        text = "it reset the connection"
    return HostUnreachable(f"{attempt.step_name}: {text}")
