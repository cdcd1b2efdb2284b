"""`calico-bgp route`: which rule stops a route, in words and as JSON; and what it refuses."""

import json
import re
from pathlib import Path

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.with_routes import with_routes

PAGE = (Path(__file__).parents[4] / "docs" / "filters.md").read_text("utf-8")
EXAMPLES = re.findall(r'```text title="calico-bgp ([^"]+)"\n(.*?)```', PAGE, re.DOTALL)
FOLDER = "filters-at-a-reflector"


@pytest.fixture
def route(run_cli, fixtures):
    def run(*arguments):
        return run_cli("route", *arguments, "--resources", str(fixtures / "resources" / FOLDER))

    return run


def test_help_has_examples(run_cli):
    result = run_cli("route", "--help")
    assert result.exit_code == 0
    assert "calico-bgp route 10.244.1.0/26 --to node5 --resources calico/" in result.stdout


@pytest.mark.parametrize(("command", "printed"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_the_examples_of_the_page_are_what_the_command_prints(run_cli, fixtures, command, printed):
    folder = str(fixtures / "resources" / FOLDER)
    arguments = [folder if word == "calico/" else word for word in command.split()]
    assert run_cli(*arguments, "--width", "96").stdout == printed


def test_a_route_that_a_filter_rejects_does_not_arrive(route):
    result = route("10.244.1.0/26", "--from", "c1", "--to", "c2")
    assert result.exit_code == 1
    assert "DOES NOT ARRIVE: 10.244.1.0/26 from c1 to c2 over IPv4" in result.stdout
    assert "r1 exports it: rejects, rule 1 of BGPFilter guard matches" in result.stdout


def test_an_address_stands_for_its_block_and_that_for_its_owner(route):
    result = route("10.244.2.7", "--to", "c1")
    assert result.exit_code == 0
    assert result.stdout.startswith("ARRIVES: 10.244.2.0/26 from c2 to c1 over IPv4\n")
    assert "10.244.2.7 lies in the block 10.244.2.0/26" in result.stdout


def test_what_reaches_a_switch_carries_what_the_filter_adds(route):
    result = route("10.244.1.0/26", "--to", "192.0.2.254", "--format", "json")
    assert result.exit_code == 0
    last = json.loads(result.stdout)["way"][-1]
    assert last["route"] == {"as_path": [64512], "local_pref": 100, "communities": ["65000:7"]}
    assert last["export"] == {"accepted": "yes", "because": "rule 1 of BGPFilter tor matches"}
    assert last["import"] is None


def test_a_pods_address_is_announced_as_its_block_only(route):
    result = route("10.244.1.7/32", "--to", "c2")
    assert result.exit_code == 1
    assert "it is in the node's own block, which is announced as a whole" in result.stdout


def test_a_filter_that_was_not_given_leaves_it_open(run_cli, fixtures, tmp_path):
    text = (fixtures / "resources" / FOLDER / "all.yaml").read_text()
    path = tmp_path / "calico.yaml"
    path.write_text("".join(line for line in text.splitlines(keepends=True) if "kind: BGPFilter" not in line))
    result = run_cli("route", "10.244.1.0/26", "--to", "c2", "--resources", str(path))
    assert result.exit_code == 3
    assert "perhaps, BGPFilter guard was not given" in result.stdout


def test_a_block_of_another_node_is_followed_and_said(route):
    result = route("10.244.1.0/26", "--from", "c2", "--to", "c1")
    assert "10.244.1.0/26 is the block of c1; c2 is followed as if it had it" in result.stdout


def test_a_borrowed_address_is_a_route_of_its_own(route):
    result = route("10.244.1.7/32", "--from", "c2", "--to", "c1")
    assert "an address borrowed from the block 10.244.1.0/26 of c1" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("10.244.1.0/33", "--to", "c2"), "is no prefix"),
        (("nonsense", "--to", "c2"), "expected one like 10.244.1.0/26"),
        (("10.244.9.0/26", "--to", "c2"), "name who announces it with --from"),
        (("10.244.1.0/26", "--to", "c3"), "no node is called 'c3'"),
        (("10.244.1.0/26", "--from", "x", "--to", "c2"), "--from: no node is called 'x'"),
        (("fd00::/122", "--from", "c1", "--to", "c2"), "no node speaks BGP over IPv6"),
    ],
)
def test_slips_are_refused(route, arguments, said):
    result = route(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_without_resources_nothing_is_said_of_filters(run_cli, fixtures):
    paste = fixtures / "captures" / "v3.32" / "rr_one_down" / "node1.stdout.txt"
    result = run_cli("route", "10.244.1.0/26", "--from", "node1", "--to", "node2", "--pasted", str(paste))
    assert result.exit_code == 2
    assert "give them with --resources" in result.stderr


MORE = """
---
apiVersion: projectcalico.org/v3
kind: List
items:
- {apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: a}, spec: {bgp: {ipv4Address: 192.0.2.1/24, ipv6Address: "2001:db8::1/64"}}}
- {apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: b}, spec: {bgp: {ipv4Address: 192.0.2.2/24, ipv6Address: "2001:db8::2/64", asNumber: 65001}}}
- {apiVersion: projectcalico.org/v3, kind: Node, metadata: {name: c}, spec: {bgp: {ipv4Address: 192.0.2.3/24}}}
- apiVersion: projectcalico.org/v3
  kind: BGPConfiguration
  metadata: {name: default}
  spec:
    nodeToNodeMeshEnabled: false
    serviceClusterIPs: [{cidr: 10.96.0.0/12}]
    communities: [{name: pods, value: "65000:9"}]
    prefixAdvertisements: [{cidr: 10.244.0.0/16, communities: [pods, "65000:1:2"]}]
- {apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: a-b}, spec: {node: a, peerIP: 192.0.2.2, asNumber: 65001}}
- {apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: a-b6}, spec: {node: a, peerIP: "2001:db8::2", asNumber: 65001, filters: [six]}}
- {apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: b-c}, spec: {node: b, peerIP: 192.0.2.3, asNumber: 64512}}
- {apiVersion: projectcalico.org/v3, kind: BGPFilter, metadata: {name: six}, spec: {importV6: [{action: Reject, interface: "eth*"}]}}
- {apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pods}, spec: {cidr: 10.244.0.0/16, blockSize: 27}}
- {apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: six}, spec: {cidr: "fd65::/48"}}
"""  # noqa: E501


@pytest.fixture
def racks(run_cli, tmp_path):
    path = tmp_path / "calico.yaml"
    path.write_text(MORE.strip().removeprefix("---\n"))

    def run(*arguments):
        return run_cli("route", *arguments, "--resources", str(path))

    return run


def test_a_route_over_ebgp_carries_as_numbers_and_communities_and_loops_back_to_its_as(racks):
    result = racks("10.244.1.0/27", "--from", "a", "--to", "b")
    assert result.exit_code == 0
    assert "with AS path 64512, local preference 100, communities 65000:9, 65000:1:2" in result.stdout
    result = racks("10.244.1.0/27", "--from", "a", "--to", "c")
    assert result.exit_code == 1
    assert "not offered: c drops it: own AS 64512 in AS_PATH" in result.stdout


def test_an_address_is_taken_for_the_block_of_its_pools_size(racks):
    result = racks("10.244.1.40", "--from", "a", "--to", "b")
    assert "10.244.1.40 lies in the block 10.244.1.32/27 of IPPool pods, by its block size" in result.stdout


def test_a_range_of_services_is_announced(racks):
    result = racks("10.96.0.0/12", "--from", "a", "--to", "b")
    assert result.exit_code == 0
    assert "a exports it: accepts, it is a service's address" in result.stdout


def test_a_prefix_in_no_pool_is_rejected_by_calico(racks):
    result = racks("172.16.0.0/24", "--from", "b", "--to", "c")
    assert result.exit_code == 0  # taken for its own block, as it says
    assert "taken for a block of b" in result.stdout


def test_an_interface_that_only_the_node_knows_leaves_it_open(racks):
    result = racks("fd65::40/122", "--from", "a", "--to", "b")
    assert result.exit_code == 3
    said = " ".join(result.stdout.split())
    assert "b imports it: perhaps, by which interface the route leads is not known: " in said
    assert "rule 1 of BGPFilter six matches" in said


@pytest.fixture
def mesh_of_four(tmp_path):
    """A mesh whose tables of routes were read; among its resources is no BlockAffinity."""

    def save(*faults, in_resources=()):
        cluster = build_cluster(4, topology=Topology.MESH)
        resources = lab_resources(cluster, [parse_fault(text, cluster) for text in in_resources])
        save_snapshot(with_routes(cluster, *faults).model_copy(update={"resources": resources}), tmp_path / "monday")
        return ("--snapshot", str(tmp_path / "monday"))

    return save


@pytest.mark.parametrize("asked", ["10.244.0.128/26", "10.244.0.130"])
def test_birds_own_table_tells_whose_a_block_is_without_block_affinities(run_cli, mesh_of_four, asked):
    result = run_cli("route", asked, "--to", "node1", *mesh_of_four())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ARRIVES: 10.244.0.128/26 from node2 to node1 over IPv4\n")
    assert "taken for" not in result.stdout


def test_a_block_that_two_birds_have_is_asked_for(run_cli, mesh_of_four):
    arguments = ("route", "10.244.0.128/26", "--to", "node1", *mesh_of_four("block-twice:node2,node3"))
    result = run_cli(*arguments)
    assert result.exit_code == 2
    assert "node2, node3 have 10.244.0.128/26 as their own block; choose one with --from." in result.stderr
    assert run_cli(*arguments, "--from", "node3").stdout.startswith("ARRIVES: 10.244.0.128/26 from node3 to node1")


def test_a_block_of_nobody_is_asked_for_and_slips_come_first(run_cli, mesh_of_four):
    asked = ("route", "10.244.77.0/26", *mesh_of_four(), "--to")
    assert "neither a BlockAffinity nor a node's table of routes says whose" in run_cli(*asked, "node1").stderr
    assert "--to: no node is called 'nod1'; did you mean node1?" in run_cli(*asked, "nod1").stderr


@pytest.mark.parametrize(
    ("fault", "because"),
    [
        ("own-routes-lost:node2", "node2's own BIRD does not have it, so that nobody learns it."),
        ("import-limit:node1", "but the BIRD of node1 does not have it; it gets as far as node2."),
        ("export-rejected:node2,node1", "but the BIRD of node1 does not have it; it gets as far as node2."),
    ],
)
def test_what_the_tables_lack_does_not_arrive_whatever_the_resources_let_through(run_cli, mesh_of_four, fault, because):
    asked = ("route", "10.244.0.128/26", "--from", "node2", "--to", "node1", "--width", "200")
    whole = run_cli(*asked, *mesh_of_four())
    assert (whole.exit_code, whole.stdout.splitlines()[-1]) == (
        0,
        "  by the tables of routes the BIRD of node1 has it.",
    )
    broken = run_cli(*asked, *mesh_of_four(fault))
    assert (broken.exit_code, broken.stdout.split(":")[0]) == (1, "DOES NOT ARRIVE")
    assert broken.stdout.endswith(f"{because}\n")


def test_what_is_there_although_the_resources_stop_it_is_not_known(run_cli, mesh_of_four):
    source = mesh_of_four(in_resources=["pool-not-exported"])
    result = run_cli("route", "10.244.0.128/26", "--to", "node1", *source, "--width", "200")
    assert (result.exit_code, result.stdout.split(":")[0]) == (3, "UNKNOWN")
    assert "node2 exports it: rejects, its pool has disableBGPExport" in result.stdout
    assert "the BIRD of node1 has it all the same: by another node, or by what no resource shows.\n" in result.stdout


def test_without_any_ippool_nobody_knows_what_reflectors_pass_on(run_cli, fixtures, tmp_path):
    text = (fixtures / "resources" / FOLDER / "all.yaml").read_text()
    path = tmp_path / "calico.yaml"
    path.write_text("".join(line for line in text.splitlines(keepends=True) if "kind: IPPool" not in line))
    result = run_cli("route", "10.244.2.0/26", "--to", "c1", "--resources", str(path))
    assert result.exit_code == 3
    assert "r1 exports it: perhaps, no IPPool was given" in result.stdout
