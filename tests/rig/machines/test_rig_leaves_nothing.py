"""However a test run ends, nothing of a rig is left on the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig.machines.cell import Cell, RigError, wait_for
from tests.rig.machines.cluster import Rig
from tests.rig.machines.plan import mesh

pytestmark = pytest.mark.rig

#: A run that starts a rig, says so, and waits.
RUN = """
import sys, time
from pathlib import Path
from tests.rig.machines.cluster import Rig
from tests.rig.machines.plan import mesh
with Rig(mesh(1), Path(sys.argv[1])) as rig:
    print("ready", flush=True)
    time.sleep(600)
"""


def inside(folder: Path) -> list[str]:
    """The command lines of all processes that have one of the rig's folders mounted."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                mounts = (process / "mountinfo").read_text()
                if f"{folder}/node1/etc" in mounts:
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it has ended meanwhile
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run(tmp_path: Path, number: signal.Signals):
    root = Path(__file__).parents[3]
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, tmp_path], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        assert any("sshd" in line for line in inside(tmp_path))
        os.kill(run.pid, number)
    wait_for("all processes of the rig end", lambda: inside(tmp_path) == [], seconds=10)


def test_a_rig_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RigError("no BIRD today")

    monkeypatch.setattr("tests.rig.machines.node.RigNode.start_bird", fail)
    with pytest.raises(RigError, match="no BIRD today"), Rig(mesh(1), tmp_path):
        pass
    wait_for("all processes of the rig end", lambda: inside(tmp_path) == [], seconds=10)


def test_a_cell_that_does_not_start_says_why(tmp_path: Path):
    with pytest.raises(RigError, match="no-such-program"):
        Cell("broken", "no-such-program", tmp_path / "log")


def test_this_machine_is_untouched(mesh_rig: Rig):
    """Its links, its users and its files are as they were."""
    assert not any(link.name.startswith(("port", "br0")) for link in Path("/sys/class/net").iterdir())
    assert "alice" not in Path("/etc/passwd").read_text()
    assert not Path("/var/lib/calico/nodename").exists()
