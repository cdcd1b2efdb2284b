"""The recipes of docs/development.md: carried out in a copy of the project, where then all checks pass.

A block with a title is a new file, or changes one: ```diff``` puts lines with `+` in and takes those with `-` out where
the others stand, and `FILE, at the end` appends. The commands of ```sh``` are run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "development.md").read_text()
RECIPES = PAGE.partition("\n## Recipes\n")[2].partition("\n## ")[0]
COPIED = ("calico_bgp", "templates", "docs", "tests", "benchmarks", "pyproject.toml", "README.md", "mkdocs.yml")
AT_THE_END = ", at the end"
#: What a recipe's words for a command run here.
PROGRAMS = {
    "calico-bgp": ("-m", "calico_bgp"),
    "make generate": ("docs/generate.py",),
    "pytest": ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = (
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "ruff", "check", "--no-cache", "."),
    ("-m", "mypy"),
    ("-c", LINT_IMPORTS, "--no-cache"),
    ("docs/generate.py", "--check"),
)


class Block(NamedTuple):
    language: str
    title: str
    text: str


def blocks() -> list[Block]:
    found = re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', RECIPES, re.DOTALL | re.MULTILINE)
    return [Block(*block) for block in found]


def changed(text: str, diff: str) -> str:
    """A text with the lines of a diff that begin with `+`, without those with `-`; all but the new ones show where."""
    lines = diff.splitlines()
    kept = [line[1:] for line in lines if not line.startswith("+")]
    there, number = text.split("\n"), len(kept)
    places = [place for place in range(len(there)) if there[place : place + number] == kept]
    assert len(places) == 1, f"{len(places)} places for\n{diff}"
    there[places[0] : places[0] + number] = [line[1:] for line in lines if not line.startswith("-")]
    return "\n".join(there)


def carry_out(block: Block, project: Path) -> None:
    if not block.title:
        for command in block.text.splitlines():
            name = next(name for name in PROGRAMS if command.startswith(name))
            run(project, *PROGRAMS[name], *shlex.split(command.removeprefix(name)))
        return
    file = project / block.title.removesuffix(AT_THE_END)
    if block.title.endswith(AT_THE_END):
        file.write_text(file.read_text() + block.text)
    elif block.language == "diff":
        file.write_text(changed(file.read_text(), block.text))
    else:
        assert not file.exists(), f"{block.title} is there already"
        file.write_text(block.text)


def run(project: Path, *arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert ended.returncode == 0, f"{' '.join(arguments)}\n{ended.stdout[-4000:]}{ended.stderr[-4000:]}"


@pytest.mark.timeout(1200)
def test_recipes_lead_to_a_project_whose_checks_pass(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", "fixtures")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "tests" / "fixtures").symlink_to(ROOT / "tests" / "fixtures")
    for block in blocks():
        carry_out(block, tmp_path)
    for check in CHECKS:
        run(tmp_path, *check)


def test_every_recipe_changes_something_and_tries_it():
    recipes = re.split(r"^### ", RECIPES, flags=re.MULTILINE)[1:]
    assert len(recipes) == 6
    for recipe in recipes:
        assert 'title="' in recipe
        assert "```sh\n" in recipe


def test_a_line_is_changed_only_where_its_place_is_certain():
    assert changed("a\nb\nc", " b\n+x") == "a\nb\nx\nc"
    assert changed("a\nb\nc", "+x\n b\n c") == "a\nx\nb\nc"
    assert changed("a\nb\nc", "-b\n+x") == "a\nx\nc"
    with pytest.raises(AssertionError, match="2 places"):
        changed("b\nb", " b\n+x")
    with pytest.raises(AssertionError, match="0 places"):
        changed("a", " b\n+x")


def test_the_glossary_has_at_most_forty_words():
    words = re.findall(r"^\| ([^|]+) \| ", PAGE.partition("\n## Words\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert 20 < len(words) - 1 <= 40
