"""Which nodes run no BIRD, and that nobody misses their answers."""

import json
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.inventory import Host
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.parse.status.nodes_without_bird import FARGATE, SIMULATED, VIRTUAL, WINDOWS, why_without_bird


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"labels": {"eks.amazonaws.com/compute-type": "fargate"}}, FARGATE),
        ({"taints": ["eks.amazonaws.com/compute-type"]}, FARGATE),
        ({"labels": {"kubernetes.io/os": "windows"}}, WINDOWS),
        ({"labels": {"beta.kubernetes.io/os": "windows"}}, WINDOWS),
        ({"system": "Windows Server 2022 Datacenter"}, WINDOWS),
        ({"labels": {"type": "virtual-kubelet"}}, VIRTUAL),
        ({"taints": ["virtual-kubelet.io/provider"]}, VIRTUAL),
        ({"version": "v1.25.0-vk-azure-aci-1.6.1"}, VIRTUAL),
        ({"annotations": ["kwok.x-k8s.io/node"]}, SIMULATED),
        ({"labels": {"kubernetes.io/os": "linux", "type": "worker"}}, None),
        ({"labels": {"eks.amazonaws.com/compute-type": "ec2"}, "version": "v1.33.1-eks-113cf36"}, None),
        ({"taints": ["node-role.kubernetes.io/control-plane"], "system": "Ubuntu 24.04 LTS"}, None),
    ],
)
def test_by_marks(said, why):
    assert why_without_bird("node1", **said) == why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fargate-ip-10-0-2-20.ec2.internal", FARGATE),
        ("virtual-node-aci-linux", VIRTUAL),
        ("virtual-kubelet", VIRTUAL),
        ("virtualbox1", None),
        ("win1", None),
    ],
)
def test_by_name(name, why):
    assert why_without_bird(name) == why


def kubernetes(name, address=None, **labels):
    annotations = {} if address is None else {"projectcalico.org/IPv4Address": f"{address}/24"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": annotations},
    }


@pytest.mark.parametrize("address", [None, "10.0.0.9"])
@pytest.mark.parametrize(("label", "value"), [("kubernetes.io/os", "windows"), ("type", "virtual-kubelet")])
def test_nobody_misses_the_answer_of_a_node_without_bird(address, label, value):
    items = [kubernetes("n1", "10.0.0.1"), kubernetes("odd", address, **{label: value})]
    resources = parse_resources([("nodes.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))])
    snapshot = Snapshot(hosts=(Host("10.0.0.1", node="n1", addresses=(ip_address("10.0.0.1"),)),), resources=resources)
    report = audit(snapshot)
    assert "node-not-listed" not in {finding.rule for finding in report.findings}
    assert report.unread == ("n1",)
