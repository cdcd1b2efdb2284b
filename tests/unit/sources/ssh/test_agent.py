"""The client of ssh-agent, against agents that answer as they should and as they should not."""

import socket
import threading
import time

import paramiko
import pytest

from calico_bgp.sources.ssh.login import agent as agent_module
from calico_bgp.sources.ssh.login.agent import AgentClient
from calico_bgp.sources.ssh.login.auth import KeyRing


def string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


BLOB = string(b"ssh-ed25519") + string(b"k" * 32)
RSA = string(b"ssh-rsa-cert-v01@openssh.com") + string(b"nonce")
LIST = b"\x0c" + (2).to_bytes(4, "big") + string(BLOB) + string("clé".encode()) + string(RSA) + string(b"\xff")


@pytest.fixture
def agent(tmp_path):
    """Starts an agent that gives these answers, one to each question, and notes the questions."""
    listeners, threads = [], []

    def start(*answers: bytes):
        path = tmp_path / "agent"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(20)
        listeners.append(listener)
        questions: list[bytes] = []

        def serve():
            connection = listener.accept()[0]
            connection.settimeout(20)
            with connection:
                for answer in answers:
                    size = int.from_bytes(connection.recv(4), "big")
                    questions.append(connection.recv(size))
                    connection.sendall(answer)
                connection.recv(1)

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return str(path), questions

    yield start
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join(5)


def test_keys_and_signatures(agent):
    path, questions = agent(string(LIST), string(b"\x0e" + string(b"signed")), string(b"\x0e" + string(b"too")))
    client = AgentClient(path)
    plain, certificate = client.keys
    assert (plain.get_name(), plain.comment, plain.asbytes()) == ("ssh-ed25519", "clé", BLOB)
    assert (certificate.get_name(), certificate.comment) == ("ssh-rsa-cert-v01@openssh.com", "\ufffd")
    assert plain.sign_ssh_data(b"data", "ssh-ed25519") == b"signed"
    assert certificate.sign_ssh_data(b"data", "rsa-sha2-512-cert-v01@openssh.com") == b"too"
    client.close()
    assert questions == [
        b"\x0b",
        b"\x0d" + string(BLOB) + string(b"data") + (0).to_bytes(4, "big"),
        b"\x0d" + string(RSA) + string(b"data") + (4).to_bytes(4, "big"),
    ]


def test_a_refusal(agent):
    path, _ = agent(string(LIST), string(b"\x05"))
    client = AgentClient(path)
    with pytest.raises(paramiko.SSHException, match="does not sign with that key"):
        client.keys[0].sign_ssh_data(b"data")
    client.close()


@pytest.mark.parametrize(
    "answer",
    [
        string(b"\x05"),
        string(b""),
        b"\xff\xff\xff\xff",
        string(b"\x0c" + b"\xff\xff\xff\xff"),
        string(LIST[:-9])[:-1],
        string(b"\x0c\0\0\0\2" + string(BLOB) + string(b"x")),
    ],
)
def test_what_is_no_agent_has_no_keys(agent, answer, monkeypatch):
    monkeypatch.setattr(agent_module, "_SECONDS", 0.5)
    path, _ = agent(answer)
    began = time.monotonic()
    ring = KeyRing()
    assert ring.agent_keys(path) == ()
    ring.close()
    assert time.monotonic() - began < 2


def test_after_a_failure_nobody_waits_again(agent, monkeypatch):
    """A key that wants to be confirmed by hand, and nobody there: once, not for every host."""
    monkeypatch.setattr(agent_module, "_SECONDS", 0.5)
    path, _ = agent(string(LIST), b"")
    client = AgentClient(path)
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(paramiko.SSHException, match="the agent was lost"):
            client.keys[0].sign_ssh_data(b"data")
    assert time.monotonic() - began < 2
    client.close()
