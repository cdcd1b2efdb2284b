"""The commands of each kind of change, word for word, for Nodes of Kubernetes and of Calico's own."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.changes.change import (
    ApplyResources,
    CreateNode,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetFields,
    SetLabel,
    SetMesh,
    Unlabel,
)
from calico_bgp.changes.commands import Command, commands
from calico_bgp.changes.fields import asks_in, spec_of
from calico_bgp.model.resources import IPPool, ResourceKind
from tests.clusters import cluster, config, node, peer

N1 = node("n1", "10.0.0.1", labels="rr zone=a", ipv4_prefix=24)
N2 = node("n2", "10.0.0.2")
PEERS = [
    peer("p", node_selector="all()", peer_selector="has(rr)"),
    peer("q", peer_ip="192.0.2.1", as_number=65001),
]
#: With Nodes in etcd, and with those of Kubernetes.
ETCD = cluster(N1, N2, *PEERS, config(mesh=False, as_number=64512)).model_copy(
    update={"ip_pools": (IPPool("pods", "10.244.0.0/16"),)}
)
KUBERNETES = ETCD.model_copy(update={"nodes": tuple(replace(each, api_version="v1") for each in (N1, N2))})
NODE = Ask("NODE", "which node", "n1")
CLUSTER_ID = Ask("CLUSTER_ID", "which cluster ID", "1.1.1.1")
AS_NUMBER = Ask("AS", "which AS number", 65001)
ADDRESS = Ask("ADDRESS", "which address", ip_address("10.0.0.9"))
ID = "projectcalico.org/RouteReflectorClusterID"
MESH_ON = '\'{"spec": {"nodeToNodeMeshEnabled": true}}\''


def bgp_peer(name, **fields):
    return SetFields(ResourceKind.BGP_PEER, name, tuple(fields.items()))


def patch_peer(spec):
    """Both ways to patch BGPPeer q."""
    merge = '-p \'{"spec": {' + spec + "}}'"
    return f"kubectl patch bgppeers.projectcalico.org q --type merge {merge}", f"calicoctl patch bgppeer q {merge}"


def patch_id(name, value):
    return f'calicoctl patch node {name} -p \'{{"spec": {{"bgp": {{"routeReflectorClusterID": {value}}}}}}}\''


def relabel(name, words):
    return f"kubectl label node {name} {words} --overwrite", f"calicoctl label nodes {name} {words} --overwrite"


@pytest.mark.parametrize(
    ("resources", "change", "expected"),
    [
        (ETCD, RemoveNode("n1"), ("kubectl delete node n1", "calicoctl delete node n1")),
        (ETCD, DeleteResource(ResourceKind.NODE, "n2"), ("kubectl delete node n2", "calicoctl delete node n2")),
        (ETCD, SetLabel("n2", "rr", ""), relabel("n2", "rr=")),
        (KUBERNETES, SetLabel("n2", "rr", ""), relabel("n2", "rr=")),
        (ETCD, SetLabel("n1", "zone", "b"), relabel("n1", "zone=b")),
        # Over a label of the Kubernetes Node none of Calico's own stands, and calicoctl takes none away.
        (KUBERNETES, SetLabel("n1", "zone", "b"), (relabel("n1", "zone=b")[0], None)),
        (ETCD, Unlabel("n1", "rr"), ("kubectl label node n1 rr-", None)),
        (KUBERNETES, Unlabel("n1", "rr"), ("kubectl label node n1 rr-", None)),
        (ETCD, SetLabel(NODE, "x", "y"), (*relabel('"${NODE:?}"', "x=y"), NODE)),
    ],
)
def test_nodes_and_their_labels(resources, change, expected):
    kubectl, calicoctl, *asks = expected
    assert commands(change, resources) == (Command(kubectl, calicoctl, tuple(asks), of_kubernetes=True),)


@pytest.mark.parametrize(
    ("change", "kubectl", "calicoctl", "asks"),
    [
        (
            SetClusterID("n1", "1.1.1.1"),
            f"kubectl annotate node n1 {ID}=1.1.1.1 --overwrite",
            patch_id("n1", '"1.1.1.1"'),
            (),
        ),
        (
            SetClusterID("n1", CLUSTER_ID),
            f'kubectl annotate node n1 "{ID}=${{CLUSTER_ID:?}}" --overwrite',
            patch_id("n1", '"\'"${CLUSTER_ID:?}"\'"'),
            (CLUSTER_ID,),
        ),
        (
            SetClusterID(NODE, CLUSTER_ID),
            f'kubectl annotate node "${{NODE:?}}" "{ID}=${{CLUSTER_ID:?}}" --overwrite',
            patch_id('"${NODE:?}"', '"\'"${CLUSTER_ID:?}"\'"'),
            (NODE, CLUSTER_ID),
        ),
        (
            SetClusterID(NODE, "1.1.1.1"),
            f'kubectl annotate node "${{NODE:?}}" {ID}=1.1.1.1 --overwrite',
            patch_id('"${NODE:?}"', '"1.1.1.1"'),
            (NODE,),
        ),
        (
            SetFields(ResourceKind.NODE, "n1", (("ipv4", ADDRESS),)),
            'kubectl annotate node n1 "projectcalico.org/IPv4Address=${ADDRESS:?}/24" --overwrite',
            'calicoctl patch node n1 -p \'{"spec": {"bgp": {"ipv4Address": "\'"${ADDRESS:?}"\'/24"}}}\'',
            (ADDRESS,),
        ),
        (
            SetFields(ResourceKind.NODE, "n1", (("as_number", 64513), ("ipv4", None))),
            "kubectl annotate node n1 projectcalico.org/IPv4Address- projectcalico.org/ASNumber=64513 --overwrite",
            'calicoctl patch node n1 -p \'{"spec": {"bgp": {"ipv4Address": null, "asNumber": 64513}}}\'',
            (),
        ),
    ],
)
def test_what_nodes_have_for_bgp(change, kubectl, calicoctl, asks):
    """Annotations where the Node is Kubernetes'; else only calicoctl has it for certain."""
    for resources, is_kubernetes in ((ETCD, False), (KUBERNETES, True)):
        (found,) = commands(change, resources)
        assert found == Command(kubectl, calicoctl, asks, of_kubernetes=is_kubernetes)
        assert found.best == (kubectl if is_kubernetes else calicoctl)


def test_a_cluster_id_is_taken_away():
    reflector = ETCD.model_copy(update={"nodes": (replace(N1, cluster_id="1.1.1.1"),)})
    (found,) = commands(SetClusterID("n1", None), reflector)
    assert found.kubectl == f"kubectl annotate node n1 {ID}- --overwrite"
    assert found.calicoctl == patch_id("n1", "null")


@pytest.mark.parametrize(
    ("change", "spec", "asks"),
    [
        (bgp_peer("q", as_number=65002, ttl_security=1), '"asNumber": 65002, "ttlSecurity": 1', ()),
        (bgp_peer("q", as_number=AS_NUMBER), '"asNumber": \'"${AS:?}"\'', (AS_NUMBER,)),
        (
            bgp_peer("q", has_password=Secret("s", "k")),
            '"password": {"secretKeyRef": {"name": "s", "key": "k"}}',
            (),
        ),
        (bgp_peer("q", as_number=None, filters=("a", "b")), '"asNumber": null, "filters": ["a", "b"]', ()),
        (bgp_peer("q", keep_original_next_hop=True), '"keepOriginalNextHop": true', ()),
        # As many fields as there are, and only what differs.
        (bgp_peer("q", peer_ip="192.0.2.1", reachable_by="10.0.0.254"), '"reachableBy": "10.0.0.254"', ()),
    ],
)
def test_fields_of_one_of_two_bgppeers(change, spec, asks):
    (found,) = commands(change, ETCD)
    assert found == Command(*patch_peer(spec), asks)
    assert found.best == found.calicoctl


@pytest.mark.parametrize(
    ("change", "kubectl"),
    [
        (
            SetMesh(on=True),
            f"kubectl patch bgpconfigurations.projectcalico.org default --type merge -p {MESH_ON}",
        ),
        (
            SetFields(ResourceKind.IP_POOL, "pods", (("disable_bgp_export", True),)),
            'kubectl patch ippools.projectcalico.org pods --type merge -p \'{"spec": {"disableBGPExport": true}}\'',
        ),
        (DeleteResource(ResourceKind.BGP_PEER, "p"), "kubectl delete bgppeers.projectcalico.org p"),
        (DeleteResource(ResourceKind.IP_POOL, "pods"), "kubectl delete ippools.projectcalico.org pods"),
    ],
)
def test_resources_of_other_kinds(change, kubectl):
    (found,) = commands(change, ETCD)
    assert (found.kubectl, found.asks, found.of_kubernetes) == (kubectl, (), False)


@pytest.mark.parametrize(
    "change",
    [
        SetMesh(on=False),
        SetLabel("n1", "zone", "a"),
        SetClusterID("n1", None),
        bgp_peer("q", as_number=65001),
        bgp_peer("q", keep_original_next_hop=False),
        ApplyResources(cluster(*PEERS), "-"),
    ],
)
def test_what_is_so_already_takes_no_command(change):
    assert commands(change, ETCD) == ()


def manifest(kind, name, spec, program):
    head = f'"kind": "{kind}", "metadata": {{"name": "{name}"}}, "spec": {{{spec}}}'
    return f'printf %s \'{{"apiVersion": "projectcalico.org/v3", {head}}}\' | {program}'


def test_a_configuration_that_was_not_read_is_never_overwritten():
    (found,) = commands(SetMesh(on=False), cluster(N1))
    spec = '"nodeToNodeMeshEnabled": false'
    assert (found.kubectl, found.calicoctl) == tuple(
        manifest("BGPConfiguration", "default", spec, f"{program} create -f -") for program in ("kubectl", "calicoctl")
    )


def test_a_file_with_new_and_changed_bgppeers():
    new = peer("new", node_selector="all()", peer_ip="192.0.2.9", as_number=65001)
    locked = peer("locked", peer_ip="192.0.2.8", as_number=65001, has_password=True)
    change = ApplyResources(cluster(new, replace(PEERS[0], node_selector="has(a)"), locked), "-")
    changed, *made = commands(change, ETCD)
    assert changed.calicoctl == 'calicoctl patch bgppeer p -p \'{"spec": {"nodeSelector": "has(a)"}}\''
    specs = {
        "locked": '"peerIP": "192.0.2.8", "asNumber": 65001, "password": {"secretKeyRef": {'
        '"name": "\'"${SECRET_NAME:?}"\'", "key": "\'"${SECRET_KEY:?}"\'"}}',
        "new": '"nodeSelector": "all()", "peerIP": "192.0.2.9", "asNumber": 65001',
    }
    assert [each.kubectl for each in made] == [
        manifest("BGPPeer", name, spec, "kubectl apply -f -") for name, spec in specs.items()
    ]
    assert [[ask.variable for ask in each.asks] for each in made] == [["SECRET_NAME", "SECRET_KEY"], []]
    # For people to read they are one text.
    _, one = commands(change, ETCD, in_one_line=False)
    assert one.kubectl is not None
    assert one.kubectl.count("kubectl apply") == 2
    assert [ask.variable for ask in one.asks] == ["SECRET_NAME", "SECRET_KEY"]
    assert len(commands(bgp_peer("q", as_number=65002), ETCD, in_one_line=False)) == 1
    (plain,) = commands(ApplyResources(cluster(new), "-"), ETCD, in_one_line=False)
    assert "\nkind: BGPPeer\n" in (plain.kubectl or "")


def test_a_node_is_made_before_its_machine_starts():
    made = node("n3", labels="rr", cluster_id="1.1.1.1", as_number=64513, api_version="v1")
    (found,) = commands(CreateNode(made), KUBERNETES)
    annotations = f'"projectcalico.org/ASNumber": "64513", "{ID}": "1.1.1.1"'
    assert found.kubectl == (
        'printf %s \'{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n3", "labels": {"rr": ""}, '
        f'"annotations": {{{annotations}}}}}, "spec": {{"unschedulable": true}}}}\' | kubectl create -f -'
    )
    assert (found.calicoctl, found.of_kubernetes) == (None, True)
    (found,) = commands(CreateNode(node("n3")), ETCD)
    bare = '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n3"}, "spec": {"unschedulable": true}}'
    assert found.kubectl == f"printf %s '{bare}' | kubectl create -f -"
    (found,) = commands(CreateNode(node("n3", as_number=64513)), ETCD)
    assert found.calicoctl == manifest("Node", "n3", '"bgp": {"asNumber": 64513}', "calicoctl create -f -")


def test_what_is_asked_for_anywhere_in_a_value():
    assert list(asks_in({"a": [NODE, "b"], "c": {"d": AS_NUMBER}, "e": 1})) == [NODE, AS_NUMBER]
    spec = spec_of(ResourceKind.NODE, replace(N1, ipv6=ip_address("fd00::1")), {"ipv4": ADDRESS})
    assert (str(spec["ipv4Address"]), spec["ipv6Address"]) == ("$ADDRESS/24", "fd00::1")
    assert type(spec["ipv6Address"]) is str
    assert list(asks_in(spec)) == [ADDRESS]
