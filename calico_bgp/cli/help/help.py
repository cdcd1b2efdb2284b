"""`--help` of a subcommand: its options in groups, those that matter; `--help-all` the rest. No option's words here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click

from calico_bgp.cli.help.suggest import no_such_command
from calico_bgp.cli.help.typed import is_text, names_files, shown

#: Heading -> the options below it, by one of their names. What stands in none is the command's own.
GROUPS: dict[str, tuple[str, ...]] = {
    "Source": (
        *("--snapshot", "--at", "--history", "--pasted", "--limit", "--cluster"),
        *("--resources", "--resources-from", "--config"),
    ),
    "Kubernetes": ("--context", "--kubeconfig", "--in-cluster", "--pods-at-once"),
    "SSH": (
        *("--user", "--identity", "--agent", "--jump", "--ssh-config", "--known-hosts", "--host-keys"),
        *("--ask-pass", "--pass-fd", "--ask-sudo-pass", "--sudo-pass-fd", "--calicoctl", "--workers", "--processes"),
    ),
    "Deadlines": ("--timeout", "--connect-timeout", "--run-timeout"),
    "Output": (
        *("--format", "--output", "--replace", "--verbose", "--wide", "--color", "--width", "--exit-code", "--fail-on"),
    ),
}
#: What only `--help-all` shows, unless all options fit.
RARE = frozenset(
    {
        *GROUPS["SSH"],
        *GROUPS["Deadlines"],
        *("--history", "--metrics-per-node"),
        *("--kubeconfig", "--in-cluster", "--pods-at-once", "--calico-version", "--width", "--color", "--config"),
        *("--resources-from", "--flap-window", "--detail", "--routes", "--save", "--family", "--layout", "--port"),
        *("--api-fault", "--listen-port", "--variant", "--switch", "--replace"),
    }
)
#: So many options `--help` shows whatever they are called.
_FEW = 10
_CONFIG_HELP = "Settings: this file in place of your own and of the folder's."
_EVERY = "--help-all"
#: The widest first column, click's own limit less its gap.
_COLUMN = 26


#: In `ctx.meta`: the arguments as they were typed, for a command that names itself in its answer.
GIVEN = "calico_bgp.arguments"


class Command(click.Command):
    """A subcommand whose help begins with what matters, and that remembers its arguments as they were typed.

    Args:
        also_rare: Names of options that matter elsewhere, and not to this command.
    """

    def __init__(self, *args: Any, also_rare: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rare = RARE.union(also_rare)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, and `--help-all`, which help names where there is more to show than `--help` does."""
        params = super().get_params(ctx)
        names = {param.name for param in params}
        if "cluster" in names and "config" not in names:
            config = click.Option(["--config"], metavar="FILE|none", expose_value=False, help=_CONFIG_HELP)
            params = [*params[:-1], config, *params[-1:]]
        return [*params[:-1], _help_all(hidden=not self._hidden(params)), *params[-1:]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; of a command that reads nodes, settings are the defaults of what is not typed."""
        ctx.meta[GIVEN] = tuple(args)
        if ctx.resilient_parsing or not any(param.name == "cluster" for param in self.params):
            return self._parse_texts(ctx, args)
        from calico_bgp.cli.options.settings import use_settings, where_it_stands  # noqa: PLC0415 - it waits for models

        typed = self._typed(ctx, args)
        if typed is not None:
            use_settings(ctx, typed)
        try:
            return self._parse_texts(ctx, args)
        except click.BadParameter as error:
            placed = where_it_stands(ctx, error)
            if placed is None:
                raise
            raise placed from error

    def _parse_texts(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        for param in self.params:
            values = ctx.params.get(param.name or "")
            for value in values if isinstance(values, tuple) else (values,):
                if isinstance(value, str) and not names_files(param) and not is_text(value):
                    raise click.BadParameter(f"'{shown(value)}' is not text in UTF-8.", ctx, param)
        return rest

    def _typed(self, ctx: click.Context, args: list[str]) -> dict[str, Any] | None:
        """The parameters that the command line gives, as texts; None where it asks for help, or is wrong anyway."""
        try:
            values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        except click.UsageError:
            return None
        met = [param for param in order if isinstance(param, click.Option)]
        if any({"--help", _EVERY}.intersection(option.opts) for option in met):
            return None
        options = {option.name for option in met}
        arguments = {param.name for param in self.params if isinstance(param, click.Argument)}
        texts = {name: value for name, value in values.items() if isinstance(value, str | tuple | list) and value}
        return {name: value for name, value in texts.items() if name in arguments} | {
            name: values.get(name) for name in options
        }

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, a section each."""
        params = self.get_params(ctx)
        hidden = set() if ctx.meta.get(_EVERY) else self._hidden(params)
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in ("Options", *GROUPS)}
        for param in params:
            if not isinstance(param, click.Option) or param.name in hidden:
                continue  # what an argument is stands in the text above
            record = param.get_help_record(ctx)
            if record is not None:
                sections[_heading(param, params)].append(record)
        last = [record for record in sections["Options"] if "--help" in record[0]]
        sections["Options"] = [record for record in sections["Options"] if record not in last]
        sections["Help"] = last
        # One width in all sections, as far as click would give it.
        widths = [len(name) for records in sections.values() for name, _ in records]
        width = max((width for width in widths if width <= _COLUMN), default=0)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl([(f"{name:<{width}}", text) for name, text in records])

    def _hidden(self, params: list[click.Parameter]) -> set[str | None]:
        options = [param for param in params if isinstance(param, click.Option) and not param.hidden]
        if len(options) <= _FEW:
            return set()
        return {option.name for option in options if self._rare.intersection(option.opts)}


class Group(click.Group):
    """A subcommand that has subcommands itself."""

    command_class = Command

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own, and `--help-all` for who expects it everywhere."""
        params = super().get_params(ctx)
        return [*params[:-1], _help_all(hidden=True), *params[-1:]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them; without any, show the help as any other help, not as an error's text."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True, color=ctx.color)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find it, or say which one was perhaps meant."""
        if args and self.get_command(ctx, args[0]) is None:
            ctx.fail(no_such_command(args, self.list_commands(ctx), ctx.command_path))
        return super().resolve_command(ctx, args)


def _heading(param: click.Option, params: list[click.Parameter]) -> str:
    heading = next((heading for heading, names in GROUPS.items() if set(names).intersection(param.opts)), "Options")
    # The `--user` of a command that opens no connection is another one's.
    opens_ssh = any("--identity" in other.opts for other in params)
    return "Options" if heading == "SSH" and not opens_ssh else heading


def _help_all(*, hidden: bool) -> click.Option:
    return click.Option(
        [_EVERY],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_all,
        hidden=hidden,
        help="Show every option.",
    )


def _show_all(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        ctx.meta[_EVERY] = True
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()
