"""The pool's rule: whoever waits takes no place from others; what does not come back is given up, nobody is lost."""

import logging
import pickle
import threading
import time

import pytest

from calico_bgp.errors import GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import Silent
from calico_bgp.sources import pool as pool_module
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.pool import HostPool, most_at_once

HOSTS = [Host(name=f"node{number}") for number in range(20)]


def failed(host, error):
    return f"{host.name}: {error}"


def pool(work, *, workers=4, run_timeout=None):
    return HostPool(work, failed, workers, run_timeout)


def test_every_host_has_one_result():
    results = list(pool(lambda host, _: host.name).run(HOSTS))
    assert sorted(results) == sorted(host.name for host in HOSTS)


def test_no_more_at_once_than_workers():
    busy, most = [], []

    def work(host, attempt):
        attempt.step("work", 10)
        busy.append(host)
        most.append(len(busy))
        time.sleep(0.02)
        busy.remove(host)

    list(pool(work, workers=3).run(HOSTS))
    assert max(most) <= 3


def test_whoever_waits_takes_no_place():
    """Three times as many as there are places hang; the others come at once."""
    release = threading.Event()

    def work(host, attempt):
        attempt.step("connecting", 20, only_waits=True)
        if host in HOSTS[:12]:
            release.wait(20)
        return host

    order = []
    began = time.monotonic()
    for result in pool(work).run(HOSTS):
        order.append(result)
        if len(order) == 8:
            took = time.monotonic() - began
            release.set()
    assert set(order[:8]) == set(HOSTS[12:])
    assert took < 4


def test_whoever_overruns_is_ended_from_outside():
    def work(host, attempt):
        ended = threading.Event()
        attempt.step("the command", 0.01)
        attempt.owns(ended.set, lambda: None)
        assert ended.wait(20)
        with pytest.raises(GatherTimeout) as caught:
            attempt.check()
        return str(caught.value)

    (result,) = pool(work).run(HOSTS[:1])
    assert result.startswith("the command: nothing came")


def test_who_was_silent_is_known_also_where_the_step_was_ended_from_outside():
    attempt = Attempt("n1")
    attempt.step("connecting", 10, silent=Silent.HOST)
    assert attempt.timed_out().silent is Silent.HOST
    attempt.abort()
    for error in (attempt.timed_out(), pickle.loads(pickle.dumps(attempt.timed_out()))):
        assert (error.silent, error.message[:11]) == (Silent.HOST, "connecting:")
    other = Attempt("n2")
    other.step("connecting", 10, silent=Silent.HOST)
    other.abort("the run was ended")
    assert other.timed_out().silent is None
    other = Attempt("n3")
    other.step("connecting", 10, silent=Silent.HOST)
    other.step("the command", 10)
    assert other.timed_out().silent is None


def test_an_attempt_that_was_ended_refuses_further_steps():
    attempt, cut = Attempt("n1"), threading.Event()
    attempt.abort("the run was ended")
    with pytest.raises(GatherTimeout, match="the run was ended"):
        attempt.step("connecting", 10)
    with pytest.raises(GatherTimeout, match="the run was ended"):
        attempt.owns(cut.set, lambda: None)
    assert cut.is_set()


def test_an_attempt_that_does_not_come_back_is_given_up(caplog):
    release = threading.Event()

    def work(host, attempt):
        attempt.step("the step", 0.5)
        if host is HOSTS[0]:
            release.wait(20)  # neither its deadline nor its abort is heeded
        return host.name

    running = pool(work)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "calico_bgp"):
        results = list(running.run(HOSTS))
    assert time.monotonic() - began < 0.5 + 2
    release.set()
    assert running.given_up == 1
    assert len(results) == len(HOSTS)
    (lost,) = [text for text in results if ":" in text]
    assert lost.startswith("node0: the step: nothing came for ")
    assert "the connection could not even be ended, and was given up" in lost
    assert "node0: given up (1 so far): the step" in caplog.text


def test_a_result_that_comes_too_late_is_nobodys():
    def work(host, attempt):
        attempt.step("the step", 0.2)
        time.sleep(1.6 if host is HOSTS[0] else 0.05)
        return host.name

    results = list(pool(work, workers=1).run(HOSTS[:15]))
    assert len(results) == 15
    assert results.count("node0") == 0


def test_all_threads_held_up(monkeypatch):
    """The rest is not tried, and said so; nothing waits for ever."""
    monkeypatch.setattr(pool_module, "most_at_once", lambda: 2)
    release = threading.Event()

    def work(host, attempt):
        attempt.step("the step", 0.2)
        release.wait(20)
        return host.name

    results = list(pool(work).run(HOSTS))
    release.set()
    assert len(results) == len(HOSTS)
    assert sum("given up" in result for result in results) == 2
    assert sum("it was not tried: every thread is held up" in result for result in results) == len(HOSTS) - 2


@pytest.mark.parametrize("started", [0, 1, 3])
def test_a_machine_that_starts_no_threads(monkeypatch, started):
    real = threading.Thread.start
    count = iter(range(1000))

    def start(thread):
        if next(count) >= started:
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    results = list(pool(lambda host, _: host.name).run(HOSTS))
    assert len(results) == len(HOSTS)
    assert sum("this machine starts no more threads" in result for result in results) == (0 if started else len(HOSTS))


def test_closing_may_take_its_time():
    """What is still to be closed holds up neither the results nor the other hosts."""

    def work(host, attempt):
        attempt.owns(lambda: None, lambda: time.sleep(0.4))
        return host.name

    began = time.monotonic()
    results = list(pool(work, workers=1).run(HOSTS[:8]))
    assert len(results) == 8
    assert time.monotonic() - began < 8 * 0.4


def test_the_time_for_all_hosts():
    def work(host, attempt):
        try:
            attempt.step("the step", 20)
            while True:
                time.sleep(min(0.05, attempt.seconds_left()))
        except TimeoutError as error:
            return str(error)

    began = time.monotonic()
    results = list(pool(work, run_timeout=0.5).run(HOSTS))
    assert time.monotonic() - began < 2.5
    assert all("the time for the whole run was up" in result for result in results)
    assert len(results) == len(HOSTS)


def test_closing_the_iterator_ends_what_is_under_way():
    ended = []

    def work(host, attempt):
        gone = threading.Event()
        attempt.owns(gone.set, lambda: None)
        if host is HOSTS[0]:
            return
        gone.wait(20)
        ended.append(host)
        return

    before = threading.active_count()
    stream = pool(work).run(HOSTS)
    next(stream)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 1
    assert len(ended) in range(3, 6)
    assert threading.active_count() == before


def test_the_limit_of_open_files(monkeypatch):
    monkeypatch.setattr(pool_module.resource, "getrlimit", lambda _: (64, 64))
    assert 1 <= most_at_once() <= 24
    monkeypatch.setattr(pool_module.resource, "getrlimit", lambda _: (4, 4))
    assert most_at_once() == 1
    monkeypatch.setattr(pool_module.resource, "getrlimit", lambda _: (pool_module.resource.RLIM_INFINITY, -1))
    assert most_at_once() == 400
