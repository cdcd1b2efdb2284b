"""paramiko's Transport without a thread of its own: whoever waits for an answer reads the packets. No policy, no hosts.

paramiko reads in a thread per connection and wakes the caller for every answer. With dozens of connections that is 100
switches of thread per host, a third of all CPU time. Here the caller itself takes the next packet, until what it waits
for is there. `hand_over` starts the thread after all: for a jump host, which many callers share, and for passwords,
whose dialogue paramiko does not let us steer.

`_step` is the body of the loop in paramiko's `Transport.run`, unchanged in what it accepts and refuses; cryptography,
handlers and the order of messages are paramiko's.
"""

# ruff: noqa: SLF001 - paramiko offers subclasses no other way into its loop

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import paramiko
from paramiko.common import (
    DEBUG,
    MSG_CHANNEL_OPEN,
    MSG_CHANNEL_REQUEST,
    MSG_DEBUG,
    MSG_DISCONNECT,
    MSG_IGNORE,
    MSG_KEXINIT,
    MSG_UNIMPLEMENTED,
    cMSG_UNIMPLEMENTED,
)
from paramiko.packet import NeedRekeyException
from paramiko.ssh_exception import MessageOrderError, SSHException

_KEX_MESSAGES = range(30, 42)


class InlineTransport(paramiko.Transport):
    """A client's connection for one caller at a time."""

    # Where paramiko's own types say nothing.
    auth_handler: Any
    packetizer: Any
    kex_engine: Any
    sock: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._inline = True
        self._handing_over = threading.Lock()

    def begin(self, negotiated: threading.Event) -> None:
        """Exchange versions and keys; `negotiated` is set when that is done, `get_exception` says why it is not."""
        self.active = True
        self.completion_event = negotiated
        if self._guarded(self._introduce):
            self.pump(negotiated.is_set)

    def pump(self, done: Callable[[], bool]) -> None:
        """Take packets until this holds or the connection ends; nothing to do where a thread does it."""
        while self._inline and self.active and not done():
            self._guarded(self._step)

    def hand_over(self) -> None:
        """From now on a thread takes the packets."""
        with self._handing_over:
            if self._inline:
                self._inline = False
                self.start()

    def run(self) -> None:
        """The thread after `hand_over`."""
        while self.active and self._guarded(self._step):
            pass
        self.sock.close()

    def auth_publickey(self, username: str, key: paramiko.PKey, event: threading.Event | None = None) -> list[str]:
        """As paramiko's; see there."""
        if not self._inline or event is not None:
            return super().auth_publickey(username, key, event)
        answered = threading.Event()
        super().auth_publickey(username, key, answered)
        self.pump(answered.is_set)
        further: list[str] = self.auth_handler.wait_for_response(answered)
        return further

    def auth_password(
        self, username: str, password: str, event: threading.Event | None = None, fallback: bool = True
    ) -> list[str]:
        """As paramiko's; see there."""
        self.hand_over()
        return super().auth_password(username, password, event, fallback)

    def _send_user_message(self, data: paramiko.Message) -> None:
        """Send, and where paramiko is going to wait for the answer, fetch it first."""
        super()._send_user_message(data)  # type: ignore[misc]
        if not self._inline:
            return
        kind = data.asbytes()[0]
        if kind == MSG_CHANNEL_OPEN:
            waiting = list(self.channel_events.values())
            self.pump(lambda: all(event.is_set() for event in waiting))
        elif kind == MSG_CHANNEL_REQUEST:
            channels = list(self._channels.values())  # type: ignore[attr-defined]
            self.pump(lambda: all(channel.event.is_set() for channel in channels))

    def _introduce(self) -> None:
        self.packetizer.write_all(f"{self.local_version}\r\n".encode())
        self._check_banner()  # type: ignore[attr-defined]
        self._send_kex_init()  # type: ignore[attr-defined]
        self._expect_packet(MSG_KEXINIT)  # type: ignore[attr-defined]

    def _guarded(self, work: Callable[[], None]) -> bool:
        """Do something; an error ends the connection and is kept for whoever waits."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - as in paramiko: whatever a server provokes ends its connection
            self._log(DEBUG, f"the connection ends: {error!r}")  # type: ignore[attr-defined]
            self.saved_exception = error
            self._finish()
        return self.active

    def _step(self) -> None:
        """Take one packet. The body of `paramiko.Transport.run`."""
        if self.packetizer.need_rekey() and not self.in_kex:
            self._send_kex_init()  # type: ignore[attr-defined]
        try:
            kind, message = self.packetizer.read_message()
        except NeedRekeyException:
            return
        if kind in (MSG_IGNORE, MSG_DEBUG):
            self._enforce_strict_kex(kind)  # type: ignore[attr-defined]
            return
        if kind == MSG_DISCONNECT:
            self._parse_disconnect(message)  # type: ignore[attr-defined]
            self._finish()
            return
        expected = self._expected_packet
        if expected:
            if kind not in expected:
                refused = MessageOrderError if self.agreed_on_strict_kex else SSHException  # type: ignore[attr-defined]
                raise refused(f"Expecting packet from {expected!r}, got {kind:d}")
            self._expected_packet: tuple[int, ...] = ()
            if kind in _KEX_MESSAGES:
                self.kex_engine.parse_next(kind, message)
                return
        self._dispatch(kind, message)
        self.packetizer.complete_handshake()

    def _dispatch(self, kind: int, message: paramiko.Message) -> None:
        handlers: Any = self
        if kind in handlers._handler_table:
            refusal = handlers._ensure_authed(kind, message)
            if refusal:
                handlers._send_message(refusal)
            else:
                handlers._handler_table[kind](message)
        elif kind in handlers._channel_handler_table:
            number = message.get_int()
            channel = handlers._channels.get(number)
            if channel is not None:
                handlers._channel_handler_table[kind](channel, message)
            elif number not in handlers.channels_seen:
                raise SSHException(f"Channel request for unknown channel {number:d}")
        elif self.auth_handler is not None and kind in self.auth_handler._handler_table:
            self.auth_handler._handler_table[kind](message)
        elif kind != MSG_UNIMPLEMENTED:
            answer = paramiko.Message()
            answer.add_byte(cMSG_UNIMPLEMENTED)
            answer.add_int(message.seqno)
            handlers._send_message(answer)

    def _finish(self) -> None:
        """Wake everybody who waits, as the end of `paramiko.Transport.run` does."""
        for channel in list(self._channels.values()):  # type: ignore[attr-defined]
            channel._unlink()
        if self.active:
            self.active = False
            self.packetizer.close()
            if self.completion_event is not None:
                self.completion_event.set()
            if self.auth_handler is not None:
                self.auth_handler.abort()
            for event in list(self.channel_events.values()):
                event.set()
        self.sock.close()


class ReadAhead:
    """A socket read in large pieces. paramiko reads every packet in two; each read costs a system call and the GIL.

    Attributes:
        give_up: Asked about four times a second while nothing comes; the connection ends when it says yes.
    """

    def __init__(self, sock: Any, size: int) -> None:
        self.give_up: Callable[[], bool] = lambda: False
        self._recv = sock.recv
        self._size = size
        self._ahead = b""
        self.send = sock.send
        self.close = sock.close
        self.settimeout = sock.settimeout
        self.getpeername = sock.getpeername

    def recv(self, size: int) -> bytes:
        """At most `size` bytes, as a socket does it."""
        data = self._ahead
        if not data:
            try:
                data = self._recv(self._size)
            except TimeoutError:
                if self.give_up():
                    raise EOFError from None
                raise
        self._ahead = data[size:]
        return data[:size]
