"""How a command that answers a question writes its answer: the options that all of them share. No words of a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from calico_bgp.cli.options.formats import Formats
from calico_bgp.cli.options.output import with_output
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.show import show_options
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.severity import Severity

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


def answer_options(
    noun: str, *, everything: str, formats: Formats[Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, `-o`, `--calico-version`, `-v`, `--color` and `--width`.

    As keywords `output` (output.Output) and `calico_version`.

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
