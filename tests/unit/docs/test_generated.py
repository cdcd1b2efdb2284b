"""`make generate` writes every generated page, and its check names what is stale."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
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
    pages = {
        path.stem
        for path in (DOCS / "make").glob("*.py")
        if re.search(r"^def pages?\(", path.read_text(), re.MULTILINE)
    }
    imported = re.search(r"^from make import (.*)$", (DOCS / "generate.py").read_text(), re.MULTILINE)
    assert sorted(imported[1].split(", ")) == sorted(pages)


def test_the_first_pages_show_a_terminal_a_page_and_a_picture():
    shown = {"images/terminal.svg", "screenshots/report.webp", "images/outage.svg"}
    assert set(re.findall(r"!\[[^]]+\]\(docs/([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))) == shown
    assert set(re.findall(r"!\[[^]]+\]\(([^)]+)\)", (DOCS / "index.md").read_text("utf-8"))) == shown
    taken = (DOCS / "screenshots" / "report.webp").read_bytes()
    assert taken.startswith(b"RIFF")
    assert taken[8:12] == b"WEBP"
    assert len(taken) < 120_000


def test_a_terminal_in_a_picture_keeps_its_columns_and_colours():
    svg = (DOCS / "images" / "terminal.svg").read_text("utf-8")
    words = re.findall(r'<tspan x="(\d+)"(?: class="([^"]*)")?>([^<]*)</tspan>', svg)
    at = {text: (int(x), css) for x, css, text in words}
    assert at["\u2717 UNHEALTHY"] == (18, "b red")
    # The heads of columns stand above their cells, whatever the font.
    assert at["FIX"][0] == at["restart pod"][0]
    assert at["WHERE"][0] == at["node11"][0]
    assert not re.search(r"href|url\(|<script|style=", svg)
