"""`calico-bgp plan reflectors`: options, exit codes, and what goes where."""

from __future__ import annotations

import json

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml


@pytest.fixture
def resources(tmp_path):
    """`resources(6, topology=...)` is a file with the resources of that lab cluster."""

    def write(nodes=6, topology=Topology.MESH, **more):
        path = tmp_path / "calico.yaml"
        found = lab_resources(build_cluster(nodes, topology=topology, **more))
        path.write_text(resources_to_yaml(found), encoding="utf-8")
        return path

    return write


def test_a_plan(run_cli, resources):
    first = run_cli("plan", "reflectors", resources())
    assert first.exit_code == 0
    assert first.stdout.endswith("Commands: the same with -v     Boxes to tick: --format markdown\n")
    result = run_cli("plan", "reflectors", resources(), "-v")
    assert result.exit_code == 0
    assert first.stdout.splitlines()[0] == result.stdout.splitlines()[0]
    assert result.stdout.startswith("ONLY ROUTES OF DRAINED NODES")
    assert 'calicoctl patch bgpconfiguration default -p \'{"spec": {"nodeToNodeMeshEnabled": false}}\'' in result.stdout
    assert result.stderr == ""


def test_named_nodes(run_cli, resources):
    result = run_cli("plan", "reflectors", resources(), "--nodes", "node5, node2", "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert [one["node"] for one in document["reflectors"]] == ["node5", "node2"]
    assert document["verdict"] == "drained"
    assert result.stderr.startswith("calico-bgp: only routes of drained nodes: 6 steps to route reflectors: node5 is")


def test_count_and_a_file(run_cli, resources, tmp_path):
    out = tmp_path / "plan.json"
    result = run_cli("plan", "reflectors", resources(), "--count", "4", "--format", "json", "-o", out)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert len(json.loads(out.read_text("utf-8"))["reflectors"]) == 4


def test_back(run_cli, resources):
    path = resources(topology=Topology.REFLECTORS, reflectors=2)
    result = run_cli("plan", "reflectors", path, "--back", "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["goal"] == "mesh"
    assert document["steps"][0]["title"] == "Turn the mesh on"


def test_a_node_that_joins(run_cli, resources):
    given = lab_resources(build_cluster(6, topology=Topology.MESH)).nodes[0]
    addresses = ",".join(str(address) for address in (given.ipv4 + 100, given.ipv6 and given.ipv6 + 100) if address)
    for options, second in ((["--nodes", "rr1,node2"], "node2"), (["--count", "2"], "node1")):
        result = run_cli(
            "plan", "reflectors", resources(), "--joining", f"rr1={addresses}", *options, "--format", "json"
        )
        assert result.exit_code == 0
        document = json.loads(result.stdout)
        assert document["verdict"] == "loses_nothing"
        assert [(one["node"], one["joins"]) for one in document["reflectors"]] == [("rr1", True), (second, False)]
        assert document["steps"][1]["title"] == "Create the Node rr1 before its machine starts"


def test_a_reflector_that_leaves(run_cli, resources):
    path = resources(topology=Topology.REFLECTORS, reflectors=2)
    result = run_cli("plan", "reflectors", path, "--back", "--leaving", "node1, node2", "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["verdict"] == "loses_nothing"
    assert "that stays keeps every other node's routes" in result.stderr
    assert [step["commands"][0] for step in document["steps"] if "out of" in step["title"]] == [
        "kubectl delete node node2",
        "kubectl delete node node1",
    ]


def test_nothing_to_do(run_cli, resources):
    result = run_cli("plan", "reflectors", resources(), "--back")
    assert result.exit_code == 0
    assert result.stdout == "NOTHING TO DO  every node is in the mesh\n"
    result = run_cli("plan", "reflectors", resources(topology=Topology.REFLECTORS, reflectors=2))
    assert result.exit_code == 0
    assert result.stdout.startswith("NOTHING TO DO  the reflectors are there, and the mesh is off")


def test_no_such_plan(run_cli, resources):
    result = run_cli("plan", "reflectors", resources(), "--count", "1", "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["verdict"] == "loses"
    assert document["problems"] == ["one reflector alone is a single point of failure: name two, or more"]
    assert "one reflector alone" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--count", "2", "--nodes", "node1,node2"], "give --count N or --nodes a,b,c, not both."),
        (
            ["--back", "--count", "2"],
            "--back takes every reflector back; it goes without --count, --nodes and --joining.",
        ),
        (["--back", "--joining", "rr1=192.0.2.99"], "it goes without --count, --nodes and --joining."),
        (["--leaving", "node1"], "--leaving says which reflectors leave on the way back; give --back, too."),
        (["--back", "--leaving", ","], "--leaving names no node."),
        (["--back", "--leaving", "node1"], "node1 is no reflector"),
        (["--joining", "rr1"], "'rr1' has no address; expected NAME=IPV4"),
        (["--joining", "node1=192.0.2.99"], "node1 is a node of these resources already"),
        (["--joining", "rr\x1b[2J1=192.0.2.99"], "is no name for a Node"),
        (["--nodes", " , "], "--nodes names no node."),
        (["--nodes", "nod1,node2"], "no node is called 'nod1'; did you mean node1?"),
        (["--count", "0"], "0 is not in the range"),
        (["--count", "7"], "7 reflectors are wanted, but 6 of 6 nodes could be one"),
    ],
)
def test_wrong_usage(run_cli, resources, options, said):
    result = run_cli("plan", "reflectors", resources(), *options)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_no_nodes(run_cli, tmp_path):
    path = tmp_path / "bgp.yaml"
    path.write_text("apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {}\n")
    for options in ([], ["--back"]):
        result = run_cli("plan", "reflectors", path, *options)
        assert result.exit_code == 2
        assert "there is no Node in these resources" in result.stderr
