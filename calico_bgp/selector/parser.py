"""A selector's tokens to its tree (libcalico-go/lib/selector/parser/parser.go). Evaluates nothing.

The open parentheses are a list, not Python's stack, so that no depth is too deep.
"""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.selector.tokens import MISTAKEN, Kind, Token, tokenize
from calico_bgp.selector.tree import Join, Operator, Selector, Step, Test, TestKind

_COMPARISONS = {
    Kind.EQUALS: TestKind.EQUALS,
    Kind.NOT_EQUALS: TestKind.NOT_EQUALS,
    Kind.CONTAINS: TestKind.CONTAINS,
    Kind.STARTS_WITH: TestKind.STARTS_WITH,
    Kind.ENDS_WITH: TestKind.ENDS_WITH,
}
_SETS = {Kind.IN: TestKind.IN, Kind.NOT_IN: TestKind.NOT_IN}
_EVERY = {Kind.ALL: TestKind.ALL, Kind.GLOBAL: TestKind.GLOBAL}
#: How many levels are open outside all parentheses.
_OUTERMOST = 2
_OPERATION = "a test such as has(rack), rack == 'a' or all()"


@dataclass(slots=True)
class _Level:
    """One level of parentheses: how many operands wait for `&&` and `||`, and whether `!` stands before it."""

    column: int
    negated: bool
    ands: int = 0
    ors: int = 0


def parse_selector(text: str) -> Selector:
    """Parse a selector. An empty or all-blank one matches everything.

    Raises:
        SelectorSyntaxError: It says where, and what was expected there.
    """
    tokens = tokenize(text)
    if tokens[0].kind is Kind.END:
        return Selector((Test(TestKind.ALL),))
    return Selector(tuple(_Parser(text, tokens).expression()))


class _Parser:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._place = 0
        self._steps: list[Step] = []
        # The first one only counts the second, which is the selector itself.
        self._levels = [_Level(0, negated=False), _Level(0, negated=False)]

    def expression(self) -> list[Step]:
        """`expression = conjunction { "||" conjunction }`, `conjunction = operation { "&&" operation }`."""
        while True:
            self._operation()
            while self._peek().kind is Kind.RIGHT_PAREN and len(self._levels) > _OUTERMOST:
                self._take()
                self._close_level()
            token = self._take()
            if token.kind is Kind.OR:
                self._close_conjunction()
            elif token.kind is Kind.END:
                return self._finish()
            elif token.kind is not Kind.AND:
                raise self._unexpected(token)

    def _operation(self) -> None:
        """`operation = { "!" } ( test | "(" expression ")" )`: opens levels until a test stands there."""
        while True:
            negated = False
            while self._peek().kind is Kind.NOT:
                self._take()
                negated = not negated
            token = self._take()
            if token.kind is not Kind.LEFT_PAREN:
                break
            self._levels.append(_Level(token.column, negated))
        self._steps.append(self._test(token))
        self._operand(negated=negated)

    def _operand(self, *, negated: bool) -> None:
        """Count what has just been read as an operand of the level."""
        if negated:
            self._steps.append(Join(Operator.NOT, 1))
        self._levels[-1].ands += 1

    def _test(self, token: Token) -> Test:
        """`test = has | all | global | label operator value`."""
        if token.kind in _EVERY:
            return Test(_EVERY[token.kind])
        if token.kind is Kind.HAS:
            return Test(TestKind.HAS, token.text)
        if token.kind is not Kind.LABEL:
            raise self._no_test(token)
        operator = self._take()
        if token.text.lower() == "not" and operator.kind in {Kind.LEFT_PAREN, Kind.NOT}:
            raise self._mistaken(token)
        if operator.kind in _COMPARISONS:
            return Test(_COMPARISONS[operator.kind], token.text, (self._string(operator),))
        if operator.kind in _SETS:
            return Test(_SETS[operator.kind], token.text, self._set(operator))
        expected = f"an operator after the label, as in {token.text} == 'value', or has({token.text})"
        raise self._error("a label alone is no test", operator, expected)

    def _string(self, operator: Token) -> str:
        """`value = "'" ... "'"`."""
        token = self._take()
        if token.kind is Kind.STRING:
            return token.text
        if token.kind is Kind.LABEL:
            raise self._error("a value must be in quotes", token, f"'{token.text}'")
        raise self._error(f"`{operator.kind.value}` is followed by no value", token, "a text in quotes")

    def _set(self, operator: Token) -> tuple[str, ...]:
        """`set = "{" [ value { "," value } [ "," ] ] "}"`."""
        token = self._take()
        if token.kind is not Kind.LEFT_BRACE:
            raise self._error(f"`{operator.kind.value}` is followed by no set", token, "a set, as in {'a', 'b'}")
        values = set()
        while (token := self._take()).kind is Kind.STRING:
            values.add(token.text)
            if self._peek().kind is not Kind.COMMA:
                token = self._take()
                break
            self._take()
        if token.kind is Kind.LABEL:
            raise self._error("a value must be in quotes", token, f"'{token.text}'")
        if token.kind is not Kind.RIGHT_BRACE:
            raise self._error("the set is not closed", token, "`}`, or a comma and a text in quotes")
        return tuple(sorted(values))

    def _close_conjunction(self) -> None:
        level = self._levels[-1]
        if level.ands > 1:
            self._steps.append(Join(Operator.AND, level.ands))
        level.ands = 0
        level.ors += 1

    def _close_level(self) -> None:
        self._close_conjunction()
        level = self._levels.pop()
        if level.ors > 1:
            self._steps.append(Join(Operator.OR, level.ors))
        self._operand(negated=level.negated)

    def _finish(self) -> list[Step]:
        if len(self._levels) > _OUTERMOST:
            raise SelectorSyntaxError("this `(` is not closed", self._text, self._levels[-1].column, "a `)` for it")
        self._close_level()
        return self._steps

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        """The next token. Behind END there is none, and nobody asks."""
        token = self._tokens[self._place]
        if token.kind is not Kind.END:
            self._place += 1
        return token

    def _no_test(self, token: Token) -> SelectorSyntaxError:
        if token.kind is Kind.END:
            return self._error("the selector ends too early", token, _OPERATION)
        if token.kind is Kind.STRING:
            return self._error("a text cannot stand first", token, "the label first, as in rack == 'a'")
        return self._error(f"`{token.text}` cannot stand here", token, _OPERATION)

    def _unexpected(self, token: Token) -> SelectorSyntaxError:
        if token.kind is Kind.RIGHT_PAREN:
            return self._error("this `)` closes nothing", token, "&&, || or the end")
        if token.kind is Kind.LABEL and token.text.lower() in MISTAKEN:
            return self._mistaken(token)
        return self._error("the selector should end here", token, "&&, || or the end")

    def _mistaken(self, token: Token) -> SelectorSyntaxError:
        return self._error(f"`{token.text}` is no operator", token, f"`{MISTAKEN[token.text.lower()]}`")

    def _error(self, message: str, token: Token, expected: str) -> SelectorSyntaxError:
        return SelectorSyntaxError(message, self._text, token.column, expected)
