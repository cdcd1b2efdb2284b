"""Every rule that a cause names exists: under another name nothing would explain its findings, without a word."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from calico_bgp import causes
from calico_bgp.causes import case, secondary
from calico_bgp.rules.catalogue import ALL_RULES

ROOM = Path(causes.__file__).parent
RULES = {rule.id for rule in ALL_RULES}


def constants(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


#: The functions of a case that take names of rules, and how many other arguments come before these.
ASKING = {
    **dict.fromkeys(("of", "ids", "of_each_node", "of_each_family", "of_nodes"), 0),
    **dict.fromkeys(("of_node", "of_resource", "about", "ids_about"), 1),
}


def named(path: Path) -> Iterator[str]:
    """What a case is asked for, as in `of_node(name, "rule")`, and what `finding.rule` is compared with."""
    tree = ast.parse(path.read_text("utf-8"))
    tables = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            for argument in node.args[ASKING[node.func.attr] :]:
                known = argument.value if isinstance(argument, ast.Starred) else argument
                yield from constants(tables.get(known.id, known) if isinstance(known, ast.Name) else known)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "rule":
            yield from (name for compared in node.comparators for name in constants(compared))


FILES = {path: sorted(set(named(path))) for path in sorted(ROOM.rglob("*.py"))}


@pytest.mark.parametrize("path", [path for path in FILES if FILES[path]], ids=lambda path: path.stem)
def test_the_rules_that_a_file_names_exist(path):
    assert [name for name in FILES[path] if name not in RULES] == []


def test_the_rules_that_the_case_knows_exist():
    assert secondary._SECONDARY | case._OF_NODE_AND_ITS_SESSIONS <= RULES


def test_the_test_sees_names():
    assert {"isolated-node", "daemon-not-running", "peer-without-as", "reflector-role-lost"} <= {
        name for found in FILES.values() for name in found
    }
