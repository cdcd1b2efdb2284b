"""A fault in functions that are imported already: much faster than to import everything anew for each fault."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

#: Python's own flag of code that is a function's, and no class's or module's.
_IS_FUNCTION = 1


def changed(old: CodeType, new: CodeType) -> dict[CodeType, CodeType] | None:
    """Which function's code becomes what, of a module and the same with a fault; None where something else changes.

    Something else is what runs when the module is imported: a constant, a default value, a field of a class.
    """
    if old == new:
        return {}
    if old.co_flags & _IS_FUNCTION:
        return {old: new} if old.co_freevars == new.co_freevars else None
    if _without_functions(old) != _without_functions(new):
        return None
    found: dict[CodeType, CodeType] = {}
    for inner, other in zip(_inside(old), _inside(new), strict=True):
        in_it = changed(inner, other)
        if in_it is None:
            return None
        found |= in_it
    return found


def _inside(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def _without_functions(code: CodeType) -> tuple[object, ...]:
    constants = [None if isinstance(constant, CodeType) else (type(constant), constant) for constant in code.co_consts]
    return code.co_code, code.co_names, constants


def functions_in(folder: Path) -> Mapping[CodeType, Sequence[Any]]:
    """Every function of the folder's modules that is there, also where a decorator hides it, by its code."""
    found: dict[CodeType, list[Any]] = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(f"{folder}/"):
            found[thing.__code__].append(thing)
    return found


def put_in(codes: Mapping[CodeType, CodeType], functions: Mapping[CodeType, Sequence[Any]]) -> bool:
    """Let the functions do what the other code says; False where one of them is not there."""
    for old, new in codes.items():
        if not functions.get(old):
            return False
        for function in functions[old]:
            function.__code__ = new
    return True
