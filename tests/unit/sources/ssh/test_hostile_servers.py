"""One server that does not keep to the protocol, beside 30 healthy nodes: these are read, and the run ends in time."""

import threading
import time

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import Stage
from calico_bgp.sources.gather import gather
from calico_bgp.sources.ssh.gatherer import SSHGatherer

HEALTHY = 30
#: Seconds for each step, and what the run may take longer than that.
DEADLINE, MORE = 4.0, 2.0


def read(servers, hostile, **changes):
    """The snapshot, its hosts in the order in which they came in, and how long it took."""
    times = {"connect_timeout": DEADLINE, "auth_timeout": DEADLINE, "command_timeout": DEADLINE}
    order: list[str] = []
    began = time.monotonic()
    snapshot = gather(
        [*hostile, *servers.hosts(HEALTHY)],
        SSHGatherer(servers.options(**times | changes)),
        on_result=lambda host, _: order.append(host.label),
    )
    return snapshot, order, time.monotonic() - began


def check(servers, snapshot, took):
    assert {host.label for host in servers.hosts(HEALTHY)} <= {reading.host for reading in snapshot.readings}
    assert snapshot.complete
    assert took <= DEADLINE + MORE


@pytest.mark.parametrize(
    ("behaviour", "stage", "message"),
    [
        ("EndlessCount", Stage.CONNECT, "a packet promises more than it holds"),
        ("EndlessGreeting", Stage.CONNECT, "the server ended the connection before it said who it is"),
        ("EndlessLine", Stage.CONNECT, "its greeting has a line without end"),
        ("DrippingLine", Stage.TIMEOUT, "the server's first words"),
        ("EndlessBanner", Stage.CONNECT, "it sends without end"),
        ("EndlessIgnore", Stage.CONNECT, "it sends without end"),
        ("MuteLogin", Stage.TIMEOUT, "authentication"),
        ("Deaf", Stage.TIMEOUT, "the command"),
    ],
)
def test_it_is_a_failure_and_takes_nobody_along(servers, behaviour, stage, message):
    (hostile,) = servers.hosts(1, behaviour, net=9)
    snapshot, _, took = read(servers, [hostile])
    check(servers, snapshot, took)
    (failure,) = snapshot.failures
    assert (failure.host, failure.stage) == (hostile.label, stage)
    assert message in failure.message


@pytest.mark.parametrize("behaviour", ["EndlessOutput", "EndlessErrors", "DrippingOutput"])
def test_output_without_end(servers, behaviour):
    """It is cut at the limit, or when its time is up; nothing of ours is in it."""
    (hostile,) = servers.hosts(1, behaviour, net=9)
    snapshot, _, took = read(servers, [hostile])
    check(servers, snapshot, took)
    (failure,) = snapshot.failures
    assert failure.host == hostile.label
    assert "the host ran another program than ours" in failure.message


def test_half_a_million_addresses(servers):
    (hostile,) = servers.hosts(1, "ManyAddresses", net=9)
    snapshot, order, took = read(servers, [hostile])
    check(servers, snapshot, took)
    assert len(order) == HEALTHY + 1
    reading = next(reading for reading in snapshot.readings if reading.host == hostile.label)
    assert reading.peers
    assert not reading.complete
    assert "not all of its addresses were read: there are too many" in reading.status.messages


def test_a_window_of_nothing_for_the_password(servers):
    (hostile,) = servers.hosts(1, "NoWindow", net=9)
    snapshot, _, took = read(servers, [hostile], sudo_password="secret")
    check(servers, snapshot, took)
    (failure,) = snapshot.failures
    assert (failure.stage, "the command" in failure.message) == (Stage.TIMEOUT, True)


def test_a_jump_host(servers):
    jump = f"root@127.0.8.1:{servers.ports['jump']}"
    behind = [Host(name=host.name, port=host.port, jump=jump) for host in servers.hosts(5, net=9)]
    snapshot, _, took = read(servers, behind)
    check(servers, snapshot, took)
    assert len(snapshot.readings) == HEALTHY + 5


def test_a_jump_host_that_stalls_a_rekey(servers):
    """Whoever is behind it fails in time; nobody else notices, neither while it stalls nor when it is closed."""
    jump = f"root@127.0.8.1:{servers.ports['StallingJump']}"
    behind = [Host(name=host.name, port=host.port, jump=jump) for host in servers.hosts(40, net=9)]
    direct = {host.label for host in servers.hosts(HEALTHY)}
    snapshot, order, took = read(servers, behind)
    check(servers, snapshot, took)
    assert direct <= set(order[: HEALTHY + 3]), "the direct nodes came last"
    assert len(snapshot.failures) >= 35
    assert {failure.stage for failure in snapshot.failures} <= {Stage.TIMEOUT, Stage.CONNECT}


def test_many_that_do_not_answer_take_no_place(servers):
    """More of them than places, before all others: these come at once nevertheless."""
    hostile = servers.hosts(8, "MuteLogin", net=9)
    snapshot, order, took = read(servers, hostile, workers=4)
    assert took <= DEADLINE + MORE
    assert order[:HEALTHY] == [host for host in order if host not in {bad.label for bad in hostile}]
    assert len(snapshot.failures) == 8


def test_no_thread_is_left(servers):
    before = threading.active_count()
    snapshot, _, _ = read(servers, servers.hosts(2, "Deaf", net=9))
    assert len(snapshot.failures) == 2
    assert threading.active_count() == before
