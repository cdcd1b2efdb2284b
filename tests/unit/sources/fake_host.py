"""A host made of stand-ins, to run our commands in real shells: nothing of this machine's own programs is asked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from calico_bgp.parse.answer.frame import parse_answer
from calico_bgp.parse.answer.values import Answer
from calico_bgp.sources.node.command import gather_command

MARKER = "calico-bgp-0123456789abcdef0123456789abcdef"
#: What sh may be on a node: Debian's, Alpine's and embedded ones', Red Hat's.
SHELLS = {"dash": ["dash"], "busybox ash": ["busybox", "ash"], "bash": ["bash", "--posix"]}
#: What a host has anyway. busybox, where there is one, gives all of it under its own name.
BASICS = (
    "cat",
    "date",
    "id",
    "grep",
    "hostname",
    "uname",
    "sleep",
    "timeout",
    "sh",
    "head",
    "tail",
    "env",
    "true",
    "false",
)
#: Where our commands look; a FakeHost has its own.
PLACES = ("/var/lib/calico", "/var/run/calico", "/var/run/bird", "/proc/", "/etc/kubernetes", "/etc/rancher")


@dataclass
class FakeHost:
    """A folder of programs that is the whole PATH, and folders in the place of /var and /proc."""

    folder: Path
    shell: Sequence[str]

    def program(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.unlink(missing_ok=True)
        with path.open("x") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def use(self, *names: str) -> None:
        """Let it have these programs of this machine."""
        for name in names:
            found = shutil.which(name)
            if found is None:
                pytest.skip(f"needs {name}")
            self.program(name, f'exec {found} "$@"')

    def file(self, path: str, text: str) -> None:
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def run(self, *, stdin: str = "", **options: object) -> Answer:
        """Run the command of every node, and take its answer apart."""
        answer = parse_answer(self.text(gather_command(MARKER, **options), stdin=stdin), MARKER)  # type: ignore[arg-type]
        assert answer is not None
        return answer

    def text(self, command: str, *, stdin: str = "", **environment: str) -> str:
        """What a command prints, run as a login shell would."""
        # The host's files are elsewhere, and its PATH ends where ours does: all else stays as a node gets it.
        for place in PLACES:
            command = command.replace(place, f"{self.folder}{place}")
        before, _, after = command.partition("PATH=$PATH")
        command = f"{before}PATH=$PATH; {after.partition(';')[2]}"
        done = subprocess.run(
            [*self.shell, "-c", command.removeprefix("sh -c '").removesuffix("'")],
            input=stdin,
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder / "home"), **environment},
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        assert done.stderr == ""
        return done.stdout
