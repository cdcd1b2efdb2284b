"""Reads a batch in this process: the keys, the jump hosts and the text of the command are shared by all its threads."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from calico_bgp.errors import CommandFailed, GatherError
from calico_bgp.model.inventory import Host
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.gather import Result, failure_of
from calico_bgp.sources.node.command import gather_command, new_marker
from calico_bgp.sources.node.interpret import reading_from
from calico_bgp.sources.pool import HostPool
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.connection.connect import Connector
from calico_bgp.sources.ssh.connection.session import run_command
from calico_bgp.sources.ssh.login.auth import KeyRing
from calico_bgp.sources.ssh.login.key_files import configured_files, looks_encrypted, named_files, settings_of
from calico_bgp.sources.ssh.options import SSHOptions

_log = logging.getLogger(__name__)

#: Seconds to make a reading of an answer; of the largest one that is taken it takes one.
_READING = 10.0


def read_here(hosts: Sequence[Host], options: SSHOptions, config: SSHConfig) -> Iterator[Result]:
    """One result per host, as they come in. Closing the iterator ends the work and closes every connection."""
    ring = KeyRing(options.passphrases)
    connector = Connector(options, config, ring)
    marker = new_marker()
    commands = [
        gather_command(
            marker,
            calicoctl=options.calicoctl,
            sudo_password=options.sudo_password is not None,
            # The rest of the command's time is for what comes before and after the status.
            status_seconds=max(1, int(options.command_timeout * 2 / 3)),
            questions=options.questions,
            lines=lines,
        )
        for lines in (False, True)
    ]
    whole = frozenset(options.questions.whole)

    def read_one(host: Host, attempt: Attempt) -> Result:
        return _read_one(host, attempt, connector, options, (commands[host.label in whole], marker))

    try:
        yield from HostPool(read_one, failure_of, options.workers, options.run_timeout).run(hosts)
    finally:
        connector.close()
        ring.close()


def with_passphrases(hosts: Sequence[Host], options: SSHOptions, config: SSHConfig) -> SSHOptions:
    """The options with the passphrases that `ask_passphrase` gives for the encrypted keys of these hosts.

    A file that somebody named is asked for, unless the agent has its key; one of ssh's usual ones only where there is
    nothing else to log in with.
    """
    assert options.ask_passphrase is not None
    ring = KeyRing(options.passphrases)
    try:
        agent = {key.blob for key in ring.agent_keys(None)} if options.agent else set()
        files_asked_for: set[Path] = set()
        for host in hosts:
            settings = settings_of(host, options, config)
            named = named_files(host, options)
            files = named or configured_files(settings)
            must = bool(named) or settings.identity_files is not None
            others = bool(agent) or options.password is not None or not all(looks_encrypted(path) for path in files)
            for path in files:
                if path in files_asked_for or not (must or not others):
                    continue
                files_asked_for.add(path)
                if not ring.is_encrypted(path) or ring.public_part(path) in agent:
                    continue
                passphrase = options.ask_passphrase(str(path))
                if passphrase is not None:
                    ring.add_passphrase(passphrase)
        return replace(options, passphrases=ring.passphrases)
    finally:
        ring.close()


def _read_one(
    host: Host, attempt: Attempt, connector: Connector, options: SSHOptions, command_and_marker: tuple[str, str]
) -> Result:
    """Never raises: whatever goes wrong with a node is a value."""
    text = ""
    command, marker = command_and_marker
    try:
        transport = connector.connect(host, attempt)
        text, cut = run_command(
            transport,
            command,
            end=f"\n{marker} end",
            stdin=None if options.sudo_password is None else options.sudo_password + "\n",
            attempt=attempt,
            seconds=options.command_timeout,
            limit=options.output_limit,
        )
        transport.cut()
        attempt.step("reading its answer", _READING)
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
