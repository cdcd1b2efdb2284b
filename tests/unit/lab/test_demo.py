"""The demo, from start to end, as a newcomer runs it: no home, no agent, no colour; and what it says when it fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from calico_bgp.cli.demonstration import lab
from calico_bgp.cli.simulated import demo
from calico_bgp.model.reports.report import Verdict


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """An account without anything."""
    (tmp_path / "tmp").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "no-such-home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONUTF8": "1",
    }


def test_the_demo_goes_as_it_should(environment, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "calico_bgp", "demo"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = [
        done.stdout.index(text)
        for text in (
            "✓ HEALTHY  calico-bgp-lab   all 9 sessions up",
            "No IPv4 peers found.",
            "UNHEALTHY",
            "No route reflector is left and the node-to-node mesh is off",
            "impact  30 routes lost",
        )
    ]
    assert told == sorted(told)
    assert done.stdout.count("    HEALTHY calico-bgp-lab: all 9 sessions up") == 1
    assert "\x1b" not in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(("width", "color"), [(60, True), (100, False)])
def test_width_and_colour_are_respected(width, color):
    result = CliRunner().invoke(
        demo.command, ["--width", str(width), "--color" if color else "--no-color"], standalone_mode=False
    )
    assert result.return_value == 0
    assert ("\x1b[" in result.output) == color
    assert "UNHEALTHY" in result.output


def test_the_first_screen_of_the_readme_is_what_the_demo_shows():
    result = CliRunner().invoke(demo.command, ["--width", "104", "--no-color"], standalone_mode=False)
    shown = re.sub(r"(?m)^    ", "", result.output)
    readme = Path(__file__).parents[3].joinpath("README.md").read_text("utf-8")
    (screen,) = re.findall(r"```text\n\$ calico-bgp audit\n(.*?)```", readme, re.DOTALL)
    date = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC(?: in [0-9.]+ s)?")
    assert date.sub("DATE", screen) in date.sub("DATE", shown)


def test_a_demo_that_goes_wrong_says_so(monkeypatch):
    real = lab.audit

    def blind(snapshot):
        return real(snapshot).model_copy(update={"verdict": Verdict.UNHEALTHY, "findings": (), "causes": ()})

    monkeypatch.setattr(lab, "audit", blind)
    result = CliRunner().invoke(demo.command, [], standalone_mode=False)
    assert result.return_value == 1
    assert "the healthy cluster was judged" in result.output
    assert "the outage was not found" in result.output
    assert "the cause was not found" in result.output


def test_help_has_examples():
    assert "calico-bgp demo" in CliRunner().invoke(demo.command, ["--help"]).output
