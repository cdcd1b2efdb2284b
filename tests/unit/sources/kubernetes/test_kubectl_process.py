"""The user's kubectl as scripts that misbehave: it is ended in time with all that it started, and nothing is left."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calico_bgp.errors import CommandFailed
from calico_bgp.sources.kubernetes.connection import kubectl as module
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.errors import ExecNotPossibleError
from calico_bgp.sources.kubernetes.connection.exec import ExecWithFallback
from calico_bgp.sources.kubernetes.connection.kubectl import Kubectl, kubectl_proxy
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits

ACCESS = Access(context="c", server="https://192.0.2.1/k8s/clusters/c-1", kubeconfig=(Path("/none"),))
LISTENER = """import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); time.sleep(60)"""


@pytest.fixture
def script(tmp_path):
    """Makes a kubectl of a few lines of shell."""

    def make(text):
        program = tmp_path / "kubectl"
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        return Kubectl(str(program), ACCESS)

    return make


def gone(pid):
    """Whether a process has ended; one that nobody has waited for yet has."""
    for _ in range(250):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_a_script_around_kubectl_leaves_no_proxy(script, tmp_path):
    pid = tmp_path / "pid"
    (tmp_path / "listener.py").write_text(LISTENER)
    # The socket's path is the word after --unix-socket: kubectl --kubeconfig F --context C proxy --unix-socket PATH
    around = script(f'trap "" TERM\n{sys.executable} {tmp_path}/listener.py "$7" & echo $! >{pid}\nwait\nsleep 60')
    began = time.monotonic()
    with kubectl_proxy(around) as socket:
        assert socket.exists()
    assert time.monotonic() - began < 15
    assert gone(int(pid.read_text()))
    assert not socket.parent.exists()


def test_a_proxy_that_never_listens_has_a_deadline(script, monkeypatch):
    monkeypatch.setattr(module, "_START_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(CommandFailed, match="kubectl proxy did not start"), kubectl_proxy(script("sleep 60")):
        pass
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "text", ["sleep 60", "sleep 60 & echo some; exit 0", "trap '' TERM; while :; do sleep 1; done"]
)
def test_kubectl_exec_has_a_deadline_whoever_holds_its_output(script, text):
    async def run():
        api = API(ACCESS, KubernetesLimits(exec=0.5, output=2**40))

        async def no_websocket(*_, **__):
            raise ExecNotPossibleError("none")

        api.exec = no_websocket
        return await ExecWithFallback(api, ACCESS, script(text))("kube-system", "pod", "calico-node", ["true"])

    began = time.monotonic()
    answer = asyncio.run(run())
    assert answer.cut == "it did not end within 0.5 s"
    assert time.monotonic() - began < 10


def test_one_pod_that_refuses_is_not_the_end_of_websockets(script):
    async def run():
        api = API(ACCESS, KubernetesLimits(exec=5))
        calls = iter(["answer", None, "another"])

        async def sometimes(*_, **__):
            answer = next(calls)
            if answer is None:
                raise ExecNotPossibleError("exec: what answers speaks no WebSocket (HTTP 400)", None, 400)
            return answer

        api.exec = sometimes
        run = ExecWithFallback(api, ACCESS, script("exit 1"))
        first = await run("n", "p1", "c", [])
        with pytest.raises(ExecNotPossibleError):
            await run("n", "p2", "c", [])
        return first, await run("n", "p3", "c", []), run.fell_back

    assert asyncio.run(run()) == ("answer", "another", False)


def test_the_servers_own_path_goes_through_the_proxy(tmp_path):
    from aiohttp import web

    async def run():
        came = []

        async def handler(request):
            came.append(request.path)
            return web.json_response({})

        application = web.Application()
        application.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.UnixSite(runner, str(tmp_path / "s")).start()
        async with API(ACCESS, unix_socket=tmp_path / "s") as api:
            await api.get("/api/v1/nodes")
        await runner.cleanup()
        return came

    assert asyncio.run(run()) == ["/k8s/clusters/c-1/api/v1/nodes"]


STARTER = """import os, signal, sys
from pathlib import Path
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.kubectl import Kubectl, kubectl_proxy
access = Access(context="c", server="https://192.0.2.1", kubeconfig=(Path("/none"),))
with kubectl_proxy(Kubectl(sys.argv[1], access)) as socket:
    print(socket, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
def test_no_proxy_outlives_us_however_we_end(script, tmp_path):
    pids = tmp_path / "pids"
    (tmp_path / "listener.py").write_text(LISTENER)
    # It has a child, as with a login plugin, and hears no SIGTERM.
    kubectl = script(
        f'trap "" TERM\necho $$ >{pids}\nsleep 60 & echo $! >>{pids}\n'
        f'{sys.executable} {tmp_path}/listener.py "$7" & echo $! >>{pids}\nwait\nsleep 60'
    )
    command = [sys.executable, "-c", STARTER, kubectl.program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    found = [int(pid) for pid in pids.read_text().split()]
    assert len(found) == 3
    assert all(gone(pid) for pid in found)
    assert not Path(done.stdout.strip()).parent.exists()
