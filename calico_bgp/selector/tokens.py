"""Cuts a selector into tokens (libcalico-go/lib/selector/tokenizer/tokenizer.go). Their order is the parser's."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from calico_bgp.errors import SelectorSyntaxError

MAX_LABEL = 512  # characters
_BLANKS = " \t"  # a line feed is an error
_LABEL = re.compile(r"[a-zA-Z0-9_./-]+")
#: What people write for Calico's operators; to Calico they are labels.
MISTAKEN = {"and": "&&", "or": "||", "not": "!"}
_CURLY_QUOTES = "\u2018\u2019\u201c\u201d"  # what word processors and chats make of straight ones
#: Recognised right after a label only, and also without a blank behind: `a contains'x'`. So `has == 'x'` is legal.
_WORD = re.compile(
    r"(?P<contains>contains)|(?P<starts>starts[ \t]*with)|(?P<ends>ends[ \t]*with)|(?P<notin>not[ \t]*in)|(?P<in>in)"
)
_HAS = re.compile(r"has\([ \t]*(?P<label>[a-zA-Z0-9_./-]*)[ \t]*(?P<close>\)?)")
_EVERY = re.compile(r"(?P<word>all|global)\([ \t]*(?P<close>\)?)")


class Kind(Enum):
    """What a token is; the value is how an error message calls it."""

    LABEL = "a label"
    STRING = "a text in quotes"
    LEFT_BRACE = "{"
    RIGHT_BRACE = "}"
    COMMA = ","
    LEFT_PAREN = "("
    RIGHT_PAREN = ")"
    EQUALS = "=="
    NOT_EQUALS = "!="
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"
    NOT = "!"
    AND = "&&"
    OR = "||"
    HAS = "has()"
    ALL = "all()"
    GLOBAL = "global()"
    END = "the end"


class Token(NamedTuple):
    """A token; `text` is the label's name or the string's content, `column` is where it begins, from 0."""

    kind: Kind
    text: str
    column: int


_SIMPLE = {
    "(": Kind.LEFT_PAREN,
    ")": Kind.RIGHT_PAREN,
    "{": Kind.LEFT_BRACE,
    "}": Kind.RIGHT_BRACE,
    ",": Kind.COMMA,
}
_DOUBLE = {"==": Kind.EQUALS, "!=": Kind.NOT_EQUALS, "&&": Kind.AND, "||": Kind.OR}
_WORDS = {
    "contains": Kind.CONTAINS,
    "starts": Kind.STARTS_WITH,
    "ends": Kind.ENDS_WITH,
    "notin": Kind.NOT_IN,
    "in": Kind.IN,
}


def tokenize(selector: str) -> list[Token]:
    """All tokens, END last. The work is linear in the length.

    Raises:
        SelectorSyntaxError: A character that begins no token, or a text that does not end.
    """
    tokens: list[Token] = []
    place = 0
    while True:
        place = _skip_blanks(selector, place)
        if place == len(selector):
            tokens.append(Token(Kind.END, "", place))
            return tokens
        label = tokens[-1] if tokens and tokens[-1].kind is Kind.LABEL else None
        token, place = _next(selector, place, label)
        tokens.append(token)


def _skip_blanks(selector: str, place: int) -> int:
    while place < len(selector) and selector[place] in _BLANKS:
        place += 1
    return place


def _next(selector: str, place: int, label: Token | None) -> tuple[Token, int]:
    """The token at `place` and where the next one may begin; `label` is the one right before it, if any."""
    first, two = selector[place], selector[place : place + 2]
    if first in _SIMPLE:
        return Token(_SIMPLE[first], first, place), place + 1
    if two in _DOUBLE:
        return Token(_DOUBLE[two], two, place), place + 2
    if first == "!":
        return Token(Kind.NOT, first, place), place + 1
    if first in "'\"":
        end = selector.find(first, place + 1)
        if end < 0:
            raise SelectorSyntaxError("the text that begins here does not end", selector, place, f"a closing {first}")
        return Token(Kind.STRING, selector[place + 1 : end], place), end + 1
    if first in "=&|":
        raise SelectorSyntaxError(f"a single {first} means nothing", selector, place, f"`{first * 2}`")
    if label is not None:
        return _operator(selector, place, label)
    return _word(selector, place)


def _operator(selector: str, place: int, label: Token) -> tuple[Token, int]:
    """An operator that is a word: nothing else can stand right after a label."""
    match = _WORD.match(selector, place)
    if match is None or match.lastgroup is None:
        if (symbol := MISTAKEN.get(label.text.lower())) is not None:
            raise SelectorSyntaxError(f"`{label.text}` is no operator", selector, label.column, f"`{symbol}`")
        if not _LABEL.match(selector, place):
            raise _stray(selector, place)
        expected = "an operator: == != in, not in, contains, starts with, ends with (or has(...) around the label)"
        raise SelectorSyntaxError("a label must be followed by an operator", selector, place, expected)
    return Token(_WORDS[match.lastgroup], match[0], place), match.end()


def _word(selector: str, place: int) -> tuple[Token, int]:
    """`has(label)`, `all()`, `global()` or a label."""
    if match := _HAS.match(selector, place):
        if not match["label"]:
            raise SelectorSyntaxError("has() names no label", selector, match.end("label"), "a label, as in has(rack)")
        _check_label(selector, match["label"], match.start("label"))
        if not match["close"]:
            raise SelectorSyntaxError("has( is not closed", selector, match.end(), "`)`")
        return Token(Kind.HAS, match["label"], place), match.end()
    if match := _EVERY.match(selector, place):
        if not match["close"]:
            raise SelectorSyntaxError(f"{match['word']}( is not closed", selector, match.end(), "`)`")
        return Token(Kind.ALL if match["word"] == "all" else Kind.GLOBAL, match["word"], place), match.end()
    if match := _LABEL.match(selector, place):
        _check_label(selector, match[0], place)
        return Token(Kind.LABEL, match[0], place), match.end()
    raise _stray(selector, place)


def _stray(selector: str, place: int) -> SelectorSyntaxError:
    """The error for a character that begins no token. One that may look right is named by its code."""
    character = selector[place]
    if character in "\r\n":
        return SelectorSyntaxError("a line break cannot stand here", selector, place, "the selector on one line")
    if character in _CURLY_QUOTES:
        return SelectorSyntaxError("a curly quote cannot stand here", selector, place, "a straight quote: ' or \"")
    what = f"`{character}`" if character.isascii() and character.isprintable() else f"U+{ord(character):04X}"
    expected = "letters a-z, digits and _ . / - in labels, space and tab between, all else in quotes"
    return SelectorSyntaxError(f"the character {what} cannot stand here", selector, place, expected)


def _check_label(selector: str, label: str, column: int) -> None:
    if len(label) > MAX_LABEL:
        raise SelectorSyntaxError(
            f"a label of {len(label)} characters", selector, column, f"at most {MAX_LABEL} characters"
        )
