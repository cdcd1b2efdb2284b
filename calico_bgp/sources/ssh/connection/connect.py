"""From a host of the inventory to a logged-in connection: settings, TCP or jump hosts, host key, authentication."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko

from calico_bgp.errors import HostUnreachable
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import Silent
from calico_bgp.parse.destination import DestinationError, parse_destination
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.client_config.settings import SSHConfig, SSHHostSettings
from calico_bgp.sources.ssh.connection.jump import MOST_JUMPS, SharedJump, hops_of
from calico_bgp.sources.ssh.connection.tcp import TryAgain, dial, resolve
from calico_bgp.sources.ssh.connection.transport import NodeTransport, plain
from calico_bgp.sources.ssh.host_keys.judgement import HostKeyCheck, WrongKeyType
from calico_bgp.sources.ssh.login.auth import Candidate, KeyRing, authenticate, with_certificates
from calico_bgp.sources.ssh.login.key_files import configured_files, named_files, settings_of
from calico_bgp.sources.ssh.options import SSHOptions

#: Seconds before the second try of a connection; stamina spaces the further ones.
_FIRST_WAIT = 0.2


class Connector:
    """Opens connections for one run; what hosts share (keys, known_hosts, jump hosts) is shared among threads."""

    def __init__(self, options: SSHOptions, config: SSHConfig, ring: KeyRing) -> None:
        self._options = options
        self._config = config
        self._ring = ring
        self._host_keys = HostKeyCheck(options.host_keys, options.known_hosts)
        self._jumps: dict[tuple[str, ...], SharedJump] = {}
        self._lock = threading.Lock()

    def connect(self, host: Host, attempt: Attempt) -> NodeTransport:
        """A connection to a node; the attempt ends and closes it.

        Raises:
            GatherError: One of its classes says at which stage it failed.
        """
        settings = self.settings(host)
        jump = host.jump or self._options.jump or settings.proxy_jump
        return self._open(settings, named_files(host, self._options), hops_of(jump), attempt)

    def settings(self, host: Host) -> SSHHostSettings:
        """What applies to a host: hosts.txt, then the options, then the ssh configuration."""
        settings = settings_of(host, self._options, self._config)
        if settings.refusal is not None and not (host.jump or self._options.jump):
            raise HostUnreachable(settings.refusal, "set jump= in hosts.txt, or --jump")
        return settings

    def close(self) -> None:
        """End the connections to the jump hosts."""
        with self._lock:
            jumps = list(self._jumps.values())
            self._jumps.clear()
        for jump in jumps:
            jump.close()

    def _open(
        self,
        settings: SSHHostSettings,
        files: tuple[Path, ...],
        hops: tuple[str, ...],
        attempt: Attempt,
    ) -> NodeTransport:
        try:
            try:
                transport = self._negotiated(settings, hops, attempt, self._host_keys.key_types(settings))
                self._check_host_key(transport, settings)
            except WrongKeyType as error:
                # The host's line is hashed, so that its type was not known before; ask for that type.
                transport = self._negotiated(settings, hops, attempt, error.known_types)
                self._check_host_key(transport, settings)
        except (paramiko.SSHException, OSError, EOFError) as error:
            attempt.seconds_left()  # an attempt that was ended raises its own error
            raise HostUnreachable(f"{attempt.step_name}: {plain(error)}") from error
        attempt.step("authentication", self._options.auth_timeout)
        candidates = self._candidates(settings, files)
        try:
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
            attempt.seconds_left()
            raise HostUnreachable(f"{attempt.step_name}: {transport.reason(error)}") from error
        return transport

    def _check_host_key(self, transport: NodeTransport, settings: SSHHostSettings) -> None:
        self._host_keys.check(settings, *transport.shown_host_key())

    def _negotiated(
        self,
        settings: SSHHostSettings,
        hops: tuple[str, ...],
        attempt: Attempt,
        key_types: tuple[str, ...],
    ) -> NodeTransport:
        seconds = self._options.connect_timeout
        targets = [] if hops else resolve(settings.hostname, settings.port, attempt, seconds)
        certificates = self._host_keys.wants_certificate(settings)

        def once() -> NodeTransport:
            attempt.check()
            sock: Any = (
                self._through(hops, settings, attempt) if hops else dial(targets, settings.hostname, attempt, seconds)
            )
            transport = NodeTransport(sock, key_types=key_types, certificates=certificates)
            transport.negotiate(attempt, seconds)
            return transport

        try:
            return once()
        except TryAgain:
            if self._options.attempts == 1:
                raise
            return _tried_again(once, self._options.attempts - 1)

    def _candidates(self, settings: SSHHostSettings, files: tuple[Path, ...]) -> list[Candidate]:
        later = configured_files(settings)
        named_keys = [key for path in files for key in self._ring.file_keys(path)]
        further = [key for path in later for key in self._ring.file_keys(path)] if not files else []
        agent: list[Candidate] = []
        if self._options.agent and settings.identity_agent != "none":
            agent = list(self._ring.agent_keys(settings.identity_agent))
            if settings.identities_only:
                named_blobs = {key.blob for key in (*named_keys, *further)} | {
                    self._ring.public_part(path) for path in (*files, *later)
                }
                agent = [key for key in agent if key.blob in named_blobs]
        return with_certificates([*named_keys, *agent, *further], settings.certificate_files)

    def _unusable(self, settings: SSHHostSettings, files: tuple[Path, ...]) -> list[str]:
        problems = self._ring.problems
        return [f"{path}: {problems[path]}" for path in (files or configured_files(settings)) if path in problems]

    def _through(self, hops: tuple[str, ...], settings: SSHHostSettings, attempt: Attempt) -> paramiko.Channel:
        """A channel to a host through the last of these hops."""
        with self._lock:
            jump = self._jumps.setdefault(hops, SharedJump(hops[-1]))
        patience = 3 * self._options.connect_timeout + self._options.auth_timeout
        attempt.step(f"the jump host {hops[-1]}", patience * len(hops), only_waits=True)
        transport = jump.transport(lambda own: self._open_hop(hops, own), attempt)
        attempt.step(
            f"connecting from the jump host {hops[-1]}",
            self._options.connect_timeout,
            only_waits=True,
            silent=Silent.HOST,
        )
        # While it exchanges new keys nothing can be sent; paramiko would wait for that longer than we do.
        if not transport.clear_to_send.wait(attempt.seconds_left()):
            raise attempt.timed_out()
        try:
            return transport.open_channel(
                "direct-tcpip", (settings.hostname, settings.port), ("127.0.0.1", 0), timeout=attempt.seconds_left()
            )
        except paramiko.ChannelException as error:
            raise HostUnreachable(
                f"the jump host {hops[-1]} cannot connect to {settings.hostname}:{settings.port}: {error.text}",
                "is the host up, and may the jump host forward (AllowTcpForwarding)?",
            ) from error
        except paramiko.SSHException as error:
            attempt.seconds_left()
            raise HostUnreachable(f"the jump host {hops[-1]} was lost: {transport.reason(error)}") from error

    def _open_hop(self, hops: tuple[str, ...], attempt: Attempt) -> NodeTransport:
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
            before = hops_of(settings.proxy_jump)
            if len(before) > MOST_JUMPS or hops[-1] in before:
                raise HostUnreachable(f"the jump hosts go round in circles: {', '.join((*before, *hops))}")
        return self._open(settings, self._options.identities, before, attempt)


def _tried_again(connect: Callable[[], NodeTransport], attempts: int) -> NodeTransport:
    """Wait and try again, for a host that refused or reset the connection, and for nothing else."""
    import stamina  # noqa: PLC0415 - it takes longer to import than a node to read, and most runs retry nothing

    # stamina tells every retry as a warning, which Python prints to stderr where nobody configured logging.
    logging.getLogger("stamina").addHandler(logging.NullHandler())
    time.sleep(_FIRST_WAIT)
    return stamina.retry(on=TryAgain, attempts=attempts, timeout=None, wait_initial=0.4, wait_max=2.0, wait_jitter=0.2)(
        connect
    )()
