"""Real kubectls against the lab's Kubernetes API, and our client through them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from calico_bgp.auditing.engine import audit
from calico_bgp.lab import Lab, build_cluster
from calico_bgp.model.reports.report import Verdict
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import ExecNotPossibleError
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.connection.kubectl import Kubectl, kubectl_proxy
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster, read_cluster
from tests.rig.programs.kubectls import PACKAGES, kubectl

pytestmark = pytest.mark.rig

OPTIONS = KubernetesOptions(limits=KubernetesLimits(exec=20.0))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(build_cluster(4)) as running:
        yield running


@pytest.fixture(params=sorted(PACKAGES))
def program(request: pytest.FixtureRequest) -> Path:
    found = kubectl(request.param)
    if found is None:
        pytest.skip(f"kubectl {request.param} needs the package {PACKAGES[request.param]}")
    return found


@pytest.fixture
def run(lab: Lab, program: Path):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [program, "--kubeconfig", lab.kubeconfig, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_lists(run) -> None:
    nodes = json.loads(run("get", "nodes", "-o", "json").stdout)
    assert [node["metadata"]["name"] for node in nodes["items"]] == ["node1", "node2", "node3", "node4"]
    assert "peer-with-reflectors" in run("get", "bgppeers.projectcalico.org").stdout
    assert run("get", "pods", "-A", "-l", "k8s-app=calico-node", "-o", "name").stdout.count("pod/calico-node-") == 4


def test_may_i(lab: Lab, run) -> None:
    assert run("auth", "can-i", "create", "pods/exec", "-n", "calico-system").stdout.strip() == "yes"
    lab.set_api_faults(["exec-forbidden"])
    try:
        assert run("auth", "can-i", "create", "pods/exec", "-n", "calico-system").stdout.strip() == "no"
    finally:
        lab.set_api_faults([])


def test_exec(run) -> None:
    pod = run("get", "pods", "-n", "calico-system", "-o", "name").stdout.split()[0]
    words = ("exec", "-n", "calico-system", pod, "-c", "calico-node", "--")
    done = run(*words, "birdcl", "-r", "-s", "/var/run/calico/bird.ctl", "show", "protocols")
    assert "Established" in done.stdout
    assert run(*words, "nonsense").returncode == 127


@pytest.fixture
def by_plugin(lab: Lab, tmp_path: Path) -> Path:
    """The lab's kubeconfig, its token given by a plugin: only kubectl may log in."""
    document = yaml.safe_load(lab.kubeconfig.read_text())
    token = document["users"][0]["user"]["token"]
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(credential)}\nEOF\n")
    plugin.chmod(0o755)
    call = {"apiVersion": credential["apiVersion"], "command": str(plugin), "interactiveMode": "Never"}
    document["users"][0]["user"] = {"exec": call}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.fixture
def on_path(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This kubectl is the user's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kubectl").symlink_to(program)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def proxies(folder: Path) -> set[str]:
    """Those with their socket in a folder: other tests may run theirs at the same time."""
    found = subprocess.run(["pgrep", "-f", f"unix-socket {folder}/"], capture_output=True, text=True, check=False)
    return set(found.stdout.split())


@pytest.mark.usefixtures("on_path")
def test_a_login_by_plugin_goes_through_kubectl_proxy(by_plugin: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    access = load_kubeconfig([by_plugin]).access()
    assert "plugin" in str(access.needs_kubectl)
    with open_cluster(access, OPTIONS) as cluster:
        assert proxies(tmp_path)
        snapshot = cluster.read()
    assert snapshot.kubernetes is not None
    assert snapshot.kubernetes.transport == "kubectl proxy"
    assert audit(snapshot).verdict is Verdict.HEALTHY
    assert not proxies(tmp_path), "the proxy is ended"
    assert not list(tmp_path.glob("calico-bgp-*")), "its socket is removed"


def test_the_proxys_socket_is_the_users_alone(program: Path, by_plugin: Path) -> None:
    with kubectl_proxy(Kubectl(str(program), load_kubeconfig([by_plugin]).access())) as socket:
        assert socket.parent.stat().st_mode & 0o777 == 0o700
        folder = socket.parent
    assert not folder.exists()


def test_a_proxy_that_does_not_start_says_why(program: Path, tmp_path: Path, by_plugin: Path) -> None:
    from calico_bgp.errors import CommandFailed

    access = load_kubeconfig([by_plugin]).access()
    by_plugin.write_text("nonsense: [")
    with (
        pytest.raises(CommandFailed, match="kubectl proxy did not start"),
        kubectl_proxy(Kubectl(str(program), access)),
    ):
        pass


@pytest.mark.usefixtures("on_path")
def test_kubectl_exec_where_no_websocket_comes_through(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise ExecNotPossibleError("exec: what answers speaks no WebSocket (HTTP 400)", None, 400)

    monkeypatch.setattr(API, "exec", refused)
    snapshot = read_cluster(load_kubeconfig([lab.kubeconfig]).access(), OPTIONS)
    assert snapshot.kubernetes is not None
    assert snapshot.kubernetes.transport == "kubectl exec"
    assert audit(snapshot).verdict is Verdict.HEALTHY


@pytest.mark.usefixtures("on_path")
def test_it_is_a_plugin_of_kubectl(lab: Lab, program: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "bin" / "kubectl-calico_bgp"
    plugin.write_text(f'#!/bin/sh\nexec {sys.executable} -m calico_bgp "$@"\n')
    plugin.chmod(0o755)
    environment = {**os.environ, "KUBECONFIG": str(lab.kubeconfig)}
    done = subprocess.run(
        [program, "calico-bgp", "audit"], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert done.stdout.startswith("✓ HEALTHY  calico-bgp-lab"), done.stderr
