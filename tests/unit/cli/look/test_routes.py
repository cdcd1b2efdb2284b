"""`calico-bgp routes` and `reach --observed`, from snapshots and from the lab."""

import json

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.asked_twice import AskedTwice
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import change_protocols, with_routes

MESH = build_cluster(4, topology=Topology.MESH)


@pytest.fixture
def saved(tmp_path):
    def save(snapshot):
        save_snapshot(snapshot, tmp_path / "monday")
        return str(tmp_path / "monday")

    return save


def test_a_line_a_node(run_cli, saved):
    result = run_cli("routes", "--snapshot", saved(with_routes(MESH)))
    assert (result.exit_code, result.stderr) == (0, "")
    first, _, head, *rows = result.stdout.splitlines()
    assert first == "all 4 nodes have each other's routes over IPv4, in BIRD and in the kernel"
    assert head.split() == ["NODE", "OWN", "LEARNED", "MISSING", "UNREACHABLE", "IN", "KERNEL", "PATHS", "REMARK"]
    assert [row.split()[:6] for row in rows] == [[f"node{n}", "1", "3", "0", "0", "3"] for n in range(1, 5)]


def test_whose_routes_are_known_by_a_hash(run_cli, saved):
    folder = saved(AskedTwice(build_cluster(5, topology=Topology.MESH)).snapshot())
    result = run_cli("routes", "--snapshot", folder)
    first, second, _, _, *rows = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert first == "all 5 nodes have each other's routes over IPv4, in BIRD and in the kernel"
    assert second == "3 nodes hold the same routes as node1 but for their own, by a hash of them"
    # The paths of those are counted as if they had been sent.
    assert [row.split()[:7] for row in rows] == [[f"node{n}", "1", "4", "0", "0", "4", "7"] for n in range(1, 6)]
    document = json.loads(run_cli("routes", "--snapshot", folder, "--format", "json").stdout)
    assert [node["same_as"] for node in document["families"][0]["nodes"]] == [None, None, "node1", "node1", "node1"]
    audited = run_cli("audit", "--snapshot", folder, "--verbose").stdout
    assert "in BIRD and in the kernel (3 nodes by a hash of the same routes)" in audited


def test_what_comes_from_peers_outside_and_goes_to_them(run_cli, saved):
    """A switch that four nodes peer with: node2 takes nothing of it, and node3 tells it nothing."""
    made = with_routes(build_cluster(4, topology=Topology.MESH, switch=True))
    made = change_protocols(made, 1, "Global", imported=0, imports_filtered=2)
    made = change_protocols(made, 2, "Global", exported=0)
    folder = saved(made)
    lines = run_cli("routes", "--snapshot", folder).stdout.splitlines()
    assert (
        "192.0.2.1, which is no node: routes of each of 4 nodes with it: 0 to 1 in, 0 to 1 out, 0 to 2 refused" in lines
    )
    document = json.loads(run_cli("routes", "--snapshot", folder, "--format", "json").stdout)
    numbers = [
        [one[key] for key in ("peer", "node", "imported", "refused", "exported")]
        for one in document["families"][0]["externals"]
    ]
    assert numbers == [
        ["192.0.2.1", "node1", 1, 0, 1],
        ["192.0.2.1", "node2", 0, 2, 1],
        ["192.0.2.1", "node3", 1, 0, 0],
        ["192.0.2.1", "node4", 1, 0, 1],
    ]


def test_what_is_missing_and_where_it_stops(run_cli, saved):
    folder = saved(with_routes(MESH, trouble=Trouble(kept_back=frozenset({"node3"}))))
    result = run_cli("routes", "--snapshot", folder, "--missing")
    assert result.exit_code == 1
    assert "the routes of node3 to node1, node2, node4: not announced at node3 (node3 exports no route" in result.stdout
    assert "node3   " not in result.stdout, "node3 itself lacks nothing"
    one = run_cli("routes", "--snapshot", folder, "--node", "node[12]")
    assert "node4  " not in one.stdout
    assert one.stdout.splitlines()[-1].startswith("the routes of node3 to node1, node2: not announced")


def test_json_has_every_number(run_cli, saved):
    folder = saved(with_routes(MESH, trouble=Trouble(kernel_behind=frozenset({"node2"}))))
    result = run_cli("routes", "--snapshot", folder, "--format", "json")
    document = json.loads(result.stdout)
    (family,) = document["families"]
    assert (family["family"], family["arrive"], family["unknown"], family["kernels"]) == ("ipv4", 9, 0, 4)
    assert {(one["learner"], one["stop"], one["at"]) for one in family["missing"]} == {
        ("node2", "the kernel leads elsewhere", "node2")
    }
    node = family["nodes"][1]
    assert (node["learned"], node["in_kernel"], len(node["kernel_missing"])) == (3, 0, 3)


def test_a_snapshot_without_routes_cannot_tell(run_cli, saved):
    result = run_cli("routes", "--snapshot", saved(snapshot_of(MESH)))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no node told its routes" in result.stderr


def test_reach_beside_the_tables(run_cli, saved):
    folder = saved(with_routes(MESH, trouble=Trouble(kept_back=frozenset({"node3"}))))
    result = run_cli("reach", "--snapshot", folder, "--observed")
    assert result.exit_code == 1
    assert "observed: 9 of 12 routes arrive over IPv4, 3 are missing" in result.stdout
    assert "by the sessions these should arrive, and by the tables they do not:" in result.stdout


def test_reach_beside_the_tables_of_a_cut_link_says_nothing_twice(run_cli, saved):
    result = run_cli("reach", "--snapshot", saved(with_routes(MESH, "link-cut:node1,node2")), "--observed")
    assert result.exit_code == 1
    assert "2 more routes are missing, as computed" in result.stdout
    assert "by the sessions these should arrive" not in result.stdout


def test_reach_without_tables_says_so(run_cli, saved):
    document = run_cli("reach", "--snapshot", saved(snapshot_of(MESH)), "--format", "json").stdout
    assert set(json.loads(document)) == {"schema", "families"}
    result = run_cli("reach", "--snapshot", saved(snapshot_of(MESH)), "--observed")
    assert result.exit_code == 0
    assert "observed: no node told its routes" in result.stdout


def test_what_the_tables_lack_is_told_unasked_and_counts(run_cli, saved):
    """All sessions are up, and nobody has node2's block: `reach` said COMPLETE, and its exit code was 0."""
    folder = saved(with_routes(MESH, "own-routes-lost:node2"))
    result = run_cli("reach", "--snapshot", folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("MISSING by the tables of routes, see below; by the sessions alone:\nCOMPLETE")
    assert "observed: 9 of 12 routes arrive over IPv4, 3 are missing" in result.stdout
    of_pair = run_cli("reach", "--snapshot", folder, "--explain", "node1", "node2")
    assert (of_pair.exit_code, "the routes of node2 to node1: not announced at node2" in of_pair.stdout) == (1, True)
    other_pair = run_cli("reach", "--snapshot", folder, "--explain", "node1", "node3")
    assert (other_pair.exit_code, "by the tables" in other_pair.stdout) == (0, False)
    in_json = run_cli("reach", "--snapshot", folder, "--format", "json")
    assert (in_json.exit_code, "9 of 12 routes arrive" in in_json.stderr) == (1, True)
    document = json.loads(in_json.stdout)
    assert document["lacking"] == {"ipv4": {"node1": ["node2"], "node3": ["node2"], "node4": ["node2"]}}
    assert document["families"]["ipv4"]["node1"] == ["node2", "node3", "node4"]
    supposed = run_cli("reach", "--snapshot", folder, "--down", "node4")
    assert (supposed.exit_code, "observed" in supposed.stdout) == (0, False)


def test_what_tables_and_sessions_agree_about_is_told_once(run_cli, saved):
    result = run_cli("reach", "--snapshot", saved(with_routes(MESH, "link-cut:node1,node2")))
    assert (result.exit_code, "observed" in result.stdout) == (1, False)


def test_observed_needs_readings(run_cli, tmp_path):
    (tmp_path / "nodes.yaml").write_text(
        "apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: a}\nspec: {bgp: {ipv4Address: 192.0.2.1/24}}\n"
    )
    result = run_cli("reach", "--resources", str(tmp_path), "--observed")
    assert (result.exit_code, "--observed needs nodes" in result.stderr) == (2, True)


@pytest.mark.parametrize("way", ["ssh", "api"])
def test_both_ways_read_the_routes(run_cli, way):
    with Lab(MESH) as lab:
        if way == "ssh":
            hosts = (str(lab.hosts_file), "--known-hosts", str(lab.known_hosts), "--ssh-config", "none")
        else:
            hosts = ("--kubeconfig", str(lab.kubeconfig))
        result = run_cli("routes", *hosts)
        without = run_cli("routes", *hosts, "--no-routes")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("all 4 nodes have each other's routes over IPv4, in BIRD and in the kernel\n")
    assert (without.exit_code, without.stdout) == (3, "")
