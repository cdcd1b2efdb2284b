"""Validators are made at once for a library and late for a command; before threads start none may wait."""

import subprocess
import sys

import pytest

#: Prints how many classes wait before and after, of those that a gathering loads.
SCRIPT = """
import sys
from calico_bgp.model import validators
if {late}:
    validators.make_late()
import calico_bgp.auditing.engine, calico_bgp.sources.gather, calico_bgp.parse.bird.reading

def classes():
    return [
        value
        for name, module in list(sys.modules.items())
        if name.startswith("calico_bgp.")
        for value in list(vars(module).values())
        if isinstance(value, type) and value.__module__ == name and hasattr(value, "__pydantic_complete__")
    ]

before = sum(not value.__pydantic_complete__ for value in classes())
validators.make_all()
import calico_bgp.report.routes.held_json
after = [value.__name__ for value in classes() if not value.__pydantic_complete__]
print(len(classes()), before, after)
"""
#: The first readings of many threads at once, in a program that was started as the command is.
THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from calico_bgp.model import validators
validators.make_late()
from calico_bgp.sources.kubernetes.connection.loop import BackgroundLoop
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.snapshot import Snapshot
text = open(sys.argv[1], encoding="utf-8").read()
barrier = Barrier(16)

def read(number):
    barrier.wait()
    reading = NodeReading(host=f"n{number}", node=f"n{number}", status=parse_node_status(text))
    return Snapshot(readings=(reading,)).model_dump_json()

with BackgroundLoop(), ThreadPoolExecutor(16) as pool:
    print(len(set(map(len, pool.map(read, range(10, 26))))))
"""


def run(script, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("late", [True, False])
def test_none_waits_once_threads_may_follow(late):
    many, before, after = run(SCRIPT.format(late=late)).split(maxsplit=2)
    assert int(many) > 50
    assert (int(before) > 50) is late
    assert after == "[]\n"


def test_threads_find_no_validator_half_made(fixtures):
    assert run(THREADS, str(fixtures / "captures/v3.32/rr_ok_dual/node1.stdout.txt")) == "1\n"
