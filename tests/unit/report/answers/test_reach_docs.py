"""docs/reach.md and docs/json.md promise what `calico-bgp reach` and `risks` do: the examples are run."""

import json
import re
from pathlib import Path

import pytest

from calico_bgp.report.routes.reach_json import reach_to_json
from calico_bgp.report.routes.risks_json import risks_to_json
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.whatif.risks import risks
from tests.hand_made_networks import network, reflected, session

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "reach.md").read_text("utf-8")
JSON = (DOCS / "json.md").read_text("utf-8")
EXAMPLES = re.findall(r'```text title="calico-bgp ([^"]+)"\n(.*?)```', PAGE, re.DOTALL)


@pytest.mark.parametrize(("command", "printed"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_the_examples_are_what_the_command_prints(run_cli, fixtures, command, printed):
    folder = str(fixtures / "resources" / "two-reflectors-in-one-zone")
    arguments = [folder if word == "calico/" else word for word in command.split()]
    assert run_cli(*arguments, "--width", "96").stdout.replace(folder, "calico/") == printed


def test_there_are_examples_of_both():
    assert {command.split()[0] for command, _ in EXAMPLES} == {"reach", "risks"}


def example(schema):
    (text,) = re.findall(rf'```json title="{re.escape(schema)}"\n(.*?)```', JSON, re.DOTALL)
    return json.loads(text)


def test_the_json_of_reach():
    line = network(["node1", "node2", "node3"], [session("node1", "node2"), session("node1", "node3")])
    assert example("calico-bgp/reach/1") == json.loads("".join(reach_to_json([reachability(line)])))


def test_the_json_of_risks():
    lone = reflected({"node1": "node2 node3 node4"})
    assert example("calico-bgp/risks/1") == json.loads(risks_to_json([risks(lone)]))


def test_every_field_of_the_json_of_risks_is_documented():
    section = JSON.split("## calico-bgp/risks/1")[1].split("\n## ")[0]
    family = example("calico-bgp/risks/1")["families"]["ipv4"]
    for field in (*family, *family["ranking"][0]):
        assert f"| `{field}` |" in section
