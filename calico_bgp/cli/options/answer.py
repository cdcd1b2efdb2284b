"""How a command that answers a question writes its answer: the options that all of them share. No words of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.show import show_options


def answer_options(
    noun: str, *, everything: str, forms: Sequence[str] = ("text", "json")
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, `-o`, `--calico-version`, `-v`, `--color` and `--width`.

    As keywords `form`, `output`, `calico_version`, `verbose`, `color` and `width`.

    Args:
        noun: What is written: `answer`, `plan`.
        everything: What `--verbose` shows, after "Show".
        forms: What `--format` may be; the first is the default.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = show_options(command)
        command = click.option("-v", "--verbose", is_flag=True, help=f"Show {everything}.")(command)
        command = version_option(command)
        command = click.option(
            "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead."
        )(command)
        return click.option(
            "--format",
            "form",
            type=click.Choice(list(forms)),
            default=forms[0],
            show_default=True,
            help=f"How the {noun} is written.",
        )(command)

    return add
