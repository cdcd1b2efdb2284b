"""`--resources` and `--resources-from` without SSH: where resources come from, what is saved, told and refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from calico_bgp.errors import CommandFailed
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.frame import marker_of
from calico_bgp.sources.gather import Result, failure_of
from calico_bgp.sources.resources.answer import Fetched
from calico_bgp.sources.ssh.options import SSHOptions
from calico_bgp.store.snapshot_folder import load_snapshot

RESOURCES = Path(__file__).parents[3] / "fixtures/resources/docs-route-reflectors"
Run = Callable[..., Any]


def node(name: str, address: str) -> dict[str, Any]:
    spec = {"bgp": {"ipv4Address": f"{address}/24"}}
    return {"apiVersion": "projectcalico.org/v3", "kind": "Node", "metadata": {"name": name}, "spec": spec}


def fetched(*nodes: dict[str, Any], warning: str | None = None) -> Fetched:
    return Fetched((("bgppeers.json", "[]\n"), ("nodes.json", json.dumps(list(nodes)))), warning)


NODES = fetched(node("node1", "192.0.2.1"), node("node2", "192.0.2.2"))


def reading(host: Host) -> NodeReading:
    """A healthy node of a mesh of two."""
    here, there = ("192.0.2.1", "192.0.2.2") if host.name == "node1" else ("192.0.2.2", "192.0.2.1")
    peer = Peer(
        family=Family.IPV4,
        address=ip_address(there),
        address_text=there,
        port=None,
        peer_type=PeerType.MESH,
        protocol_state="up",
        bgp_state=BGPState.ESTABLISHED,
        since="2026-01-01",
        info="Established",
        error=None,
    )
    status = NodeStatus(felix_running=True, daemons=(Daemon(Family.IPV4, DaemonState.RUNNING),), peers=(peer,))
    return NodeReading(host=host.label, node=host.node or host.name, status=status, addresses=(ip_address(here),))


class Cluster:
    """Stands in for SSHGatherer: every host answers; who was asked for resources is noted."""

    warnings = ()
    down: frozenset[str]
    answer: Fetched | BaseException
    asked: list[Host]
    asked_for_resources: list[Host]

    def __init__(self, options: SSHOptions) -> None:
        del options

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        for host in hosts:
            if host.name in self.down:
                yield failure_of(host, CommandFailed("no"))
            else:
                self.asked.append(host)
                yield reading(host)

    def fetch_resources(self, host: Host) -> Fetched:
        self.asked_for_resources.append(host)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> type[Cluster]:
    monkeypatch.setattr(import_module("calico_bgp.sources.ssh.gatherer"), "SSHGatherer", Cluster)
    Cluster.down, Cluster.answer, Cluster.asked_for_resources = frozenset(), NODES, []
    Cluster.asked = []
    return Cluster


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.txt"
    path.write_text("ann@node1:2222 node=worker1\nnode2\n")
    return path


def names(snapshot: Snapshot) -> list[str]:
    assert snapshot.resources is not None
    return [node.name for node in snapshot.resources.nodes]


REFUSED = CommandFailed("kubectl: \x1b[31mforbidden", "see docs")


def test_gather_fetches_and_saves_them(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    assert result.exit_code == 0
    assert "resources: 2 nodes, 0 BGPPeers, 0 BGPConfigurations, 0 IPPools" in result.stderr
    snapshot = load_snapshot(tmp_path / "s")
    assert names(snapshot) == ["node1", "node2"]
    assert snapshot.resources is not None
    assert snapshot.resources.sources == ("cp1:bgppeers.json", "cp1:nodes.json")
    assert snapshot.resources_raw == NODES.texts
    assert snapshot.resources_failure is None


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("node1", ("node1", "ann", 2222)),
        ("node1:2222", ("node1", "ann", 2222)),
        ("worker1", ("node1", "ann", 2222)),
        ("bob@node1", ("node1", "bob", None)),
        ("root@cp1:22", ("cp1", "root", 22)),
        ("fd00::1", ("fd00::1", None, None)),
    ],
)
def test_who_is_asked(
    run_cli: Run, cluster: type[Cluster], hosts: Path, text: str, host: tuple[str, str | None, int | None]
) -> None:
    assert run_cli("status", hosts, "--resources-from", text).exit_code == 0
    (asked,) = cluster.asked_for_resources
    assert (asked.name, asked.user, asked.port) == host


@pytest.mark.parametrize("text", ["", "a b", "-x", "http://x", "x:99999"])
def test_what_is_no_host_is_refused(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path, text: str
) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", text)
    assert result.exit_code == 2
    assert "--resources-from" in result.stderr
    assert not (tmp_path / "s").exists()


def test_a_name_of_several_hosts_is_refused(run_cli: Run, cluster: type[Cluster], tmp_path: Path) -> None:
    (tmp_path / "h").write_text("127.0.0.1:1\n127.0.0.1:2\n")
    result = run_cli("gather", tmp_path / "h", "-o", tmp_path / "s", "--resources-from", "127.0.0.1")
    assert (result.exit_code, "several hosts are called so" in result.stderr) == (2, True)


def test_no_resources_are_told_and_exit_3(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.answer = REFUSED
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    assert result.exit_code == 3
    assert "calico-bgp: no resources from cp1: kubectl: forbidden\n    see docs\n" in result.stderr
    assert "\x1b" not in result.stderr
    assert (
        f"again, for the resources: calico-bgp gather --retry-failed {tmp_path}/s --resources-from cp1" in result.stderr
    )
    snapshot = load_snapshot(tmp_path / "s")
    assert len(snapshot.readings) == 2
    assert snapshot.resources is None
    assert snapshot.resources_failure is not None
    assert snapshot.resources_failure.host == "cp1"


def test_resources_that_are_not_right_are_told(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    cluster.answer = fetched({"apiVersion": "projectcalico.org/v3", "kind": "Node", "metadata": {"name": 3}})
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    assert result.exit_code == 3
    assert "no resources from cp1: what it printed is not right: cp1:nodes.json" in result.stderr


def test_a_warning_is_told(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.answer = fetched(node("node1", "192.0.2.1"), warning="another release")
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    assert (result.exit_code, "calico-bgp: another release" in result.stderr) == (0, True)


def test_ctrl_c_while_they_are_fetched(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.answer = KeyboardInterrupt()
    assert run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1").exit_code == 130
    snapshot = load_snapshot(tmp_path / "s")
    assert not snapshot.complete
    assert snapshot.resources_failure is not None


def test_retry_failed_keeps_them(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.down = frozenset({"node2"})
    assert run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1").exit_code == 3
    before = load_snapshot(tmp_path / "s")
    cluster.down = frozenset()
    assert run_cli("gather", "--retry-failed", tmp_path / "s").exit_code == 0
    after = load_snapshot(tmp_path / "s")
    assert (after.resources, after.resources_raw) == (before.resources, before.resources_raw)
    assert after.resources is not None
    assert len(after.readings) == 2


def test_retry_failed_fetches_them_again(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    cluster.answer = REFUSED
    run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    cluster.answer = NODES
    result = run_cli("gather", "--retry-failed", tmp_path / "s", "--resources-from", "worker1")
    assert result.exit_code == 0
    assert cluster.asked_for_resources[-1].name == "node1"
    snapshot = load_snapshot(tmp_path / "s")
    assert names(snapshot) == ["node1", "node2"]
    assert snapshot.resources_failure is None
    assert len(snapshot.readings) == 2
    # In vain: what was there stays, and the exit code says so.
    cluster.answer = REFUSED
    assert run_cli("gather", "--retry-failed", tmp_path / "s", "--resources-from", "cp1").exit_code == 3
    assert load_snapshot(tmp_path / "s") == snapshot


def test_gather_saves_those_of_files(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources", RESOURCES)
    assert result.exit_code == 0
    assert cluster.asked_for_resources == []
    snapshot = load_snapshot(tmp_path / "s")
    assert names(snapshot)
    assert snapshot.resources_raw == ()


def test_files_with_mistakes_stop_before_a_node_is_asked(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path
) -> None:
    result = run_cli("gather", hosts, "-o", tmp_path / "s", "--resources", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr
    assert cluster.asked == []
    assert not (tmp_path / "s").exists()


def test_limit_keeps_them_whole(run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path) -> None:
    run_cli("gather", hosts, "-o", tmp_path / "s", "--limit", "node2", "--resources-from", "worker1")
    snapshot = load_snapshot(tmp_path / "s")
    assert len(snapshot.readings) == 1
    assert names(snapshot) == ["node1", "node2"]
    assert run_cli("status", "--snapshot", tmp_path / "s", "--limit", "node2").exit_code == 0


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Snapshot]:
    """The snapshots that `audit` judges."""
    seen: list[Snapshot] = []
    module = import_module("calico_bgp.cli.look.audit")
    real = module.audit

    def audit(snapshot: Snapshot, **options: Any) -> Any:
        seen.append(snapshot)
        return real(snapshot, **options)

    monkeypatch.setattr(module, "audit", audit)
    return seen


def test_audit_takes_files_over_what_the_snapshot_holds(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path, judged: list[Snapshot]
) -> None:
    cluster.answer = REFUSED
    run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    run_cli("audit", "--snapshot", tmp_path / "s", "--resources", RESOURCES)
    assert names(judged[-1])
    assert judged[-1].resources_failure is None


def test_audit_takes_them_from_standard_input(run_cli: Run, tmp_path: Path, judged: list[Snapshot], paste: Any) -> None:
    run_cli("audit", "--pasted", paste("rr_one_down"), "--resources", "-", stdin=json.dumps([node("n", "192.0.2.1")]))
    assert names(judged[-1]) == ["n"]


def test_audit_fetches_them(run_cli: Run, cluster: type[Cluster], hosts: Path, judged: list[Snapshot]) -> None:
    run_cli("audit", hosts, "--resources-from", "cp1")
    assert names(judged[-1]) == ["node1", "node2"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_audit_without_the_resources_that_it_wanted_is_not_healthy(
    run_cli: Run, cluster: type[Cluster], hosts: Path, tmp_path: Path, form: str
) -> None:
    assert run_cli("audit", hosts).exit_code == 0
    assert run_cli("audit", hosts, "--resources-from", "cp1").exit_code == 0
    cluster.answer = REFUSED
    live = run_cli("audit", hosts, "--resources-from", "cp1", "--format", form)
    assert live.exit_code == 3
    assert "no resources from cp1" in live.stderr
    run_cli("gather", hosts, "-o", tmp_path / "s", "--resources-from", "cp1")
    offline = run_cli("audit", "--snapshot", tmp_path / "s", "--format", form)
    assert offline.exit_code == 3
    assert "no resources from cp1" in offline.stderr
    if form == "json":
        report = json.loads(offline.stdout)
        assert report["verdict"] == "unknown"
        assert any("forbidden" in entry["why"] for entry in report["not_checked"])
    else:
        assert "what Calico's resources ask for is not known" in offline.stdout


def test_status_without_the_resources_that_it_wanted(run_cli: Run, cluster: type[Cluster], hosts: Path) -> None:
    cluster.answer = REFUSED
    assert run_cli("status", hosts, "--resources-from", "cp1").exit_code == 3


@pytest.mark.parametrize("command", ["audit", "status"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--pasted", "x", "--resources-from", "cp1"],
        ["--snapshot", "x", "--resources-from", "cp1"],
        ["--pasted", "-", "--resources", "-"],
        ["hosts.txt", "--resources", "x", "--resources-from", "cp1"],
    ],
)
def test_what_does_not_go_together(run_cli: Run, command: str, arguments: list[str]) -> None:
    result = run_cli(command, *arguments)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_show_command_shows_both(run_cli: Run) -> None:
    plain = run_cli("gather", "--show-command")
    assert [line.split()[0] for line in plain.stdout.splitlines()] == ["sh", "kubectl"], "on a node, and in a pod"
    result = run_cli("gather", "--show-command", "--resources-from", "cp1", "--calicoctl", "/opt/calicoctl")
    nodes, _, resources = result.stdout.splitlines()
    assert "node status" in nodes
    assert "node status" not in resources
    assert marker_of(resources) not in (None, marker_of(nodes))
    assert "command -v /opt/calicoctl" in resources
