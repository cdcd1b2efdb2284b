"""`calico-bgp expect`: exit codes, forms, what is refused. The rules are tested in tests/unit/expect."""

import json

import pytest

A = """
apiVersion: projectcalico.org/v3
kind: Node
metadata: {name: node-a}
spec: {bgp: {ipv4Address: 192.0.2.1/24, ipv6Address: "2001:db8::1/64"}}
---
"""
B = A.replace("node-a", "node-b").replace(".1/", ".2/").replace("::1/", "::2/")


def bgp_peer(name: str, spec: str) -> str:
    return f"apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n---\n"


@pytest.fixture
def file(tmp_path):
    """`file(text)` writes resources.yaml."""

    def write(text):
        path = tmp_path / "resources.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("form", ["text", "json", "bird"])
@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ("", 0, None),
        (bgp_peer("tor", "peerIP: 198.51.100.1, asNumber: 65001"), 0, None),
        (bgp_peer("tor", "peerIP: 198.51.100.1"), 1, "`as 0`: the BGPPeer has no asNumber"),
        (bgp_peer("tor", "peerIP: tor1, asNumber: 65001"), 1, "BGPPeer tor: its peerIP 'tor1' is no address"),
        (bgp_peer("tor", "nodeSelector: has(, peerSelector: all()"), 1, "BGPPeer tor, spec.nodeSelector"),
        (
            bgp_peer("p", "peerIP: '198.51.100.1:500', asNumber: 1")
            + bgp_peer("q", "peerIP: '198.51.100.1:500', asNumber: 2"),
            1,
            "every node: 198.51.100.1 port 500 by p, q (AS number)",
        ),
        # An overlap is a nuisance, but what it means is clear.
        (bgp_peer("b", "peerIP: 192.0.2.2, asNumber: 64512"), 0, "node-a: Global_192_0_2_2, Mesh_192_0_2_2"),
        (bgp_peer("pods", "localWorkloadSelector: all(), asNumber: 1, node: node-a"), 0, "BGPPeer pods on 1 node\n"),
    ],
)
def test_exit_codes_say_whether_the_resources_mean_one_thing(run_cli, file, form, more, code, said):  # noqa: PLR0917
    result = run_cli("expect", file(A + B + more), "--format", form)
    assert result.exit_code == code
    trouble = result.stdout if form == "text" else result.stderr
    if said is None:
        assert result.stderr == ""
    else:
        assert said in trouble
    if form == "json":
        assert json.loads(result.stdout)["schema"] == "calico-bgp/expect/1"


def test_text_says_every_peer_of_every_node_and_why(run_cli, file):
    result = run_cli("expect", file(A + B))
    assert "node-a  192.0.2.1 2001:db8::1, AS 64512\n" in result.stdout
    assert "BGPConfiguration default (mesh)" in result.stdout
    assert result.stdout.endswith("4 peers on 2 nodes, as Calico v3.33 would configure them\n")


def test_only_some_nodes(run_cli, file):
    path = file(A + B)
    assert list(json.loads(run_cli("expect", path, "--node", "node-b", "--format", "json").stdout)["nodes"]) == [
        "node-b"
    ]
    both = run_cli("expect", path, "--node", "node-b", "--node", "node-a", "--format", "json")
    assert list(json.loads(both.stdout)["nodes"]) == ["node-a", "node-b"]


def test_a_node_that_is_not_there_is_refused_with_the_one_that_was_meant(run_cli, file):
    result = run_cli("expect", file(A + B), "--node", "node-aa")
    assert result.exit_code == 2
    assert "no node is called 'node-aa' in these resources; did you mean node-a?" in result.stderr
    result = run_cli("expect", file(A + B), "--node", "zzz")
    assert "no node is called 'zzz' in these resources; there are node-a, node-b.\n" in result.stderr


def test_resources_without_nodes_are_refused_for_nobody_could_have_a_peer(run_cli, file):
    result = run_cli("expect", file(bgp_peer("tor", "peerIP: 198.51.100.1, asNumber: 1")))
    assert result.exit_code == 2
    assert "there is no Node in these resources" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_family_goes_with_bird_only(run_cli, file, form):
    result = run_cli("expect", file(A + B), "--family", "ipv4", "--format", form)
    assert result.exit_code == 2
    assert "--family goes with --format bird" in result.stderr


def test_bird_of_one_family(run_cli, file):
    result = run_cli("expect", file(A + B), "--family", "ipv6", "--format", "bird", "--node", "node-a")
    assert result.stdout == (
        "# bird6.cfg of node-a\n"
        "# BGPConfiguration default (mesh)\n"
        "protocol bgp Mesh_2001_db8__2 {\n"
        "  local as 64512;\n"
        "  neighbor 2001:db8::2 as 64512;\n"
        "  multihop;\n"
        "  passive on;\n"
        "}\n"
    )


def test_bird_of_a_node_without_peers_of_the_family_says_whose_it_is(run_cli, file):
    result = run_cli("expect", file(A), "--family", "ipv4", "--format", "bird")
    assert (result.exit_code, result.stdout) == (0, "# bird.cfg of node-a\n")


def test_the_calico_version_decides(run_cli, file):
    own_as = A.replace("{bgp: {", "{bgp: {asNumber: 65001, ")

    def as_of_b(*options):
        written = run_cli("expect", file(own_as + B), "--format", "json", "--node", "node-a", *options).stdout
        return json.loads(written)["nodes"]["node-a"]["ipv4"][0]["peer_as"]

    assert as_of_b() == 65001
    assert as_of_b("--calico-version", "v3.31.2") == 64512
    result = run_cli("expect", file(A), "--calico-version", "latest")
    assert result.exit_code == 2
    assert "expected one like v3.32" in result.stderr


def test_from_standard_input_and_to_a_file(run_cli, tmp_path):
    path = tmp_path / "expected.json"
    result = run_cli("expect", "-", "--format", "json", "-o", path, stdin=A + B)
    assert (result.exit_code, result.stdout) == (0, "")
    assert list(json.loads(path.read_text())["nodes"]) == ["node-a", "node-b"]


def test_a_file_that_is_not_there(run_cli, tmp_path):
    result = run_cli("expect", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_many_troubles_are_counted(run_cli, file):
    nodes = "".join(A.replace("node-a", f"n{number}").replace(".1/", f".{number}/") for number in range(1, 31))
    result = run_cli("expect", file(nodes + bgp_peer("tor", "peerIP: 198.51.100.1")), "--format", "bird")
    assert result.exit_code == 1
    assert "\n  and 10 more\n" in result.stderr


def test_the_help_names_what_it_does(run_cli):
    result = run_cli("expect", "--help")
    assert result.exit_code == 0
    assert "calico-bgp expect resources/ --node node7" in result.stdout
    assert "  expect  " in run_cli("--help").stdout
