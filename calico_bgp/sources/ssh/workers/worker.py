"""One worker process: hosts and options in as JSON, one JSON line per host out. start_worker.py starts it."""

from __future__ import annotations

import gc
import os
import select
import sys
import threading

from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.read import read_here
from calico_bgp.sources.ssh.workers.processes import Batch, Outcome, options_from_json

#: Seconds between two looks at whether the parent still lives; usually the end of standard input says it at once.
_LOOK = 1.0


def main() -> None:
    """Work on one batch, and end without a word when the parent is gone."""
    parent = os.getppid()
    # What was imported stays; looking through it again and again for garbage costs 5 % of the run.
    gc.freeze()
    gc.set_threshold(10_000)
    line = sys.stdin.buffer.readline()
    if not line:
        return
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    out = sys.stdout.buffer
    try:
        batch = Batch.model_validate_json(line)
        options = options_from_json(batch.options)
        for result in read_here(batch.hosts, options, SSHConfig.load(options.ssh_config)):
            out.write(Outcome.of(result).model_dump_json().encode() + b"\n")
            out.flush()
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - said as a value: the parent reports it for every host that is missing
        out.write(Outcome(kind="lost", raw=f"{type(error).__name__}: {error}").model_dump_json().encode() + b"\n")
    out.flush()
    # Threads that were given up must not hold up the end.
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    """Nothing more comes on standard input; its end means that the parent is gone.

    Another child of the parent may have inherited the other end of the pipe, so the parent is looked for as well.
    """
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _LOOK)
        if readable and not os.read(sys.stdin.fileno(), 1):
            break
    os._exit(1)
