"""`kubectl get nodes -o json` becomes hosts; everything else is refused with words that help."""

import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Host, Role
from calico_bgp.parse.hosts.forms.kubernetes import NodeAddress, hosts_from_kubernetes
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


def problems(document, **options) -> list[str]:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(InventoryError) as caught:
        hosts_from_kubernetes(text, source="nodes.json", **options)
    assert {problem.source for problem in caught.value.problems} == {"nodes.json"}
    return [problem.message for problem in caught.value.problems]


def test_a_real_answer(nodes, golden):
    hosts = hosts_from_kubernetes(nodes, source="nodes.json")
    assert hosts[1] == Host(
        name="10.192.0.3",
        node="reflector-a",
        role=Role.REFLECTOR,
        addresses=(ip_address("10.192.0.3"), ip_address("2001:db8::3")),
    )
    assert [host.node for host in hosts if host.role] == ["reflector-a", "reflector-b"]
    golden(format_hosts(hosts), "reflectors.txt")


def test_it_reads_back(nodes):
    hosts = hosts_from_kubernetes(nodes, user="ubuntu")
    again = parse_hosts(format_hosts(hosts))
    assert [(h.user, h.name, h.node, h.role, h.addresses) for h in again] == [
        (h.user, h.name, h.node, h.role, h.addresses) for h in hosts
    ]


def test_other_addresses(nodes):
    assert hosts_from_kubernetes(nodes, address=NodeAddress.HOSTNAME)[0].name == "control-plane-1"
    document = json.loads(nodes)
    document["items"] = [item for item in document["items"] if item["metadata"]["name"] != "worker-1"]
    external = hosts_from_kubernetes(json.dumps(document), address=NodeAddress.EXTERNAL)
    assert [host.name for host in external] == ["198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.6"]


def test_a_node_without_the_address(nodes):
    assert problems(nodes, address=NodeAddress.EXTERNAL) == [
        "node worker-1 has no ExternalIP, only Hostname, InternalIP",
    ]
    assert problems(node(addresses=())) == ["node n1 has no InternalIP, no address at all"]


def test_one_node_and_a_node_list():
    assert hosts_from_kubernetes(json.dumps(node()))[0].node == "n1"
    item = node()
    del item["kind"]
    assert hosts_from_kubernetes("\ufeff" + json.dumps({"kind": "NodeList", "items": [item]}))[0].name == "10.0.0.1"


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
    (host,) = hosts_from_kubernetes(json.dumps(node(annotations=annotations)))
    assert host.addresses == tuple(map(ip_address, addresses))
    assert host.role is role


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "the input is empty"),
        ("apiVersion: v1\nitems:\n- apiVersion: v1\n", "this is YAML"),
        (
            "NAME      STATUS   ROLES    AGE   VERSION\nnode1     Ready    <none>   52d   v1.34.1\n",
            "this is kubectl's table",
        ),
        ('{"kind": ', "not JSON: Expecting value"),
        ("[" * 100_000, "not JSON: nested too deeply"),
        ([], "this is something without a kind, no list of nodes"),
        ({}, "this is something without a kind, no list of nodes"),
        ({"kind": "PodList", "items": []}, "this is a 'PodList', no list of nodes"),
        ({"kind": "List"}, "this is a 'List', no list of nodes"),
        ({"kind": "List", "items": []}, "no nodes in it"),
        ({"kind": "List", "items": [{"kind": "Pod"}]}, "items[0] is a 'Pod', no Node"),
        ({"kind": "List", "items": [3]}, "items[0] is something without a kind, no Node"),
        (
            {"kind": "NodeList", "apiVersion": "projectcalico.org/v3", "items": []},
            "these are Calico's own resources, which know no SSH address",
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
    items = [node(), {"kind": "Pod"}, node("n2", ())]
    assert problems({"kind": "List", "items": items}) == [
        "items[1] is a 'Pod', no Node",
        "node n2 has no InternalIP, no address at all",
    ]


def test_what_hosts_txt_cannot_say():
    with pytest.raises(ValueError, match=r"hosts\.txt cannot say"):
        format_hosts([Host(name="a", identity="b\nc role=client")])
