"""gather(), the pool and the options, with hosts that are functions: no SSH and no network."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calico_bgp.errors import CommandFailed
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.sources.gather import GatherInterrupted, Result, failure_of, gather
from calico_bgp.sources.ssh.options import HostKeyPolicy, SSHOptions
from calico_bgp.sources.ssh.workers.processes import Outcome, options_from_json, options_to_json

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
