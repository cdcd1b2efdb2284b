"""Run by test_kill.py: saves a snapshot again and again, each time killed (SIGKILL) at the next system call.

Prints one line of JSON per kill: at which call, and what a reader finds afterwards.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from calico_bgp.errors import StoreError
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot

CALLS = (
    "open",
    "write",
    "fsync",
    "close",
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "chmod",
    "fchmod",
    "scandir",
)


def kill_at(number: int) -> None:
    """From now on, die before the number-th call of any of CALLS. A write dies half way."""
    count = 0

    def patched(name, real):
        def call(*args, **kwargs):
            nonlocal count
            count += 1
            if count == number:
                if name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, patched(name, getattr(os, name)))


def what_a_reader_sees(folder: Path) -> str:
    try:
        snapshot = load_snapshot(folder)
    except StoreError as error:
        return f"StoreError: {error}"
    return f"{snapshot.cluster}: {' '.join(r.raw for r in (*snapshot.readings, *snapshot.failures))}"


def main() -> None:
    workplace, before, after = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    snapshots = json.loads(sys.stdin.read())

    def load(name: str) -> Snapshot:
        document = snapshots[name]
        return Snapshot.model_validate(document)

    folder = workplace / "snapshot"
    number = 0
    while True:
        number += 1
        # The folder is left as the last kill left it: a writer must cope with the leftovers of any number of dead ones.
        if before == "none":
            shutil.rmtree(folder, ignore_errors=True)
        elif before == "empty":
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        else:
            save_snapshot(load(before), folder)
        child = os.fork()
        if child == 0:
            try:
                kill_at(number)
                save_snapshot(load(after), folder)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(
            json.dumps(
                {
                    "call": number,
                    "killed": killed,
                    "status": status,
                    "exists": folder.exists(),
                    "seen": what_a_reader_sees(folder),
                }
            )
        )
        if not killed:
            break
    save_snapshot(load(after), folder)
    print(
        json.dumps(
            {
                "left": sorted(p.name.split("-")[0] for p in folder.iterdir()),
                "beside": sorted(p.name for p in workplace.iterdir()),
            }
        )
    )


if __name__ == "__main__":
    main()
