"""Of paramiko only what it documents: no private name of it is read, set, called or replaced anywhere."""

import ast
import inspect
import textwrap
from importlib import import_module
from pathlib import Path

import paramiko
import pytest

import calico_bgp

FILES = sorted(Path(calico_bgp.__file__).parent.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
#: The modules that touch it.
USERS = [
    path
    for path, tree in TREES.items()
    if any(
        (isinstance(node, ast.Import) and any(alias.name.startswith("paramiko") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("paramiko"))
        for node in ast.walk(tree)
    )
]


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def own_names(tree: ast.AST) -> set[str]:
    """What a module itself defines: functions, classes, attributes that it assigns, class variables."""
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    return names | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def private_names_of_paramiko() -> set[str]:
    """Attributes of its classes, and those that their methods set on themselves."""
    found: set[str] = set()
    for path in Path(paramiko.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return {name for name in found if is_private(name)}


def test_there_is_something_to_look_at():
    assert {"transport.py", "packets.py", "ssh.py"} <= {path.name for path in USERS}
    assert {"_send_user_message", "_preferred_kex", "_check_banner"} <= private_names_of_paramiko()


@pytest.mark.parametrize("path", USERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_private_name_is_used(path):
    tree = TREES[path]
    own = own_names(tree)
    used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and is_private(n.attr)} - own
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names if is_private(a.name)}
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert not used
    assert not imported
    assert not texts & private_names_of_paramiko(), "by getattr() or setattr()"


def derived_classes():
    for path in USERS:
        parts = path.relative_to(Path(calico_bgp.__file__).parents[1]).with_suffix("").parts
        module = import_module(".".join(parts))
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and any(
                base.__module__.startswith("paramiko") for base in kind.mro()
            ):
                yield kind


def test_no_private_name_is_replaced():
    """A class that derives from one of paramiko's defines none of its private names, on purpose or by chance."""
    classes = list(derived_classes())
    assert {"NodeTransport", "BoundedPackets", "BoundedMessage", "AgentKey"} <= {kind.__name__ for kind in classes}
    for kind in classes:
        theirs = set()
        for base in kind.mro():
            if base.__module__.startswith("paramiko"):
                theirs |= own_names(ast.parse(textwrap.dedent(inspect.getsource(base))))
        ours = own_names(ast.parse(textwrap.dedent(inspect.getsource(kind))))
        assert not {name for name in ours & theirs if is_private(name) and name != "_"}, kind
