"""Whether a selector matches a node's labels (libcalico-go/lib/selector/parser/ast.go). Parses nothing."""

from __future__ import annotations

from collections.abc import Mapping

from calico_bgp.selector.tree import Operator, Selector, Test, TestKind

_ONE_OF = (TestKind.EQUALS, TestKind.IN)
_NONE_OF = (TestKind.NOT_EQUALS, TestKind.NOT_IN)
_EVERY = (TestKind.ALL, TestKind.GLOBAL)


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether the selector matches. `!=` and `not in` are true also where the label is absent."""
    steps = selector.steps
    first = steps[0]
    if len(steps) == 1 and isinstance(first, Test):
        return _holds(first, labels)
    truths: list[bool] = []
    for step in steps:
        if isinstance(step, Test):
            truths.append(_holds(step, labels))
        elif step.operator is Operator.NOT:
            truths[-1] = not truths[-1]
        else:
            operands = truths[-step.operands :]
            del truths[-step.operands :]
            truths.append(all(operands) if step.operator is Operator.AND else any(operands))
    return truths[0]


def _holds(test: Test, labels: Mapping[str, str]) -> bool:
    kind, value = test.kind, labels.get(test.label)
    # An absent label's value, None, is among no values.
    if kind in _ONE_OF:
        return value in test.values
    if kind in _NONE_OF:
        return value not in test.values
    if kind in _EVERY:
        return True
    if value is None or kind is TestKind.HAS:
        return value is not None
    if kind is TestKind.CONTAINS:
        return test.values[0] in value
    if kind is TestKind.STARTS_WITH:
        return value.startswith(test.values[0])
    return value.endswith(test.values[0])
