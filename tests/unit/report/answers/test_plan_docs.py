"""docs/plan.md and docs/json.md promise what the plan says: the examples are run."""

import json
import re
from pathlib import Path

import pytest
import yaml

from calico_bgp.plan.plan import PlanVerdict

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "plan.md").read_text("utf-8")
JSON = (DOCS / "json.md").read_text("utf-8").split("## calico-bgp/plan/1")[1].split("\n## ")[0]


def block(title, page):
    """The code block of a page that has this title."""
    (text,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', page, re.DOTALL)
    return text


@pytest.fixture
def calico(tmp_path):
    """The folder of the example: a mesh of six nodes in three zones."""
    documents = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "labels": {"topology.kubernetes.io/zone": zone}
                | ({"node-role.kubernetes.io/control-plane": ""} if name.startswith("cp") else {}),
                "annotations": {"projectcalico.org/IPv4Address": f"192.0.2.{number}/24"},
            },
        }
        for number, (name, zone) in enumerate(
            zip(("cp1", "cp2", "cp3", "worker1", "worker2", "worker3"), "abcabc", strict=True), start=1
        )
    ]
    spec = {"nodeToNodeMeshEnabled": True, "asNumber": 64512}
    documents.append(
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "BGPConfiguration",
            "metadata": {"name": "default"},
            "spec": spec,
        }
    )
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(documents))
    return tmp_path


def test_the_plan_is_what_is_printed(run_cli, calico):
    result = run_cli("plan", "reflectors", calico, env={"COLUMNS": "100"})
    assert result.exit_code == 0
    assert result.stdout == block("calico-bgp plan reflectors calico/", PAGE)
    result = run_cli("plan", "reflectors", calico, "-v", env={"COLUMNS": "100"})
    assert result.stdout == block("calico-bgp plan reflectors calico/ -v", PAGE)


def test_the_steps_of_a_new_node_are_what_is_printed(run_cli, calico):
    words = "plan reflectors calico/ --joining rr1=192.0.2.9 -v"
    result = run_cli("plan", "reflectors", calico, "--joining", "rr1=192.0.2.9", "-v", env={"COLUMNS": "100"})
    assert result.exit_code == 0
    first, *steps = block(f"calico-bgp {words}", PAGE).split("\n...\n")
    assert result.stdout.startswith(first)
    assert len(steps) == 2
    for step in steps:
        assert step.rstrip("\n") in result.stdout


def test_the_json_is_what_is_written(run_cli, calico):
    written = json.loads(run_cli("plan", "reflectors", calico, "--format", "json").stdout)
    example = json.loads(block("calico-bgp/plan/1", JSON))
    assert example == written | {"steps": [written["steps"][2]]}
    for field in (*written.keys() - {"schema"}, *written["steps"][0], *written["steps"][0]["families"]["ipv4"]):
        assert f"`{field}`" in JSON


@pytest.mark.parametrize("verdict", PlanVerdict)
def test_every_verdict_is_documented(verdict):
    assert f"`{verdict.name.lower()}`" in JSON
