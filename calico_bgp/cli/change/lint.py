"""`calico-bgp lint`: from files of Calico's resources to a verdict and an exit code. auditing/lint.py judges."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.auditing.lint import lint
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, fail_on_option, with_output
from calico_bgp.cli.options.config import load_config
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.failure import EXIT_FAILURE
from calico_bgp.cli.running.own_rules import own_lint_rules
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.sources.resource_files import read_resources
from calico_bgp.cli.understand.explain import explain_option
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Severity
from calico_bgp.report.audit.json import lint_to_json
from calico_bgp.report.audit.junit import lint_to_junit
from calico_bgp.report.resources.lint_github import lint_to_github
from calico_bgp.report.resources.lint_sarif import lint_to_sarif
from calico_bgp.report.resources.lint_text import lint_to_text, lint_verdict_line
from calico_bgp.rules.resources import LINT_RULES

EPILOG = """
\b
Examples:
  calico-bgp lint resources/  a folder of a GitOps repository
  calico-bgp lint bgp.yaml nodes.json --verbose  all evidence
  kubectl get nodes.v1,bgppeers,bgpconfigurations,ippools -o json |
      calico-bgp lint -
  calico-bgp lint resources/ --calico-version v3.32  before an upgrade
  calico-bgp lint resources/ --format junit -o lint.xml --fail-on warning
  calico-bgp lint resources/ --format github         in GitHub Actions
  calico-bgp lint resources/ --format sarif -o lint.sarif
  calico-bgp lint --explain yaml-tag

\b
Without Nodes among the resources, what selectors match is not checked.
Get all of them with:
  for kind in nodes bgppeers bgpconfigurations ippools; do
      calicoctl get $kind -o json > resources/$kind.json
  done

\b
Exit codes: 0; 1 a finding at or above --fail-on; 2 wrong usage or input;
3 a rule failed; 4 calico_bgp itself failed.
"""


class _Content(NamedTuple):
    """What is written, and from which severity on a CI fails."""

    report: LintReport
    fail_on: Severity


FORMATS: Formats[_Content] = Formats(
    text=Format(
        "`file:line: severity rule: message`, and what fixes it",
        lambda content, style: lint_to_text(content.report, style),
    ),
    json=Format("the same, as `calico-bgp/lint/1`", lambda content, _: lint_to_json(content.report)),
    junit=Format("for CI", lambda content, _: lint_to_junit(content.report, fail_on=content.fail_on)),
    github=Format("annotations in GitHub Actions", lambda content, _: lint_to_github(content.report)),
    sarif=Format("for code hosts and editors", lambda content, _: lint_to_sarif(content.report, own_lint_rules())),
)


@click.command(cls=Command, epilog=EPILOG)
@click.argument("resources", nargs=-1, required=True, metavar="RESOURCES...")
@FORMATS.option("report")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead.")
@fail_on_option
@click.option(
    "--config",
    metavar="FILE|none",
    type=click.Path(path_type=Path),
    help="Exceptions: this file in place of all.",
)
@version_option
@click.option("-v", "--verbose", is_flag=True, help="Show every finding with all its evidence.")
@show_options
@explain_option
@with_output(FORMATS)
def command(
    resources: tuple[str, ...],
    *,
    output: Output[_Content],
    fail_on: str,
    config: Path | None,
    calico_version: CalicoVersion | None,
) -> int:
    """Read Calico's resources as a reviewer would, and say which of them will hurt, why, and what fixes it.

    RESOURCES are files and folders with Calico's Nodes, BGPPeers, BGPConfigurations and IPPools as YAML or JSON; - is
    standard input. No cluster is asked.
    """
    accepted = load_config(config)
    read = read_resources(resources)
    today = datetime.now(UTC).date()
    rules = (*LINT_RULES, *own_lint_rules())
    report = lint(read, version=calico_version or NEWEST, rules=rules, config=accepted, today=today)
    if not output.write_judged(_Content(report, Severity(fail_on)), report):
        return EXIT_FAILURE
    if output.is_file:
        word, what = lint_verdict_line(report)
        click.echo(f"{word}: {what}; the report is in {output.file}", err=True)
    return report.exit_code(Severity(fail_on))
