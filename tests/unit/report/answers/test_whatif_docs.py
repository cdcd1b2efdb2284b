"""docs/whatif.md and docs/json.md promise what `calico-bgp whatif` and `drain-check` do: the examples are run."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from calico_bgp.changes.change import ApplyResources, RemoveNode, apply
from calico_bgp.lab.printing.resources import resources_to_yaml
from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources.reader import parse_resources

DOCS = Path(__file__).parents[4] / "docs"
PATH = DOCS / "whatif.md"
JSON = DOCS / "json.md"
TITLE = re.compile(r'```\w+ title="(calico-bgp[^"]*)"\n(.*?)```', re.DOTALL)
WIDTH = ("--width", "100")


def blocks(path):
    return dict(TITLE.findall(path.read_text("utf-8")))


@pytest.fixture
def outage(fixtures, tmp_path):
    """`outage(2)` is a file with the resources after two control-plane nodes came back without their labels."""

    def after(number):
        parts = sorted((fixtures / "resources" / "control-plane-reflectors").glob("*.yaml"))
        resources = parse_resources((str(part), part.read_text("utf-8")) for part in parts)
        for name in ["cp1", "cp2", "cp3"][:number]:
            bare = replace(resources.nodes_by_name[name], labels=(), cluster_id=None)
            resources = apply(resources, [RemoveNode(name), ApplyResources(Resources(nodes=(bare,)), "-")])
        path = tmp_path / "calico.yaml"
        path.write_text(resources_to_yaml(resources), encoding="utf-8")
        return path

    return after


@pytest.fixture
def printed(run_cli, outage):
    """What the command in a title prints, and its exit code."""

    def run(title):
        command, _, when = title.partition(", after ")
        words = command.split()[1:]
        place = words.index("calico/")
        words[place] = str(outage(int(when.removeprefix("cp")) if when else 0))
        return run_cli(*words, *(() if words[0] == "drain-check" else WIDTH))

    return run


@pytest.mark.parametrize("title", sorted(blocks(PATH)))
def test_the_output_is_what_the_command_prints(printed, title, request):
    result = printed(title)
    if request.config.getoption("--update"):
        text = PATH.read_text("utf-8")
        old = re.search(rf'```text title="{re.escape(title)}"\n(.*?)```', text, re.DOTALL)
        PATH.write_text(text[: old.start(1)] + result.stdout + text[old.end(1) :], encoding="utf-8")
        return
    assert result.stdout == blocks(PATH)[title]


def test_the_outage_is_stopped_before_the_step_that_broke_the_network(printed):
    titles = [title for title in blocks(PATH) if title.startswith("calico-bgp drain-check")]
    assert [printed(title).exit_code for title in titles] == [0, 0, 1]


def test_the_json_example_is_what_the_command_prints(run_cli, outage):
    result = run_cli("whatif", "--remove", "cp2,cp3", "--resources", outage(1), "--format", "json")
    assert json.loads(result.stdout) == json.loads(blocks(JSON)["calico-bgp/whatif/1"])


def test_every_option_of_the_table_is_one(run_cli):
    text = run_cli("whatif", "--help").stdout
    page = PATH.read_text("utf-8")
    table = page[page.index("| change | as if |") : page.index("They add up")]
    options = set(re.findall(r"`(--[a-z-]+)", table))
    assert len(options) == 7
    assert all(option in text for option in options)
