"""`calico-bgp gather` without SSH: what is saved, merged, told and refused. Real servers are in tests/rig."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from calico_bgp.cli.running.reasons import by_reason
from calico_bgp.errors import HostUnreachable
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.parse.answer.frame import marker_of
from calico_bgp.sources.gather import Result, failure_of
from calico_bgp.sources.node.route_scripts import wanted_by
from calico_bgp.sources.ssh.options import SSHOptions
from calico_bgp.store.snapshot_folder import load_snapshot


class Cluster:
    """Stands in for SSHGatherer: it says which hosts were asked, and with what."""

    warnings = ("config:3: ProxyUseFdpass is ignored",)
    down: frozenset[str] = frozenset()
    interrupt_at: str | None = None
    asked: list[str]
    options: SSHOptions

    @classmethod
    def make(cls, options: SSHOptions) -> Cluster:
        cls.asked = []
        cls.options = options
        return cls()

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        for host in hosts:
            if host.name == self.interrupt_at:
                raise KeyboardInterrupt
            self.asked.append(host.name)
            if host.name in self.down:
                yield failure_of(host, HostUnreachable("no way\x1b[31m to it", "look"), raw="x")
            else:
                yield NodeReading(host=host.label, status=NodeStatus(), raw=f"{host.name} said")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Cluster]]:
    monkeypatch.setattr(import_module("calico_bgp.sources.ssh.gatherer"), "SSHGatherer", Cluster.make)
    yield Cluster
    Cluster.down = frozenset()
    Cluster.interrupt_at = None


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.txt"
    path.write_text("node[1-4]\n")
    return path


Run = Callable[..., Any]


def test_what_every_node_said_is_saved(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "out", "--cluster", "east")
    assert result.exit_code == 0
    assert re.search(r"^4 of 4 nodes read in \d+\.\d s, saved in \S+/out$", result.stderr, re.MULTILINE)
    assert "config:3: ProxyUseFdpass is ignored" in result.stderr
    assert result.stdout == ""
    snapshot = load_snapshot(tmp_path / "out")
    assert [r.raw for r in snapshot.readings] == ["node1 said", "node2 said", "node3 said", "node4 said"]
    assert snapshot.cluster == "east"


def test_an_earlier_snapshot_is_not_lost_unasked(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert run_cli("gather", hosts, "-o", folder, "--cluster", "first").exit_code == 0  # an empty folder is free
    cluster.asked = []
    refused = run_cli("gather", hosts, "-o", folder)
    assert refused.exit_code == 2
    assert refused.stderr.endswith("holds a snapshot already: name another folder, or replace it with --replace\n")
    assert cluster.asked == []
    assert load_snapshot(folder).cluster == "first"
    assert run_cli("gather", hosts, "-o", folder, "--cluster", "second", "--replace").exit_code == 0
    assert load_snapshot(folder).cluster == "second"
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    assert run_cli("gather", hosts, "-o", tmp_path / "notes", "--replace").exit_code == 2


def test_what_is_asked_once_more_joins_its_own_snapshot_and_replaces_no_other(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    cluster.down = frozenset({"node2"})
    for name in ("out", "other"):
        run_cli("gather", hosts, "-o", tmp_path / name, "--cluster", name)
    refused = run_cli("gather", "--retry-failed", tmp_path / "out", "-o", tmp_path / "other")
    assert (refused.exit_code, "holds a snapshot already" in refused.stderr) == (2, True)
    (tmp_path / "link").symlink_to("out")
    cluster.down = frozenset()
    assert run_cli("gather", "--retry-failed", tmp_path / "out", "-o", tmp_path / "link").exit_code == 0
    assert load_snapshot(tmp_path / "out").failures == ()
    assert load_snapshot(tmp_path / "other").cluster == "other"


def test_failures_are_told_and_exit_3(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.down = frozenset({"node2"})
    result = run_cli("gather", hosts, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert "node2: no way to it\n    look\n" in result.stderr
    assert "\x1b" not in result.stderr
    assert "gather --retry-failed" in result.stderr
    assert re.search(r"^3 of 4 nodes read in .*; not read: node2$", result.stderr, re.MULTILINE)


def test_one_reason_is_one_line(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.down = frozenset({"node1", "node2", "node3"})
    result = run_cli("gather", hosts, "-o", tmp_path / "out")
    assert "3 nodes (node[1-3]): no way to it\n    look\n" in result.stderr
    assert result.stderr.count("no way to it") == 1


def test_reasons_that_differ_by_the_name_alone_are_one() -> None:
    failures = [
        GatherFailure(
            host=f"n{n:02}.example", node=f"worker-{n}", stage=Stage.RESOLVE, message=f"n{n:02}.example is nowhere"
        )
        for n in range(1, 301)
    ]
    other = GatherFailure(host="n1", stage=Stage.CONNECT, message="refused")
    assert by_reason([*failures, other]) == ["300 nodes (worker-[1-300]): HOST is nowhere", "n1: refused"]


def test_retry_failed_asks_only_those_and_merges(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    cluster.down = frozenset({"node2", "node3"})
    run_cli("gather", hosts, "-o", tmp_path / "out")
    cluster.down = frozenset({"node3"})
    result = run_cli("gather", "--retry-failed", tmp_path / "out")
    assert cluster.asked == ["node2", "node3"]
    assert result.exit_code == 3
    snapshot = load_snapshot(tmp_path / "out")
    assert [r.host for r in snapshot.readings] == ["node1", "node2", "node4"]
    assert [r.raw for r in snapshot.readings] == ["node1 said", "node2 said", "node4 said"]
    assert [f.host for f in snapshot.failures] == ["node3"]
    cluster.down = frozenset()
    assert run_cli("gather", "--retry-failed", tmp_path / "out").exit_code == 0
    assert cluster.asked == ["node3"]
    result = run_cli("gather", "--retry-failed", tmp_path / "out")
    assert (result.exit_code, "every node of that snapshot has been read" in result.stderr) == (0, True)


def test_an_interruption_saves_and_retry_goes_on(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    cluster.interrupt_at = "node3"
    result = run_cli("gather", hosts, "-o", tmp_path / "out")
    assert result.exit_code == 130
    assert "2 of 4 nodes read" in result.stderr
    assert not load_snapshot(tmp_path / "out").complete
    cluster.interrupt_at = None
    assert run_cli("gather", "--retry-failed", tmp_path / "out").exit_code == 0
    assert cluster.asked == ["node3", "node4"]
    assert load_snapshot(tmp_path / "out").complete


def test_limit(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    assert run_cli("gather", hosts, "-o", tmp_path / "out", "--limit", "node[2-3]").exit_code == 0
    assert cluster.asked == ["node2", "node3"]


@pytest.mark.parametrize("arguments", [["hosts.txt"], [], ["hosts.txt", "--retry-failed", "x"]])
def test_what_is_missing_is_said(run_cli: Run, arguments: list[str]) -> None:
    assert run_cli("gather", *arguments).exit_code == 2


def test_no_such_file(run_cli: Run, tmp_path: Path) -> None:
    result = run_cli("gather", tmp_path / "none.txt", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "none.txt does not exist" in result.stderr


def test_show_command(run_cli: Run) -> None:
    result = run_cli("gather", "--show-command", "--calicoctl", "/opt/calico/calicoctl")
    assert result.exit_code == 0
    assert result.stdout.startswith("sh -c '")
    assert marker_of(result.stdout)
    assert "command -v /opt/calico/calicoctl" in result.stdout


def test_show_command_shows_what_large_clusters_are_asked(run_cli: Run) -> None:
    assert len(run_cli("gather", "--show-command").stdout.splitlines()) == 2
    lines = run_cli("gather", "--show-command", "--routes").stdout.splitlines()
    asked = [wanted_by(line) for line in lines[::2]]
    assert [(one.tables, one.reduced, one.gateways) for one in asked] == [
        (True, False, True),
        (True, True, False),
        (True, True, True),
    ]
    assert all("calico-node -- sh -c" in line for line in lines[1::2])


def test_show_command_refuses_an_odd_path(run_cli: Run) -> None:
    result = run_cli("gather", "--show-command", "--calicoctl", "a b")
    assert result.exit_code == 2
    assert "calicoctl's path" in result.stderr


def test_passwords_come_from_descriptors(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"first\nsecond\n")
    os.close(write)
    try:
        result = run_cli("gather", hosts, "-o", tmp_path / "o", "--pass-fd", read, "--sudo-pass-fd", read)
    finally:
        os.close(read)
    assert result.exit_code == 0, result.stderr
    assert (cluster.options.password, cluster.options.sudo_password) == ("first", "second")


def test_passwords_are_asked_for(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "o", "--ask-pass", "--ask-sudo-pass", stdin="one\n\n")
    assert result.exit_code == 0, result.stderr
    assert (cluster.options.password, cluster.options.sudo_password) == ("one", "one")
    assert "one" not in result.stderr
    assert not result.stdout.strip()  # before click 8.4 its test runner puts the prompt's line ends there


@pytest.mark.parametrize(
    "arguments", [["--ask-pass", "--pass-fd", "0"], ["--pass-fd", "987"], ["--workers", "0"], ["--timeout", "0s"]]
)
def test_options_that_cannot_work(run_cli: Run, hosts: Path, tmp_path: Path, arguments: list[str]) -> None:
    assert run_cli("gather", hosts, "-o", tmp_path / "o", *arguments).exit_code == 2
    assert not (tmp_path / "o").exists()


def test_the_other_options_arrive(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    run_cli(
        *("gather", hosts, "-o", tmp_path / "o", "-l", "ann", "-i", "a", "-i", "b", "--no-agent", "-J", "bastion"),
        *("--ssh-config", "none", "--known-hosts", "kh", "--host-keys", "accept-new", "--timeout", "1m"),
        *("--connect-timeout", "5s", "--run-timeout", "10m", "--workers", "16", "--processes", "3"),
    )
    assert cluster.options == SSHOptions(
        user="ann",
        identities=(Path("a"), Path("b")),
        agent=False,
        jump="bastion",
        ssh_config=Path("none"),
        known_hosts=(Path("kh"),),
        host_keys=cluster.options.host_keys,
        command_timeout=60.0,
        connect_timeout=5.0,
        run_timeout=600.0,
        workers=16,
        processes=3,
    )
    assert cluster.options.host_keys == "accept-new"
