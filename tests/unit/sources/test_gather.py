"""gather(), the pool and the options, with hosts that are functions: no SSH and no network."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calico_bgp.errors import CommandFailed, GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.sources.gather import GatherInterrupted, Result, failure_of, gather
from calico_bgp.sources.ssh.deadlines import Attempt
from calico_bgp.sources.ssh.elastic import ElasticPool
from calico_bgp.sources.ssh.options import HostKeyPolicy, SSHOptions
from calico_bgp.sources.ssh.processes import Outcome, options_from_json, options_to_json

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOSTS = tuple(Host(name=f"n{number}") for number in range(6))


def reading(host: Host) -> NodeReading:
    return NodeReading(host=host.label, status=NodeStatus(), raw=f"raw of {host.label}")


class Fake:
    """A gatherer that yields in another order, and notices that it was closed."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.closed = False

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        try:
            for number, host in enumerate(reversed(hosts)):
                if number == self.stop_after:
                    raise KeyboardInterrupt
                yield failure_of(host, CommandFailed("no")) if host.name == "n3" else reading(host)
        finally:
            self.closed = True


def test_a_snapshot_is_in_the_order_of_the_inventory() -> None:
    seen: list[str] = []
    snapshot = gather(HOSTS, Fake(), on_result=lambda host, result: seen.append(host.label), now=NOW, cluster="east")
    assert [r.host for r in snapshot.readings] == ["n0", "n1", "n2", "n4", "n5"]
    assert [f.host for f in snapshot.failures] == ["n3"]
    assert seen == ["n5", "n4", "n3", "n2", "n1", "n0"]
    assert (snapshot.complete, snapshot.taken_at, snapshot.cluster) == (True, NOW, "east")


def test_no_hosts_are_a_complete_snapshot() -> None:
    assert gather([], Fake()).complete


def test_an_interruption_carries_what_came_and_closes() -> None:
    fake = Fake(stop_after=2)
    with pytest.raises(GatherInterrupted) as caught:
        gather(HOSTS, fake, now=NOW)
    assert [r.host for r in caught.value.snapshot.readings] == ["n4", "n5"]
    assert not caught.value.snapshot.complete
    assert fake.closed
    assert isinstance(caught.value, KeyboardInterrupt)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.snapshot == caught.value.snapshot


def test_a_callback_that_raises_closes_the_gatherer() -> None:
    fake = Fake()

    def broken(host: Host, result: Result) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        gather(HOSTS, fake, on_result=broken)
    assert fake.closed


def pool(work: Callable[[Host, Attempt], Result], workers: int = 2) -> ElasticPool:
    return ElasticPool(work, workers, None)


def test_every_host_gets_one_result() -> None:
    results = list(pool(lambda host, _: reading(host)).run(HOSTS))
    assert sorted(r.host for r in results) == [h.label for h in HOSTS]


def test_the_waiting_do_not_take_the_place_of_others() -> None:
    """More hosts hang than there are workers; they are let go only when all others are through."""
    release = threading.Event()

    def work(host: Host, attempt: Attempt) -> Result:
        if host.name in ("n0", "n1", "n2"):
            attempt.step("connecting to nowhere", 60)
            release.wait(30)
        return reading(host)

    order = []
    for result in pool(work).run(HOSTS):
        order.append(result.host)
        if len(order) == 3:
            release.set()
    assert sorted(order[:3]) == ["n3", "n4", "n5"]
    assert sorted(order[3:]) == ["n0", "n1", "n2"]


def test_who_overruns_is_ended_from_outside() -> None:
    def work(host: Host, attempt: Attempt) -> Result:
        ended = threading.Event()
        attempt.step("the command", 0.01)
        with attempt.closing(ended.set):
            assert ended.wait(30)
        try:
            attempt.check()
        except GatherTimeout as error:
            return failure_of(host, error)
        return reading(host)

    (result,) = pool(work).run(HOSTS[:1])
    assert "the command: nothing came" in result.message  # type: ignore[union-attr]


def test_leaving_early_ends_the_rest() -> None:
    before = threading.active_count()
    ended: list[str] = []

    def work(host: Host, attempt: Attempt) -> Result:
        if host.name == "n0":
            return reading(host)
        event = threading.Event()
        with attempt.closing(event.set):
            event.wait(30)
        ended.append(host.name)
        return failure_of(host, GatherTimeout("ended"))

    stream = pool(work).run(HOSTS)
    assert next(stream).host == "n0"
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(ended) <= 2


def test_an_attempt_that_was_ended_refuses_further_steps() -> None:
    attempt = Attempt("n1")
    attempt.abort("the run was ended")
    with pytest.raises(GatherTimeout, match="the run was ended"):
        attempt.step("connecting", 10)


@pytest.mark.parametrize(
    "changes",
    [
        {"workers": 0},
        {"workers": 257},
        {"connect_timeout": 0},
        {"command_timeout": -1},
        {"run_timeout": 0},
        {"attempts": 0},
        {"processes": 0},
        {"calicoctl": "a b"},
        {"sudo_password": "a\nb"},
    ],
)
def test_options_that_cannot_work_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes)).partition("_")[0]):
        SSHOptions(**changes)  # type: ignore[arg-type]


def test_secrets_stay_out_of_the_repr() -> None:
    text = repr(SSHOptions(password="hunter2", sudo_password="hunter3", passphrases=("hunter4",)))
    assert "hunter" not in text


def test_options_go_through_the_pipe_and_back() -> None:
    options = SSHOptions(
        user="ann",
        identities=(Path("/k/a"), Path("/k/b")),
        known_hosts=(Path("/k/known"),),
        ssh_config=Path("none"),
        host_keys=HostKeyPolicy.ACCEPT_NEW,
        password="p",
        sudo_password="s",
        passphrases=("x",),
        run_timeout=60.0,
        ask_passphrase=str,
    )
    assert options_from_json(options_to_json(options)) == options
    assert options_from_json(options_to_json(SSHOptions())) == SSHOptions()


@pytest.mark.parametrize("result", [reading(HOSTS[0]), failure_of(HOSTS[1], CommandFailed("no", "do"), raw="said")])
def test_results_go_through_the_pipe_and_back(result: Result) -> None:
    back = Outcome.model_validate_json(Outcome.of(result).model_dump_json()).result()
    assert back == result
    assert back.raw == result.raw
