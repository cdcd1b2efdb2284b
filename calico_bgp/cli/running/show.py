"""How a command writes: what the terminal can show, and standard output or a file. No report's words in this file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calico_bgp.cli.running.streams import is_ascii_asked_for

if TYPE_CHECKING:
    from calico_bgp.report.text.page import TextStyle

_SYMBOLS = "●◐✗○·╲─…"


def show_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--color/--no-color` and `--width`, as keywords `color` and `width`."""
    command = click.option(
        "--width", type=click.IntRange(min=40), metavar="N", help="Wrap text at N columns. [default: the terminal's]"
    )(command)
    return click.option(
        "--color/--no-color", default=None, help="Colour, or none. [default: on a terminal, unless NO_COLOR is set]"
    )(command)


def text_style(*, color: bool | None, width: int | None, verbose: bool = False, to_file: bool = False) -> TextStyle:
    """What standard output can show.

    A pipe or a file gets no colour and no line breaks of ours, so that grep finds whole lines; COLUMNS, `--width` and
    `--color` say otherwise. NO_COLOR: https://no-color.org.

    Args:
        color: The user's word, None when the user said nothing.
        width: The user's word likewise.
        verbose: Passed on.
        to_file: Whether the text goes to a file instead of standard output.
    """
    from calico_bgp.report.text.page import TextStyle  # noqa: PLC0415 - `parse` writes, and has no page

    stream = sys.stdout
    is_terminal = stream.isatty() and not to_file
    if color is None:
        color = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if width is None and not to_file:
        columns = os.environ.get("COLUMNS", "")
        if columns.isdecimal() and len(columns) < 7 and int(columns) > 0:
            width = max(int(columns), 40)
        elif is_terminal:
            import shutil  # noqa: PLC0415 - a pipe has no size

            width = max(shutil.get_terminal_size().columns, 40)
    unicode = to_file or (not is_ascii_asked_for() and _can_say(_SYMBOLS, stream.encoding))
    return TextStyle(width=width, color=color, unicode=unicode, verbose=verbose)


def _can_say(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(text: str | Iterable[str], output: Path | None, *, color: bool = False) -> None:
    """Write a whole document to a file, wholly or not at all, or to standard output.

    Args:
        text: Whole, or in pieces, of which only one is held at a time; ends in a line feed.
        output: None or `-` for standard output.
        color: Whether the text holds colour on purpose.

    Raises:
        StoreError: The file cannot be written.
    """
    if output is not None and str(output) != "-":
        from calico_bgp.store.atomic import write_text_atomic  # noqa: PLC0415 - most reports go to standard output

        write_text_atomic(output, text)
        return
    encoding = sys.stdout.encoding or "utf-8"
    for piece in (text,) if isinstance(text, str) else text:
        # A character that the terminal cannot say must not end the report.
        click.echo(piece.encode(encoding, "replace").decode(encoding), nl=False, color=color or None)
