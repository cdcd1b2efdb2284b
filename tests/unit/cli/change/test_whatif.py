"""`calico-bgp whatif` and `drain-check`: sources, changes, exit codes, and what they print."""

from __future__ import annotations

import json

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.unit.auditing.conftest import snapshot_of

RR = "route-reflector"


@pytest.fixture
def resources(tmp_path):
    """`resources(6, reflectors=2)` is a file with the resources of that lab cluster."""

    def write(nodes=6, **more):
        path = tmp_path / "calico.yaml"
        path.write_text(resources_to_yaml(lab_resources(build_cluster(nodes, **more))), encoding="utf-8")
        return path

    return write


@pytest.fixture
def snapshot(tmp_path):
    """`snapshot("link-cut:node2,node4")` is the folder of a snapshot of two reflectors and four clients."""

    def save(*faults, resources=None, nodes=6):
        folder = tmp_path / "snapshot"
        taken = snapshot_of(build_cluster(nodes, reflectors=2), *faults)
        save_snapshot(taken.model_copy(update={"resources": resources}), folder)
        return folder

    return save


def test_safe(run_cli, resources, golden):
    result = run_cli("whatif", "--remove", "node1", "--resources", resources())
    assert result.exit_code == 0
    golden(result.stdout, "safe.txt")


def test_not_safe(run_cli, resources, golden):
    result = run_cli("whatif", "--remove", "node1,node2", "--resources", resources())
    assert result.exit_code == 1
    golden(result.stdout, "not-safe.txt")


def test_not_safe_in_between(run_cli, resources, golden):
    changes = ["--unlabel", "node1", RR, "--cluster-id", "node1", "none"]
    result = run_cli("whatif", *changes, "--resources", resources())
    assert result.exit_code == 1
    golden(result.stdout, "in-between.txt")


def test_cannot_tell(run_cli, snapshot, golden):
    result = run_cli("whatif", "--remove", "node1", "--snapshot", snapshot("no-sudo:node6"))
    assert result.exit_code == 3
    golden(result.stdout, "cannot-tell.txt")


def test_from_a_snapshot_without_resources(run_cli, snapshot, golden):
    result = run_cli("whatif", "--remove", "node1", "--snapshot", snapshot("link-cut:node2,node4"))
    assert result.exit_code == 1
    golden(result.stdout, "observed.txt")


def test_json(run_cli, resources, golden):
    result = run_cli("whatif", "--remove", "node1", "--resources", resources(4), "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["schema"], document["verdict"]) == ("calico-bgp/whatif/1", "safe")
    assert result.stderr.startswith("calico-bgp: safe: remove node1: ")
    golden(result.stdout, "whatif.json")


def test_to_a_file(run_cli, resources, tmp_path):
    path = tmp_path / "answer.txt"
    result = run_cli("whatif", "--remove", "node1", "--resources", resources(), "-o", path)
    assert path.read_text(encoding="utf-8").startswith("SAFE  remove node1\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("calico-bgp: safe: ")


def test_the_changes_come_in_the_order_given_across_options(run_cli, resources):
    path = resources()
    there_and_back = ["--label", "node3", "x=1", "--unlabel", "node3", "x"]
    assert run_cli("whatif", *there_and_back, "--resources", path).exit_code == 0
    back_first = ["--unlabel", "node3", "x", "--label", "node3", "x=1"]
    result = run_cli("whatif", *back_first, "--resources", path)
    assert result.exit_code == 2
    assert "node3 has no label 'x'" in result.stderr


def test_every_change_is_shown_in_its_order(run_cli, resources, tmp_path):
    new = tmp_path / "new.yaml"
    new.write_text("apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: extra}\nspec: {node: node3}\n")
    path = resources()
    changes = [
        *("--mesh", "on"),
        *("--cluster-id", "node4", "244.0.0.9"),
        *("--remove", "node6, node5"),
        *("--apply", new),
        *("--mesh", "off"),
        *("--delete", "bgppeers/extra"),
    ]
    result = run_cli("whatif", *changes, "--resources", path, "--format", "json")
    assert json.loads(result.stdout)["changes"] == [
        "turn the node-to-node mesh on",
        "give node4 the cluster ID 244.0.0.9",
        "remove node6",
        "remove node5",
        f"apply {new}",
        "turn the node-to-node mesh off",
        "delete BGPPeer extra",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--remove", "nod1"], "no node is called 'nod1'; did you mean node1?"),
        (["--remove", "node1,"], "expected names with commas between them"),
        (["--label", "node1", "x"], "expected KEY=VALUE"),
        (["--label", "node1", "=x"], "expected KEY=VALUE"),
        (["--delete", "bgppeer"], "expected KIND/NAME"),
        (["--delete", "pod/x"], "'pod' is no kind that decides about BGP"),
        (["--delete", "bgppeer/x"], "no BGPPeer is called 'x'"),
        (["--cluster-id", "node1", "one"], "'one' is no cluster ID; expected one like 244.0.0.1"),
        (["--mesh", "maybe"], "'maybe' is not one of"),
        (["--apply", "nowhere.yaml"], "nowhere.yaml does not exist"),
        ([], "say what would change"),
        (["--remove"], "requires an argument"),
    ],
)
def test_a_slip_is_wrong_usage(run_cli, resources, arguments, message):
    result = run_cli("whatif", "--resources", resources(), *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_node_by_a_name_with_control_characters_stays_off_the_terminal(run_cli, resources):
    result = run_cli("whatif", "--remove", "node\x1b[31m", "--resources", resources())
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr


def test_no_source_is_wrong_usage(run_cli):
    result = run_cli("whatif", "--remove", "node1")
    assert result.exit_code == 2
    assert "say what to look at" in result.stderr
    assert "--resources PATH" in result.stderr


def test_without_resources_only_a_removal_is_answered(run_cli, snapshot):
    result = run_cli("whatif", "--mesh", "off", "--snapshot", snapshot())
    assert result.exit_code == 2
    assert "needs Calico's resources: add --resources PATH" in result.stderr


def test_the_resources_of_a_snapshot_are_enough_for_every_change(run_cli, snapshot):
    folder = snapshot(resources=lab_resources(build_cluster(6, reflectors=2)))
    assert run_cli("whatif", "--mesh", "on", "--snapshot", folder).exit_code == 0
    assert run_cli("whatif", "--delete", "bgppeer/peer-with-reflectors", "--snapshot", folder).exit_code == 1


def test_from_a_paste(run_cli, paste):
    pasted = paste("rr_ok_v4")
    result = run_cli("drain-check", "nobody", "--pasted", pasted)
    assert result.exit_code == 2
    assert "no node is called 'nobody'" in result.stderr


def test_the_help_comes_without_a_source(run_cli):
    result = run_cli("whatif", "--help")
    assert result.exit_code == 0
    assert "--label NODE K=V" in result.stdout
    assert "--cluster-id NODE ID|none" in run_cli("whatif", "--help-all").stdout


# drain-check


def test_drain_check_says_one_line(run_cli, resources):
    result = run_cli("drain-check", "node1", "--resources", resources())
    assert result.exit_code == 0
    assert result.stdout == (
        "safe: remove node1: the 5 nodes that remain keep each other's routes; then node2 is a single point of"
        " failure (it is none now): losing it would cut 4 nodes off from everyone\n"
    )


@pytest.mark.parametrize("node", ["node1", "node3", "nowhere"])
def test_brief_is_drain_check(run_cli, resources, node):
    path = resources(reflectors=2)
    brief = run_cli("whatif", "--brief", "--remove", node, "--resources", path)
    check = run_cli("drain-check", node, "--resources", path)
    assert (brief.exit_code, brief.stdout) == (check.exit_code, check.stdout)
    assert brief.stdout.count("\n") == (0 if node == "nowhere" else 1)


def test_brief_is_text(run_cli, resources):
    result = run_cli("whatif", "--brief", "--format", "json", "--remove", "node1", "--resources", resources())
    assert result.exit_code == 2
    assert "--brief answers in text" in result.stderr


def test_drain_check_of_the_last_reflector(run_cli, resources):
    result = run_cli("drain-check", "node1", "--resources", resources(reflectors=1))
    assert result.exit_code == 1
    assert result.stdout == (
        "not safe: remove node1: all 5 clients (node[2-6]) lose everyone, 20 routes:"
        " node1 is the only reflector left to them\n"
    )


def test_drain_check_in_a_mesh(run_cli, resources):
    result = run_cli("drain-check", "node1", "--resources", resources(topology=Topology.MESH))
    assert (result.exit_code, result.stdout) == (
        0,
        "safe: remove node1: the 5 nodes that remain keep each other's routes\n",
    )


def test_drain_check_that_cannot_tell_says_why(run_cli, snapshot):
    result = run_cli("drain-check", "node1", "--snapshot", snapshot("no-sudo:node6"))
    assert result.exit_code == 3
    assert result.stdout.startswith("cannot tell: remove node1: not read, or only in part: node6")
    assert result.stdout.count("\n") == 1


def test_drain_check_of_a_slip(run_cli, resources):
    result = run_cli("drain-check", "nod1", "--resources", resources())
    assert result.exit_code == 2
    assert "did you mean node1?" in result.stderr


def test_drain_check_reads_the_nodes(run_cli, lab, live):
    result = run_cli("drain-check", "node1", *live, "--resources", lab.resources_file)
    assert result.exit_code == 0
    lab.set_faults(["bird-down:node2"])
    result = run_cli("drain-check", "node1", *live, "--resources", lab.resources_file)
    assert result.exit_code == 1
    assert "node1 is the only reflector left to" in result.stdout
