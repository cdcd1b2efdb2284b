"""kubectl and calicoctl on the rig's bastion: programs on a PATH that hand their command line over to the running rig.

The stand-ins say what is allowed and edit the datastore; then every confd follows, and the answer comes back.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.rig.machines.calico_rig import CalicoRig
from tests.rig.machines.cell import RigError
from tests.rig.machines.node import DAEMONS
from tests.rig.standins import calicoctl_bastion
from tests.rig.standins import kubectl as kubectl_standin
from tests.rig.standins.command_line import CommandError

#: Standard library only, and nothing of the rig: it runs with whatever Python there is.
CLIENT = """#!{python} -ISE
import json, os, socket, sys
words = sys.argv[1:]
stdin = sys.stdin.read() if "-" in words or "-f-" in words or "--filename=-" in words else ""
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({path!r})
    connection.sendall(json.dumps([{program!r}, words, stdin]).encode() + b"\\n")
    code, out, err = json.loads(connection.makefile().readline())
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class ClusterAPI:
    """The API server, kubelets and controllers of a rig; a context manager.

    Args:
        rig: A running rig.
        folder: Empty, for the programs and the socket.
    """

    def __init__(self, rig: CalicoRig, folder: Path) -> None:
        self.rig = rig
        self.programs = folder / "bin"
        self._socket = folder / "api"
        self._generations: dict[str, int] = {}
        self._server = socket.socket(socket.AF_UNIX)
        self._thread = threading.Thread(target=self._serve, name="cluster API")
        self.ran: list[str] = []

    def __enter__(self) -> Self:
        self.programs.mkdir(parents=True)
        for program in ("kubectl", "calicoctl"):
            path = self.programs / program
            path.write_text(CLIENT.format(python=sys.executable, path=str(self._socket), program=program))
            path.chmod(0o755)
        self._server.bind(str(self._socket))
        self._server.listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(timeout=20)

    def shell(self, command: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a line on the bastion, where nothing but these programs knows the cluster."""
        path = f"{self.programs}:{os.environ.get('PATH', os.defpath)}"
        return subprocess.run(
            self.rig.in_bastion(["bash", "-euo", "pipefail", "-c", command]),
            env={"PATH": path, "HOME": str(self.programs)} | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, connection.makefile("rw") as stream:
                program, words, stdin = json.loads(stream.readline())
                stream.write(json.dumps(self._answer(program, words, stdin)))

    def _answer(self, program: str, words: list[str], stdin: str) -> tuple[int, str, str]:
        self.ran.append(f"{program} {' '.join(words)}")
        try:
            with self.rig.lock:
                if program == "calicoctl":
                    answer = (0, calicoctl_bastion.run(words, self.rig.store, stdin))
                else:
                    answer = kubectl_standin.run(words, self.rig.store, self, stdin)
                self.rig.follow()
        except CommandError as error:
            return error.code, "", f"{error}\n"
        except Exception as error:  # noqa: BLE001 - whoever called must not wait for ever
            return 70, "", f"the rig is broken: {error!r}\n"
        return (*answer, "")

    # What kubectl asks of a cluster besides its documents

    def pod_names(self) -> Mapping[str, str]:
        """Node → the name of calico-node's pod; another one after each restart. A machine that is off keeps its pod."""
        there = [name for name in self.rig.nodes if self.rig.store.get("Node", name) is not None]
        return {n: f"calico-node-{self._generations.get(n, 0):02}{n.removeprefix('node'):0>3}" for n in there}

    def restart(self, node: str) -> None:
        """Delete the pod."""
        self._generations[node] = self._generations.get(node, 0) + 1
        self.rig.restart_calico_node(node)

    def execute(self, node: str, command: list[str]) -> tuple[int, str]:
        """Run `birdcl` in the pod, which must be told Calico's socket; there is no birdcl6, nor anything else."""
        program, *words = command
        if program != "birdcl":
            return 126, f'exec: "{program}": executable file not found in $PATH\n'
        path, words = words[1] if words[:1] == ["-s"] else "", words[2:]
        version = next((v for v, name in DAEMONS.items() if path == f"/var/run/calico/{name}.ctl"), None)
        if version is None:
            return 1, "Unable to connect to server control socket\n"
        try:
            return 0, self.rig[node].birdc(version, " ".join(words))
        except RigError as error:
            return 1, f"{error}\n"

    def logs(self, node: str) -> str:
        """What confd says."""
        refused = [DAEMONS[v] for name, v in sorted(self.rig.refused) if name == node]
        return "".join(f"ERROR Error from checkcmd: {daemon}.cfg: keeping the old file\n" for daemon in refused)
