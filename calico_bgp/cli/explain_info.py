"""`calico-bgp explain`: what an INFO, a row, a message, a rule or a cause means. Options and exit codes; no words."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from calico_bgp.cli.running.completing import complete_topics
from calico_bgp.cli.running.help import Command
from calico_bgp.cli.running.progress import paste_progress
from calico_bgp.cli.running.show import show_options, text_style, write
from calico_bgp.cli.running.topics import nearest_topic, topics
from calico_bgp.messages.info.reading import MOST_ANSWERS, read_text
from calico_bgp.messages.info.table import info_words
from calico_bgp.report.explain.info_text import explained_to_text, table_to_text
from calico_bgp.report.explain.json import explain_to_json
from calico_bgp.report.explain.topics import topics_to_text

EXIT_NOT_KNOWN = 1
#: What is read from standard input: the tables of some hundred nodes.
MOST_BYTES = 4 << 20

EPILOG = """
\b
Examples:
  calico-bgp explain Active Socket: Connection refused
  calico-bgp explain 'Passive BGP Error: Bad peer AS'
  calico-bgp explain 'No IPv4 peers found.'
  calico-bgp explain '| 10.0.0.2 | node specific | start | 10:20:30 | Idle |'
  calico-bgp explain 'BIRD is not ready: BGP not established with 10.0.0.2'
  sudo calicoctl node status | calico-bgp explain -    every different answer
  kubectl logs calico-node-x | calico-bgp explain -    every known message
  calico-bgp explain isolated-node                     a rule, or a cause
  calico-bgp explain --list                            the whole table

\b
Exit codes: 0 all of it is known; 1 a part of it is not in the table, which
the answer names; 2 wrong usage, or nothing to explain.
"""


@click.command("explain", cls=Command, epilog=EPILOG)
@click.argument("info", nargs=-1, metavar="[INFO...|-]", shell_complete=complete_topics)
@click.option("--list", "whole_table", is_flag=True, help="Show the whole table.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the answer is written.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@show_options
def command(
    info: tuple[str, ...],
    *,
    whole_table: bool,
    form: str,
    output: Path | None,
    color: bool | None,
    width: int | None,
) -> int:
    """Say in words what `calicoctl node status`, a readiness probe or BIRD's log says.

    INFO is a cell (the words of it need no quotes), a whole row, a message of calicoctl, an event or a log line; `-` is
    standard input, where a whole paste or log may stand. The name of a rule or of a cause is explained as well.
    """
    style = text_style(color=color, width=width, to_file=output is not None and str(output) != "-")
    if whole_table:
        if info:
            raise click.UsageError("--list takes no INFO.")
        text = explain_to_json(table=info_words()) if form == "json" else table_to_text(info_words(), style)
        write(text, output, color=style.color)
        return 0
    if not info:
        raise click.UsageError("say what to explain: an INFO, a row, a rule, a cause, - for standard input, or --list.")
    asked = _standard_input() if info == ("-",) else " ".join(info)
    causes, rules = topics(asked[:200])
    if causes or rules:
        text = explain_to_json(causes=causes, rules=rules) if form == "json" else topics_to_text(causes, rules, style)
        write(text, output, color=style.color)
        return 0
    with paste_progress(asked):
        answers = read_text(asked)
    if not answers:
        raise click.UsageError("there is not a word to explain.")
    text = explain_to_json(answers=answers) if form == "json" else explained_to_text(answers, style)
    write(text, output, color=style.color)
    if len(answers) == MOST_ANSWERS:
        click.echo(f"calico-bgp: only the first {MOST_ANSWERS} different answers are explained", err=True)
    if all(answer.is_known for answer in answers):
        return 0
    topic = nearest_topic(asked) if not any(answer.words for answer in answers) else None
    if topic is not None:
        click.echo(f"calico-bgp: did you mean {topic}?", err=True)
    return EXIT_NOT_KNOWN


def _standard_input() -> str:
    """All of it, within bounds; what is not UTF-8 becomes a replacement character, as in every paste."""
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        click.echo(f"calico-bgp: only the first {MOST_BYTES >> 20} MiB of standard input are read", err=True)
    return data[:MOST_BYTES].decode("utf-8-sig", errors="replace")
