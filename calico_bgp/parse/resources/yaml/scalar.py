"""What a plain YAML scalar is to Go: a text, a number, a truth value or nothing. Only this; no events, no kinds.

calicoctl and kubectl read YAML with go-yaml version 2 (resolve.go): YAML 1.1's truth values, its octal numbers, no
numbers to the base 60, and a date stays a text.
"""

from __future__ import annotations

import re

_HINTS = frozenset("yYnNtTfFoO~0123456789+-.")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INT = re.compile(r"[-+]?(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT64_DIGITS = 19
_YAML = "tag:yaml.org,2002:"


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar."""
    if not text:
        return None
    if text[0] not in _HINTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "0123456789+-.":
        plain = text.replace("_", "")
        if (number := _integer(plain)) is not None:
            return number
        if _FLOAT.fullmatch(plain):
            return float(plain)
    return text


def _integer(plain: str) -> int | None:
    match = _INT.fullmatch(plain)
    if match is None:
        return None
    sign = -1 if plain[0] == "-" else 1
    for digits, base in zip(match.groups(), (16, 2, 8), strict=True):
        if digits is not None:
            number = int(digits, base) if len(digits) <= 64 else 1 << 64  # not more bits than digits of base 2
            return sign * number if number < 1 << 64 else None
    digits = plain.lstrip("+-")
    if len(digits) > _INT64_DIGITS + 1:
        return None
    number = sign * int(digits)
    return number if -(1 << 63) <= number < 1 << 64 else None


def as_written(tag: str) -> str:
    """A tag as it stands in the text: `!!str` for YAML's own, what a terminal must not see as `%1B`."""
    tag = f"!!{tag.removeprefix(_YAML)}" if tag.startswith(_YAML) else tag
    return tag if tag.isprintable() else "".join(one if one.isprintable() else f"%{ord(one):02X}" for one in tag)
