"""The command that was given, to be printed as one that can be run again: with its source, without its form.

What a report names as the next command reads the same source, so that it can be run as it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

import click

from calico_bgp import shell_words
from calico_bgp.cli.help.help import GIVEN
from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.check import AUDIT_AGAIN, AuditAgain, Check, CheckCommand, CheckWords
from calico_bgp.model.reports.report import Report

#: How an answer is written, which is the reader's business, and asked for anew.
_FORM = frozenset({"form", "output", "verbose", "color", "width", "explain", "brief"})
#: What a fix is verified by where it is not the nodes that were audited.
_READ_ANEW = CheckWords(words="read the nodes anew and audit that: what was audited is from before the fix")


def repeated(*, without: Collection[str] = ()) -> str:
    """The command line of this run, quoted for a shell, its options in their long form, without its form.

    Args:
        without: Names of parameters to leave out, too.
    """
    ctx = click.get_current_context()
    left_out = _FORM.union(without)
    words = [word for parameter, value in _typed_parameters(ctx) if parameter.name not in left_out for word in value]
    return " ".join((*_path(ctx), *words))


def at_same_source(command: str) -> str:
    """Another command at the source of this run, quoted for a shell.

    Args:
        command: Its words, all but `calico-bgp`; it reads any source.
    """
    ctx = click.get_current_context()
    source = _source_names()
    words = [word for parameter, value in _typed_parameters(ctx) if parameter.name in source for word in value]
    return " ".join(("calico-bgp", command, *words))


@cache
def _source_names() -> frozenset[str]:
    """The parameters that say where readings and resources come from, and how they are read."""
    # It waits for every way to read.
    from calico_bgp.cli.options.version import version_option  # noqa: PLC0415
    from calico_bgp.cli.sources.source import source_options  # noqa: PLC0415

    @click.command()
    @source_options
    @version_option
    def nothing() -> None:
        """Nothing: it has the options."""

    return frozenset(parameter.name for parameter in nothing.params if parameter.name) | {"config"}


def _path(ctx: click.Context) -> list[str]:
    """`calico-bgp audit`, of a subcommand of a group all of its names."""
    names = []
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        names.append(str(at.info_name))
        at = at.parent
    return ["calico-bgp", *reversed(names)] if names else ["calico-bgp", str(ctx.info_name)]


def _typed_parameters(ctx: click.Context) -> Iterator[tuple[click.Parameter, list[str]]]:
    """Each parameter that was typed, with its words."""
    values, _, order = ctx.command.make_parser(ctx).parse_args(list(ctx.meta.get(GIVEN, ())))
    for parameter in dict.fromkeys(order):
        value = values.get(parameter.name)
        if isinstance(value, str | bool | list | tuple):  # what was not given has a value of click's own
            yield parameter, _words(parameter, value)


def _words(parameter: click.Parameter, value: Any) -> list[str]:
    """The words of one parameter; the value is as click's parser has it: a text, texts for each use, or of each use."""
    if isinstance(value, bool):
        return [_name(parameter.opts if value or not parameter.secondary_opts else parameter.secondary_opts)]
    uses = [value] if isinstance(value, str) or (parameter.nargs > 1 and not parameter.multiple) else value
    texts = [[_word(text) for text in ([use] if isinstance(use, str) else use)] for use in uses]
    if isinstance(parameter, click.Argument):
        return [text for use in texts for text in use]
    return [word for use in texts for word in (_name(parameter.opts), *use)]


def _word(text: str) -> str:
    return text if text == "-" else shell_words.quote(text)  # standard input, and no option


def _name(names: Sequence[str]) -> str:
    return max(names, key=len)


def with_source(report: Report, again: str, *, live: bool, context: str | None = None) -> Report:
    """The report with commands that verify its fixes where they can be verified: at the nodes.

    Args:
        report: As the library gives it.
        again: The command that audits the same source.
        live: Whether that reads the nodes. What a snapshot, a history or a paste shows no fix changes.
        context: The kubeconfig context through which it was read once.
    """
    command: str | None = again
    if not live:
        command = None if context is None else f"{AUDIT_AGAIN.line} --context {shell_words.quote(context)}"

    def at_the_nodes(check: Check) -> Check:
        if not isinstance(check, AuditAgain):
            return check
        return _READ_ANEW if command is None else CheckCommand(command=check.of_source(command))

    def verified(cause: Cause) -> Cause:
        fixes = tuple(fix.model_copy(update={"verify": at_the_nodes(fix.verify)}) for fix in cause.fixes)
        return cause.model_copy(update={"fixes": fixes})

    return report.model_copy(update={"causes": tuple(map(verified, report.causes))})
