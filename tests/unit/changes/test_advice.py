"""What the lint advises: a field and its value become YAML, a change its command; no rule writes either."""

from ipaddress import ip_address

import pytest
import yaml

from calico_bgp.changes.advice import command, label_node, set_field
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.autodetection import OF_MANIFEST, OF_OPERATOR, SetAutodetection
from calico_bgp.changes.change import SetClusterID, SetFields, SetMesh
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, CalicoNode, ResourceKind, Resources

NETWORK = Ask("CIDR", "the network", "-")


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        ("asNumber", 64512, "64512"),
        ("spec.disableBGPExport", False, "false"),
        ("peerIP", "192.0.2.1", "192.0.2.1"),
        ("peerIP", "[192.0.2.1]:1790", "'[192.0.2.1]:1790'"),
        ("peerIP", "1:2:3:4:5:6:7:8", "'1:2:3:4:5:6:7:8'"),
        ("node", "node-1", "node-1"),
        ("node", "1e3", "'1e3'"),
        ("node", "y", "'y'"),
        ("node", "0x10", "'0x10'"),
        ("node", "true", "'true'"),
        ("apiVersion", "projectcalico.org/v3", "projectcalico.org/v3"),
        ("nodeSelector", "all()", "'all()'"),
        ("nodeSelector", "rack == 'a'", "\"rack == 'a'\""),
    ],
)
def test_a_value_is_yaml_that_reads_back(field, value, written):
    assert set_field("BGPPeer", "p", field, value) == f"in BGPPeer p write {field}: {written}"
    assert yaml.safe_load(written) == value


def test_what_is_asked_for_stands_in_words():
    asked = Ask("AS_NUMBER", "the AS number of the far end", 0)
    assert set_field("BGPPeer", "p", "asNumber", asked) == "in BGPPeer p write asNumber: <the AS number of the far end>"


def test_the_mesh_is_switched_where_there_is_no_configuration_yet():
    there = Resources(bgp_configurations=(BGPConfiguration(name="default"),))
    patch = """calicoctl patch bgpconfiguration default -p '{"spec": {"nodeToNodeMeshEnabled": false}}'"""
    assert command(SetMesh(on=False), of=there) == patch
    made = command(SetMesh(on=False))
    assert made.endswith("| calicoctl create -f -"), "one that was not read is not overwritten"
    assert '"nodeToNodeMeshEnabled": false' in made


def test_a_nodes_field_is_an_annotation_where_the_node_is_kubernetes():
    change = SetClusterID("n1", "244.0.0.1")
    of_calico = """calicoctl patch node n1 -p '{"spec": {"bgp": {"routeReflectorClusterID": "244.0.0.1"}}}'"""
    of_kubernetes = "kubectl annotate node n1 projectcalico.org/RouteReflectorClusterID=244.0.0.1 --overwrite"
    assert command(change, CalicoNode(name="n1")) == of_calico
    assert command(change, CalicoNode(name="n1", api_version="v1")) == of_kubernetes


def test_an_address_that_is_asked_for_is_never_a_word_of_ours():
    asked = Ask("ADDRESS", "the address", ip_address("198.51.100.254"))
    change = SetFields(ResourceKind.NODE, "n1", (("ipv4", asked), ("ipv4_prefix", 24)))
    said = command(change, CalicoNode(name="n1", api_version="v1"))
    assert said == 'kubectl annotate node n1 "projectcalico.org/IPv4Address=${ADDRESS:?}/24" --overwrite'


def test_autodetection_by_the_operator_replaces_the_other_methods():
    said = SetAutodetection(OF_OPERATOR, Family.IPV6, NETWORK).command()
    assert said.kubectl.startswith("kubectl patch installations.operator.tigera.io default --type merge -p ")
    assert '"cidrs": ["\'"${CIDR:?}"\'"]' in said.kubectl
    assert '"firstFound": null' in said.kubectl
    assert "nodeAddressAutodetectionV6" in said.kubectl
    assert said.asks == (NETWORK,)


def test_autodetection_by_the_manifest_is_a_variable():
    said = SetAutodetection(OF_MANIFEST, Family.IPV4).command().kubectl
    assert said == "kubectl set env daemonset/calico-node -n kube-system IP_AUTODETECTION_METHOD=kubernetes-internal-ip"


def test_a_label_for_a_node_and_for_one_that_is_asked_for():
    assert label_node("n1", "rr", "true") == "kubectl label node n1 rr=true"
    assert "${NODE:?}" in label_node(None, "rr")


@pytest.mark.parametrize("value", ["a\nb", "a\x1b[31m"])
def test_what_a_terminal_would_act_on_is_not_printed(value):
    said = set_field("BGPPeer", "p", "node", value)
    assert said.isprintable()
