"""The small faults: which a module could have, and its syntax tree with one of them. Runs nothing.

Left alone are texts (tests compare them whole), annotations, decorators, assertions, what a `raise` says, `strict` of
`zip`, and a cache that would be filled each time.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
}
_FUNCTIONS = {"any": "all", "all": "any", "min": "max", "max": "min"}
_TRUE, _FALSE = ast.Constant(value=True), ast.Constant(value=False)


@dataclass(frozen=True)
class Mutation:
    """One fault.

    Attributes:
        number: Its place among the module's.
        line: Where.
        before: What stands there.
        after: What would.
    """

    number: int
    line: int
    before: str
    after: str


def mutations(source: str) -> list[Mutation]:
    """Every fault of a module, in the order of its lines."""
    editor = _Editor(None)
    editor.visit(ast.parse(source))
    return editor.found


def mutated(source: str, number: int) -> ast.Module:
    """The module with one fault."""
    editor = _Editor(number)
    tree = editor.visit(ast.parse(source))
    return ast.fix_missing_locations(tree)


class _Editor(ast.NodeTransformer):
    """Counts the faults, and makes the one that is wanted."""

    def __init__(self, wanted: int | None) -> None:
        self.wanted = wanted
        self.number = 0
        self.found: list[Mutation] = []

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Assert | ast.Raise | ast.ImportFrom | ast.Import):
            return node
        result = node
        for other in _alternatives(node):
            if self.wanted is None:
                line = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno  # type: ignore[attr-defined]
                self.found.append(Mutation(self.number, line, _shown(node).strip(), _shown(other).strip()))
            elif self.wanted == self.number:
                result = other
            self.number += 1
        if result is node:
            self._visit_children(node)
        return result

    def _visit_children(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name == "keywords" and isinstance(node, ast.Call) and ast.unparse(node.func) == "zip":
                continue
            if name in ("annotation", "returns", "decorator_list", "type_params", "format_spec"):
                continue
            if isinstance(value, list):
                value[:] = [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))


def _shown(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0][:100]


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What might stand in the place of a node."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            other = copy.copy(node)
            other.ops = [*node.ops[:place], _COMPARISONS[type(operator)](), *node.ops[place + 1 :]]
            yield other
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        if not isinstance(node.left, ast.Constant | ast.JoinedStr) and not isinstance(node.right, ast.JoinedStr):
            yield _with(node, op=_OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Constant):
        if type(node.value) is bool:
            yield _with(node, value=not node.value)
        elif type(node.value) is int:
            yield _with(node, value=node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        yield _with(node, func=ast.Name(id=_FUNCTIONS[node.func.id], ctx=ast.Load()))
    else:
        yield from _of_statements(node)


def _of_statements(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp):
        yield _with(node, test=_FALSE)
        if not _fills_a_cache(node):
            yield _with(node, test=_TRUE)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, ifs=[])
    elif isinstance(node, ast.Continue):
        yield ast.copy_location(ast.Break(), node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom):
        # Under an `if`, so that a generator stays one.
        yield ast.copy_location(ast.If(test=_FALSE, body=[node], orelse=[]), node)
    elif isinstance(node, ast.AugAssign):
        yield ast.copy_location(ast.Pass(), node)


def _fills_a_cache(node: ast.If | ast.IfExp) -> bool:
    """`if found is None: found = known[key] = ...`, or `if key not in known: known[key] = ...`."""
    match node:
        case ast.If(
            test=ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]),
            body=[ast.Assign(targets=[_, _] as targets)],
            orelse=[],
        ):
            return ast.unparse(left) in map(ast.unparse, targets)
        case ast.If(
            test=ast.Compare(left=key, ops=[ast.NotIn()], comparators=[known]),
            body=[*_, ast.Assign(targets=[*_, ast.Subscript(value=filled, slice=place)])],
            orelse=[],
        ):
            return ast.unparse(key) == ast.unparse(place) and ast.unparse(known) == ast.unparse(filled)
    return False


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other
