"""A host of stand-ins, in each shell that sh may be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.sources.fake_host import BASICS, SHELLS, FakeHost


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> FakeHost:
    shell = SHELLS[request.param]
    program = shutil.which(shell[0])
    if program is None:
        pytest.skip(f"needs {shell[0]}")
    host = FakeHost(tmp_path, [program, *shell[1:]])
    (tmp_path / "bin").mkdir()
    busybox = request.param.startswith("busybox")
    for name in BASICS:
        # A script, not a link: a stand-in written in its place must never reach the machine's own program.
        host.program(name, f'exec {program} {name} "$@"' if busybox else f'exec {shutil.which(name)} "$@"')
    host.program("ip", "echo '2: eth0    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0'")
    host.program("id", "echo 0")
    host.program("hostname", "echo worker7.example")
    host.file("/var/lib/calico/nodename", "worker7")
    host.file("/proc/1/comm", "systemd\n")
    host.file("/proc/70/comm", "calico-node\n")
    host.file("/proc/70/cmdline", "calico-node\0-felix\0")
    host.file("/proc/71/comm", "bird\n")
    return host
