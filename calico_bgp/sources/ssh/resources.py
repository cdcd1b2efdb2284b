"""Asks one host for Calico's resources, over the same connections and with the same deadlines as the nodes are read."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import Any

from calico_bgp.errors import CommandFailed, GatherError
from calico_bgp.model.inventory import Host
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.node.command import new_marker
from calico_bgp.sources.pool import HostPool
from calico_bgp.sources.resources.answer import Fetched, fetched_from
from calico_bgp.sources.resources.command import KINDS, ROUTE_KINDS, resources_command
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.connection.connect import Connector
from calico_bgp.sources.ssh.connection.session import run_command
from calico_bgp.sources.ssh.login.auth import KeyRing
from calico_bgp.sources.ssh.options import SSHOptions

_log = logging.getLogger(__name__)

#: Seconds to take the answer apart; 100 MB take a few.
_READING = 120.0


def fetch_here(host: Host, options: SSHOptions, config: SSHConfig) -> Fetched:
    """The resources as text.

    Each program may take `options.command_timeout`, all of them together as many times that as there are kinds.

    Raises:
        GatherError: There are none, with the reason and what to do.
    """
    ring = KeyRing(options.passphrases)
    connector = Connector(options, config, ring)
    marker = new_marker()
    command = resources_command(
        marker,
        calicoctl=options.calicoctl,
        sudo_password=options.sudo_password is not None,
        seconds=max(1, int(options.command_timeout)),
    )

    def fetch_one(host: Host, attempt: Attempt) -> Fetched | GatherError:
        try:
            transport = connector.connect(host, attempt)
            text, cut = run_command(
                transport,
                command,
                end=f"\n{marker} end",
                stdin=None if options.sudo_password is None else options.sudo_password + "\n",
                attempt=attempt,
                seconds=options.command_timeout * len(KINDS + ROUTE_KINDS),
                limit=options.resources_limit,
            )
            transport.cut()
            attempt.step("reading its answer", _READING)
            return fetched_from(text, marker, name=host.label, cut=cut)
        except GatherError as error:
            _log.debug("%s: %s", host.label, error)
            return error
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not cost the readings of the nodes
            _log.debug("%s: unexpected", host.label, exc_info=True)
            return CommandFailed(
                f"unexpected {type(error).__name__}: {error}", "this is a bug in calico-bgp: report it"
            )

    # The pool, for one host: it ends from outside what overruns, and Ctrl-C reaches this thread at once.
    stream: Any = HostPool(fetch_one, lambda _, error: error, 1, options.run_timeout).run([host])
    try:
        with closing(stream):
            result: Fetched | GatherError = next(stream)
    finally:
        connector.close()
        ring.close()
    if isinstance(result, GatherError):
        raise result
    return result
