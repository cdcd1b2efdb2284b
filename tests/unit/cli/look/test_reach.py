import json
import re

import pytest
import yaml

from calico_bgp.lab import build_cluster
from calico_bgp.lab.cluster import Topology, Variant
from calico_bgp.lab.faults.fault import Fault, FaultKind
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.model.peer import Family

BOTH = (Family.IPV4, Family.IPV6)


@pytest.fixture
def resources(tmp_path):
    """`resources(nodes=6, ..., lost=[...])` is a file with the resources of such a lab."""

    def write(nodes=6, *, lost=(), pools="", **options):
        path = tmp_path / "resources.yaml"
        text = resources_to_yaml(
            lab_resources(build_cluster(nodes, **options), [Fault(FaultKind.REINSTALLED, tuple(lost))])
        )
        path.write_text(f"{text}{pools}", encoding="utf-8")
        return path

    return write


def pool(name, **spec):
    document = {"apiVersion": "projectcalico.org/v3", "kind": "IPPool", "metadata": {"name": name}, "spec": spec}
    return "---\n" + yaml.safe_dump(document)


def test_help_has_examples(run_cli):
    result = run_cli("reach", "--help")
    assert result.exit_code == 0
    assert "calico-bgp reach --resources calico/ --cut node1,node3" in result.stdout


# From resources alone


@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
def test_resources_alone_are_taken_as_established(run_cli, resources, topology):
    result = run_cli("reach", "--resources", resources(7, topology=topology, families=BOTH))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "COMPLETE: all 7 nodes learn each other's routes over IPv4"
    assert lines[1] == "COMPLETE: all 7 nodes learn each other's routes over IPv6"
    assert "taken as Established" in result.stdout
    assert "no IPPool is known; assumed" in result.stdout


def test_the_only_reflector_down(run_cli, resources):
    result = run_cli("reach", "--resources", resources(5, reflectors=1), "--down", "node1")
    assert result.exit_code == 1
    assert result.stdout.startswith("CUT OFF: all 4 nodes are cut off from each other over IPv4\n")
    assert "node[2-5]: cut off from everyone" in result.stdout
    assert "taken away  node node1" in result.stdout


def test_one_of_two_reflectors_down_is_harmless(run_cli, resources):
    result = run_cli("reach", "--resources", resources(6), "--down", "node1")
    assert result.exit_code == 0
    assert result.stdout.startswith("COMPLETE: all 5 nodes learn each other's routes over IPv4\n")


def test_both_reflectors_down_as_in_the_outage(run_cli, resources):
    result = run_cli("reach", "--resources", resources(6, lost=["node1", "node2"]))
    assert result.exit_code == 1
    assert result.stdout.startswith("CUT OFF: all 6 nodes are cut off from each other over IPv4\n")


def test_cut_sessions(run_cli, resources):
    path = resources(4, topology=Topology.MESH, families=BOTH)
    result = run_cli("reach", "--resources", path, "--cut", "node1,node3", "--cut", "node4,node1", "--format", "json")
    assert result.exit_code == 1
    held = json.loads(result.stdout)["families"]
    assert held["ipv4"] == held["ipv6"]
    assert held["ipv4"] == {
        "node1": ["node2"],
        "node2": ["node1", "node3", "node4"],
        "node3": ["node2", "node4"],
        "node4": ["node2", "node3"],
    }
    assert result.stderr.splitlines()[0] == "calico-bgp: 4 routes are missing over IPv4"


def test_one_session_cut_of_two_reflectors_with_one_cluster_id(run_cli, resources):
    """r1 and r2 (node1, node2) do not help each other's clients, but node3 has r2 still."""
    path = resources(6, variant=Variant.CLIENTS)
    result = run_cli("reach", "--resources", path, "--cut", "node1,node3", "--format", "json")
    held = json.loads(result.stdout)["families"]["ipv4"]
    assert result.exit_code == 1
    assert "node3" not in held["node1"]
    assert all(held[name] == sorted({f"node{n}" for n in range(1, 7)} - {name} - {"node1"}) for name in ["node3"])
    assert {"node3", "node5", "node6"} <= set(held["node4"])


def test_one_family(run_cli, resources):
    path = resources(3, topology=Topology.MESH, families=BOTH)
    result = run_cli("reach", "--resources", path, "--family", "ipv6", "--format", "json")
    assert list(json.loads(result.stdout)["families"]) == ["ipv6"]


def test_a_family_that_is_not_in_use_is_a_slip(run_cli, resources):
    result = run_cli("reach", "--resources", resources(3), "--family", "ipv6")
    assert result.exit_code == 2
    assert "there is IPv4" in result.stderr


def test_json_is_exactly_this(run_cli, resources):
    result = run_cli("reach", "--resources", resources(3, topology=Topology.MESH), "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "schema": "calico-bgp/reach/1",
        "families": {
            "ipv4": {"node1": ["node2", "node3"], "node2": ["node1", "node3"], "node3": ["node1", "node2"]},
            "ipv6": {},
        },
    }


@pytest.mark.parametrize(("version", "words"), [("v3.32", "pods need the route"), ("v3.33", "pods keep their way")])
def test_pools_say_what_a_lost_route_breaks(run_cli, resources, version, words):
    path = resources(3, pools=pool("tunnel", cidr="10.244.0.0/16", ipipMode="Always"))
    result = run_cli("reach", "--resources", path, "--calico-version", version)
    assert f"tunnel (10.244.0.0/16, IPIP): {words}" in result.stdout


def test_explain(run_cli, resources):
    path = resources(6)
    result = run_cli("reach", "--resources", path, "--explain", "node3", "node5")
    assert result.exit_code == 0
    assert result.stdout.startswith("IPv4: node3 learns the routes of node5\n  node5 → reflector node")
    assert "it would take the loss of 2 nodes to lose it, such as node1, node2" in result.stdout


def test_explain_answers_for_its_pair_alone(run_cli, resources):
    path = resources(4, topology=Topology.MESH)
    cut = ("--resources", path, "--cut", "node1,node2")
    assert run_cli("reach", *cut, "--explain", "node3", "node4").exit_code == 0
    broken = run_cli("reach", *cut, "--explain", "node1", "node2")
    assert broken.exit_code == 1
    assert "node1 does not learn the routes of node2" in broken.stdout
    assert "does not pass it on" in broken.stdout


def test_output_goes_to_a_file_and_the_verdict_to_stderr(run_cli, resources, tmp_path):
    output = tmp_path / "reach.txt"
    result = run_cli("reach", "--resources", resources(3), "-o", output)
    assert result.stdout == ""
    assert output.read_text("utf-8").startswith("COMPLETE: ")
    assert result.stderr == "calico-bgp: all 3 nodes learn each other's routes over IPv4\n"


def test_two_nodes_without_a_common_family_do_not_learn_each_other(run_cli, tmp_path):
    nodes = {"a": "ipv4Address: 192.0.2.1/24", "b": "ipv6Address: 2001:db8::2/64"}
    path = tmp_path / "nodes.yaml"
    path.write_text(
        "\n---\n".join(
            f"apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {{name: {name}}}\nspec:\n  bgp: {{{address}}}"
            for name, address in nodes.items()
        )
    )
    result = run_cli("reach", "--resources", path, "--explain", "a", "b")
    assert result.stdout == "IPv4: b does not speak BGP over it\nIPv6: a does not speak BGP over it\n"
    assert result.exit_code == 1


# Slips


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--down", "node11"),
            "--down: no node is called 'node11'; there are node1, node2, node3, node4, node5, node6.",
        ),
        (("--cut", "node1,nod2"), "--cut: no node is called 'nod2'; did you mean node2?"),
        (("--cut", "node1"), "expected two ends"),
        (("--cut", "node1,node2,node3"), "expected two ends"),
        (("--cut", "node3,node4"), "these two have no session"),
        (
            ("--explain", "node3", "xyz"),
            "--explain: no node is called 'xyz'; there are node1, node2, node3, node4, node5, node6.",
        ),
        (("--explain", "node3", "node4", "--down", "node4"), "node4 is gone, as --down says"),
        (("--explain", "node3", "node4", "--format", "json"), "--explain answers in text"),
        (("--snapshot", "x", "--pasted", "y"), "give only one of"),
    ],
)
def test_what_is_not_there_is_wrong_usage(run_cli, resources, arguments, words):
    result = run_cli("reach", "--resources", resources(6, variant=Variant.CLIENTS), *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_no_source(run_cli):
    result = run_cli("reach")
    assert result.exit_code == 2
    assert "say what to look at" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: BGPPeer\napiVersion: projectcalico.org/v3\nmetadata: {name: x}\nspec: {}\n", "there is no Node"),
        ("kind: Node\napiVersion: projectcalico.org/v3\nmetadata: {name: x}\nspec: {}\n", "has a BGP address"),
    ],
)
def test_resources_that_say_nothing_about_any_node(run_cli, tmp_path, text, words):
    path = tmp_path / "some.yaml"
    path.write_text(text)
    result = run_cli("reach", "--resources", path)
    assert result.exit_code == 2
    assert words in result.stderr


# From what was observed


def test_a_whole_paste(run_cli, paste):
    result = run_cli("reach", "--pasted", paste("mesh_ok_v4"), "--format", "json")
    assert result.exit_code == 0
    held = json.loads(result.stdout)["families"]["ipv4"]
    names = {"node1", "node2", "node3", "node4"}
    assert held == {name: sorted(names - {name}) for name in sorted(names)}


def test_live(run_cli, lab, live):
    result = run_cli("reach", *live)
    assert result.exit_code == 0
    assert result.stdout.startswith("COMPLETE: all 4 nodes learn each other's routes over IPv4\n")


def test_an_unread_node_leaves_the_answer_open(run_cli, lab, live):
    lab.set_faults(["no-sudo:node4"])
    result = run_cli("reach", *live)
    assert result.exit_code == 3
    assert "not read    node4: " in result.stdout


def test_reflectors_that_are_gone_cut_off_the_clients(run_cli, lab, live):
    lab.set_faults(["bird-down:node1", "bird-down:node2"])
    result = run_cli("reach", *live)
    assert result.exit_code == 1
    assert result.stdout.startswith("CUT OFF: ")


def test_a_paste_that_lacks_nodes_says_so(run_cli, paste):
    result = run_cli("reach", "--pasted", paste("mesh_ok_v4", nodes=["node1", "node2"]))
    assert result.exit_code == 3
    assert result.stdout.startswith("UNKNOWN: both nodes learn each other's routes over IPv4; 2 nodes not read\n")
    assert "192.0.2.13, 192.0.2.14: a neighbour whose own table is not there" in result.stdout


def test_pastes_that_look_alike_lack_only_what_no_assignment_explains(run_cli, paste):
    everyone = [f"node{number}" for number in range(1, 7)]
    whole = run_cli("reach", "--pasted", paste("rr_ok_dual", nodes=everyone))
    assert whole.exit_code == 0
    result = run_cli("reach", "--pasted", paste("rr_ok_dual", nodes=everyone[1:]))
    assert result.exit_code == 3
    assert "; 1 node not read\n" in result.stdout


def test_nodes_that_only_the_resources_name_are_not_read(run_cli, lab, live, resources):
    result = run_cli("reach", *live, "--resources", resources(5))
    assert result.exit_code in {1, 3}
    assert "node5: only Calico's resources name it" in result.stdout


def test_a_part_of_the_inventory_lacks_no_nodes(run_cli, lab, live):
    result = run_cli("reach", *live, "--limit", "node[1-3]")
    assert result.exit_code == 0
    assert result.stdout.startswith("COMPLETE: all 3 nodes")


def test_a_cluster_without_bgp_is_not_broken(run_cli, fixtures):
    text = (
        "Calico process is running.\n\nIPv4 BGP status\nINFO: BIRDv4 process: 'bird' is not running.\n\n"
        "The BGP backend process (BIRD) is not running.\n"
    )
    result = run_cli("reach", "--pasted", "-", stdin=text)
    assert (result.exit_code, result.stdout) == (0, "no node speaks BGP: there is no session, and none is missing\n")
    document = run_cli("reach", "--pasted", "-", "--format", "json", stdin=text)
    assert json.loads(document.stdout)["families"] == {"ipv4": {}, "ipv6": {}}


def test_interrupted(run_cli, live, monkeypatch):
    from calico_bgp.model.inventory import Host
    from calico_bgp.model.snapshot import Snapshot
    from calico_bgp.sources.gather import GatherInterrupted

    def stop(*args, **kwargs):
        raise GatherInterrupted(Snapshot(hosts=(Host("node1"),), complete=False))

    monkeypatch.setattr("calico_bgp.cli.sources.source.read_live", stop)
    result = run_cli("reach", *live)
    assert result.exit_code == 130
    assert "interrupted; this is what had been read so far" in result.stderr
    assert "node1: not asked" in result.stdout


def test_a_snapshot_answers_as_the_nodes_did(run_cli, lab, live, resources, tmp_path):
    lab.set_faults(["bird-down:node1"])
    folder = tmp_path / "monday"
    run_cli("gather", *live, "--resources", resources(4), "-o", folder)
    now, later = run_cli("reach", *live, "--resources", resources(4)), run_cli("reach", "--snapshot", folder)
    assert now.exit_code == later.exit_code == 1
    one, other = (
        re.sub(r"\nWhy: calico-bgp reach .* --explain node1 node2\n", "\n", each.stdout) for each in (now, later)
    )
    assert one == other != later.stdout
    assert "isolated    node1: cut off from everyone\n  because     node2 to node1: node1 has no session" in now.stdout


def test_a_lone_reflector_is_named_from_what_was_seen(run_cli, lab, live):
    lab.set_faults(["bird-down:node1"])
    result = run_cli("risks", *live)
    assert result.exit_code == 1
    assert result.stdout.startswith("SINGLE POINT OF FAILURE: node2: it takes routes from others over IPv4\n")


def test_resources_that_bird_refuses_leave_the_answer_open(run_cli, fixtures):
    result = run_cli("reach", "--resources", fixtures / "resources" / "broken")
    assert result.exit_code == 3
    first = result.stdout.splitlines()[0]
    assert first.startswith(
        "UNKNOWN: all 6 nodes learn each other's routes over IPv4; BIRD refuses the configuration of"
    )
    assert run_cli("risks", "--resources", fixtures / "resources" / "broken").exit_code == 3


def test_resources_that_could_not_be_fetched_leave_the_answer_open(run_cli, lab, live):
    lab.set_faults(["calicoctl-missing:node3"])
    lab.set_faults(["calicoctl-missing:node3"])
    result = run_cli("reach", *live, "--resources-from", "node3")
    assert result.exit_code == 3
    assert "; Calico's resources could not be read\n" in result.stdout


def test_resources_without_a_node_leave_the_answer_open(run_cli, live, tmp_path):
    path = tmp_path / "peers.yaml"
    path.write_text(
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: a}\nspec: {peerSelector: has(rr)}\n"
    )
    result = run_cli("reach", *live, "--resources", path)
    assert result.exit_code == 3
    assert "; there is no Node in Calico's resources\n" in result.stdout
