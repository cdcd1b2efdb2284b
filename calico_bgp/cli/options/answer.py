"""How and where a command writes its answer, as the user chose: the options, and one value made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import click

from calico_bgp.cli.options.formats import AnswerT, Formats
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.show import show_options, text_style, write
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.severity import Severity

if TYPE_CHECKING:
    from calico_bgp.model.reports.lint import LintReport
    from calico_bgp.model.reports.report import Report
    from calico_bgp.report.text.page import TextStyle

families_option = click.option(
    "--family", "families", type=click.Choice([f.value for f in Family]), multiple=True, help="Only this one."
)
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice([s.value for s in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="Exit with 1 from this severity on.",
)


@dataclass(frozen=True)
class Output(Generic[AnswerT]):
    """The user's choice.

    Attributes:
        formats: The forms that the command's answer has.
        form: The name of the chosen one.
        file: Where it goes; None or `-` for standard output.
        color: The user's word, None when the user said nothing.
        width: Likewise, in columns.
        verbose: Whether everything is shown.
    """

    formats: Formats[AnswerT]
    form: str
    file: Path | None
    color: bool | None
    width: int | None
    verbose: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it goes to a file, so that the terminal is free for a line about it."""
        return self.file is not None and str(self.file) != "-"

    @property
    def is_text(self) -> bool:
        """Whether it is written for people who read the terminal."""
        return self.form == "text"

    @cached_property
    def style(self) -> TextStyle:
        """What can be shown there."""
        return text_style(color=self.color, width=self.width, verbose=self.verbose, to_file=self.is_file)

    def render(self, answer: AnswerT) -> str | Iterable[str]:
        """The answer in the chosen form."""
        return self.formats.render(self.form, answer, self.style)

    def write(self, answer: AnswerT) -> None:
        """Write the answer in the chosen form.

        Raises:
            StoreError: The file cannot be written.
        """
        self.write_text(self.render(answer))

    def write_judged(self, answer: AnswerT, judged: Report | LintReport) -> bool:
        """Likewise, but what was judged is not lost because a form fails: standard error then has it.

        Args:
            answer: What is written.
            judged: The report in it.

        Returns:
            Whether it was written.
        """
        try:
            text = self.render(answer)
        except Exception as error:  # noqa: BLE001 - whatever the mistake is
            from calico_bgp.cli.running.failure import unwritten_text  # noqa: PLC0415 - it loads what a report is

            click.echo(f"calico-bgp: {unwritten_text(self.form, error, judged)}", err=True)
            return False
        self.write_text(text)
        return True

    def write_text(self, text: str | Iterable[str]) -> None:
        """Write what is rendered already.

        Args:
            text: Whole or in pieces; ends in a line feed.

        Raises:
            StoreError: The file cannot be written.
        """
        write(text, self.file, color=self.style.color)


def with_output(formats: Formats[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand a command `--format`, `-o`, `--color`, `--width` and perhaps `-v` as one keyword, `output`.

    It declares no option: those stand above it, in the order in which `--help` shows them.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_one_value(
            *args: Any,
            form: str,
            output: Path | None,
            color: bool | None,
            width: int | None,
            verbose: bool = False,
            **kwargs: Any,
        ) -> Any:
            return command(*args, output=Output(formats, form, output, color, width, verbose), **kwargs)

        return with_one_value

    return add


def answer_options(
    noun: str, *, everything: str, formats: Formats[Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, `-o`, `--calico-version`, `-v`, `--color` and `--width`.

    As keywords `output` (an Output) and `calico_version`.

    Args:
        noun: What is written: `answer`, `plan`.
        everything: What `--verbose` shows, after "Show".
        formats: The forms of the answer.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = show_options(with_output(formats)(command))
        command = click.option("-v", "--verbose", is_flag=True, help=f"Show {everything}.")(command)
        command = version_option(command)
        command = click.option(
            "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead."
        )(command)
        return formats.option(noun)(command)

    return add
