"""A title is a message that the kind declares: each that a family can yield is there, with the values it names."""

import ast
from pathlib import Path

import pytest

import calico_bgp
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.messages.formatter import parts_of

PACKAGE = Path(calico_bgp.__file__).parent / "causes"


def words_of(tree):
    """(key, names of its values) of each declared message that is used below a piece of code."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Words":
            chosen = [call.args[0].body, call.args[0].orelse] if isinstance(call.args[0], ast.IfExp) else [call.args[0]]
            for key in chosen:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, {keyword.arg for keyword in call.keywords}


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "Words(" in path.read_text(encoding="utf-8")]
SAID = {(key, frozenset(names)) for path in FILES for key, names in words_of(ast.parse(path.read_text("utf-8")))}


def places(template):
    return {part.name for part in parts_of(template) if part.name is not None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_candidate_says_what_its_kind_declares(path):
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Candidate"):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "title" not in given or not isinstance(given.get("kind"), ast.Constant):
            continue
        messages = CAUSE_KINDS[given["kind"].value].messages
        for key, names in words_of(given["title"]):
            assert key in messages, f"{path.name}:{call.lineno}"
            assert None in names or places(messages[key]) <= names, f"{path.name}:{call.lineno}: {key}"


@pytest.mark.parametrize("kind", CAUSE_KINDS.values(), ids=lambda kind: kind.id)
def test_every_declared_title_is_said_somewhere(kind):
    for key, template in kind.messages.items():
        assert any(key == said and (None in names or places(template) <= names) for said, names in SAID), key
