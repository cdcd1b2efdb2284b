"""A title is a message that the kind declares: each that a family can yield is there, with the values it names."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import calico_bgp
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.messages.declared import message_of
from calico_bgp.messages.formatter import parts_of
from calico_bgp.messages.merging import merged

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


#: A word after the name that a node has and several have not, or that speaks of one.
_OF_ONE = re.compile(r"^\{(?:node|host)\} (?:is|has|does|refuses|expects|runs) |\bthe host (?:is|answers)\b")


def test_a_title_of_several_nodes_speaks_of_several():
    """Such titles are put together (messages.merging): `node1 is off` and `node2 is off` are `node1, node2 are off`."""
    wrong = {
        (kind.id, key): template
        for kind in CAUSE_KINDS.values()
        for key, template in kind.messages.items()
        if _OF_ONE.search(re.sub(r"\{node:[^}]*\}", "", template))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("bird-down", "told", "BIRD does not run on node[1-2], the hosts are up"),
        ("bird-down", "refused", "BIRD does not run on node[1-2]; the hosts answer and refuse the connection"),
        ("node-down", "off", "node[1-2] are off, or cut off from the network altogether"),
        (
            "kernel-behind-bird",
            "lacks",
            "the kernels of node[1-2] have no routes to other nodes' pods, though their BIRD has",
        ),
        ("port-refused", "closed", "node[1-2] refuse connections to their BGP port, although BIRD runs there"),
    ],
)
def test_titles_of_two_nodes(kind, key, said):
    template = CAUSE_KINDS[kind].messages[key]
    values = {name: None for _, name, _, _ in Formatter().parse(template) if name}
    messages = [message_of({key: template}, key, values | {"node": node}) for node in ("node1", "node2")]
    assert merged(messages, lambda names: "node[1-2]") == said
    one = merged(messages[:1], lambda names: "")
    assert " are " not in one
    assert "node1" in one
