"""Finds a place on loopback for every node: an address of its own where the system has 127.0.0.0/8, else a port."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack

from calico_bgp.errors import CalicoBGPError

_ATTEMPTS = 20


class LabError(CalicoBGPError):
    """The lab cannot start; the message says why."""


def listen_for(names: Sequence[str], *, port: int = 0) -> dict[str, socket.socket]:
    """A listening socket per name: `127.66.0.1`, `127.66.0.2`, ... with one port, else `127.0.0.1` with several.

    Args:
        names: The nodes.
        port: The port of all of them, 0 to choose a free one.

    Raises:
        LabError: The port is taken, or there are too many nodes for this process.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _one_port(names, port)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:  # macOS has 127.0.0.1 only
                return _many_ports(names, port)
            if error.errno == errno.EADDRINUSE and port == 0 and attempt < _ATTEMPTS - 1:
                continue
            raise _explained(error, port, len(names)) from error
    raise AssertionError("unreachable")


def listen_at(address: str, port: int) -> socket.socket:
    """Listen at one place again.

    Raises:
        LabError: Somebody else has taken it meanwhile.
    """
    try:
        return _listen(address, port)
    except OSError as error:
        raise _explained(error, port, 1) from error


def _explained(error: OSError, port: int, count: int) -> LabError:
    if error.errno == errno.EMFILE:
        return LabError(f"too many open files for {count} nodes; raise the limit (ulimit -n) or take fewer nodes")
    return LabError(
        f"cannot listen on loopback port {port}: {error.strerror}; leave --port out to have a free one chosen"
    )


def _one_port(names: Sequence[str], port: int) -> dict[str, socket.socket]:
    with ExitStack() as opened:
        listeners: dict[str, socket.socket] = {}
        for number, name in enumerate(names):
            address = f"127.66.{number // 250}.{number % 250 + 1}"
            listener = opened.enter_context(_listen(address, port))
            port = listener.getsockname()[1]
            listeners[name] = listener
        opened.pop_all()
        return listeners


def _many_ports(names: Sequence[str], port: int) -> dict[str, socket.socket]:
    with ExitStack() as opened:
        listeners: dict[str, socket.socket] = {}
        for number, name in enumerate(names):
            try:
                listeners[name] = opened.enter_context(_listen("127.0.0.1", port + number if port else 0))
            except OSError as error:
                raise _explained(error, port + number, len(names)) from error
        opened.pop_all()
        return listeners


def _listen(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener
