"""SSH servers for many nodes in one process: one thread listens for all, paramiko serves each connection.

Knows sockets and SSH, not BGP: what a node answers is a function that the caller gives.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    MSG_CHANNEL_SUCCESS,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.packet import Packetizer

from calico_bgp.lab.printing.render import Printed

#: paramiko's talk about broken connections is of no use to anybody who runs a lab.
_LOG_CHANNEL = "calico_bgp.lab.ssh"
logging.getLogger(_LOG_CHANNEL).addHandler(logging.NullHandler())
_SHELL_NOTE = "This is a simulated node without a shell. Append the command: sudo calicoctl node status\r\n"
_JOIN_SECONDS = 2.0


class Endpoint(NamedTuple):
    """Where a node listens."""

    address: str
    port: int


class Service(NamedTuple):
    """How a node presents itself to one connection.

    Attributes:
        host_key: Its host key at this moment.
        answer: What it prints for a command; None when it never answers.
    """

    host_key: paramiko.PKey
    answer: Callable[[str], Printed | None]


class LabServer:
    """SSH servers, one per name, that let one client key in.

    Args:
        listeners: A listening socket per name. The server closes them.
        client_key: The public key that is let in, for the user `user`.
        user: The login.
        service_of: Called at each connection with the name that was connected to.
    """

    def __init__(
        self,
        listeners: Mapping[str, socket.socket],
        *,
        client_key: paramiko.PKey,
        user: str,
        service_of: Callable[[str], Service],
    ) -> None:
        self._listeners = dict(listeners)
        self._client_key = client_key.asbytes()
        self._user = user
        self._service_of = service_of
        self._transports: defaultdict[str, set[paramiko.Transport]] = defaultdict(set)
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._waker, self._wakened = socket.socketpair()
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="calico-bgp lab", daemon=True)

    def start(self) -> None:
        """Serve in the background."""
        self._selector.register(self._wakened, selectors.EVENT_READ)
        for name, listener in self._listeners.items():
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, name)
        self._thread.start()

    def close_node(self, name: str) -> None:
        """Close a node's port and drop its connections."""
        with self._lock:
            listener = self._listeners.pop(name, None)
            if listener is None:
                return
            self._selector.unregister(listener)
            listener.close()
        self._drop(name)

    def open_node(self, name: str, listener: socket.socket) -> None:
        """Let a node listen again."""
        listener.setblocking(False)
        with self._lock:
            self._listeners[name] = listener
            self._selector.register(listener, selectors.EVENT_READ, name)

    def stop(self) -> None:
        """Close every port and connection and end the threads. Does nothing the second time."""
        if self._stopping:
            return
        self._stopping = True
        self._waker.send(b"x")
        self._thread.join(_JOIN_SECONDS)
        for name in list(self._listeners):
            self.close_node(name)
        for name in list(self._transports):
            self._drop(name)
        self._selector.close()
        self._waker.close()
        self._wakened.close()

    def _drop(self, name: str) -> None:
        with self._lock:
            transports = list(self._transports[name])
            self._transports[name].clear()
        for transport in transports:
            transport.close()
        for transport in transports:
            transport.join(_JOIN_SECONDS)

    def _serve(self) -> None:
        while not self._stopping:
            # A port may be closed by another thread meanwhile: wake up now and then.
            for key, _ in self._selector.select(timeout=0.5):
                if key.data is None:
                    return
                with suppress(OSError, ValueError, paramiko.SSHException):
                    self._accept(key.data)

    def _accept(self, name: str) -> None:
        with self._lock:
            listener = self._listeners.get(name)
            connection = listener.accept()[0] if listener else None
        if connection is None:
            return
        connection.setblocking(True)
        transport = paramiko.Transport(connection, packetizer_class=_Packets)
        try:
            transport.set_log_channel(_LOG_CHANNEL)
            service = self._service_of(name)
            transport.add_server_key(service.host_key)
            with self._lock:
                transports = self._transports[name]
                transports.difference_update([old for old in transports if not old.is_active()])
                transports.add(transport)
                closed_meanwhile = name not in self._listeners
            if closed_meanwhile:
                connection.close()
                return
            # With an event it does not wait for the handshake, which goes on in the transport's own thread.
            transport.start_server(threading.Event(), _Login(self._user, self._client_key, service.answer))
        except BaseException:
            connection.close()
            raise


class _Login(paramiko.ServerInterface):
    """One connection: who may log in, and what a command gets."""

    def __init__(self, user: str, key: bytes, answer: Callable[[str], Printed | None]) -> None:
        self._user = user
        self._key = key
        self._answer = answer

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        fits = username == self._user and key.asbytes() == self._key
        return AUTH_SUCCESSFUL if fits else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, *args: object) -> bool:
        del args
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self._reply(channel, Printed(_SHELL_NOTE, "", 1))
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        printed = self._answer(command.decode("utf-8", "replace"))
        if printed is not None:  # else: hung, until the client goes
            self._reply(channel, printed)
        return True

    @staticmethod
    def _reply(channel: paramiko.Channel, printed: Printed) -> None:
        packets = channel.get_transport().packetizer
        assert isinstance(packets, _Packets)
        packets.after_reply.append((channel, printed))


class _Packets(Packetizer):
    """Packets of a server that sends a command's output only after it has accepted the command.

    paramiko calls `check_channel_exec_request` before it replies. Output sent from there, or from a thread started
    there, can overtake the reply, and OpenSSH drops a connection whose channel is closed before that.
    """

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self.after_reply: list[tuple[paramiko.Channel, Printed]] = []

    def send_message(self, data: Any) -> None:
        super().send_message(data)
        while self.after_reply and data.asbytes()[0] == MSG_CHANNEL_SUCCESS:
            # In a thread of its own: this one must go on to read the client's window adjustments.
            job = self.after_reply.pop()
            threading.Thread(target=_send, args=job, name="calico-bgp lab answer", daemon=True).start()


def _send(channel: paramiko.Channel, printed: Printed) -> None:
    with suppress(OSError, EOFError, paramiko.SSHException):
        channel.sendall(printed.stdout.encode())
        channel.sendall_stderr(printed.stderr.encode())
        if printed.exit_code is None:
            return  # hung, until the client goes
        channel.send_exit_status(printed.exit_code)
        channel.close()
