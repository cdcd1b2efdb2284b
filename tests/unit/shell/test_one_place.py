"""Whoever prints a command takes its words from shell_words: no other module quotes, none puts a name in bare."""

import ast
import re
from pathlib import Path

import pytest

import calico_bgp

ROOT = Path(calico_bgp.__file__).parent
#: The lab prints paths of its own; an inventory of Ansible is read, not printed.
OTHERS = {"shell_words.py", "cli/simulated/lab.py", "lab/printing/answers.py", "parse/hosts/forms/ansible/ini.py"}
PROGRAMS = re.compile(r"\b(?:kubectl|calicoctl|birdcl|nc|ping|ssh-keygen|sudo|calico-bgp) [a-z-]")
#: What a value in a command may come from: words made for a shell, and values of ours (numbers, constants).
_CALLS = "name|node|quote|quoted_json|label|label_key|symbol|field_selector|filled_in"
SAFE_CALLS = re.compile(rf"^(?:shell_words\.)?(?:{_CALLS})\(")
SAFE_NAMES = {
    # made of words before
    "selector", "merge", "change", "pair", "patch", "pod", "pods", "target", "command", "config", "hosts",
    "known_hosts", "listen", "where",
    "port.number", "dialled(case.cluster, key, key.b).number",
    # numbers and constants of ours
    "port", "port or 179", "variable", "kind.lower()", "_PLURALS[kind]", "_SOCKETS[family]", "VARIABLE[family]",
    "method", "first.kind",
    "_NAMESPACE_AND_NAME", "_pods(node)", "ask_bird(family, command)", "program()", "MOST_ANSWERS",
}  # fmt: skip


def modules():
    return [path for path in sorted(ROOT.rglob("*.py")) if str(path.relative_to(ROOT)) not in OTHERS]


def test_nobody_else_quotes():
    found = [str(path) for path in modules() if re.search(r"shlex\.quote|from shlex import", path.read_text())]
    assert not found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_stands_bare_in_a_command(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr) or ("auditing" not in str(path) and "report" not in str(path)):
            continue
        text = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += part.value
                continue
            value = ast.unparse(part.value)
            begun = re.split(r"[;`]|: ", text)[-1]
            if PROGRAMS.search(begun) and not SAFE_CALLS.match(value) and value not in SAFE_NAMES:
                raise AssertionError(f"{path}:{node.lineno}: {{{value}}} behind `{begun}`: take it through shell_words")
            text += "x"
