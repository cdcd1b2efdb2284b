"""One worker process: hosts and options in as JSON, one JSON line per host out. processes.py starts it."""

from __future__ import annotations

import gc
import os
import sys
import threading

# paramiko loads invoke, a seventh of our start, only to run the commands of `Match exec`, which we never do. Done here
# alone, because this process belongs to us.
sys.modules["invoke"] = None  # type: ignore[assignment]

from calico_bgp.sources.ssh.client_config.settings import SSHConfig  # noqa: E402
from calico_bgp.sources.ssh.processes import Batch, Outcome, options_from_json  # noqa: E402
from calico_bgp.sources.ssh.read import read_here  # noqa: E402


def main() -> None:
    """Work on one batch."""
    # What was imported stays; looking through it again and again for garbage costs 5 % of the run.
    gc.freeze()
    gc.set_threshold(10_000)
    batch = Batch.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    out = sys.stdout.buffer
    options = options_from_json(batch.options)
    for result in read_here(batch.hosts, options, SSHConfig.load(options.ssh_config)):
        out.write(Outcome.of(result).model_dump_json().encode() + b"\n")
        out.flush()


def _end_with_parent() -> None:
    """Nothing more comes on standard input; its end means that the parent is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main()
