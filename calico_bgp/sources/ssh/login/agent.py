"""A client of ssh-agent, at a socket of our choice, bounded in size and time. paramiko's knows SSH_AUTH_SOCK alone.

The protocol is draft-ietf-sshm-ssh-agent, sections 3.5 (identities) and 3.6 (signing).
"""

from __future__ import annotations

import socket
import threading
import time

import paramiko

#: Seconds for one question; a key that wants to be confirmed by hand needs somebody there.
_SECONDS = 10.0
_LARGEST = 256 * 1024
_REQUEST_IDENTITIES, _IDENTITIES_ANSWER = 11, 12
_SIGN_REQUEST, _SIGN_RESPONSE = 13, 14
#: Which hash an RSA key signs with; 0, for the other types, leaves no choice.
_FLAGS = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}


class AgentClient:
    """One connection, which serves all threads, one question at a time. After a failure it answers none.

    Raises:
        OSError: Nobody listens there, or not in time.
        paramiko.SSHException: What listens is no agent.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._problem: str | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_SECONDS)
            self._socket.connect(path)
            self.keys = self._list()
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """Leave the agent."""
        self._socket.close()

    def sign(self, blob: bytes, data: bytes, algorithm: str | None) -> bytes:
        """A signature by the key whose public part this is.

        Raises:
            paramiko.SSHException: The agent refuses, or does not answer.
        """
        question = paramiko.Message()
        question.add_byte(bytes([_SIGN_REQUEST]))
        question.add_string(blob)
        question.add_string(data)
        question.add_int(_FLAGS.get((algorithm or "").removesuffix("-cert-v01@openssh.com"), 0))
        kind, answer = self._ask(question)
        if kind != _SIGN_RESPONSE:
            raise paramiko.SSHException("the agent does not sign with that key")
        return answer.get_binary()

    def _list(self) -> tuple[AgentKey, ...]:
        question = paramiko.Message()
        question.add_byte(bytes([_REQUEST_IDENTITIES]))
        kind, answer = self._ask(question)
        if kind != _IDENTITIES_ANSWER:
            raise paramiko.SSHException("the agent does not list its keys")
        keys = []
        for _ in range(answer.get_int()):
            if not answer.get_remainder():
                raise paramiko.SSHException("the agent's list of keys is cut off")
            keys.append(AgentKey(self, answer.get_binary(), answer.get_binary().decode("utf-8", "replace")))
        return tuple(keys)

    def _ask(self, question: paramiko.Message) -> tuple[int, paramiko.Message]:
        with self._lock:
            if self._problem is not None:
                raise paramiko.SSHException(self._problem)
            try:
                until = time.monotonic() + _SECONDS
                body = question.asbytes()
                self._socket.sendall(len(body).to_bytes(4, "big") + body)
                size = int.from_bytes(self._read(4, until), "big")
                if not 0 < size <= _LARGEST:
                    raise paramiko.SSHException("the agent's answer is empty, or too large")
                answer = self._read(size, until)
            except (OSError, paramiko.SSHException) as error:
                # An answer that comes late would be taken for the next one's.
                self._problem = f"the agent was lost: {error}"
                raise paramiko.SSHException(self._problem) from error
        return answer[0], paramiko.Message(answer[1:])

    def _read(self, size: int, until: float) -> bytes:
        data = b""
        while len(data) < size:
            self._socket.settimeout(max(0.01, until - time.monotonic()))
            more = self._socket.recv(size - len(data))
            if not more:
                raise paramiko.SSHException("it closed the connection")
            data += more
        return data


class AgentKey(paramiko.PKey):
    """A key that the agent holds: its public part, and whom to ask for signatures.

    Attributes:
        blob: The public key, or the certificate, as it goes over the wire.
        comment: What the agent calls it.
    """

    public_blob = None

    def __init__(self, agent: AgentClient, blob: bytes, comment: str) -> None:
        self.blob = blob
        self.comment = comment
        self._agent = agent
        self._type = paramiko.Message(blob).get_binary().decode("ascii", "replace")

    def asbytes(self) -> bytes:
        """The blob."""
        return self.blob

    def get_name(self) -> str:
        """The type that the blob names."""
        return self._type

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> bytes:  # type: ignore[override]
        """Ask the agent.

        Raises:
            paramiko.SSHException: It does not sign.
        """
        return self._agent.sign(self.blob, data, algorithm)
