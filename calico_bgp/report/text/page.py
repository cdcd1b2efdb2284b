"""A page of styled lines, wrapped to a width and written as text with or without colour. No words of a report here.

rich is loaded where a line has a colour or has to be wrapped: what goes into a pipe needs none of it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from calico_bgp.report.text.sanitize import DEFAULT_LIMIT, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

#: Wide enough for any line: what goes into a pipe or a file is never wrapped or cut.
UNLIMITED = 100_000
#: Where the text of a labelled line begins.
LABEL_WIDTH = 12


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text for people is written. The caller looks at the terminal; nothing here does.

    Attributes:
        width: Columns of the terminal; None wraps nothing, as pipes and files want it.
        color: Whether to write colour.
        unicode: Whether characters beyond ASCII may be used for symbols and lines.
        verbose: Whether everything is shown, however long.
    """

    width: int | None = None
    color: bool = False
    unicode: bool = True
    verbose: bool = False


class Styled(NamedTuple):
    """A text in one style of rich's: `bold`, `dim`."""

    text: str
    style: str


#: Signs of ours, for terminals that show ASCII alone. Names keep every letter that they have.
_IN_ASCII = str.maketrans({"→": "->", "↔": "<->", "…": "...", "≤": "<=", "\N{MULTIPLICATION SIGN}": "x"})


#: What follows one another in a line; a str has no style.
Piece: TypeAlias = "str | Styled | Text"


class Page:
    """Collects lines; `text()` gives them as one string without trailing blanks."""

    def __init__(self, style: TextStyle) -> None:
        self._style = style
        self._buffer = io.StringIO()

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console  # noqa: PLC0415 - lines without colour that fit need none

        return Console(
            file=self._buffer,
            width=self._style.width or UNLIMITED,
            height=100,
            force_terminal=self._style.color,
            color_system="standard" if self._style.color else None,
            no_color=not self._style.color,
            legacy_windows=False,
            force_jupyter=False,
            highlight=False,
            markup=False,
            emoji=False,
            _environ={},
        )

    def line(self, *parts: Piece, indent: int = 0, hang: int = 0, wrap: bool = True) -> None:
        """One paragraph.

        Args:
            parts: Texts that follow each other; a str has no style.
            indent: Blanks before every line.
            hang: More blanks before every line but the first.
            wrap: False for what people copy: a command must stay one line, the terminal folds it.
        """
        if not self._style.unicode:
            parts = tuple(map(_in_ascii, parts))
        if not self._style.color and (not wrap or self._style.width is None) and self._as_it_is(parts, indent):
            return
        from rich.text import Text  # noqa: PLC0415 - see the head of this file

        text = Text()
        for part in parts:
            text.append_text(Text(*part) if isinstance(part, Styled) else Text(part) if isinstance(part, str) else part)
        text.rstrip()
        if not wrap:
            self._console.print(Text(" " * indent).append_text(text), soft_wrap=True)
            return
        room = max((self._style.width or UNLIMITED) - indent - hang, 20)
        if text.cell_len <= room + hang:
            self._print(Text(" " * indent).append_text(text))
            return
        lines = text.wrap(self._console, room + hang, overflow="fold") if hang == 0 else self._hanging(text, room, hang)
        for number, wrapped in enumerate(lines):
            wrapped.rstrip()
            self._print(Text(" " * (indent + (hang if number else 0))).append_text(wrapped))

    def _as_it_is(self, parts: Sequence[Piece], indent: int) -> bool:
        """Write a line without colour that need not be wrapped; False where there is something to leave out of it."""
        line = "".join(map(_unstyled, parts)).rstrip()
        # rich leaves control characters out, and wraps what is wider than any line.
        is_plain = line.isprintable() and len(line) < UNLIMITED // 2
        if is_plain:
            self._buffer.write(" " * indent + line + "\n")
        return is_plain

    def _hanging(self, text: Text, room: int, hang: int) -> list[Text]:
        lines = text.wrap(self._console, room + hang, overflow="fold")
        if len(lines) <= 1:
            return list(lines)
        # The first line is longer than the others by `hang`: wrap the rest anew.
        remainder = text[len(lines[0]) :]
        remainder = remainder[len(remainder.plain) - len(remainder.plain.lstrip()) :]
        return [lines[0], *remainder.wrap(self._console, room, overflow="fold")]

    def table(self, renderable: RenderableType) -> None:
        """Any of rich's renderables."""
        self._print(renderable)

    def written(self, line: str) -> None:
        """A line as it stands, with the colours that it already has."""
        self._buffer.write(line + "\n")

    def _print(self, renderable: RenderableType) -> None:
        from rich.text import Text  # noqa: PLC0415 - see the head of this file

        if isinstance(renderable, Text) and not self._style.color:
            # Twenty thousand findings: rich takes a millisecond for what a string is at once.
            self._buffer.write(renderable.plain + "\n")
            return
        self._console.print(renderable, soft_wrap=False, crop=False, overflow="fold")

    def blank(self) -> None:
        """An empty line."""
        self._buffer.write("\n")

    def text(self) -> str:
        """All lines, each ending in a line feed."""
        text = "".join(line.rstrip() + "\n" for line in self._buffer.getvalue().splitlines())
        return text if self._style.unicode else text.translate(_IN_ASCII)


def _in_ascii(piece: Piece) -> Piece:
    """A piece before it is wrapped; what has styles inside is put right as a whole page."""
    if isinstance(piece, str):
        return piece.translate(_IN_ASCII)
    return Styled(piece.text.translate(_IN_ASCII), piece.style) if isinstance(piece, Styled) else piece


def _unstyled(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    return piece.text if isinstance(piece, Styled) else piece.plain


def labelled(page: Page, label: str, *texts: Piece, indent: int = 2) -> None:
    """A dim label and texts behind it."""
    page.line(Styled(label.ljust(LABEL_WIDTH), "dim"), *texts, indent=indent, hang=LABEL_WIDTH)


def rich_plain(text: str, *, style: str = "", limit: int | None = DEFAULT_LIMIT) -> Text:
    r"""Like `plain`, for rich: a Text, in which `[red]` stays `[red]`.

    Never put node output into rich's markup: rich.markup.escape cannot say `\[`.
    """
    from rich.text import Text  # noqa: PLC0415 - see the head of this file

    return Text(plain(text, limit=limit), style=style)
