"""Where calico-node is told how to find its addresses: the operator's Installation and the DaemonSet."""

import json

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Autodetection
from calico_bgp.parse.resources.reader import parse_resources


def read(*documents):
    return parse_resources([("all.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)}))])


def installation(network):
    return {
        "apiVersion": "operator.tigera.io/v1",
        "kind": "Installation",
        "metadata": {"name": "default"},
        "spec": {"calicoNetwork": network},
    }


def daemon_set(*env, name="calico-node", **metadata):
    container = {"name": "calico-node", "env": [{"name": key, "value": value} for key, value in env]}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system", **metadata},
        "spec": {"template": {"spec": {"containers": [{"name": "other"}, container]}}},
    }


@pytest.mark.parametrize(
    ("asked", "method"),
    [
        ({"firstFound": True}, "first-found"),
        ({"firstFound": False}, None),
        ({"kubernetes": "NodeInternalIP"}, "kubernetes-internal-ip"),
        ({"interface": "eth.*"}, "interface=eth.*"),
        ({"skipInterface": "docker.*"}, "skip-interface=docker.*"),
        ({"canReach": "8.8.8.8"}, "can-reach=8.8.8.8"),
        ({"cidrs": ["10.0.0.0/8", "192.0.2.0/24"]}, "cidr=10.0.0.0/8,192.0.2.0/24"),
        ({"cidrs": []}, None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_an_installation(asked, method):
    found = read(installation({"nodeAddressAutodetectionV4": asked})).autodetection
    assert found == (Autodetection("Installation", "default", None, method, None),)


def test_a_daemon_set():
    found = read(daemon_set(("IP", "autodetect"), ("IP_AUTODETECTION_METHOD", "interface=ens.*"))).autodetection
    assert found == (Autodetection("DaemonSet", "calico-node", "kube-system", "interface=ens.*", None),)


@pytest.mark.parametrize(
    "document", [daemon_set(name="kube-proxy"), daemon_set(ownerReferences=[{"kind": "Installation"}])]
)
def test_another_daemon_set_and_one_that_the_operator_owns_are_not_the_place(document):
    found = read(document)
    assert found.autodetection == ()
    assert [skipped.kind for skipped in found.skipped] == ["DaemonSet"]


@pytest.mark.parametrize("spec", [None, [], "x", {"template": []}, {"template": {"spec": {"containers": "x"}}}])
def test_what_does_not_look_as_expected_is_no_error(spec):
    document = daemon_set()
    document["spec"] = spec
    assert [one.ipv4 for one in read(document).autodetection] == [None]


@pytest.mark.parametrize(
    ("written", "prefix"), [("192.0.2.1/24", 24), ("192.0.2.1/32", 32), ("192.0.2.1", None), ("nonsense/24", None)]
)
def test_the_prefix_length_behind_an_address(written, prefix):
    calico = {"apiVersion": "projectcalico.org/v3", "kind": "Node", "metadata": {"name": "a"}}
    calico["spec"] = {"bgp": {"ipv4Address": written}}
    kubernetes = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}
    kubernetes["metadata"]["annotations"] = {"projectcalico.org/IPv4Address": written}
    for documents in ([calico], [kubernetes], [calico, kubernetes]):
        (node,) = read(*documents).nodes
        assert node.prefix(Family.IPV4) == prefix
