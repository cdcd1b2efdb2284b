"""`calico-bgp audit`: from hosts.txt, a snapshot or pasted text to a verdict and an exit code. auditing/ judges."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.auditing.engine import DEFAULT_RULES, audit
from calico_bgp.auditing.headline import verdict_line
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.look.audit_forms import FORMATS, Shown
from calico_bgp.cli.options.answer import Output, fail_on_option, with_output
from calico_bgp.cli.options.config import load_config
from calico_bgp.cli.options.duration import format_duration, parse_duration
from calico_bgp.cli.options.metrics import per_node_option
from calico_bgp.cli.options.saving import check_target, replace_option
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.again import repeated, with_source
from calico_bgp.cli.running.failure import EXIT_FAILURE
from calico_bgp.cli.running.own_rules import own_lint_rules, own_rules
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.running.signals import EXIT_INTERRUPTED, tell_interrupted
from calico_bgp.cli.running.wait_log import WaitLog
from calico_bgp.cli.running.waiting import APART, Patience, is_well, waited_for
from calico_bgp.cli.sources.source import Source, require_one, source_options
from calico_bgp.cli.understand.explain import explain_id, explain_id_option
from calico_bgp.errors import StoreError
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.reports.report import Report, Severity
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.sources.gather import GatherInterrupted
from calico_bgp.store.snapshot_folder import save_snapshot

#: What is not repeated in a command that audits the same source again.
_NOT_AGAIN = {"fail_on", "wait", "save", "replaces"}
#: Nothing wrong was seen, and it is not known whether all is well.
_EXIT_UNKNOWN = 3

EPILOG = """
\b
Examples:
  calico-bgp audit                                  kubectl's current context
  calico-bgp audit hosts.txt                        every node over SSH
  calico-bgp audit hosts.txt --resources-from cp1   with Calico's resources
  calico-bgp audit hosts.txt --wait 5m              after a rollout
  calico-bgp audit --snapshot monday/ --verbose     offline, every finding
  calico-bgp audit --pasted ticket.txt              what somebody pasted
  ssh node1 sudo calicoctl node status | calico-bgp audit --pasted -
  calico-bgp audit hosts.txt --format junit -o bgp.xml --fail-on warning
  calico-bgp audit hosts.txt --format markdown -o ticket.md
  calico-bgp audit --snapshot monday/ --format html -o report.html
  calico-bgp audit --snapshot monday/ --format svg -o bgp.svg
  calico-bgp audit --format prometheus -o /var/lib/node_exporter/bgp.prom

\b
Exit codes: 0 healthy; 1 a finding at or above --fail-on; 2 wrong usage or
input; 3 nothing wrong seen, but some nodes, or the resources,
could not be read; 130 interrupted.
"""


class Judging(NamedTuple):
    """How to judge, apart from what."""

    config: Config | None
    flap_window: timedelta
    fail_on: Severity
    calico_version: CalicoVersion | None


@click.command(cls=Command, also_rare=("--at", "--explain", "--fail-on"), epilog=EPILOG)
@source_options
@FORMATS.option("report")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@fail_on_option
@click.option(
    "--config",
    metavar="FILE|none",
    type=click.Path(path_type=Path),
    help="Settings and exceptions: this file in place of your own and of the folder's.",
)
@click.option(
    "--flap-window",
    type=parse_duration,
    metavar="DURATION",
    default="10m",
    show_default=True,
    help="A session that changed within this time among old ones is reported.",
)
@click.option(
    "--wait",
    type=parse_duration,
    metavar="DURATION",
    help="Read until healthy in two reads 10 s apart, at most this long.",
)
@click.option("--save", metavar="DIR", type=click.Path(path_type=Path), help="Keep what was read as a snapshot.")
@replace_option
@per_node_option
@version_option
@click.option("-v", "--verbose", is_flag=True, help="Show every finding with all its evidence.")
@show_options
@explain_id_option
@with_output(FORMATS)
def command(
    source: Source,
    *,
    output: Output[Shown],
    fail_on: str,
    config: Path | None,
    flap_window: timedelta,
    wait: timedelta | None,
    save: Path | None,
    replaces: bool,
    per_node: bool,
    calico_version: CalicoVersion | None,
    explain: str | None,
) -> int:
    """Say whether the cluster's BGP is healthy, and if not, what is wrong and where.

    HOSTS is a file with one host a line; every node is read over SSH.
    """
    require_one(source, answer_names_it=True)
    _refuse_misuse(source, output, wait=wait, explain=explain)
    if save is not None:
        check_target(save, replaces=replaces)
    judging = Judging(load_config(config), flap_window, Severity(fail_on), calico_version)
    started = time.monotonic()
    snapshot, report, code = _rounds(source, judging, wait)
    took = time.monotonic() - started
    again = repeated(without=_NOT_AGAIN)
    through = None if snapshot.kubernetes is None else snapshot.kubernetes.context
    report = with_source(report, again, live=source.is_live, context=through)
    interrupted = code == EXIT_INTERRUPTED
    unsaved = _save(snapshot, save)
    if explain is not None:
        output.write_text(explain_id(report, explain, output.style))
        return EXIT_INTERRUPTED if interrupted else 0
    content = Shown(
        report, snapshot, judging.config, judging.fail_on, again, live=source.is_live, took=took, per_node=per_node
    )
    if not output.write_judged(content, report):
        return EXIT_FAILURE
    if output.is_file:
        word, what = verdict_line(report)
        click.echo(f"{word}: {what}; the report is in {output.file}", err=True)
    if interrupted:
        return tell_interrupted()
    if unsaved is not None:
        raise unsaved
    return code


def _refuse_misuse(source: Source, output: Output[Shown], *, wait: timedelta | None, explain: str | None) -> None:
    """What cannot be answered is refused before minutes are spent on reading.

    Raises:
        click.UsageError: Options that do not go together.
        MissingExtra: The form needs a library that is not installed.
    """
    if wait is not None and not source.is_live:
        raise click.UsageError("--wait needs HOSTS or a cluster: a snapshot or a paste does not change.")
    if explain is not None and not output.is_text:
        raise click.UsageError("--explain ID answers in text; --format json has everything.")
    if output.form == "prometheus":
        from calico_bgp.monitor.metrics.exposition import require_client  # noqa: PLC0415 - as in audit_forms

        require_client()


def _save(snapshot: Snapshot, folder: Path | None) -> StoreError | None:
    """Save the snapshot; an error (a full disk) is returned, so that the report is shown all the same."""
    if folder is None:
        return None
    try:
        save_snapshot(snapshot, folder)
    except StoreError as error:
        return error
    click.echo(f"snapshot saved in {folder}", err=True)
    return None


def _rounds(source: Source, judging: Judging, wait: timedelta | None) -> tuple[Snapshot, Report, int]:
    """Read and judge, with `wait` until the cluster is well twice or the time is up.

    Returns:
        The last round, and the exit code: that of its report; never 0 where the time was up, 130 after Ctrl-C.
    """
    patience = None if wait is None else Patience(wait, time.monotonic())
    log = None if wait is None else WaitLog(time.monotonic, wait)
    while True:
        started = time.monotonic()
        try:
            snapshot = source.read()
        except GatherInterrupted as stop:
            if log is not None:
                log.clear()
            return stop.snapshot, _judge(stop.snapshot, judging), EXIT_INTERRUPTED
        report = _judge(snapshot, judging)
        code = report.exit_code(judging.fail_on)
        now = time.monotonic()
        if patience is None or log is None:
            return snapshot, report, code
        word, what = verdict_line(report)
        if patience.is_over(report, judging.fail_on, started=started, ended=now):
            log.end(f"{word}: {what}")
            return snapshot, report, code
        pause = patience.pause(now)
        names = waited_for(report, judging.fail_on)
        if pause is None:
            up = f"{word}: {what}; the time of --wait is up ({format_duration(patience.limit)})"
            well = is_well(report, judging.fail_on)
            second_look = f" before a second look {APART.seconds} s later"
            log.end(up + (second_look if well else f", still waiting for {names}" if names else ""))
            return snapshot, report, code or _EXIT_UNKNOWN
        log.round(f"{word}: {what}", "a second look" if is_well(report, judging.fail_on) else names)
        try:
            time.sleep(pause.total_seconds())
        except KeyboardInterrupt:
            log.clear()
            return snapshot, report, EXIT_INTERRUPTED


def _judge(snapshot: Snapshot, judging: Judging) -> Report:
    today = snapshot.taken_at.date() if snapshot.taken_at else datetime.now(UTC).date()
    return audit(
        snapshot,
        rules=(*DEFAULT_RULES, *own_rules()),
        lint_rules=(*LINT_RULES, *own_lint_rules()),
        config=judging.config,
        flap_window=judging.flap_window,
        today=today,
        calico_version=judging.calico_version,
    )
