"""docs/formats.md: the forms of every command's answer, as the commands declare them.

Run by docs/generate.py. Only the introduction stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from calico_bgp.cli.main import cli
from calico_bgp.cli.options.formats import FormChoice

PAGE = Path(__file__).parents[1] / "formats.md"

_INTRO = """# Formats

<!-- Made by docs/generate.py of what the commands declare. -->

What `--format` may be, of each command. `text` is for people, and may change in any release; the fields of documents
are on the page [JSON](json.md), and only grow.

| command | `--format` | what it is |
|---|---|---|
"""


def formats(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, FormChoice]]:
    """Each command at or below this one that has forms."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from formats(below, (*words, name))
    for parameter in command.params:
        if isinstance(parameter.type, FormChoice):
            yield " ".join(words), parameter.type


def page() -> str:
    """The page."""
    lines = []
    for command, choice in sorted(formats(cli, ("calico-bgp",)), key=lambda pair: pair[0]):
        for place, (name, what) in enumerate(choice.meanings.items()):
            lines.append(f"| {f'`{command}`' if not place else ''} | `{name}` | {what} |\n")
    return _INTRO + "".join(lines)
