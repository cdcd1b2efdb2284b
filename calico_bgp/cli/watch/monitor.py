"""`calico-bgp monitor`: watch a cluster. Puts source, audit, history, log and metrics together; monitor/ reasons."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from calico_bgp.auditing.engine import DEFAULT_RULES, audit
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.config import load_config
from calico_bgp.cli.options.duration import parse_duration
from calico_bgp.cli.options.history import default_history
from calico_bgp.cli.options.metrics import Endpoint, parse_endpoint, per_node_option
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.own_rules import own_lint_rules, own_rules
from calico_bgp.cli.running.signals import ended_by_sigterm
from calico_bgp.cli.sources.kubernetes import NotReadExit
from calico_bgp.cli.sources.source import Source, require_one, source_options
from calico_bgp.errors import CalicoBGPError, StoreError
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.reports.report import Report, Severity
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.log import lines
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.watcher import Finished, SourceFailed, Watcher
from calico_bgp.report.text.sanitize import plain
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.store.atomic import write_text_atomic
from calico_bgp.store.history.writer import HistoryWriter

EPILOG = """
\b
Examples:
  calico-bgp monitor                  the current context, every 60 s
  calico-bgp monitor hosts.txt --every 2m --log json
  calico-bgp monitor --metrics 9469   /metrics on 127.0.0.1
  calico-bgp monitor --textfile /var/lib/node_exporter/calico_bgp.prom
  calico-bgp monitor --once           from cron
  calico-bgp history                  what it saw

\b
Exit codes: 0 ended by SIGTERM; 2 wrong usage or input, or another watcher
writes the history; with --once those of `calico-bgp audit`; 130 interrupted.
"""
_EXIT_UNKNOWN = 3
#: With `--once` cron would have something forgotten every minute.
_PRUNE_STEP = timedelta(hours=12)


def parse_confirm(text: str) -> tuple[int, int]:
    """`3` or `2/3`, for click's `type=`.

    Raises:
        click.BadParameter: It is neither.
    """
    needed, slash, of = text.strip().partition("/")
    try:
        needed_of_all = (int(needed), int(of) if slash else int(needed))
        Patience(*needed_of_all)
    except ValueError:
        raise click.BadParameter(f"{text!r}: expected a number of polls, 3, or so many of so many, 2/3") from None
    return needed_of_all


@click.command(
    cls=Command,
    also_rare=("--snapshot", "--pasted", "--at", "--limit", "--confirm", "--no-history"),
    epilog=EPILOG,
)
@source_options
@click.option(
    "--every",
    type=parse_duration,
    metavar="DURATION",
    help="From the beginning of a poll to that of the next. [default: 60s, above 500 nodes 5m]",
)
@click.option("--once", is_flag=True, help="One poll, for cron; what was remembered stands in the history.")
@click.option(
    "--confirm",
    type=parse_confirm,
    metavar="N[/M]",
    default="3",
    show_default=True,
    help="Tell a cause, or that it is gone, after N polls, or N of the last M. A certain one with routes lost at once.",
)
@click.option("--no-history", is_flag=True, help="Keep no history.")
@click.option(
    "--keep",
    type=parse_duration,
    metavar="DURATION",
    default="90d",
    show_default=True,
    help="How long the history is kept.",
)
@click.option(
    "--metrics", type=parse_endpoint, metavar="[HOST:]PORT", help="Serve /metrics there; a port alone on 127.0.0.1."
)
@click.option(
    "--textfile",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the metrics to a file after each poll, for a textfile collector.",
)
@per_node_option
@click.option(
    "--log",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How log lines are written.",
)
@click.option("-v", "--verbose", is_flag=True, help="A line for every poll as well.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Exceptions and maintenance. [default: calico-bgp.toml]",
)
@version_option
def command(
    source: Source,
    *,
    every: timedelta | None,
    once: bool,
    confirm: tuple[int, int],
    no_history: bool,
    keep: timedelta,
    metrics: Endpoint | None,
    textfile: Path | None,
    per_node: bool,
    form: str,
    verbose: bool,
    config: Path | None,
    calico_version: CalicoVersion | None,
) -> int:
    """Watch the cluster: read it again and again, remember, and tell what changed, in the words of the audit.

    HOSTS is a file with one host a line; every node is read over SSH.
    """
    require_one(source)
    if not source.is_live and not once:
        raise click.UsageError("a snapshot or a paste does not change; with --once it is looked at once.")
    if no_history and source.history is not None:
        raise click.UsageError("--history FILE and --no-history contradict each other.")
    if every is not None and every < timedelta(seconds=1):
        raise click.UsageError("--every is at least 1s.")
    settings = load_config(config) or Config()
    with ExitStack() as stack:
        writer = None if no_history else stack.enter_context(HistoryWriter(source.history or default_history()))
        watcher = Watcher(
            Reading(source),
            lambda snapshot: _judge(snapshot, settings, calico_version),
            every=None if every is None else every.total_seconds(),
            patience=Patience(*confirm),
            windows=settings.maintenance,
            history=writer,
        )

        publish = stack.enter_context(publishing(metrics, textfile, per_node=per_node))

        def tell(finished: Finished) -> None:
            publish(finished)
            for line in lines(finished, as_json=form == "json", verbose=verbose or once):
                click.echo(line)
            sys.stdout.flush()

        prune = None if writer is None else _pruning(writer, keep)
        if once:
            if prune is not None:
                prune()
            finished = watcher.poll()
            tell(finished)
            return _EXIT_UNKNOWN if finished.report is None else finished.report.exit_code(Severity.ERROR)
        with ended_by_sigterm():
            watcher.run(tell, prune=prune)
    return 0


@contextmanager
def publishing(
    endpoint: Endpoint | None, textfile: Path | None, *, per_node: bool
) -> Iterator[Callable[[Finished], None]]:
    """Gives the function that serves and writes the metrics of each finished poll, as long as the block runs.

    Raises:
        CalicoBGPError: prometheus-client is not installed, or nobody can listen there.
    """
    if endpoint is None and textfile is None:
        yield lambda _: None
        return
    # An extra, and half a second of imports.
    from calico_bgp.monitor.metrics.exposition import MetricsServer, to_text  # noqa: PLC0415
    from calico_bgp.monitor.metrics.samples import samples  # noqa: PLC0415
    from calico_bgp.monitor.metrics.seen import Watching  # noqa: PLC0415
    from calico_bgp.monitor.metrics.sessions import ExpectedSessions  # noqa: PLC0415

    try:
        server = None if endpoint is None else MetricsServer(*endpoint)
    except OSError as error:
        assert endpoint is not None
        why = error.strerror or str(error)
        raise CalicoBGPError(f"cannot listen on {endpoint.host} port {endpoint.port}: {why}") from error
    watching, expected = Watching(), ExpectedSessions()

    def publish(finished: Finished) -> None:
        all_samples = list(samples(watching.seen(finished), per_node=per_node, expected=expected))
        if server is not None:
            server.collector.show(all_samples)
        if textfile is not None:
            try:
                write_text_atomic(textfile, to_text(all_samples))
            except StoreError as error:
                click.echo(f"calico-bgp: {plain(str(error))}", err=True)

    try:
        yield publish
    finally:
        if server is not None:
            server.close()


class Reading:
    """Reads the source. What is wrong with the user's own files ends the first poll, and no later one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._has_read = False

    def __call__(self) -> Snapshot:
        """One reading.

        Raises:
            SourceFailed: Nothing could be read.
            CalicoBGPError: The user's files are not what they should be, and never were.
        """
        try:
            snapshot = self._source.read()
        except click.exceptions.Exit as error:
            why = error.why if isinstance(error, NotReadExit) else "the cluster could not be read"
            raise SourceFailed(why) from error
        except (CalicoBGPError, OSError) as error:
            if not self._has_read and isinstance(error, CalicoBGPError):
                raise
            raise SourceFailed(plain(str(error))) from error
        self._has_read = True
        return snapshot


def _judge(snapshot: Snapshot, config: Config, version: CalicoVersion | None) -> Report:
    today = snapshot.taken_at.date() if snapshot.taken_at else datetime.now(UTC).date()
    # That a session is young is news to somebody who looks once. The watcher has told it.
    return audit(
        snapshot,
        rules=(*DEFAULT_RULES, *own_rules()),
        lint_rules=(*LINT_RULES, *own_lint_rules()),
        config=config,
        today=today,
        calico_version=version,
        flap_window=timedelta(),
    )


def _pruning(writer: HistoryWriter, keep: timedelta) -> Callable[[], None]:
    def prune() -> None:
        try:
            writer.prune(datetime.now(UTC) - keep, step=_PRUNE_STEP)
        except StoreError as error:
            click.echo(f"calico-bgp: {plain(str(error))}", err=True)

    return prune
