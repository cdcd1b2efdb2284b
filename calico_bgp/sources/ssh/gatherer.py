"""SSHGatherer: reads nodes over SSH, here or in worker processes. Connections are not made here: see read.py."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from calico_bgp.model import validators
from calico_bgp.model.inventory import Host
from calico_bgp.sources.gather import Result
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.login.key_files import any_encrypted
from calico_bgp.sources.ssh.options import MANY_HOSTS, SSHOptions
from calico_bgp.sources.ssh.workers.processes import may_start_workers, read_in_processes

if TYPE_CHECKING:
    from calico_bgp.sources.resources.answer import Fetched


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
        return self._read(hosts, self.options.questions.of_hosts(hosts))

    def read_whole(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """Ask hosts once more, with all of their routes, that had sent hashes."""
        return self._read(hosts, self.options.questions.of_whole_tables(hosts))

    def _read(self, hosts: Sequence[Host], questions: Questions) -> Iterator[Result]:
        options = replace(self._with_passphrases(hosts), questions=questions)
        processes = _processes(options, len(hosts))
        if processes > 1:
            validators.make_all()
            return read_in_processes(hosts, options, processes)
        # paramiko is half of what starting costs; a process that only hands out the work does without.
        from calico_bgp.sources.ssh.read import read_here  # noqa: PLC0415

        return read_here(hosts, options, self._config)

    def fetch_resources(self, host: Host) -> Fetched:
        """Ask one host that can reach the cluster's datastore for Calico's resources, as JSON. It only reads.

        Args:
            host: One with calicoctl or kubectl; the login must be allowed to list them (docs/ssh.md).

        Raises:
            GatherError: There are none, with the reason and what to do.
        """
        options = self._with_passphrases([host])
        from calico_bgp.sources.ssh.resources import fetch_here  # noqa: PLC0415 - as above

        return fetch_here(host, options, self._config)

    def _with_passphrases(self, hosts: Sequence[Host]) -> SSHOptions:
        options = self.options
        if options.ask_passphrase is None or not any_encrypted(hosts, options, self._config):
            return options
        from calico_bgp.sources.ssh.read import with_passphrases  # noqa: PLC0415

        return with_passphrases(hosts, options, self._config)


def _processes(options: SSHOptions, hosts: int) -> int:
    if not may_start_workers():
        return 1
    if options.processes is not None:
        return min(options.processes, max(1, hosts))
    return 2 if hosts > MANY_HOSTS and (os.cpu_count() or 1) > 1 else 1
