"""The command that was given, to be printed as one that can be run again: with its source, without its form."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from calico_bgp import shell_words
from calico_bgp.cli.help.help import Command
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.model.report import Report

_GIVEN = "calico_bgp.arguments"


class Repeatable(Command):
    """A command that remembers its arguments as they were given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them, and keep them."""
        ctx.meta[_GIVEN] = tuple(args)
        return super().parse_args(ctx, args)


def repeated(ctx: click.Context, *, without: Collection[str]) -> str:
    """The command line of this run, quoted for a shell, its options in their long form.

    Args:
        ctx: Of a Repeatable command.
        without: Names of parameters to leave out.
    """
    given = list(ctx.meta.get(_GIVEN, ()))
    values, _, order = ctx.command.make_parser(ctx).parse_args(given)
    words: list[str] = []
    for parameter in dict.fromkeys(order):
        value = values.get(parameter.name)
        if parameter.name in without or not isinstance(value, str | bool | list | tuple):
            continue  # what was not given has a value of click's own
        words += _words(parameter, value)
    return " ".join(("calico-bgp", str(ctx.info_name), *words))


def _words(parameter: click.Parameter, value: str | bool | Sequence[str]) -> list[str]:
    if isinstance(value, bool):
        return [_name(parameter.opts if value or not parameter.secondary_opts else parameter.secondary_opts)]
    texts = [shell_words.quote(text) for text in ([value] if isinstance(value, str) else value)]
    if isinstance(parameter, click.Argument):
        return texts
    return [word for text in texts for word in (_name(parameter.opts), text)]


def _name(names: Sequence[str]) -> str:
    return max(names, key=len)


def with_source(report: Report, again: str, *, live: bool) -> Report:
    """The report with commands that verify its fixes at the source that was audited.

    Args:
        report: As the library gives it.
        again: The command that audits the same source.
        live: Whether that reads the nodes, so that waiting makes sense.
    """

    def check(given: str) -> str:
        rest = given.removeprefix(AUDIT_AGAIN) if given.startswith(AUDIT_AGAIN) else None
        return given if rest is None else f"{again}{rest if live else ''}"

    causes = tuple(
        cause.model_copy(
            update={"fixes": tuple(fix.model_copy(update={"check": check(fix.check)}) for fix in cause.fixes)}
        )
        for cause in report.causes
    )
    return report.model_copy(update={"causes": causes})
