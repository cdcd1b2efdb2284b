"""`make generate` writes every generated page, and its check names what is stale."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture
def docs(tmp_path) -> Path:
    return Path(shutil.copytree(DOCS, tmp_path / "docs"))


def generate(docs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(docs / "generate.py"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, env={"PYTHONPATH": str(ROOT), "PATH": ""}, check=False
    )


def test_what_is_stale_is_named_and_written_anew(docs):
    (docs / "info.md").write_text("old")
    (docs / "rules" / "index.md").unlink()
    (docs / "causes" / "no-such-kind.md").write_text("# no-such-kind\n")
    checked = generate(docs, "--check")
    assert checked.returncode == 1
    assert checked.stderr.splitlines() == [
        "docs/info.md is stale",
        "docs/rules/index.md is missing",
        "docs/causes/no-such-kind.md belongs to nothing any more",
        "run: make generate",
    ]
    assert (docs / "info.md").read_text() == "old"

    assert generate(docs).returncode == 0
    for path in DOCS.rglob("*.md"):
        assert (docs / path.relative_to(DOCS)).read_text() == path.read_text()
    assert not (docs / "causes" / "no-such-kind.md").exists()


def test_every_generator_is_asked():
    imported = set(re.findall(r"^import (make_\w+)$", (DOCS / "generate.py").read_text(), re.MULTILINE))
    assert imported == {path.stem for path in DOCS.glob("make_*.py")}
