"""No pattern for a line of a paste takes long, for it looks at no text longer than a line, and at none badly."""

from __future__ import annotations

import inspect
import pkgutil
import time
from importlib import import_module

import pytest

import calico_bgp.parse.pasted as room
from calico_bgp.parse.pasted.lines.patterns import LONGEST, LinePattern


def _is_used(module, name, method):
    """Whether a module calls a method on a pattern; of those in a collection it is `match`."""
    source = inspect.getsource(module)
    return f"{name}.{method}(" in source if f"{name}." in source else method == "match"


MODULES = {
    module.name.removeprefix(f"{room.__name__}."): import_module(module.name)
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
}
PATTERNS = {
    f"{module}.{name}.{index}": (
        pattern,
        [word for word in ("match", "search", "fullmatch") if _is_used(found, name, word)],
    )
    for module, found in MODULES.items()
    for name, value in vars(found).items()
    for index, pattern in enumerate(value.values() if isinstance(value, dict) else (value,))
    if isinstance(pattern, LinePattern)
}
PIECES = (
    " ", "a", "1", "| ", "|", "-", "+-", ":", "a: ", "[", "(", "<", "#", "* ", "a@", "1:", "a.", '"', "a b ", "ssh ",
    "sudo ", "A=", "calicoctl ", "kubectl exec ", "node1 ", "Mesh_1_", "10.0.0.1 ", "up ", "=> ", "[1,", "a,",
    '{a="', 'a="b", ', "\\section{a", "](", "title=", "Node: a, Pod: ", "```a ",
)  # fmt: skip
#: Seconds of CPU for one line of the longest. 200,000 such lines are no paste.
MOST = 0.05


@pytest.mark.parametrize("name", PATTERNS)
def test_the_worst_line_is_cheap(name):
    pattern, methods = PATTERNS[name]
    for piece in PIECES:
        for behind in ("", "x|", "\x00"):
            line = (piece * LONGEST)[: LONGEST - len(behind)] + behind
            for method in methods:
                took = min(_seconds(getattr(pattern, method), line) for _ in range(2))
                assert took < MOST, (piece, behind, method, took)


def test_a_longer_text_is_not_looked_at():
    pattern = LinePattern("a")
    assert pattern.search("a" * LONGEST) is not None
    long = "a" * (LONGEST + 1)
    assert (pattern.match(long), pattern.search(long), pattern.fullmatch(long)) == (None, None, None)
    assert (pattern.sub("b", long), pattern.split(long)) == (long, [long])


def _seconds(method, line):
    before = time.thread_time()
    method(line)
    return time.thread_time() - before
