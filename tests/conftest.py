"""Fixtures that every test may use: golden files, the command line, and the real captures as snapshots."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from calico_bgp import failures
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.model.snapshot import Snapshot

FIXTURES = Path(__file__).parent / "fixtures"
# How long an example takes depends on what else the machine does: time is judged in benchmarks/.
# The same examples at every run, so that one commit passes or fails everywhere alike; `make laws` tries others.
settings.register_profile("calico_bgp", deadline=None, derandomize=True)
settings.register_profile("others", deadline=None)
# A shell lets what it starts in the background ignore Ctrl-C, and nohup a hangup; what the tests start would, too.
if threading.current_thread() is threading.main_thread():
    for number, action in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, action)
settings.load_profile("calico_bgp")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-pairs", action="store_true", help="judge every two faults at once, not only a sample")
    parser.addoption("--update", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture(autouse=True)
def no_cluster_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A command without a source reads the kubeconfig's current context: never that of whoever runs the tests.

    Nor do their settings count, and no audit takes the place of their last report.
    """
    monkeypatch.setenv("KUBECONFIG", str(tmp_path_factory.getbasetemp() / "no-kubeconfig"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-settings"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    for name in [name for name in os.environ if name.startswith("CALICO_BGP_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def mistakes_are_seen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails by a mistake of ours costs a user one rule, and a line of the report. Here it fails the test."""
    if request.node.get_closest_marker("mistakes") is None:

        def seen(error: Exception) -> str:
            raise error

        monkeypatch.setattr(failures, "_why", seen)


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder tests/fixtures."""
    return FIXTURES


@dataclass(frozen=True)
class Golden:
    """Compares a rendering with its golden file; see the fixture `golden`."""

    folder: Path
    update: bool

    def __call__(self, text: str, name: str) -> None:
        path = self.folder / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            return
        assert path.is_file(), (
            f"no golden file {path.relative_to(FIXTURES)}: run pytest --update, then read what it wrote"
        )
        with path.open(encoding="utf-8", newline="") as file:
            expected = file.read()
        assert text == expected


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(text, "name")` compares with tests/fixtures/golden/<room>/<test module>/name; `--update` writes it."""
    room = request.path.parent.relative_to(FIXTURES.parent / "unit")
    module = request.path.stem.removeprefix("test_")
    return Golden(FIXTURES / "golden" / room / module, request.config.getoption("--update"))


@dataclass(frozen=True)
class CLIResult:
    """What a command left: its exit code and its two streams."""

    exit_code: int
    stdout: str
    stderr: str


#: What must not leak from the developer's terminal into a test.
_CLEAN_ENV: dict[str, str | None] = dict.fromkeys(("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "CLICOLOR_FORCE"))


@pytest.fixture
def run_cli() -> Callable[..., CLIResult]:
    """`run_cli("audit", "--pasted", path, stdin="...", env={...})` runs the command line in this process; quick."""
    from click.testing import CliRunner

    from calico_bgp.cli.main import cli

    def run(
        *args: object, stdin: str | bytes | None = None, env: dict[str, str] | None = None, may_fail: bool = False
    ) -> CLIResult:
        result = CliRunner().invoke(
            cli, [str(a) for a in args], input=stdin, env=_CLEAN_ENV | (env or {}), prog_name="calico-bgp"
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if result.exit_code == 4 and not may_fail:
            raise AssertionError(result.stderr)
        return CLIResult(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def run_process() -> Callable[..., CLIResult]:
    """Like `run_cli`, in a process of its own: real exit codes, real pipes. Use it where that is the point."""

    def run(
        *args: object,
        stdin: str = "",
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> CLIResult:
        environment = {k: v for k, v in os.environ.items() if k not in _CLEAN_ENV} | (env or {})
        done = subprocess.run(
            [sys.executable, "-m", "calico_bgp", *map(str, args)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
        return CLIResult(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Captures:
    """The real captures; see the fixture `captures`."""

    folder: Path

    def versions(self) -> tuple[str, ...]:
        """The layouts that were captured: v3.32 (centred, wrapped) and v3.33 (left-aligned)."""
        return tuple(sorted(p.name for p in self.folder.glob("v*")))

    def scenarios(self, version: str) -> tuple[str, ...]:
        """The scenarios of a layout that say what was configured, so that they make a snapshot."""
        return tuple(sorted(p.parent.name for p in (self.folder / version).glob("*/truth.json")))

    def truth(self, version: str, scenario: str) -> dict[str, Any]:
        """What was configured and what had been broken."""
        truth: dict[str, Any] = json.loads((self.folder / version / scenario / "truth.json").read_text("utf-8"))
        return truth

    def texts(self, version: str, scenario: str) -> dict[str, str]:
        """What each node printed, stdout then stderr, by node name; a node that was not reached is left out."""
        folder = self.folder / version / scenario
        texts = {}
        for path in sorted(folder.glob("*.stdout.txt"), key=_natural):
            node = path.name.removesuffix(".stdout.txt")
            if "." in node:  # node3.local: asked on its own console, after the cut
                continue
            stderr = folder / f"{node}.stderr.txt"
            text = _read(path) + (_read(stderr) if stderr.exists() else "")
            if not text.startswith("ssh: "):  # ssh itself failed: the node was not reached
                texts[node] = text
        return texts

    def __call__(self, version: str, scenario: str, *, clock: datetime | None = None, hosts: bool = True) -> Snapshot:
        """The scenario as a snapshot: node names known, addresses as the truth has them.

        Args:
            version: `v3.32` or `v3.33`.
            scenario: The folder's name.
            clock: What every node's clock said; None as in a paste.
            hosts: False for a snapshot without an inventory, as from pasted texts.
        """
        from calico_bgp.parse.status.node import parse_node_status

        folder = self.folder / version / scenario
        nodes = self.truth(version, scenario)["nodes"]
        names = sorted({p.name.split(".")[0] for p in folder.glob("*.stdout.txt")}, key=_natural)
        texts = self.texts(version, scenario)
        readings, failures = [], []
        for name in names:
            exit_code = folder / f"{name}.exit_code.txt"
            if name not in texts:
                stderr = _read(folder / f"{name}.stderr.txt").strip()
                failures.append(GatherFailure(host=name, node=name, stage=Stage.CONNECT, message=stderr))
                continue
            status = parse_node_status(texts[name], source=name)
            readings.append(
                NodeReading(
                    host=name,
                    node=name,
                    status=status,
                    addresses=tuple(ip_address(nodes[name][k]) for k in ("ip4", "ip6") if nodes[name].get(k)),
                    clock=clock,
                    exit_code=int(exit_code.read_text()) if exit_code.exists() else 0,
                    complete=status.complete,
                    raw=texts[name],
                )
            )
        inventory = tuple(Host(name=name, node=name) for name in names) if hosts else ()
        return Snapshot(hosts=inventory, readings=tuple(readings), failures=tuple(failures))


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:  # CR LF must arrive as it is
        return file.read()


def _natural(value: Path | str) -> tuple[int, str]:
    name = str(value if isinstance(value, str) else value.name)
    number = re.search(r"\d+", name)
    return (int(number.group()) if number else 0, name)


@pytest.fixture(scope="session")
def captures() -> Captures:
    """`captures("v3.32", "rr_ok_dual")` is that capture as a Snapshot; `captures.truth(...)` says what was broken."""
    return Captures(FIXTURES / "captures")
