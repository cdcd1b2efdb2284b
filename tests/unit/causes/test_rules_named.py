"""Every rule that a cause names exists: under another name nothing would explain its findings, without a word."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from calico_bgp import causes
from calico_bgp.causes import case
from calico_bgp.rules.catalogue import ALL_RULES

ROOM = Path(causes.__file__).parent
RULES = {rule.id for rule in ALL_RULES}


def constants(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def named(path: Path) -> Iterator[str]:
    """What stands in `of("rule")`, in `of_node(name, "rule")`, and what `finding.rule` is compared with."""
    tree = ast.parse(path.read_text("utf-8"))
    tables = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"of", "of_node"}:
            for argument in node.args[node.func.attr == "of_node" :]:
                known = argument.value if isinstance(argument, ast.Starred) else argument
                yield from constants(tables.get(known.id, known) if isinstance(known, ast.Name) else known)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "rule":
            yield from (name for compared in node.comparators for name in constants(compared))


FILES = {path: sorted(set(named(path))) for path in sorted(ROOM.rglob("*.py"))}


@pytest.mark.parametrize("path", [path for path in FILES if FILES[path]], ids=lambda path: path.stem)
def test_the_rules_that_a_file_names_exist(path):
    assert [name for name in FILES[path] if name not in RULES] == []


def test_the_rules_that_the_case_knows_exist():
    assert case._SECONDARY | case._OF_NODE_ALONE <= RULES


def test_the_test_sees_names():
    assert {"isolated-node", "daemon-not-running", "peer-without-as", "reflector-role-lost"} <= {
        name for found in FILES.values() for name in found
    }
