"""Every value of `--format` is documented, and gives what its name says. A new one fails here until both are done."""

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import click
import pytest
from prometheus_client.parser import text_string_to_metric_families

from calico_bgp.cli.main import COMMANDS, cli
from calico_bgp.cli.options.formats import Format, Formats, FormChoice
from tests.unit.cli.test_json_schemas import COMMANDS as SAMPLES
from tests.unit.cli.test_json_schemas import FIXTURES

ROOT = FIXTURES.parents[1]
#: Without the page that is made of the tables: somebody must have thought of an example.
PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name != "formats.md"]
DOCS = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *PAGES])


def is_text(text):
    return text.strip() != "" and text.lstrip()[0] not in "{[<"


def is_json(text):
    return "schema" in json.loads(text)


def is_junit(text):
    return ET.fromstring(text).tag in {"testsuite", "testsuites"}


def is_csv(text):
    header, *rows = csv.reader(io.StringIO(text))
    return "address" in header and all(len(row) == len(header) for row in rows)


def is_markdown(text):
    return re.search(r"^#+ ", text, re.MULTILINE) is not None


def is_bird(text):
    return "protocol bgp " in text


def is_svg(text):
    return ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"


def is_html(text):
    return text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>")


def is_mermaid(text):
    return text.startswith("flowchart ")


def is_prometheus(text):
    families = {family.name for family in text_string_to_metric_families(text)}
    return families and all(name.startswith("calico_bgp_") for name in families)


def is_github(text):
    *commands, summary = text.splitlines()
    return all(re.match(r"::(?:error|warning|notice) .*::", line) for line in commands) and "::" not in summary


def is_sarif(text):
    return json.loads(text)["version"] == "2.1.0"


CHECKS = {
    "prometheus": is_prometheus,
    "github": is_github,
    "sarif": is_sarif,
    "text": is_text,
    "json": is_json,
    "junit": is_junit,
    "csv": is_csv,
    "markdown": is_markdown,
    "bird": is_bird,
    "svg": is_svg,
    "mermaid": is_mermaid,
    "html": is_html,
}


def formats(command, words):
    """Each command below this one, and the values of its `--format`."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from formats(below, [*words, name])
    for parameter in command.params:
        if "--format" in parameter.opts:
            assert isinstance(parameter.type, FormChoice), f"{words}: --format is no table (cli/options/formats.py)"
            yield from ((" ".join(words), form) for form in parameter.type.choices)


ALL = [pair for name in COMMANDS for pair in formats(cli.get_command(click.Context(cli), name), [name])]


def test_all_commands_are_seen():
    assert {command.split()[0] for command, _ in ALL} == set(SAMPLES)


@pytest.mark.parametrize(("command", "form"), ALL)
def test_it_is_documented(command, form):
    how = "" if form == "text" else rf"[^\n]*--format {form}\b"
    assert re.search(rf"calico-bgp {command}\b{how}", DOCS), f"docs/ never show `calico-bgp {command} --format {form}`"


@pytest.mark.parametrize(("command", "form"), ALL)
def test_it_is_what_its_name_says(run_cli, monkeypatch, command, form):
    monkeypatch.chdir(FIXTURES)
    result = run_cli(*SAMPLES[command.split()[0]], "--format", form)
    assert result.exit_code in {0, 1, 3}, result.stderr
    assert CHECKS[form](result.stdout)


FORMATS = Formats(
    text=Format("a list", lambda words, _: "\n".join(words)),
    csv=Format("for a spreadsheet", lambda words, _: ",".join(words)),
)


def test_a_table_makes_the_option_its_completion_and_the_answer():
    @click.command()
    @FORMATS.option("list")
    def command(form):
        """Nothing."""

    (option,) = command.params
    assert (option.name, option.default, list(option.type.choices)) == ("form", "text", ["text", "csv"])
    assert option.help == "csv: for a spreadsheet."
    assert [(item.value, item.help) for item in option.type.shell_complete(None, option, "c")] == [
        ("csv", "for a spreadsheet")
    ]
    assert FORMATS.render("csv", ["a", "b"]) == "a,b"


def test_what_everybody_knows_is_not_said_in_the_help():
    @click.command()
    @Formats(text=Format("a list", str), json=Format("the same", str)).option("list")
    def command(form):
        """Nothing."""

    assert command.params[0].help == "How the list is written."


def test_every_form_says_what_it_is():
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    for _, form in ALL:
        assert f"| `{form}` | " in page
    assert len([line for line in page.splitlines() if line.startswith("| ") and "`" in line]) == len(ALL) + 1
