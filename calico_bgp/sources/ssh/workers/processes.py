"""Several worker processes for one batch. They are started anew, never forked; what they may know goes through a pipe.

Wire: the parent writes one JSON line (`Batch`), the worker answers one line per host (`Outcome`). The worker's standard
input stays open while the parent lives, so that no worker outlives its parent, not even a killed one. A worker, and
what it starts, starts no workers.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from calico_bgp.errors import CommandFailed
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.sources.gather import Result, failure_of
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.ssh.options import SSHOptions

_LEAVE = 0.5
_START = Path(__file__).with_name("start_worker.py")
#: Set in the environment of workers.
_MARK = "CALICO_BGP_WORKER"


class Batch(BaseModel):
    """What a worker is to do. Passwords are among the options, so that no repr shows them."""

    options: dict[str, Any] = Field(repr=False)
    hosts: tuple[Host, ...]


class Outcome(BaseModel):
    """What became of one host; the raw text is no part of a reading's JSON, so it goes beside it.

    `lost` is the last word of a worker that cannot go on, with the reason as `raw`.
    """

    kind: Literal["reading", "failure", "lost"]
    reading: NodeReading | None = None
    failure: GatherFailure | None = None
    raw: str = ""

    @classmethod
    def of(cls, result: Result) -> Outcome:
        """Wrap a result."""
        if isinstance(result, NodeReading):
            return cls(kind="reading", reading=result, raw=result.raw)
        return cls(kind="failure", failure=result, raw=result.raw)

    def result(self) -> Result:
        """Unwrap it."""
        value = self.reading or self.failure
        assert value is not None
        return value.model_copy(update={"raw": self.raw})


def options_to_json(options: SSHOptions) -> dict[str, Any]:
    """The options without the callback, as JSON values."""
    values = {field.name: getattr(options, field.name) for field in fields(options) if field.name != "ask_passphrase"}
    values["processes"] = 1
    return {
        name: [str(item) for item in value]
        if isinstance(value, tuple)
        else str(value)
        if isinstance(value, Path)
        else asdict(value)
        if isinstance(value, Questions)
        else value
        for name, value in values.items()
    }


def options_from_json(values: dict[str, Any]) -> SSHOptions:
    """The inverse of `options_to_json`."""
    from calico_bgp.sources.ssh.options import HostKeyPolicy  # noqa: PLC0415

    paths = {name: tuple(Path(item) for item in values[name]) for name in ("identities", "known_hosts")}
    config = values["ssh_config"]
    return SSHOptions(
        **values
        | paths
        | {
            "ssh_config": None if config is None else Path(config),
            "passphrases": tuple(values["passphrases"]),
            "host_keys": HostKeyPolicy(values["host_keys"]),
            "questions": Questions(**values["questions"] | {"whole": tuple(values["questions"]["whole"])}),
        }
    )


def may_start_workers() -> bool:
    """Whether this process can start workers: it knows its interpreter, and is no worker nor was started by one."""
    return bool(sys.executable) and _MARK not in os.environ


def _command() -> list[str]:
    """The interpreter as it was started for us, without the current folder on sys.path."""
    flags = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    return [sys.executable, "-P", *(flag for flag, is_set in flags.items() if is_set), str(_START)]


def read_in_processes(hosts: Sequence[Host], options: SSHOptions, processes: int) -> Iterator[Result]:
    """Like `SSHGatherer.read`, with the hosts dealt out to several processes."""
    share = [tuple(hosts[number::processes]) for number in range(processes)]
    results: queue.SimpleQueue[Result] = queue.SimpleQueue()
    workers: list[_Worker] = []
    try:
        for part in share:
            if part:
                workers.append(_Worker(part, options, results))  # noqa: PERF401 - who was started must be ended
        for _ in range(len(hosts)):
            # A get() without a time-out would hold Ctrl-C up on some systems.
            while True:
                with contextlib.suppress(queue.Empty):
                    yield results.get(timeout=0.5)
                    break
    finally:
        for worker in workers:
            worker.stop()
        until = time.monotonic() + _LEAVE
        for worker in workers:
            worker.wait(max(0.0, until - time.monotonic()))


class _Worker:
    """One process, and the thread that reads what it says. Every one of its hosts gets a result, whatever happens."""

    def __init__(self, hosts: tuple[Host, ...], options: SSHOptions, results: queue.SimpleQueue[Result]) -> None:
        self._missing = {host.label: host for host in hosts}
        self._results = results
        self._batch = Batch(options=options_to_json(options), hosts=hosts)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                _command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Its own session: Ctrl-C is the parent's to handle.
                start_new_session=True,
                env=os.environ | {_MARK: "1"},
            )
            self._thread = threading.Thread(target=self._read, name="calico-bgp worker", daemon=True)
            self._thread.start()
        except (OSError, RuntimeError) as error:
            self._fail_missing(f"a worker process could not be started: {error}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._thread.ident is not None:
            self._thread.join(_LEAVE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        problem = "it ended"
        try:
            # One that ended before it was asked may have said why.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(self._batch.model_dump_json().encode() + b"\n")
                self._process.stdin.flush()
            for line in self._process.stdout:
                outcome = Outcome.model_validate_json(line)
                if outcome.kind == "lost":
                    problem = outcome.raw
                    continue
                result = outcome.result()
                if self._missing.pop(result.host, None) is not None:
                    self._results.put(result)
        except (OSError, ValueError) as error:
            problem = str(error)
        finally:
            self._fail_missing(f"a worker process was lost: {problem}")

    def _fail_missing(self, problem: str) -> None:
        while self._missing:
            _, host = self._missing.popitem()
            self._results.put(failure_of(host, CommandFailed(problem, "try --processes 1")))
