"""What a connection says of its end, whoever is told of it, and when."""

import socket

import pytest

from calico_bgp.errors import HostUnreachable
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.connection.transport import NodeTransport


def test_an_end_between_two_steps_is_told_with_its_reason(servers):
    """paramiko's thread ends it after the key exchange; who asks next gets "No existing session" from paramiko.

    On a busy machine it may end it while the exchange is still waited for: the reason is the same.
    """
    (host,) = servers.hosts(1, "EndlessCount", net=9)
    attempt = Attempt(host.label)
    transport = NodeTransport(socket.create_connection((host.name, host.port)))
    with pytest.raises(HostUnreachable, match="a packet promises more than it holds"):
        _negotiated(transport, attempt).shown_host_key()
    attempt.release()


def _negotiated(transport: NodeTransport, attempt: Attempt) -> NodeTransport:
    """The same connection, when paramiko's thread has ended."""
    transport.negotiate(attempt, 5.0)
    transport.join(5.0)
    return transport


def test_a_connection_that_goes_on_gives_the_error_itself(servers):
    (host,) = servers.hosts(1, net=9)
    attempt = Attempt(host.label)
    transport = NodeTransport(socket.create_connection((host.name, host.port)))
    transport.negotiate(attempt, 5.0)
    assert transport.reason(ConnectionResetError(104, "reset")) == "it reset the connection"
    assert transport.reason(EOFError()) == "it closed the connection"
    assert transport.reason(ValueError("a\n b")) == "a b"
    attempt.release()
