"""A small limit of open files (`ulimit -n 64`) and 500 hosts: nothing is lost, and the healthy ones are read."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("processes", ["1", "2"])
def test_500_hosts_with_64_files(servers, tmp_path, processes):
    dead = servers.hosts(40, "DrippingLine", net=9)
    hosts = [host for pair in zip(servers.hosts(460), [*dead, *[None] * 420], strict=True) for host in pair if host]
    (tmp_path / "hosts.txt").write_text("".join(f"{host.name}:{host.port}\n" for host in hosts))
    command = [
        *(sys.executable, "-m", "calico_bgp", "gather", "hosts.txt", "-o", "out", "--processes", processes),
        *("-l", "root", "-i", servers.folder / "user_key", "--known-hosts", servers.folder / "known_hosts"),
        *("--no-agent", "--ssh-config", "none", "--connect-timeout", "5s", "--run-timeout", "60s"),
    ]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *map(str, command)],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "460 of 500 nodes read" in done.stderr
    snapshot = json.loads((tmp_path / "out" / "snapshot.json").read_text())
    assert snapshot["complete"]
    assert len(snapshot["failures"]) == 40
    assert {failure["stage"] for failure in snapshot["failures"]} == {"timeout"}
