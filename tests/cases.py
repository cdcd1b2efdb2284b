"""Inputs as operators have them: a folder a case, with what is right beside it. Reads and judges them; runs nothing.

`tests/fixtures/cases/<subject>/<case>/` holds the input's files and `case.toml`:

```toml
words = "the node of Fargate is a comment with its reason"      # what is right, for people
sound = true               # nothing is wrong in the input: at least half of the cases of a subject are so
command = ["hosts", "nodes.json"]                                # run in the folder of the case
stdin = "paste.txt"        # a file that comes on standard input
exit = 0                   # or a list of those that are right
has = ['^10\\.0\\.0\\.1 ']    # patterns that the answer (stdout and stderr) holds, multi-line
has_not = ['Traceback']    # patterns that it does not hold
rows = [["node1", "10.0.0.2", "node-to-node mesh", "up", "Established"]]
                           # what `parse` reads of the pasted files; "" for no node

[report]                   # of the same command with `--format json`
verdict = "unhealthy"      # or a list; likewise the others
first_cause = ["unreachable-node"]    # its kind
about = "node3"            # a word in the first cause's subjects
no_cause = ["external-peer-down"]
no_rule = ["host-failed"]
next_step = "--allow-version-mismatch"    # a part of a finding's next step
```

Where the folder holds `stdout.txt`, the command prints exactly that; `pytest --update` writes it anew.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

FOLDER = Path(__file__).parent / "fixtures" / "cases"


class Result(Protocol):
    """What a command left."""

    @property
    def exit_code(self) -> int: ...

    @property
    def stdout(self) -> str: ...

    @property
    def stderr(self) -> str: ...


@dataclass(frozen=True)
class Case:
    """One case; the fields are those of case.toml."""

    folder: Path
    words: str
    sound: bool
    command: tuple[str, ...]
    stdin: str | None = None
    exit: int | list[int] = 0
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    rows: list[list[str]] | None = None
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def subject(self) -> str:
        return self.folder.parent.name


def all_cases() -> list[Case]:
    """Every case, sorted; a key that no case has is an error."""
    return [
        Case(folder=path.parent, **tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*/*/case.toml"))
    ]


def wrong(case: Case, run: Callable[..., Result]) -> Iterator[str]:
    """What is not as it should be.

    Args:
        case: The case; the current folder is its own.
        run: Runs `calico-bgp` with arguments and `stdin=`.
    """
    stdin = None if case.stdin is None else (case.folder / case.stdin).read_bytes()
    result = run(*case.command, stdin=stdin)
    text = result.stdout + result.stderr
    if result.exit_code not in _several(case.exit):
        yield f"exit {result.exit_code}, right is {case.exit}:\n{text}"
    yield from (f"lacks /{pattern}/:\n{text}" for pattern in case.has if not re.search(pattern, text, re.MULTILINE))
    yield from (f"holds /{pattern}/:\n{text}" for pattern in case.has_not if re.search(pattern, text, re.MULTILINE))
    if case.rows is not None:
        files = [after for word, after in zip(case.command, case.command[1:], strict=False) if word == "--pasted"]
        read = json.loads(run("parse", *files, "--format", "json", stdin=stdin).stdout)
        have = sorted(
            [
                reading["node"] or "",
                peer["address_text"],
                peer["peer_type"],
                peer["protocol_state"],
                peer["info"],
            ]
            for reading in read["readings"]
            for peer in reading["peers"]
        )
        if have != sorted(case.rows):
            yield f"rows are {have}"
    if case.report:
        yield from _report_wrong(case.report, json.loads(run(*case.command, "--format", "json", stdin=stdin).stdout))


def _report_wrong(right: dict[str, Any], report: dict[str, Any]) -> Iterator[str]:
    causes, findings = report["causes"], report["findings"]
    first = causes[0] if causes else {"kind": None, "subjects": []}
    if "verdict" in right and report["verdict"] not in _several(right["verdict"]):
        yield f"verdict {report['verdict']}"
    if "first_cause" in right and first["kind"] not in _several(right["first_cause"]):
        yield f"first cause {first['kind']}"
    if "about" in right and right["about"] not in json.dumps(first["subjects"]):
        yield f"the first cause is about {first['subjects']}"
    yield from (f"cause {cause['kind']}" for cause in causes if cause["kind"] in right.get("no_cause", ()))
    yield from (f"rule {found['rule']}" for found in findings if found["rule"] in right.get("no_rule", ()))
    steps = [str(found.get("next_step") or "") for found in findings]
    if "next_step" in right and not any(right["next_step"] in step for step in steps):
        yield f"next steps {steps}"


def _several(right: Any) -> list[Any]:
    return right if isinstance(right, list) else [right]
