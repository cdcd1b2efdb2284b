"""Each kind of change on Calico's resources, what it refuses, and how changes add up."""

from __future__ import annotations

import pytest

from calico_bgp.changes.change import (
    ApplyResources,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetLabel,
    SetMesh,
    Unlabel,
    apply,
    read_kind,
    removed_nodes,
)
from calico_bgp.errors import ChangeError
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import CLUSTER_ID, LABEL, lab_resources
from calico_bgp.model.resources import FelixConfiguration, IPPool, ResourceKind, Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule
from calico_bgp.parse.resources.reader import parse_resources
from tests.clusters import cluster, config, node, peer

LAB = lab_resources(build_cluster(4, reflectors=2))


def given(text: str, source: str = "new.yaml") -> ApplyResources:
    return ApplyResources(parse_resources([(source, text)]), source)


def test_no_change_changes_nothing():
    assert apply(LAB, []) == LAB


def test_removing_a_node_leaves_the_others_and_every_bgppeer():
    found = apply(LAB, [RemoveNode("node2")])
    assert [n.name for n in found.nodes] == ["node1", "node3", "node4"]
    assert found.bgp_peers == LAB.bgp_peers
    assert found.bgp_configurations == LAB.bgp_configurations


def test_the_resources_themselves_stay_as_they_are():
    before = LAB.model_copy(deep=True)
    apply(LAB, [RemoveNode("node1"), SetMesh(on=True), SetClusterID("node2", None)])
    assert before == LAB


def test_a_label_is_taken_from_one_node_only():
    found = apply(LAB, [Unlabel("node1", LABEL)]).nodes_by_name
    assert found["node1"].label(LABEL) is None
    assert found["node1"].cluster_id == CLUSTER_ID
    assert found["node2"].label(LABEL) == "true"


def test_a_label_is_set_or_overwritten_and_labels_stay_sorted():
    before = cluster(node("a", "192.0.2.1", labels="b=1 z=9"))
    found = apply(before, [SetLabel("a", "c", ""), SetLabel("a", "b", "2")])
    assert found.nodes[0].labels == (("b", "2"), ("c", ""), ("z", "9"))


def test_a_cluster_id_comes_and_goes():
    assert apply(LAB, [SetClusterID("node3", "244.0.0.9")]).nodes_by_name["node3"].cluster_id == "244.0.0.9"
    assert apply(LAB, [SetClusterID("node1", None)]).nodes_by_name["node1"].cluster_id is None


@pytest.mark.parametrize("text", ["", "244.0.0", "fe80::1", "none "])
def test_a_cluster_id_that_bird_refuses_is_refused(text):
    with pytest.raises(ChangeError, match="is no cluster ID; expected one like"):
        apply(LAB, [SetClusterID("node1", text)])


def test_the_mesh_is_turned_on_and_off_in_the_default_configuration():
    assert apply(LAB, [SetMesh(on=True)]).mesh_enabled
    port = cluster(config(mesh=True, listen_port=500))
    found = apply(port, [SetMesh(on=False)])
    assert not found.mesh_enabled
    assert found.global_config.listen_port == 500


def test_without_a_configuration_turning_the_mesh_off_makes_one():
    found = apply(cluster(node("a", "192.0.2.1"), config("node.a", listen_port=1)), [SetMesh(on=False)])
    assert [c.name for c in found.bgp_configurations] == ["default", "node.a"]
    assert not found.mesh_enabled


def test_a_file_replaces_what_has_its_kind_and_name_and_adds_the_rest():
    text = """
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: peer-with-reflectors}
spec: {nodeSelector: all(), peerSelector: has(route-reflector)}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: another}
spec: {peerIP: 203.0.113.1, asNumber: 65000}
---
apiVersion: projectcalico.org/v3
kind: Node
metadata: {name: node9}
spec: {bgp: {ipv4Address: 192.0.2.99/24}}
"""
    found = apply(LAB, [given(text)])
    assert [p.name for p in found.bgp_peers] == ["another", "peer-with-reflectors"]
    assert found.bgp_peers[1].node_selector == "all()"
    assert [n.name for n in found.nodes] == ["node1", "node2", "node3", "node4", "node9"]


def test_a_file_may_hold_filters_and_what_felix_writes():
    """They decide about routes; those of other names stay, and so does everything else."""
    filters = (BGPFilter("b", import_v4=(FilterRule(FilterAction.REJECT),)), BGPFilter("c"))
    felix = (FelixConfiguration("default"), FelixConfiguration("node.a"))
    before = LAB.model_copy(update={"bgp_filters": filters, "felix": felix})
    text = """
apiVersion: projectcalico.org/v3
kind: BGPFilter
metadata: {name: a}
spec: {importV4: [{action: Reject}]}
---
apiVersion: projectcalico.org/v3
kind: BGPFilter
metadata: {name: b}
spec: {importV4: [{action: Accept}]}
"""
    found = apply(before, [given(text)])
    accepts = {each.name: [rule.action for rule in each.import_v4] for each in found.bgp_filters}
    assert list(accepts.items()) == [("a", [FilterAction.REJECT]), ("b", [FilterAction.ACCEPT]), ("c", [])]
    assert found.model_copy(update={"bgp_filters": filters}) == before
    enabled = (FelixConfiguration("default", wireguard_enabled=True),)
    assert apply(before, [ApplyResources(Resources(felix=enabled), "-")]).felix == (*enabled, felix[1])


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 BGPFilter of new.yaml is not understood"), (2, "2 BGPFilters of new.yaml are not")]
)
def test_a_file_with_a_filter_that_is_not_understood_is_refused(number, said):
    """Judged by the one of its name from before, it would be safe whatever it does."""
    pool = "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.99.0.0/16}\n"
    bad = "---\napiVersion: projectcalico.org/v3\nkind: BGPFilter\nmetadata: {name: f}\nspec: nonsense\n"
    with pytest.raises(ChangeError, match=said):
        apply(LAB, [given(pool + number * bad.replace("name: f", f"name: f{number}"))])


def test_a_file_with_nothing_about_bgp_is_refused():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    with pytest.raises(ChangeError, match=r"new\.yaml holds nothing that decides about BGP"):
        apply(LAB, [given(text)])


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        (ResourceKind.NODE, "a", "nodes"),
        (ResourceKind.BGP_PEER, "p", "bgp_peers"),
        (ResourceKind.BGP_CONFIGURATION, "default", "bgp_configurations"),
        (ResourceKind.IP_POOL, "pool", "ip_pools"),
    ],
)
def test_each_kind_can_be_deleted(kind, name, field):
    before = cluster(node("a", "192.0.2.1"), peer("p", peer_ip="203.0.113.1"), config()).model_copy(
        update={"ip_pools": (IPPool("pool", "198.51.100.0/24"),)}
    )
    after = apply(before, [DeleteResource(kind, name)])
    assert getattr(before, field)
    assert not getattr(after, field)
    for other in {"nodes", "bgp_peers", "bgp_configurations", "ip_pools"} - {field}:
        assert getattr(after, other) == getattr(before, other)


def test_changes_add_up_in_the_order_given():
    both = [SetLabel("node3", "x", "1"), Unlabel("node3", "x")]
    assert apply(LAB, both) == LAB
    with pytest.raises(ChangeError, match="node3 has no label 'x'"):
        apply(LAB, reversed(both))
    with pytest.raises(ChangeError, match="no node is called 'node3'"):
        apply(LAB, [RemoveNode("node3"), SetLabel("node3", "x", "1")])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (RemoveNode("nod1"), "no node is called 'nod1'; did you mean node1?"),
        (RemoveNode("elsewhere"), "no node is called 'elsewhere'; there are node1, node2, node3, node4."),
        (Unlabel("node1", "route-reflektor"), "node1 has no label 'route-reflektor'; did you mean route-reflector?"),
        (Unlabel("node3", LABEL), "node3 has no label 'route-reflector'; there is topology.kubernetes.io/zone."),
        (SetLabel("mode1", "a", "b"), "no node is called 'mode1'; did you mean node1?"),
        (SetClusterID("x", None), "no node is called 'x'; there are node1, node2, node3, node4."),
        (
            DeleteResource(ResourceKind.BGP_PEER, "peers-with-reflectors"),
            "no BGPPeer is called 'peers-with-reflectors'; did you mean peer-with-reflectors?",
        ),
        (DeleteResource(ResourceKind.IP_POOL, "default"), "no IPPool is called 'default'; there is none."),
    ],
)
def test_what_is_not_there_is_refused_with_what_was_probably_meant(change, message):
    with pytest.raises(ChangeError) as caught:
        apply(LAB, [change])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BGPPeer", ResourceKind.BGP_PEER),
        ("bgppeers", ResourceKind.BGP_PEER),
        ("node", ResourceKind.NODE),
        ("bgpconfigurations", ResourceKind.BGP_CONFIGURATION),
        ("IPPool", ResourceKind.IP_POOL),
    ],
)
def test_a_kind_is_read_as_kubectl_takes_it(text, kind):
    assert read_kind(text) is kind


def test_an_unknown_kind_is_refused():
    with pytest.raises(ChangeError, match=r"'bgpper' is no kind that decides about BGP; did you mean BGPPeer\?"):
        read_kind("bgpper")
    with pytest.raises(ChangeError, match="expected one of Node, BGPPeer, BGPConfiguration, IPPool"):
        read_kind("pod")


def test_every_change_says_in_words_what_it_does():
    changes = [
        RemoveNode("a"),
        Unlabel("a", "rr"),
        SetLabel("a", "rr", "true"),
        SetClusterID("a", "1.1.1.1"),
        SetClusterID("a", None),
        SetMesh(on=True),
        SetMesh(on=False),
        ApplyResources(Resources(), "f.yaml"),
        DeleteResource(ResourceKind.BGP_PEER, "p"),
    ]
    assert [str(change) for change in changes] == [
        "remove a",
        "take the label rr from a",
        "label a rr=true",
        "give a the cluster ID 1.1.1.1",
        "take the cluster ID from a",
        "turn the node-to-node mesh on",
        "turn the node-to-node mesh off",
        "apply f.yaml",
        "delete BGPPeer p",
    ]


def test_a_deleted_node_is_a_removed_one():
    changes = [RemoveNode("a"), DeleteResource(ResourceKind.NODE, "b"), DeleteResource(ResourceKind.BGP_PEER, "c")]
    assert removed_nodes(changes) == {"a", "b"}


def test_a_mesh_has_no_bgppeer_to_delete():
    mesh = lab_resources(build_cluster(3, topology=Topology.MESH))
    with pytest.raises(ChangeError):
        apply(mesh, [DeleteResource(ResourceKind.BGP_PEER, "peer-with-reflectors")])
