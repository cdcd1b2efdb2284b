"""The difference of two JSON values, small where little differs: a value in, a patch out, and back. Nothing of ours."""

from __future__ import annotations

from typing import Any

#: A patch is one of: ["=", value] replace; ["d", {key: patch}, [keys that go]] of an object; ["l", [[index, patch]...]]
#: of a list of the same length; ["s", start, removed, items] of one that grew or shrank in one place.


def difference(old: Any, new: Any) -> list[Any] | None:
    """How to make `new` of `old`; None where they are equal."""
    if old == new and type(old) is type(new):
        return None
    if isinstance(old, dict) and isinstance(new, dict):
        changed = {
            key: ["=", value] if key not in old else patch
            for key, value in new.items()
            if key not in old or (patch := difference(old[key], value)) is not None
        }
        return ["d", changed, [key for key in old if key not in new]]
    if isinstance(old, list) and isinstance(new, list):
        if len(old) == len(new):
            pairs = enumerate(zip(old, new, strict=True))
            return ["l", [[place, patch] for place, (a, b) in pairs if (patch := difference(a, b)) is not None]]
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        return ["s", start, len(old) - start - end, new[start : len(new) - end]]
    return ["=", new]


def patched(old: Any, patch: list[Any] | None) -> Any:
    """A new value: `old` with a patch of `difference` applied."""
    if patch is None:
        return old
    match patch[0]:
        case "=":
            return patch[1]
        case "d":
            gone = set(patch[2])
            unchanged = {key: value for key, value in old.items() if key not in gone}
            return unchanged | {key: patched(old.get(key), inner) for key, inner in patch[1].items()}
        case "l":
            items = list(old)
            for place, inner in patch[1]:
                items[place] = patched(items[place], inner)
            return items
        case _:
            _, start, removed, inserted = patch
            return [*old[:start], *inserted, *old[start + removed :]]
