"""Jump hosts: one connection to each for the whole run, shared by every node behind it. It opens none by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from calico_bgp.errors import AuthenticationFailed, GatherError, GatherTimeout, HostKeyMismatch, HostUnreachable
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.connection.transport import NodeTransport

#: Jump hosts behind jump hosts; more is a loop in the configuration.
MOST_JUMPS = 8

OpenHop: TypeAlias = Callable[[Attempt], NodeTransport]


def hops_of(jump: str | None) -> tuple[str, ...]:
    """The hops of `jump=`, `--jump` or ProxyJump, the first one dialled first; none for `none`."""
    if not jump or jump == "none":
        return ()
    return tuple(hop.strip() for hop in jump.split(","))


class SharedJump:
    """The one connection to a jump host. The first thread that needs it opens it; a failure is remembered."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._attempt: Attempt | None = None
        self._transport: NodeTransport | None = None
        self._failure: GatherError | None = None

    def transport(self, open_hop: OpenHop, attempt: Attempt) -> NodeTransport:
        """The connection, opened at need.

        Raises:
            GatherError: It cannot be had; the same for every node behind it.
        """
        if not self._lock.acquire(timeout=attempt.seconds_left()):
            raise attempt.timed_out()
        try:
            if self._failure is None and (self._transport is None or not self._transport.is_active()):
                self._attempt = Attempt(f"jump host {self._name}")
                try:
                    self._transport = open_hop(self._attempt)
                    # It serves many, for as long as the run goes on.
                    self._transport.allow(None)
                except GatherError as error:
                    self._failure = error
            if self._failure is not None:
                raise _behind(self._name, self._failure)
            assert self._transport is not None
            return self._transport
        finally:
            self._lock.release()

    def close(self) -> None:
        """End it, and whoever is opening it or waits for it."""
        self._failure = self._failure or GatherTimeout("the run is over")
        if self._attempt is not None:
            self._attempt.abort("the run is over")
            self._attempt.release()


def _behind(name: str, error: GatherError) -> GatherError:
    failure = HostUnreachable(f"the jump host {name} cannot be used: {error.message}", error.hint)
    for kind in (HostKeyMismatch, AuthenticationFailed):
        if isinstance(error, kind):
            failure = kind(failure.message, error.hint)  # type: ignore[assignment]
    return failure
