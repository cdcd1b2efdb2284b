"""A parsed selector. Values only.

The tree is written flat, operands before their operator (`a == 'x' && !has(b)` is `a == 'x'`, `has(b)`, NOT, AND of 2).
So a selector of any depth is one tuple: nothing that compares, prints or evaluates it needs recursion.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class TestKind(Enum):
    """What a test asks of a node's labels; the value is how it is written."""

    __test__ = False  # pytest collects classes of this name

    ALL = "all()"
    GLOBAL = "global()"
    HAS = "has"
    EQUALS = "=="
    NOT_EQUALS = "!="
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"


@dataclass(frozen=True, slots=True)
class Test:
    """A leaf.

    Attributes:
        kind: What it asks.
        label: The label; empty for ALL and GLOBAL.
        values: The values compared with: one, or for IN and NOT_IN any number, sorted, each once.
    """

    __test__ = False

    kind: TestKind
    label: str = ""
    values: tuple[str, ...] = ()


class Operator(Enum):
    """How operands are joined; the value is how it is written."""

    NOT = "!"
    AND = "&&"
    OR = "||"


@dataclass(frozen=True, slots=True)
class Join:
    """An inner node: it joins the `operands` trees that stand before it. One for NOT, two or more for the others."""

    operator: Operator
    operands: int


Step: TypeAlias = Test | Join


@dataclass(frozen=True, slots=True)
class Selector:
    """A whole selector: its tree, flat."""

    steps: tuple[Step, ...]


def labels_of(selector: Selector) -> frozenset[str]:
    """Every label that a selector asks about."""
    return frozenset(step.label for step in selector.steps if isinstance(step, Test) and step.label)


#: Tests that a node passes by having the label.
_WANTS = frozenset(
    {TestKind.HAS, TestKind.EQUALS, TestKind.IN, TestKind.CONTAINS, TestKind.STARTS_WITH, TestKind.ENDS_WITH}
)


def wanted_labels(selector: Selector) -> frozenset[str]:
    """The labels that make a node match by being there: not those under a negation, nor of `!=` and `not in`."""
    trees: list[tuple[frozenset[str], frozenset[str]]] = []
    for step in selector.steps:
        if isinstance(step, Test):
            label = frozenset({step.label}) if step.label else frozenset()
            trees.append((label, frozenset()) if step.kind in _WANTS else (frozenset(), label))
        elif step.operator is Operator.NOT:
            wanted, unwanted = trees.pop()
            trees.append((unwanted, wanted))
        else:
            joined = [trees.pop() for _ in range(step.operands)]
            trees.append((frozenset().union(*(w for w, _ in joined)), frozenset().union(*(u for _, u in joined))))
    return trees[-1][0] if trees else frozenset()
