"""`calico-bgp explain`: what an INFO, a row, a message, a rule or a cause means. Options and exit codes; no words."""

from __future__ import annotations

import re
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from calico_bgp.cli.help.completing import complete_topics
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, with_output
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.paste_progress import paste_progress
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.running.topics import Topics, installed_topics, nearest_topic, topics
from calico_bgp.errors import CalicoBGPError
from calico_bgp.messages.info.entry import InfoWords
from calico_bgp.messages.info.reading import MOST_ANSWERS, Explained, read_text
from calico_bgp.messages.info.table import info_words
from calico_bgp.report.explain.info_text import explained_to_text, table_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.report.text.sanitize import plain

if TYPE_CHECKING:
    from calico_bgp.cli.running.last_report import LastReport

EXIT_NOT_KNOWN = 1
#: The number of a problem. Nothing that a node prints is a number alone.
_NUMBER = re.compile(r"[0-9]{1,4}")
#: Options of a command that asks no node: none more may be read by another option.
_NOT_LIVE = frozenset({"--snapshot", "--pasted", "--at"})
#: The id of a cause or a finding, or how it begins.
_ID = re.compile(r"[0-9a-f]{6,12}")
#: Characters of a text that may be a name: none is as long.
_LONGEST_NAME = 200
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
  calico-bgp explain 2                                 of your last audit
  calico-bgp explain --list                            the whole table

\b
Exit codes: 0 all of it is known; 1 a part of it is not in the table, which
the answer names; 2 wrong usage, or nothing to explain.
"""


class _Content(NamedTuple):
    """What is written: what a text means, what a name means, or the whole table."""

    answers: tuple[Explained, ...] = ()
    topics: Topics = Topics((), ())
    table: tuple[InfoWords, ...] = ()


def _text(content: _Content, style: TextStyle) -> str:
    if content.table:
        return table_to_text(content.table, style)
    if any(content.topics):
        from calico_bgp.report.explain.topics import topics_to_text  # noqa: PLC0415 - most texts are no name

        return topics_to_text(*content.topics, style)
    return explained_to_text(content.answers, style)


def _json(content: _Content, _: TextStyle) -> str:
    from calico_bgp.report.explain.json import explain_to_json  # noqa: PLC0415 - people read text

    causes, rules = content.topics
    return explain_to_json(answers=content.answers, causes=causes, rules=rules, table=content.table)


FORMATS: Formats[_Content] = Formats(
    text=Format("in sentences", _text),
    json=Format("the same, as `calico-bgp/explain/1`", _json),
)


@click.command("explain", cls=Command, epilog=EPILOG)
@click.argument("info", nargs=-1, metavar="[INFO...|-]", shell_complete=complete_topics)
@click.option("--last", is_flag=True, help="Explain a NUMBER of the last report, however old, of whatever cluster.")
@click.option("--cluster", "of_cluster", metavar="NAME", help="The cluster whose report a NUMBER must be of.")
@click.option("--list", "whole_table", is_flag=True, help="Show the whole table.")
@FORMATS.option("answer")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@show_options
@with_output(FORMATS)
def command(
    info: tuple[str, ...],
    *,
    last: bool,
    of_cluster: str | None,
    whole_table: bool,
    output: Output[_Content],
) -> int:
    """Say in words what `calicoctl node status`, a readiness probe or BIRD's log says.

    INFO is a cell (the words of it need no quotes), a whole row, a message of calicoctl, an event or a log line; `-` is
    standard input, where a whole paste or log may stand. The name of a rule or of a cause is explained as well, and a
    NUMBER is a problem of your last audit, an ID a cause or a finding of it.
    """
    if whole_table:
        if info:
            raise click.UsageError("--list takes no INFO.")
        output.write(_Content(table=tuple(info_words())))
        return 0
    if not info:
        raise click.UsageError("say what to explain: an INFO, a row, a rule, a cause, - for standard input, or --list.")
    if len(info) == 1 and _NUMBER.fullmatch(info[0]):
        if not output.is_text:
            raise click.UsageError("a problem by its number is explained as text; audit --format json has everything.")
        output.write_text(_problem(int(info[0]), output.style, cluster=of_cluster, last=last))
        return 0
    text = _standard_input() if info == ("-",) else " ".join(info)
    named = topics(text[:_LONGEST_NAME])
    if any(named):
        output.write(_Content(topics=named))
        return 0
    is_id = output.is_text and _ID.fullmatch(text) is not None
    details = _of_last_report(text, output.style, cluster=of_cluster, last=last) if is_id else None
    if details is not None:
        output.write_text(details)
        return 0
    return _explain_text(text, output)


def _explain_text(text: str, output: Output[_Content]) -> int:
    """Say what a text means that names no rule and no cause of ours, and say on standard error what is missing.

    Returns:
        The exit code.

    Raises:
        click.UsageError: There is nothing in it.
    """
    with paste_progress(text):
        answers = read_text(text)
    if not answers:
        raise click.UsageError("there is not a word to explain.")
    is_known = all(answer.is_known for answer in answers)
    named = Topics((), ()) if is_known else installed_topics(text[:_LONGEST_NAME])
    if any(named):
        output.write(_Content(topics=named))
        return 0
    output.write(_Content(answers))
    if len(answers) == MOST_ANSWERS:
        click.echo(f"calico-bgp: only the first {MOST_ANSWERS} different answers are explained", err=True)
    if is_known:
        return 0
    topic = nearest_topic(text) if not any(answer.words for answer in answers) else None
    if topic is not None:
        click.echo(f"calico-bgp: did you mean {topic}?", err=True)
    return EXIT_NOT_KNOWN


def _problem(number: int, style: TextStyle, *, cluster: str | None, last: bool) -> str:
    """All about a numbered problem of the last report; what report that is stands first.

    Raises:
        click.UsageError: There is no such problem, or the report is too old, or of another cluster.
        CalicoBGPError: There is no report.
    """
    # They wait for the models, which most texts need not.
    from calico_bgp.cli.running.last_report import last_report  # noqa: PLC0415
    from calico_bgp.report.problems.details import problem_to_text  # noqa: PLC0415
    from calico_bgp.report.problems.values import problems_of  # noqa: PLC0415

    stored = last_report()
    description = _which(stored, cluster=cluster, last=last)
    problems = problems_of(stored.report)
    if not 1 <= number <= len(problems):
        has = {0: "no problem", 1: "one problem"}.get(len(problems), f"problems 1 to {len(problems)}")
        raise click.UsageError(f"{description} and has {has}.")
    retry = None if _NOT_LIVE.intersection(shlex.split(stored.command)) else stored.command
    text = problem_to_text(problems[number - 1], stored.report, style, retry=retry)
    return f"{_head(stored, f'Problem {number} of {len(problems)}')}\n\n{text}"


def _of_last_report(prefix: str, style: TextStyle, *, cluster: str | None, last: bool) -> str | None:
    """All about a cause or a finding of the last report, by its id; None where that report has no such id.

    Raises:
        click.UsageError: It has, and the report is too old, or of another cluster.
    """
    from calico_bgp.cli.running.last_report import last_report  # noqa: PLC0415
    from calico_bgp.report.audit.details import details_to_text, find_by_id  # noqa: PLC0415

    try:
        stored = last_report()
    except CalicoBGPError:
        return None  # then it is a text like any other
    entries = find_by_id(stored.report, prefix)
    if not entries:
        return None
    _which(stored, cluster=cluster, last=last)
    texts = [details_to_text(entry, stored.report, style) for entry in entries]
    return f"{_head(stored, f'Id {prefix}')}\n\n" + "\n".join(texts)


def _which(stored: LastReport, *, cluster: str | None, last: bool) -> str:
    """What report it is; refuses one that is perhaps not meant."""
    from calico_bgp.cli.running.last_report import FRESH, age_in_words  # noqa: PLC0415

    age = datetime.now(UTC) - stored.saved_at
    description = f"the last report is {age_in_words(age)} old ({stored.command})"
    if age > FRESH and not last:
        raise click.UsageError(f"{description}: audit again, or add --last.")
    if cluster is not None and stored.report.cluster != cluster and not last:
        whose = stored.report.cluster or "a cluster without a name"
        raise click.UsageError(f"{description} and is of {whose}: add --last if it is meant.")
    return description


def _head(stored: LastReport, what: str) -> str:
    from calico_bgp.cli.running.last_report import age_in_words  # noqa: PLC0415

    of = f" of {plain(stored.report.cluster)}" if stored.report.cluster else ""
    return f"{what}{of}, {age_in_words(datetime.now(UTC) - stored.saved_at)} ago: {stored.command}"


def _standard_input() -> str:
    """All of it, within bounds; what is not UTF-8 becomes a replacement character, as in every paste."""
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        click.echo(f"calico-bgp: only the first {MOST_BYTES >> 20} MiB of standard input are read", err=True)
    return data[:MOST_BYTES].decode("utf-8-sig", errors="replace")
