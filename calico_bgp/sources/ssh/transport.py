"""paramiko's Transport as we want it: cheap algorithms first, closed for good. No keys and no host-key policy."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Sequence
from typing import Any

import paramiko

from calico_bgp.errors import HostUnreachable
from calico_bgp.sources.ssh.deadlines import Attempt
from calico_bgp.sources.ssh.inline import InlineTransport, ReadAhead

# A library logs and configures nothing. paramiko tells every refused login as an ERROR with a traceback; without a
# handler, Python would print that to stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

# One curve costs a third of a millisecond, finite-field groups and the post-quantum hybrid several times as much.
_KEX = (
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "mlkem768x25519-sha256",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
)
_CERTIFICATE = "-cert-v01@openssh.com"
#: Bytes read at once; about what an SSH packet holds at most.
_AHEAD = 32_768


class NodeTransport(InlineTransport):
    """One connection.

    Args:
        sock: A connected socket, or a channel through a jump host.
        key_types: The host-key types to ask for first: those that the host is known with.
        certificates: Whether to ask for a host certificate before anything else.
    """

    # paramiko offers subclasses no other way to order these; a test fails when a release drops one of the names.
    _preferred_kex = tuple(name for name in _KEX if name in paramiko.Transport._preferred_kex)  # type: ignore[attr-defined]  # noqa: SLF001
    # How often somebody who waits for a packet looks whether time is up.
    _active_check_timeout = 0.25

    def __init__(self, sock: Any, *, key_types: Sequence[str] = (), certificates: bool = False) -> None:
        self._stream = ReadAhead(sock, _AHEAD)
        super().__init__(self._stream)
        self._connected = sock
        self._attempt: Attempt | None = None
        self._preferred = self._in_order(frozenset(key_types), certificates=certificates)
        self._negotiated = threading.Event()
        # paramiko's limit for the key exchange is a thread per connection; ours ends an attempt from outside.
        self.packetizer.start_handshake = lambda timeout: None  # noqa: ARG005

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """Host-key algorithms in the order in which we ask for them."""
        return self._preferred

    def _in_order(self, first: frozenset[str], *, certificates: bool) -> tuple[str, ...]:
        """The known types first (sshconnect2.c order_hostkeyalgs); certificates before all, or not at all."""
        offered = super().preferred_keys
        plain = [name for name in offered if not name.endswith(_CERTIFICATE)]
        ordered = sorted(plain, key=lambda name: _type_of(name) not in first)
        return (*(name for name in offered if certificates and name.endswith(_CERTIFICATE)), *ordered)

    def _filter_algorithm(self, type_: str) -> Any:
        """We disable none; paramiko filters each list a dozen times per connection."""
        return getattr(self, f"_preferred_{type_}")

    def negotiate(self, attempt: Attempt, seconds: float) -> None:
        """Exchange keys.

        Raises:
            GatherTimeout: The server said nothing, or not enough.
            HostUnreachable: It is no SSH server, or has no algorithm in common with us.
        """
        attempt.step("the server's first words", seconds)
        self.banner_timeout = seconds + 1
        self._stream.give_up = lambda: attempt.is_over
        self._attempt = attempt
        self.begin(self._negotiated)
        attempt.left()
        if self.is_active():
            return
        error = self.get_exception()
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            raise HostUnreachable(
                f"no algorithm in common with the server: {error}", "its sshd is too old, or restricted to others"
            ) from error
        if not self.remote_version:
            raise HostUnreachable(
                f"the server ended the connection before it said who it is ({_plain(error)})",
                "is it an SSH server? sshd ends connections at once when too many come (MaxStartups)",
            ) from error
        raise HostUnreachable(f"the key exchange failed: {_plain(error)}") from error

    def shown_host_key(self) -> tuple[str, bytes]:
        """The type and the wire form of the key, or of the certificate, that the server proved to have."""
        key = self.get_remote_server_key()
        certificate = getattr(key, "public_blob", None)
        if certificate is not None:
            return certificate.key_type, certificate.key_blob
        return key.get_name(), key.asbytes()

    def _check_banner(self) -> None:
        super()._check_banner()  # type: ignore[misc]
        if self._attempt is not None:
            self._attempt.step_name = "the key exchange"

    def hand_over(self) -> None:
        """Let a thread take the packets: the connection outlives the attempt that made it."""
        self._stream.give_up = lambda: False
        super().hand_over()

    def open_channel(self, kind: str, *args: Any, **kwargs: Any) -> paramiko.Channel:
        """As paramiko's. A jump host is shared by many, so a thread of its own reads it."""
        if kind == "direct-tcpip":
            self.hand_over()
        return super().open_channel(kind, *args, **kwargs)

    def await_output(self, channel: paramiko.Channel) -> None:
        """Take packets until the channel has something to read, or will never have."""
        self.pump(lambda: bool(channel.recv_ready() or channel.eof_received or channel.closed))

    def end(self) -> None:
        """Close, and wait a moment for paramiko's thread, so that none is left behind."""
        if isinstance(self._connected, socket.socket):
            # A thread that sits in recv() does not notice a close; it does notice this.
            with contextlib.suppress(OSError):
                self._connected.shutdown(socket.SHUT_RDWR)
        else:
            self._connected.close()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(1.0)
        self.close()
        self._connected.close()


def _type_of(algorithm: str) -> str:
    """The key type behind a signature algorithm: rsa-sha2-512 is made with an ssh-rsa key (RFC 8332)."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _plain(error: BaseException | None) -> str:
    text = " ".join(str(error).split()) if error is not None else ""
    if isinstance(error, EOFError) or not text:
        return "it closed the connection"
    return text[:200]
