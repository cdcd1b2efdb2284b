import json

import pytest
import yaml

from calico_bgp.lab import build_cluster
from calico_bgp.lab.cluster import Topology, Variant
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml

ZONE = "topology.kubernetes.io/zone"


@pytest.fixture
def resources(tmp_path):
    """`resources(6, zones={"a": ["node1"]}, ...)` is a file with the resources of such a lab, and zones as labels."""

    def write(nodes=6, *, zones=None, **options):
        zone_of = {name: zone for zone, names in (zones or {}).items() for name in names}
        text = resources_to_yaml(lab_resources(build_cluster(nodes, zones=0, **options)))
        documents = list(yaml.safe_load_all(text))
        for document in documents:
            name = document["metadata"]["name"]
            if document["kind"] == "Node" and name in zone_of:
                document["metadata"]["labels"][ZONE] = zone_of[name]
        path = tmp_path / "resources.yaml"
        path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
        return path

    return write


def test_help_has_examples(run_cli):
    result = run_cli("risks", "--help")
    assert result.exit_code == 0
    assert "calico-bgp risks --resources calico/ --format json -o risks.json" in result.stdout


def test_a_mesh_has_no_single_point_of_failure(run_cli, resources):
    result = run_cli("risks", "--resources", resources(20, topology=Topology.MESH))
    assert result.exit_code == 0
    assert result.stdout.startswith("REDUNDANT: no single node takes routes from others over IPv4\n")
    assert "tried       20 nodes, one at a time" in result.stdout


def test_a_lone_reflector_is_one(run_cli, resources):
    result = run_cli("risks", "--resources", resources(6, reflectors=1))
    assert result.exit_code == 1
    assert result.stdout.startswith("SINGLE POINT OF FAILURE: node1: it takes routes from others over IPv4\n")
    assert "1. node1: all 20 routes among the others are lost; every node that remains is cut off" in result.stdout


@pytest.mark.parametrize("variant", [Variant.GLOBAL, Variant.ALL])
def test_two_reflectors_fail_together_only(run_cli, resources, variant):
    result = run_cli("risks", "--resources", resources(6, variant=variant))
    assert result.exit_code == 0
    assert result.stdout.startswith("REDUNDANT: ")
    assert "1. node1 and node2 together: all 12 routes among the others are lost" in result.stdout


def test_reflectors_that_do_not_peer_are_cut_off_before_anything_fails(run_cli, resources):
    result = run_cli("risks", "--resources", resources(6, variant=Variant.CLIENTS))
    assert result.exit_code == 1
    assert result.stdout.startswith("CUT OFF: 2 routes are missing over IPv4 before anything fails\n")


def test_two_reflectors_in_one_zone(run_cli, resources):
    zones = {"eu-1a": ["node1", "node2", "node3"], "eu-1b": ["node4", "node5", "node6"]}
    result = run_cli("risks", "--resources", resources(6, zones=zones))
    assert result.exit_code == 1
    assert result.stdout.startswith("SINGLE POINT OF FAILURE: zone eu-1a (node[1-3]): it takes routes from others")
    apart = {"eu-1a": ["node1", "node3", "node5"], "eu-1b": ["node2", "node4", "node6"]}
    assert run_cli("risks", "--resources", resources(6, zones=apart)).exit_code == 0


def test_json(run_cli, resources):
    result = run_cli("risks", "--resources", resources(5, reflectors=1), "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["schema"] == "calico-bgp/risks/1"
    (risk,) = document["families"]["ipv4"]["ranking"]
    assert (risk["nodes"], risk["pairs_lost"], risk["single_point_of_failure"]) == (["node1"], 12, True)
    assert result.stderr == "calico-bgp: SINGLE POINT OF FAILURE: node1: it takes routes from others over IPv4\n"


def test_live_without_zones(run_cli, lab, live):
    result = run_cli("risks", *live)
    assert result.exit_code == 0
    assert "none tried: no node with the label" in result.stdout


def test_an_unread_node_leaves_the_answer_open(run_cli, lab, live):
    lab.set_faults(["no-sudo:node4"])
    result = run_cli("risks", *live)
    assert result.exit_code == 3
    assert "not read    node4: " in result.stdout


def test_no_source(run_cli):
    result = run_cli("risks")
    assert result.exit_code == 2
    assert "say what to look at" in result.stderr


def test_output_goes_to_a_file(run_cli, resources, tmp_path):
    output = tmp_path / "risks.txt"
    result = run_cli("risks", "--resources", resources(6), "-o", output)
    assert result.stdout == ""
    assert output.read_text("utf-8").startswith("REDUNDANT: ")
    assert result.stderr.startswith("calico-bgp: REDUNDANT: ")
