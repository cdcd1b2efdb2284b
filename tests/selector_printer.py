"""A selector's tree to text, always in the same form: what parses to the same tree prints the same."""

from __future__ import annotations

from calico_bgp.selector.tree import Join, Operator, Selector, Step, Test, TestKind

_SETS = (TestKind.IN, TestKind.NOT_IN)
#: Which operators must stand in parentheses below which: `&&` binds tighter than `||`, `!` tightest.
_IN_PARENTHESES = {
    Operator.NOT: {Operator.NOT, Operator.AND, Operator.OR},
    Operator.AND: {Operator.AND, Operator.OR},
    Operator.OR: {Operator.OR},
}


def print_selector(selector: Selector) -> str:
    """The text. Parentheses stand only where the tree asks for them; `parse_selector` gives the same tree back."""
    steps = selector.steps
    operands, root = _operands(steps)
    text: list[str] = []
    todo: list[str | int] = [root]  # what is still to be written, last first
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            text.append(item)
            continue
        step = steps[item]
        if isinstance(step, Test):
            text.append(_test(step))
        else:
            todo.extend(reversed(_parts(step, operands[item], steps)))
    return "".join(text)


def _operands(steps: tuple[Step, ...]) -> tuple[dict[int, list[int]], int]:
    """Place of a join → the places of its operands; and the place of the root."""
    found: dict[int, list[int]] = {}
    waiting: list[int] = []
    for place, step in enumerate(steps):
        if isinstance(step, Join):
            found[place] = waiting[-step.operands :]
            del waiting[-step.operands :]
        waiting.append(place)
    return found, waiting[0]


def _parts(join: Join, operands: list[int], steps: tuple[Step, ...]) -> list[str | int]:
    """A join as texts and places, in the order of the text."""
    parts: list[str | int] = []
    for number, place in enumerate(operands):
        if number or join.operator is Operator.NOT:
            parts.append("!" if join.operator is Operator.NOT else f" {join.operator.value} ")
        below = steps[place]
        if isinstance(below, Join) and below.operator in _IN_PARENTHESES[join.operator]:
            parts += ["(", place, ")"]
        else:
            parts.append(place)
    return parts


def _test(test: Test) -> str:
    word = str(test.kind.value)
    if test.kind in {TestKind.ALL, TestKind.GLOBAL}:
        return word
    if test.kind is TestKind.HAS:
        return f"has({test.label})"
    values = ", ".join(map(_quoted, test.values))
    return f"{test.label} {word} " + (f"{{{values}}}" if test.kind in _SETS else values)


def _quoted(value: str) -> str:
    """A text in quotes. There are no escapes, so one with both kinds of quotes cannot be written at all."""
    return f'"{value}"' if "'" in value else f"'{value}'"
