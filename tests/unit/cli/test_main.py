"""The boundary of the command line: no traceback, and no exit code that means something else."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_an_output_that_cannot_be_written_is_no_finding():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "calico_bgp", "lab", "faults"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("calico-bgp: cannot read or write")
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_gone_is_no_failure():
    command = f"{sys.executable} -m calico_bgp lab faults | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr == ""


def test_an_unknown_command_is_wrong_usage(run_cli):
    result = run_cli("adit")
    assert result.exit_code == 2
    assert "adit" in result.stderr
