"""Whether a selector matches a node's labels (libcalico-go/lib/selector/parser/ast.go). Parses nothing."""

from __future__ import annotations

from collections.abc import Mapping

from calico_bgp.selector.tree import Operator, Selector, Test, TestKind


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether the selector matches. `!=` and `not in` are true also where the label is absent."""
    steps = selector.steps
    first = steps[0]
    if len(steps) == 1 and isinstance(first, Test):
        return _holds(first, labels)
    found: list[bool] = []
    for step in steps:
        if isinstance(step, Test):
            found.append(_holds(step, labels))
        elif step.operator is Operator.NOT:
            found[-1] = not found[-1]
        else:
            operands = found[-step.operands :]
            del found[-step.operands :]
            found.append(all(operands) if step.operator is Operator.AND else any(operands))
    return found[0]


def _holds(test: Test, labels: Mapping[str, str]) -> bool:
    kind = test.kind
    if kind is TestKind.ALL or kind is TestKind.GLOBAL:
        return True
    value = labels.get(test.label)
    if value is None:
        return kind is TestKind.NOT_EQUALS or kind is TestKind.NOT_IN
    match kind:
        case TestKind.HAS:
            return True
        case TestKind.EQUALS | TestKind.IN:
            return value in test.values
        case TestKind.NOT_EQUALS | TestKind.NOT_IN:
            return value not in test.values
        case TestKind.CONTAINS:
            return test.values[0] in value
        case TestKind.STARTS_WITH:
            return value.startswith(test.values[0])
        case _:
            return value.endswith(test.values[0])
