"""paramiko's Transport as we want it: cheap algorithms first, bounded packets, a certain end. No host-key policy."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Sequence
from typing import Any

import paramiko

from calico_bgp.errors import HostUnreachable
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.connection.packets import BoundedPackets

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
#: One call each way, where the others encrypt and then compute an HMAC in Python.
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
_CERTIFICATE = "-cert-v01@openssh.com"
#: Seconds between two looks at whether a connection through a jump host was cut.
_LOOK = 0.25
#: Seconds that the thread of a connection has to end.
_LEAVE = 1.0


class NodeTransport(paramiko.Transport):
    """One connection.

    Args:
        sock: A connected socket, or a channel through a jump host.
        key_types: The host-key types to ask for first: those that the host is known with.
        certificates: Whether to ask for a host certificate before anything else.
    """

    packetizer: BoundedPackets

    def __init__(self, sock: Any, *, key_types: Sequence[str] = (), certificates: bool = False) -> None:
        self._key_types = frozenset(key_types)
        self._certificates = certificates
        super().__init__(sock, packetizer_class=BoundedPackets)
        # `cut` wakes whoever waits for a socket; one without a time-out costs one system call less for every packet.
        sock.settimeout(None if isinstance(sock, socket.socket) else _LOOK)
        self._connected = sock
        options = self.get_security_options()
        options.kex = _in_order(_KEX, options.kex)
        options.ciphers = _in_order(_CIPHERS, options.ciphers)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """The known types first (sshconnect2.c order_hostkeyalgs); certificates before all, or not at all."""
        offered = super().preferred_keys
        plain = [name for name in offered if not name.endswith(_CERTIFICATE)]
        ordered = sorted(plain, key=lambda name: _type_of(name) not in self._key_types)
        return (*(name for name in offered if self._certificates and name.endswith(_CERTIFICATE)), *ordered)

    def negotiate(self, attempt: Attempt, seconds: float) -> None:
        """Exchange keys.

        Raises:
            GatherTimeout: The server said nothing, or not enough.
            HostUnreachable: It is no SSH server, or has no algorithm in common with us.
        """
        attempt.step("the server's first words", seconds)
        attempt.owns(self.cut, self.end)
        negotiated = threading.Event()
        try:
            self.start_client(negotiated)
        except RuntimeError as problem:
            raise HostUnreachable(f"this machine starts no more threads: {problem}", "try fewer --workers") from problem
        in_time = negotiated.wait(attempt.seconds_left())
        if self.remote_version:
            attempt.step_name = "the key exchange"
        attempt.check()
        if not in_time:
            raise attempt.timed_out()
        if self.is_active():
            return
        error = self.get_exception()
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            raise HostUnreachable(
                f"no algorithm in common with the server: {error}", "its sshd is too old, or restricted to others"
            ) from error
        if not self.remote_version:
            raise HostUnreachable(
                f"the server ended the connection before it said who it is ({plain(error)})",
                "is it an SSH server? sshd ends connections at once when too many come (MaxStartups)",
            ) from error
        raise HostUnreachable(f"the key exchange failed: {plain(error)}") from error

    def shown_host_key(self) -> tuple[str, bytes]:
        """The type and the wire form of the key, or of the certificate, that the server proved to have.

        Raises:
            HostUnreachable: The connection ended right after the key exchange.
        """
        try:
            key = self.get_remote_server_key()
        except paramiko.SSHException as error:
            raise HostUnreachable(f"the key exchange failed: {self.reason(error)}") from error
        certificate = getattr(key, "public_blob", None)
        if certificate is not None:
            return certificate.key_type, certificate.key_blob
        return key.get_name(), key.asbytes()

    def reason(self, error: BaseException) -> str:
        """Why something failed: what ended the connection, where it ended, and `error` where it goes on.

        paramiko's thread notes the one, and whoever comes after it is told "No existing session" or the like.
        """
        ended = None if self.is_active() else self.get_exception()
        return plain(ended or error)

    def allow(self, size: int | None) -> None:
        """From now on the server may send so many bytes; None for any number."""
        self.packetizer.budget = size

    def cut(self) -> None:
        """End it without waiting: whoever reads or writes fails, and paramiko's thread closes what there is."""
        self.packetizer.cut()
        if isinstance(self._connected, socket.socket):
            # A thread that sits in recv() does not notice a close; it does notice this.
            with contextlib.suppress(OSError):
                self._connected.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """End it, and wait a moment for paramiko's thread, so that none is left behind."""
        self.cut()
        if self.ident is None:
            self._connected.close()
        elif threading.current_thread() is not self:
            self.join(_LEAVE)


def _in_order(first: tuple[str, ...], offered: Sequence[str]) -> tuple[str, ...]:
    """What paramiko offers, these before the others."""
    return (*(name for name in first if name in offered), *(name for name in offered if name not in first))


def _type_of(algorithm: str) -> str:
    """The key type behind a signature algorithm: rsa-sha2-512 is made with an ssh-rsa key (RFC 8332)."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def plain(error: BaseException | None) -> str:
    """An error of paramiko or of the system in one line of words."""
    if isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE):
        return "it reset the connection"
    text = " ".join(str(error).split()) if error is not None else ""
    if isinstance(error, EOFError) or not text:
        return "it closed the connection"
    return text[:200]
