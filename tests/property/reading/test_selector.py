"""Laws of the selector language, on random trees, labels and texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import Join, Operator, Selector, Test, TestKind
from tests.selector_printer import print_selector

NAMES = st.sampled_from(["a", "b", "c/d", "in", "has", "not", "contains", "all"])
VALUES = st.text(st.sampled_from("xyz '\u00e9{}&"), max_size=3)
LABELS = st.dictionaries(NAMES, VALUES)

_ONE_VALUE = [TestKind.EQUALS, TestKind.NOT_EQUALS, TestKind.CONTAINS, TestKind.STARTS_WITH, TestKind.ENDS_WITH]

#: A tree as nested tuples: what the reference below evaluates, and what the flat form is made of.
LEAVES = st.one_of(
    st.tuples(st.sampled_from([TestKind.ALL, TestKind.GLOBAL]), st.just(""), st.just(())),
    st.tuples(st.just(TestKind.HAS), NAMES, st.just(())),
    st.tuples(st.sampled_from(_ONE_VALUE), NAMES, st.tuples(VALUES)),
    st.tuples(
        st.sampled_from([TestKind.IN, TestKind.NOT_IN]), NAMES, st.sets(VALUES, max_size=3).map(sorted).map(tuple)
    ),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just(Operator.NOT), inner),
        st.tuples(st.sampled_from([Operator.AND, Operator.OR]), inner, inner),
        st.tuples(st.sampled_from([Operator.AND, Operator.OR]), inner, inner, inner),
    ),
    max_leaves=12,
)


def flat(tree: Any) -> list[Any]:
    """Operands before their operator."""
    kind, *rest = tree
    if isinstance(kind, TestKind):
        return [Test(kind, *rest)]
    return [step for operand in rest for step in flat(operand)] + [Join(kind, len(rest))]


def naive(tree: Any, labels: Mapping[str, str]) -> bool:
    """What the documentation of Calico's selectors says, term by term."""
    kind, *rest = tree
    match kind:
        case Operator.NOT:
            return not naive(rest[0], labels)
        case Operator.AND:
            return all(naive(operand, labels) for operand in rest)
        case Operator.OR:
            return any(naive(operand, labels) for operand in rest)
    label, values = rest
    has = label in labels
    value = labels.get(label, "")
    return {
        TestKind.ALL: lambda: True,
        TestKind.GLOBAL: lambda: True,
        TestKind.HAS: lambda: has,
        TestKind.EQUALS: lambda: has and value == values[0],
        TestKind.NOT_EQUALS: lambda: not (has and value == values[0]),
        TestKind.IN: lambda: has and value in values,
        TestKind.NOT_IN: lambda: not (has and value in values),
        TestKind.CONTAINS: lambda: has and values[0] in value,
        TestKind.STARTS_WITH: lambda: has and value[: len(values[0])] == values[0],
        TestKind.ENDS_WITH: lambda: (
            has and value[len(value) - len(values[0]) :] == values[0] if len(values[0]) <= len(value) else False
        ),
    }[kind]()


@given(TREES)
def test_printing_and_parsing_give_the_tree_back(tree):
    selector = Selector(tuple(flat(tree)))
    assert parse_selector(print_selector(selector)) == selector


@given(TREES, LABELS)
def test_evaluation_equals_the_naive_reference(tree, labels):
    assert matches(Selector(tuple(flat(tree))), labels) is naive(tree, labels)


@given(st.text() | st.text(st.sampled_from("ab '\"(){}!=&|,\t\nhasinotcewrdgl")))
def test_any_text_parses_or_is_an_error_with_a_place(text):
    try:
        selector = parse_selector(text)
    except SelectorSyntaxError as caught:
        error: SelectorSyntaxError | None = caught
    else:
        error = None
        assert parse_selector(print_selector(selector)) == selector
    if error is not None:
        assert 0 <= error.column <= len(text)
        assert error.expected
        assert "^" in str(error)
