"""The names that Calico and Kubernetes fix stand in calico_bgp/upstream.py alone; sentences may speak of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "calico_bgp"
HOME = PACKAGE / "upstream.py"
#: In a text of one word, which is a name and no sentence.
NAMES = (
    "projectcalico.org",
    "node-role.kubernetes.io",
    "topology.kubernetes.io/zone",
    "kubernetes.io/os",
    "kubernetes.io/hostname",
    "CALICO_NETWORKING_BACKEND",
)
#: The whole of a text.
WHOLE = ("InternalIP", "calico-node")
#: In any text: what a command takes.
OF_COMMANDS = ("k8s-app", "/var/run/calico")
NUMBERS = (179, 64512)
#: What texts mean, and names that other projects took away, in tables of their own.
TABLES = ("messages/info", "rules/resources/selectors.py")


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every constant but docstrings."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # The strings that stand alone below an assignment are documentation as well.
    documented |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documented:
            yield node


def spelled(source: str) -> list[str]:
    found = []
    for constant in texts(ast.parse(source)):
        value = constant.value
        if isinstance(value, str):
            is_name = not any(character.isspace() for character in value)
            names = (*OF_COMMANDS, *NAMES) if is_name else OF_COMMANDS
            there = [name for name in names if name in value] + [value for name in WHOLE if value == name]
            found += [f"line {constant.lineno}: {name}" for name in there]
        elif type(value) is int and value in NUMBERS:
            found.append(f"line {constant.lineno}: {value}")
    return found


def test_no_other_file_spells_them():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if path != HOME and not name.startswith(TABLES) and (there := spelled(path.read_text())):
            found[name] = there
    assert found == {}


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ('A = "projectcalico.org/ASNumber"', True),
        ('A = f"{name}.crd.projectcalico.org"', True),
        ('A = "kubectl get pods -l k8s-app=calico-node"', True),
        ('A = "InternalIP"', True),
        ('A = "NodeInternalIP"', False),
        ("PORT = 179", True),
        ('A = "the annotation projectcalico.org/ASNumber is missing"', False),
        ('def f():\n    """projectcalico.org/v3"""', False),
        ("PORT = 1790", False),
    ],
)
def test_what_counts_as_spelling_one(source, is_found):
    assert bool(spelled(source)) is is_found
