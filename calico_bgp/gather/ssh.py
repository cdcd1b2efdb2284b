"""SSHGatherer: one connection and one command per node. The steps are in the ssh_* files; here they are joined."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from calico_bgp.errors import CommandFailed, GatherError
from calico_bgp.gather.command import gather_command, new_marker
from calico_bgp.gather.deadlines import Attempt
from calico_bgp.gather.elastic import ElasticPool
from calico_bgp.gather.gather import Result, failure_of
from calico_bgp.gather.interpret import reading_from
from calico_bgp.gather.options import MANY_HOSTS, SSHOptions
from calico_bgp.gather.processes import read_in_processes
from calico_bgp.gather.ssh_auth import KeyRing
from calico_bgp.gather.ssh_config import SSHConfig
from calico_bgp.gather.ssh_connect import Connector
from calico_bgp.gather.ssh_session import run_command
from calico_bgp.model.inventory import Host

_log = logging.getLogger(__name__)
# stamina tells every retry as a warning, which Python prints to stderr where nobody configured logging.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class SSHGatherer:
    """Reads nodes over SSH.

    Args:
        options: What the user chose.

    Raises:
        ConfigError: The ssh configuration cannot be read.
    """

    def __init__(self, options: SSHOptions | None = None) -> None:
        self.options = options or SSHOptions()
        self._config = SSHConfig.load(self.options.ssh_config)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of the ssh configuration was left out, for the user to read once."""
        return self._config.warnings

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """One result per host, as they come in; see `gather()`."""
        options = self.options
        ring = self._key_ring(hosts)
        processes = _processes(options, len(hosts))
        if processes > 1:
            ring.close()
            told = replace(options, passphrases=ring.passphrases)
            yield from read_in_processes(hosts, told, processes)
            return
        connector = Connector(options, self._config, ring)
        marker = new_marker()
        # Time for what comes before and after the status, within the command's.
        seconds = max(1, int(options.command_timeout * 2 / 3))
        command = gather_command(
            marker,
            calicoctl=options.calicoctl,
            sudo_password=options.sudo_password is not None,
            status_seconds=seconds,
        )

        def read_one(host: Host, attempt: Attempt) -> Result:
            return _read_one(host, attempt, connector, options, (command, marker))

        try:
            yield from ElasticPool(read_one, options.workers, options.run_timeout).run(hosts)
        finally:
            connector.close()
            ring.close()

    def encrypted_identities(self, hosts: Iterable[Host]) -> tuple[Path, ...]:
        """The key files that need a passphrase which we do not have, as far as these hosts need them.

        A file that somebody named is needed; one of ssh's usual ones only where there is nothing else to log in with.
        """
        ring = KeyRing(self.options.passphrases)
        try:
            return tuple(_needed(hosts, self.options, self._config, ring))
        finally:
            ring.close()

    def _key_ring(self, hosts: Sequence[Host]) -> KeyRing:
        options = self.options
        ring = KeyRing(options.passphrases)
        if options.ask_passphrase is not None:
            for path in _needed(hosts, options, self._config, ring):
                if ring.is_encrypted(path) and (passphrase := options.ask_passphrase(str(path))) is not None:
                    ring.add_passphrase(passphrase)
        return ring


def _processes(options: SSHOptions, hosts: int) -> int:
    if options.processes is not None:
        return min(options.processes, max(1, hosts))
    return 2 if hosts > MANY_HOSTS and (os.cpu_count() or 1) > 1 else 1


def _needed(hosts: Iterable[Host], options: SSHOptions, config: SSHConfig, ring: KeyRing) -> Iterator[Path]:
    connector = Connector(options, config, ring)
    seen: set[Path] = set()
    in_agent = {key.blob for key in ring.agent_keys(None)} if options.agent else set()
    for host in hosts:
        try:
            files, named = connector.identity_files(host)
        except GatherError:
            continue
        others = bool(in_agent) or options.password is not None or any(ring.file_keys(path) for path in files)
        for path in files:
            if path not in seen and (named or not others) and ring.is_encrypted(path):
                seen.add(path)
                if ring.public_part(path) not in in_agent:
                    yield path


def _read_one(
    host: Host, attempt: Attempt, connector: Connector, options: SSHOptions, asked: tuple[str, str]
) -> Result:
    """Never raises: whatever goes wrong with a node is a value."""
    text = ""
    command, marker = asked
    try:
        with connector.connected(host, attempt) as transport:
            text, cut = run_command(
                transport,
                command,
                end=f"\n{marker} end",
                stdin=None if options.sudo_password is None else options.sudo_password + "\n",
                attempt=attempt,
                seconds=options.command_timeout,
                limit=options.output_limit,
            )
        return reading_from(text, marker, host, taken_at=datetime.now(UTC), ssh_address=attempt.address, cut=cut)
    except GatherError as error:
        _log.debug("%s: %s", host.label, error)
        return failure_of(host, error, raw=text, ssh_address=attempt.address)
    except Exception as error:  # noqa: BLE001 - one node must not end the run, not even by a mistake of ours
        _log.debug("%s: unexpected", host.label, exc_info=True)
        unexpected = CommandFailed(
            f"unexpected {type(error).__name__}: {error}", "this is a bug in calico-bgp: report it"
        )
        return failure_of(host, unexpected, raw=text, ssh_address=attempt.address)
