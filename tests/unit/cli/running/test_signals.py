"""SIGINT, SIGTERM and SIGHUP: what came in is kept and reported; the exit code says which signal it was."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "calico_bgp")


def has(pid, what, number):
    """Whether a process catches (`SigCgt`) or ignores (`SigIgn`) a signal; False where no /proc tells."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith(what))
    return bool(int(mask, 16) >> (number - 1) & 1)


def interrupted(arguments, number, *, until, ignored=False):
    """Run, send the signal once `until` holds, and give back the code and both outputs."""
    command = [*PROGRAM, *map(str, arguments)]
    # What nohup lets whoever runs the tests ignore, its children ignore as well: each case says what holds.
    trap = f"trap '' {number}" if ignored else ":"
    inherited = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    command = ["bash", "-c", f'{trap}; exec "$@"', "bash", *command]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(number, inherited)
    try:
        end = time.monotonic() + 40
        while not until(process.pid) and time.monotonic() < end:
            time.sleep(0.1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in err
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_came_in_is_saved_and_reported(lab, live, tmp_path, monkeypatch, number):
    lab.set_faults(["calicoctl-hung:node4"])
    asked = []
    service_of = lab._server._service_of
    monkeypatch.setattr(lab._server, "_service_of", lambda name: asked.append(time.monotonic()) or service_of(name))

    def others_are_read(_pid):
        # The three that answer do so within a moment of the last connection.
        return len(asked) >= 4 and time.monotonic() - asked[-1] > 3

    arguments = ("audit", *live, "--format", "json", "--save", tmp_path / "snap", "--timeout", "50s")
    returned, out, err = interrupted(arguments, number, until=others_are_read)
    assert returned == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}[number]
    assert "interrupted" in err
    report = json.loads(out)
    assert report["checked"]["nodes_read"] == 3
    assert report["verdict"] != "healthy"
    saved = json.loads((tmp_path / "snap" / "snapshot.json").read_text())
    assert saved["complete"] is False
    assert len(saved["readings"]) == 3


def test_a_signal_that_was_ignored_stays_ignored(paste):
    """`nohup` and background jobs."""
    code, out, _ = interrupted(
        ("audit", "--pasted", paste("mesh_ok_v4")),
        signal.SIGHUP,
        until=lambda pid: has(pid, "SigIgn", signal.SIGHUP),
        ignored=True,
    )
    assert (code, out[:9]) == (0, "✓ HEALTHY")


def test_before_anything_was_read(tmp_path):
    code, out, err = interrupted(("parse", "-"), signal.SIGTERM, until=lambda pid: has(pid, "SigCgt", signal.SIGTERM))
    assert (code, out) == (143, "")
    assert err.strip() == "calico-bgp: interrupted"
