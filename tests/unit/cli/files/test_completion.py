"""What shells complete: the scripts in the real shells, the words behind options in this process."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from calico_bgp.cli.main import cli
from calico_bgp.store.snapshot_folder import save_snapshot


def completed(line, cwd=None):
    """The words that a shell is offered behind a line of words; the last of them is completed."""
    words = line.split(" ")
    environment = {
        "_CALICO_BGP_COMPLETE": "zsh_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    output = CliRunner().invoke(cli, [], env=environment, prog_name="calico-bgp").stdout
    return [word for word in output.split("\n")[1::3] if word]


def shell(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name}")
    return path


@pytest.fixture
def program(tmp_path):
    """A PATH on which `calico-bgp` is this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "calico-bgp"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m calico_bgp "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb"}


def test_bash(program):
    script = (
        "source <(calico-bgp completion bash); complete -p calico-bgp;"
        ' COMP_WORDS=(calico-bgp drain); COMP_CWORD=1; _calico_bgp_completion calico-bgp; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [shell("bash"), "--norc", "-c", script], env=program, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["complete -o nosort -F _calico_bgp_completion calico-bgp", "drain-check"]
    assert done.stderr == ""


def test_fish(program):
    script = "calico-bgp completion fish | source; complete -C 'calico-bgp drain'"
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", script],
        env=program,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "drain-check\tSay in one line whether a node may be drained.\n"


def test_zsh(program, tmp_path):
    """On a terminal, with the key: zsh completes nowhere else."""
    zsh = shell("zsh")
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the shell
        os.execve(zsh, [zsh, "-f", "-i"], program)
    try:
        os.write(terminal, b"autoload -U compinit; compinit -u -D; source <(calico-bgp completion zsh); echo re''ady\n")
        assert "ready" in said(terminal, "ready"), "zsh did not start"
        os.write(terminal, b"echo calico; calico-bgp drain\t")
        assert "drain-check" in said(terminal, "drain-check")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def said(terminal, wanted, seconds=30):
    deadline, text = time.monotonic() + seconds, ""
    while wanted not in text and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 4096).decode(errors="replace")
    return text


def test_commands_and_options():
    assert completed("calico-bgp dr") == ["drain-check"]
    assert completed("calico-bgp audit --fail") == ["--fail-on"]
    assert completed("calico-bgp completion ") == ["bash", "zsh", "fish"]


def test_rules_causes_faults_and_states():
    assert completed("calico-bgp explain bird-d") == ["bird-down"]
    assert completed("calico-bgp explain isolated") == ["isolated-node"]
    assert completed("calico-bgp lint --explain yaml") == ["yaml-tag"]
    assert completed("calico-bgp demo --fault bird-d") == ["bird-down"]
    assert completed("calico-bgp lab up --fault one-w") == ["one-way"]
    assert completed("calico-bgp status --state Est") == ["Established"]


HOSTS = "node2 node=worker-2\nnode10 node=worker-10\ncp1\n"


def test_nodes_of_hosts_txt(tmp_path, monkeypatch):
    path = tmp_path / "inventory"
    path.write_text(HOSTS)
    assert completed(f"calico-bgp status {path} --node w") == ["worker-2", "worker-10"]
    assert completed(f"calico-bgp whatif {path} --remove cp1,w") == ["cp1,worker-2", "cp1,worker-10"]
    monkeypatch.chdir(tmp_path)
    assert completed("calico-bgp drain-check c") == []
    (tmp_path / "hosts.txt").write_text(HOSTS)
    assert completed("calico-bgp drain-check c") == ["cp1"]


def test_nodes_of_a_snapshot_and_of_resources(tmp_path, captures):
    folder = tmp_path / "monday"
    save_snapshot(captures("v3.32", "rr_ok_v4"), folder)
    assert completed(f"calico-bgp status --snapshot {folder} --node node") == [f"node{i}" for i in range(1, 7)]
    path = tmp_path / "nodes.yaml"
    path.write_text("apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: edge-1}\nspec: {}\n")
    assert completed(f"calico-bgp expect {path} --node e") == ["edge-1"]
    assert completed(f"calico-bgp reach --resources {path} --down e") == ["edge-1"]


@pytest.mark.parametrize("text", ["node1 colour=red\n", "a" * 100, "\x00\x01"])
def test_a_file_that_is_none_completes_nothing(tmp_path, text):
    path = tmp_path / "hosts.txt"
    path.write_text(text)
    assert completed(f"calico-bgp status {path} --node n") == []
    assert completed(f"calico-bgp status --snapshot {path} --node n") == []
