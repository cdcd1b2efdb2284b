"""One command on one connection: its output, capped and in time. It knows nothing of what the command says."""

from __future__ import annotations

import codecs

import paramiko

from calico_bgp.errors import CommandFailed, HostUnreachable
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.connection.packets import BEFORE_A_COMMAND
from calico_bgp.sources.ssh.connection.transport import NodeTransport

_CHUNK = 65_536


def run_command(
    transport: NodeTransport,
    command: str,
    *,
    end: str,
    stdin: str | None,
    attempt: Attempt,
    seconds: float,
    limit: int,
) -> tuple[str, str | None]:
    """Run a command without a terminal.

    Args:
        transport: A logged-in connection.
        command: Its text.
        end: The answer's last line. Nothing after it is waited for: rc files may leave programs behind that keep the
            channel open.
        stdin: What it may read; None for nothing.
        attempt: The attempt that this is part of.
        seconds: How long it may take.
        limit: Bytes of output, standard error included, that are read.

    Returns:
        The output, and why it was cut off (None when it was not).

    Raises:
        CommandFailed: The server does not run commands for us.
        HostUnreachable: The connection broke before anything came.
    """
    attempt.step("the command", seconds)
    # Twice what is read: an answer of the last byte that counts may bring as much again along the way.
    transport.allow(2 * limit + BEFORE_A_COMMAND)
    try:
        channel = transport.open_session(timeout=attempt.seconds_left())
        channel.set_combine_stderr(True)
        channel.settimeout(attempt.seconds_left())
        channel.exec_command(command)
    except (paramiko.SSHException, OSError, EOFError) as error:
        attempt.seconds_left()
        if not transport.is_active():
            raise HostUnreachable(f"the connection broke: {transport.reason(error)}", None) from error
        raise CommandFailed(
            f"the server refused to run a command: {str(error) or 'it closed the channel'}",
            "may the user run commands there (ForceCommand, MaxSessions, a login shell)?",
        ) from error
    _give(channel, stdin, attempt)
    return _read(channel, end.encode(), attempt, limit)


def _give(channel: paramiko.Channel, stdin: str | None, attempt: Attempt) -> None:
    """Write what the command may read, and that there is no more."""
    try:
        if stdin is not None:
            channel.sendall(stdin.encode())
        channel.shutdown_write()
    except TimeoutError as error:
        raise attempt.timed_out() from error
    except (paramiko.SSHException, OSError, EOFError):
        # It may have ended without reading: what it printed counts.
        attempt.check()


def _read(channel: paramiko.Channel, end: bytes, attempt: Attempt, limit: int) -> tuple[str, str | None]:
    received = bytearray()
    cut = None
    try:
        while True:
            channel.settimeout(attempt.seconds_left())
            data = channel.recv(_CHUNK)
            if not data:
                alive = channel.get_transport().is_active()
                cut = attempt.timed_out().message if attempt.is_over else None if alive else "the connection broke"
                break
            tail = len(received)
            received += data
            if len(received) > limit:
                del received[limit:]
                cut = f"more than {limit // 1024} KiB came"
                break
            if received.find(end, max(0, tail - len(end))) >= 0:
                break
    except TimeoutError:
        # GatherTimeout is one, too: time is up, and what came so far may be an answer.
        cut = attempt.timed_out().message
    return codecs.decode(received, "utf-8", "replace"), cut
