"""`calico-bgp lab`: starts, says what to run, stops cleanly; refuses what makes no sense."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from calico_bgp.cli.simulated.lab import command
from calico_bgp.lab.faults.fault import CATALOGUE

CALICO_BGP = [sys.executable, "-W", "error", "-m", "calico_bgp"]


class Running:
    """`calico-bgp lab up` in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*CALICO_BGP, "lab", "up", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "Ctrl-C" in line:
                break

    def after(self, text: str) -> str:
        """The line behind the one that holds this text."""
        place = next(i for i, line in enumerate(self.lines) if text in line)
        return self.lines[place + 1].strip()

    def stop(self, number: int = signal.SIGINT) -> tuple[str, str, int]:
        self.process.send_signal(number)
        stdout, stderr = self.process.communicate(timeout=60)
        return stdout, stderr, self.process.returncode


@pytest.fixture
def lab_up():
    started: list[Running] = []

    def start(*arguments: str) -> Running:
        started.append(Running(*arguments))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.communicate()


def pasted(command_line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command_line, shell=True, capture_output=True, text=True, timeout=100, check=False)


def test_a_healthy_lab_is_healthy_until_ctrl_c(lab_up):
    running = lab_up("--topology", "mesh", "--nodes", "3", "--family", "dual")
    assert running.lines[0] == "A simulated cluster of 3 nodes (a full mesh; IPv4 and IPv6) is up."
    audit = running.after("or over SSH:")
    audited = pasted(audit)
    assert audited.returncode == 0, audited.stderr
    assert audited.stdout.startswith("✓ HEALTHY  all 6 sessions up")
    hosts = Path(next(word for word in shlex.split(audit) if word.endswith("hosts.txt")))
    assert hosts.exists()
    stdout, stderr, code = running.stop(signal.SIGINT)
    assert (stderr, code) == ("", 0)
    assert "is down" in stdout
    assert not hosts.parent.exists()


def test_a_broken_lab_is_broken_until_it_is_terminated(lab_up, tmp_path):
    running = lab_up("--dir", str(tmp_path / "with blanks"), "--fault", "bird-down:node4")
    assert "  broken: bird-down:node4" in running.lines
    audited = pasted(running.after("or over SSH:"))
    assert audited.returncode == 1, audited.stderr
    assert "node4" in audited.stdout
    assert running.stop(signal.SIGTERM)[1:] == ("", 0)
    assert not (tmp_path / "with blanks").exists()


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(arguments))
    return result.exit_code, result.output + str(result.exception or "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "brid-down"], "Did you mean 'bird-down'?"),
        (["--fault", "bird-down:node7"], "no node 'node7'"),
        (["--topology", "mesh", "--fault", "reinstalled"], "no reflectors"),
        (["--topology", "mesh", "--reflectors", "2"], "leave --reflectors out"),
        (["--topology", "reflectors", "--reflectors", "0"], "at least one reflector"),
        (["--nodes", "2", "--reflectors", "3"], "3 reflectors among 2 nodes"),
        (["--nodes", "0"], "--nodes"),
        (["--family", "ipx"], "--family"),
    ],
)
def test_wrong_usage_is_explained(arguments, message):
    code, output = invoke("up", *arguments)
    assert code != 0
    assert message in output


def test_a_bad_fault_exits_with_2(run_cli):
    done = run_cli("lab", "up", "--fault", "brid-down")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "calico-bgp: unknown fault 'brid-down'. Did you mean 'bird-down'? `calico-bgp lab faults` lists them\n"
    )


def test_faults_lists_the_whole_catalogue():
    code, output = invoke("faults")
    assert code == 0
    for entry in CATALOGUE:
        assert entry.kind in output
        assert entry.meaning in output


@pytest.mark.parametrize("arguments", [["--help"], ["up", "--help"], ["faults", "--help"]])
def test_help_has_examples(arguments):
    code, output = invoke(*arguments)
    assert code == 0
    assert "calico-bgp lab up" in output
