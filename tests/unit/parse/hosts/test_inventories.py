"""Inventories of other programs become hosts; whole files of every form are in tests/fixtures/cases/hosts."""

import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Host, Role
from calico_bgp.parse.hosts.forms.form import LeftOut, NodeAddress, what_is_broken
from calico_bgp.parse.hosts.forms.table import read_inventory
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.hosts.writer import format_hosts


@pytest.fixture(scope="module")
def nodes(fixtures: Path) -> str:
    return (fixtures / "kubernetes" / "reflectors" / "nodes.json").read_text(encoding="utf-8")


def node(name="n1", addresses=(("InternalIP", "10.0.0.1"),), annotations=None, **more) -> dict:
    return {
        "kind": "Node",
        "metadata": {"name": name, "annotations": annotations or {}},
        "status": {"addresses": [{"type": kind, "address": address} for kind, address in addresses]},
        **more,
    }


def hosts_of(text: str, **options) -> tuple[Host, ...]:
    inventory = read_inventory(text, **options)
    assert inventory is not None
    return inventory.hosts


def problems(document, **options) -> list[str]:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(InventoryError) as caught:
        hosts_of(text, source="nodes.json", **options)
    assert {problem.source for problem in caught.value.problems} == {"nodes.json"}
    return [problem.message for problem in caught.value.problems]


def test_a_real_answer(nodes, golden):
    hosts = hosts_of(nodes, source="nodes.json")
    assert hosts[1] == Host(
        name="10.192.0.3",
        node="reflector-a",
        role=Role.REFLECTOR,
        addresses=(ip_address("10.192.0.3"), ip_address("2001:db8::3")),
    )
    assert [host.node for host in hosts if host.role] == ["reflector-a", "reflector-b"]
    golden(format_hosts(hosts), "reflectors.txt")


def test_it_reads_back(nodes):
    hosts = hosts_of(nodes, user="ubuntu")
    again = parse_hosts(format_hosts(hosts))
    assert [(h.user, h.name, h.node, h.role, h.addresses) for h in again] == [
        (h.user, h.name, h.node, h.role, h.addresses) for h in hosts
    ]


def test_other_addresses(nodes):
    assert hosts_of(nodes, address=NodeAddress.HOSTNAME)[0].name == "control-plane-1"
    document = json.loads(nodes)
    document["items"] = [item for item in document["items"] if item["metadata"]["name"] != "worker-1"]
    external = hosts_of(json.dumps(document), address=NodeAddress.EXTERNAL)
    assert [host.name for host in external] == ["198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.6"]


def test_a_node_without_the_address(nodes):
    assert problems(nodes, address=NodeAddress.EXTERNAL) == [
        "node worker-1 has no ExternalIP, only Hostname, InternalIP",
    ]
    assert problems(node(addresses=())) == ["node n1 has no InternalIP, no address at all"]


def test_one_node_and_a_node_list():
    assert hosts_of(json.dumps(node()))[0].node == "n1"
    item = node()
    del item["kind"]
    assert hosts_of("\ufeff" + json.dumps({"kind": "NodeList", "items": [item]}))[0].name == "10.0.0.1"


@pytest.mark.parametrize(
    ("annotations", "addresses", "role"),
    [
        ({}, (), None),
        ({"projectcalico.org/IPv4Address": "10.0.0.1/24"}, ("10.0.0.1",), None),
        ({"projectcalico.org/IPv4Address": "10.0.0.1"}, ("10.0.0.1",), None),
        ({"projectcalico.org/IPv6Address": "2001:DB8:0::1/64"}, ("2001:db8::1",), None),
        # Calico ignores an annotation that it cannot read.
        ({"projectcalico.org/IPv4Address": "ten"}, (), None),
        ({"projectcalico.org/IPv4Address": "0.0.0.0/0", "projectcalico.org/IPv6Address": 6}, (), None),
        ({"projectcalico.org/RouteReflectorClusterID": "244.0.0.1"}, (), Role.REFLECTOR),
        ({"projectcalico.org/RouteReflectorClusterID": ""}, (), None),
    ],
)
def test_annotations(annotations, addresses, role):
    (host,) = hosts_of(json.dumps(node(annotations=annotations)))
    assert host.addresses == tuple(map(ip_address, addresses))
    assert host.role is role


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"kind": "List", "items": []}, "this is what kubectl or calicoctl prints of Nodes, with no node to log in to"),
        (
            {"kind": "NodeList", "apiVersion": "projectcalico.org/v3", "items": []},
            "this is what kubectl or calicoctl prints of Nodes, with no node to log in to",
        ),
        (
            {"kind": "PodList", "apiVersion": "v1", "items": []},
            "this is a file of Kubernetes resources without a Node, it lists no hosts",
        ),
        ({"kind": "Node", "metadata": None}, "Node has no name that a Node can have"),
        (node(name="a b role=reflector"), "Node has no name that a Node can have"),
        (node(addresses=[("InternalIP", "10.0.0.1 node=x")]), "node n1: '10.0.0.1 node=x' is not a host name"),
        (node(addresses=[("InternalIP", "10.0.0.1:22")]), "node n1: '10.0.0.1:22' is no address"),
        (node(addresses=[("InternalIP", 3)]), "node n1: the host is missing"),
        ({"kind": "List", "items": [node(), node()]}, "items[1]: the node n1 stands twice"),
    ],
)
def test_refused(document, message):
    (only,) = problems(document)
    assert only.startswith(message)


def test_all_errors_at_once():
    items = [node(), node("a b"), node("n2", ())]
    assert problems({"kind": "List", "items": items}) == [
        "items[1] has no name that a Node can have",
        "node n2 has no InternalIP, no address at all",
    ]


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"kind": ', "[]", "{}", "node1\n10.0.0.2\n", "a: b: c", "- \n"])
def test_no_form_at_all(text):
    assert read_inventory(text) is None


def test_other_kinds_beside_nodes_cost_nothing():
    items = [{"kind": "BGPPeer"}, node(), 3]
    assert [host.node for host in hosts_of(json.dumps({"kind": "List", "items": items}))] == ["n1"]


def test_what_hosts_txt_cannot_say():
    with pytest.raises(ValueError, match=r"hosts\.txt cannot say"):
        format_hosts([Host(name="a", identity="b\nc role=client")])


def listed(text: str) -> list[tuple[str, str | None]]:
    return [(host.name, host.node) for host in hosts_of(text)]


def left_out(text: str) -> list[tuple[str, str]]:
    inventory = read_inventory(text)
    assert inventory is not None
    return [(entry.name, entry.reason) for entry in inventory.entries if isinstance(entry, LeftOut)]


@pytest.mark.parametrize("apart", ["\n", "", "\n\n  "])
def test_json_values_one_after_another(apart):
    nodes = [node(f"n{number}", [("InternalIP", f"10.0.0.{number}")]) for number in (1, 2)]
    assert listed(apart.join(map(json.dumps, nodes))) == [("10.0.0.1", "n1"), ("10.0.0.2", "n2")]
    records = [json.dumps({"name": f"n{number}", "ip": f"10.0.0.{number}"}) for number in (1, 2)]
    assert listed(apart.join(records)) == [("10.0.0.1", "n1"), ("10.0.0.2", "n2")]


@pytest.mark.parametrize(
    "text",
    [
        "Hostname;IP-Adresse;Benutzer\nn1;10.0.0.1;ops\nn2;10.0.0.2;ops\n",
        "NAME\tADDRESS\tROLE\nn1\t10.0.0.1\tworker\nn2\t10.0.0.2\tworker\n",
        "| ID | Name | Networks |\n+--+--+--+\n| 7 | n1 | lan=10.0.0.1 |\n| 8 | n2 | lan=10.0.0.2, 192.0.2.9 |\n",
    ],
    ids=["a heading in German", "tabs", "OpenStack"],
)
def test_no_column_of_addresses_is_lost(text):
    assert listed(text) == [("10.0.0.1", "n1"), ("10.0.0.2", "n2")]


def test_addresses_in_a_row_are_no_etc_hosts():
    assert listed("10.0.0.1 10.0.0.2 10.0.0.3\n") == [("10.0.0.1", None), ("10.0.0.2", None), ("10.0.0.3", None)]


def test_what_every_etc_hosts_has_is_no_node():
    text = "127.0.0.1 localhost\n255.255.255.255 broadcasthost\nfe00::0 ip6-localnet\n10.0.0.1 n1\n"
    assert listed(text) == [("10.0.0.1", "n1")]
    assert not left_out(text)


def test_an_address_alone_of_terraform_is_said():
    text = json.dumps(
        {
            "workers": {"type": ["list", "string"], "value": ["10.0.0.1"]},
            "api": {"type": "string", "value": "10.0.0.9"},
            "region": {"type": "string", "value": "eu-west-1"},
        }
    )
    assert listed(text) == [("10.0.0.1", None)]
    assert [name for name, _ in left_out(text)] == ["api (10.0.0.9)"]


def test_what_an_ssh_config_includes_is_said():
    text = "Include other.conf\nHost n1\n  HostName 10.0.0.1\nMatch host n9\n  User root\nMatch all\n  Port 22\n"
    assert listed(text) == [("10.0.0.1", "n1")]
    assert [name for name, _ in left_out(text)] == ["Include other.conf", "Match host n9"]


def test_patterns_of_an_ssh_config_are_those_of_ssh_where_brackets_are_plain_text():
    text = (
        "Host n[12]\n  User never\nHost *1 !x*\n  User one\nHost n? x1\n  User any\n  HostName %h.example\nHost n1 n2\n"
    )
    assert [(host.name, host.user) for host in hosts_of(text)] == [
        ("x1.example", "any"),
        ("n1.example", "one"),
        ("n2.example", "any"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("all:\n\thosts:\n\t\tn1:\n", 2, "not YAML"),
        ('{\n  "a": [1,\n', 3, "not JSON"),
        ('[{"name": "n1",}]', 1, "not JSON"),
        ("[" * 100_000, None, "nested too deeply"),
    ],
)
def test_where_a_document_breaks(text, line, message):
    problem = what_is_broken(text, "inventory")
    assert problem is not None
    assert (problem.source, problem.line) == ("inventory", line)
    assert message in problem.message


@pytest.mark.parametrize("text", ["", "node1\nnode2\n", "all:\n  hosts:\n    n1:\n", '{"a": 1}', "node1: 3\n"])
def test_what_does_not_break(text):
    assert what_is_broken(text, "inventory") is None
