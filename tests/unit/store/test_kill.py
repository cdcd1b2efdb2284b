"""kill -9 at any system call of a writer leaves the old snapshot or the new one, raw output included."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

WRITER = Path(__file__).with_name("killed_writer.py")


def snapshot(name: str, hosts: int) -> dict:
    return {
        "schema": "calico-bgp/snapshot/1",
        "cluster": name,
        "readings": [{"host": f"n{i}", "status": {}, "raw": f"{name}{i}"} for i in range(hosts)],
        "failures": [{"host": "dead", "stage": "connect", "message": "no route", "raw": f"{name}-dead"}],
    }


SNAPSHOTS = {"old": snapshot("old", 3), "new": snapshot("new", 2)}
OLD = "old: old0 old1 old2 old-dead"
NEW = "new: new0 new1 new-dead"


@pytest.mark.parametrize("before", ["none", "empty", "old"])
def test_a_kill_leaves_the_old_or_the_new(tmp_path, before):
    run = subprocess.run(
        [sys.executable, str(WRITER), str(tmp_path), before, "new"],
        input=json.dumps(SNAPSHOTS), capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    *kills, end = [json.loads(line) for line in run.stdout.splitlines()]
    last = kills.pop()
    assert not last["killed"]
    assert last["status"] == 0
    assert last["seen"] == NEW

    assert len(kills) > 15
    folder = tmp_path / "snapshot"
    old = {
        "none": f"StoreError: no snapshot folder {folder}; `calico-bgp gather HOSTS -o {folder}` makes one",
        "empty": f"StoreError: {folder} is no snapshot folder: there is no snapshot.json in it",
        "old": OLD,
    }[before]
    seen = [kill["seen"] for kill in kills]
    assert set(seen) <= {old, NEW}, [kill for kill in kills if kill["seen"] not in {old, NEW}]
    # Once new, always new: there is one step that counts.
    assert seen == sorted(seen, key=lambda text: text == NEW)
    assert seen[0] == old
    if before == "none":
        assert all(kill["exists"] == (kill["seen"] == NEW) for kill in kills)

    assert end == {"left": ["raw", "snapshot.json"], "beside": ["snapshot"]}
