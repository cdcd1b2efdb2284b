"""`make demo` installs what runs the product and no tool; the lock has a version for each of that."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def steps(target, tmp_path):
    """What make would run for a target in a new checkout."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("needs make")
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    # Below another make (`make test`) it would say which folder it enters and leaves.
    quiet = [make, "--no-print-directory", "-n", target]
    done = subprocess.run(quiet, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_the_demo_installs_no_tools(tmp_path):
    text = steps("demo", tmp_path)
    assert "--constraint requirements-dev.lock -e ." in text
    assert "-r requirements-dev.lock" not in text
    assert "installed in" in text
    assert text.rstrip().endswith("-m calico_bgp demo")


def test_the_tests_install_them(tmp_path):
    text = steps("test", tmp_path)
    assert "-r requirements-dev.lock" in text
    assert "--constraint" not in text


def test_the_lock_has_what_runs_the_product():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {line.partition("==")[0].lower() for line in (ROOT / "requirements-dev.lock").read_text().splitlines()}
    needed = {re.split(r"[>=<\[]", dependency)[0].lower() for dependency in project["dependencies"]}
    assert needed <= locked
