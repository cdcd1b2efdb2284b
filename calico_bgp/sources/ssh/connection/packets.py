"""paramiko's packet layer, bounded: in the size of what a server sends, in its promises, in time. No dialogue here.

Every method that is replaced is one that paramiko documents (`Packetizer`, `Message`); the class is handed to
`Transport(packetizer_class=...)`.
"""

from __future__ import annotations

from typing import Any

import paramiko
from paramiko.packet import NeedRekeyException, Packetizer

#: Bytes read at once. paramiko reads every packet in two; each read costs a system call and a switch of thread.
_AHEAD = 16_384
#: RFC 4253 section 6.1 asks for 35,000; OpenSSH sends and takes 256 KiB (packet.c, PACKET_MAX_SIZE).
_LARGEST_PACKET = 256 * 1024
#: RFC 4253 section 4.2 allows 255 characters.
_LONGEST_LINE = 8192
#: Values that a packet may promise and not hold: sloppy servers leave out a last field.
_MISSING_VALUES = 4
#: Bytes that a server may send before a command is run: banners, keys, questions.
BEFORE_A_COMMAND = 1024 * 1024


class BoundedMessage(paramiko.Message):
    """A packet whose end is an end. paramiko fills up with zeros, and counts to 4,294,967,295 when a server says so."""

    seqno: int = 0
    missing = 0

    def get_bytes(self, n: int) -> bytes:
        """As paramiko's, for as long as it makes sense.

        Raises:
            paramiko.SSHException: The packet promises more than it holds, again and again or too much at once.
        """
        data: bytes = self.packet.read(n)
        if len(data) == n:
            return data
        self.missing += 1
        if self.missing > _MISSING_VALUES or n > _LARGEST_PACKET:
            raise paramiko.SSHException("a packet promises more than it holds")
        return data.ljust(n, b"\0")


class BoundedPackets(Packetizer):
    """Reads ahead, and ends at once when told to.

    Attributes:
        budget: Bytes that may still come; None for no limit.
    """

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self.budget: int | None = BEFORE_A_COMMAND
        self._stream = sock
        self._ahead = b""
        self._cut = False

    def cut(self) -> None:
        """Let everybody who reads or writes fail the next time they look, without waiting for anything."""
        self._cut = True

    def start_handshake(self, timeout: float) -> None:
        """Start no timer: paramiko's is a thread per connection, and the attempt has its own deadline."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Exactly `n` bytes.

        Raises:
            EOFError: The connection ended, or was cut.
            NeedRekeyException: Nothing came while new keys are wanted.
            paramiko.SSHException: The packet is too large, or the server sends without end.
        """
        if n > _LARGEST_PACKET:
            raise paramiko.SSHException("a packet is too large")
        if n <= 0:
            return b""
        while len(self._ahead) < n:
            try:
                self._read_more()
            except TimeoutError:
                if check_rekey and not self._ahead and self.need_rekey():
                    raise NeedRekeyException from None
        data, self._ahead = self._ahead[:n], self._ahead[n:]
        return data

    def readline(self, timeout: float) -> str:
        """A line of the server's greeting; the attempt's deadline counts, not `timeout`."""
        del timeout
        while b"\n" not in self._ahead:
            if len(self._ahead) > _LONGEST_LINE:
                raise paramiko.SSHException("its greeting has a line without end")
            try:
                self._read_more()
            except TimeoutError:
                continue
        line, _, self._ahead = self._ahead.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    def write_all(self, out: Any) -> None:
        """Send everything.

        Raises:
            EOFError: The connection ended, or was cut.
        """
        while out:
            if self._cut or self.closed:
                raise EOFError
            try:
                sent = self._stream.send(out)
            except TimeoutError:
                continue
            except OSError as error:
                raise EOFError from error
            if sent == 0:
                raise EOFError
            out = out[sent:]

    def read_message(self) -> tuple[int, BoundedMessage]:
        """One packet: its number, and what it holds."""
        kind, message = super().read_message()
        bounded = BoundedMessage(message.asbytes())
        bounded.seqno = message.seqno
        return kind, bounded

    def _read_more(self) -> None:
        if self._cut or self.closed:
            raise EOFError
        data = self._stream.recv(_AHEAD)
        if not data:
            raise EOFError
        if self.budget is not None:
            self.budget -= len(data)
            if self.budget < 0:
                raise paramiko.SSHException("it sends without end")
        self._ahead += data
