"""Faults in how the resources join the nodes, on a rig that follows resources. `CalicoRig.reset` heals all.

Each is a function that breaks and waits until the nodes have noticed. Names are those of the lab's catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.rig.broken.machines import Break
from tests.rig.broken.resources import LABEL, change, follow
from tests.rig.machines.calico_rig import PEER, CalicoRig
from tests.rig.machines.datastore import ANNOTATIONS, document

CLIENT_LABEL = "bgp-client"
OTHER_ID = "244.0.0.2"
_REFLECTING = ("node1", "node2")


def mesh_off(rig: CalicoRig, names: Sequence[str]) -> None:
    """The mesh is off, and nothing takes its place."""
    del names
    change(rig, "BGPConfiguration", "default", lambda c: c["spec"].update(nodeToNodeMeshEnabled=False))
    follow(rig)


def selector_narrow(rig: CalicoRig, names: Sequence[str]) -> None:
    """The nodeSelector matches the reflectors alone."""
    del names
    change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(nodeSelector=f"has({LABEL})"))
    follow(rig)


def node_selector_stale(rig: CalicoRig, names: Sequence[str]) -> None:
    """The nodeSelector names a label that no node has."""
    del names
    change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(nodeSelector="has(bgp-clients)"))
    follow(rig)


def node_unlabelled(rig: CalicoRig, names: Sequence[str]) -> None:
    """The nodeSelector asks for a label that only the nodes named lack."""
    for name in rig.nodes:
        if name not in names:
            change(rig, "Node", name, lambda node: node["metadata"]["labels"].update({CLIENT_LABEL: "true"}))
    change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(nodeSelector=f"has({CLIENT_LABEL})"))
    follow(rig)


def label_elsewhere(rig: CalicoRig, names: Sequence[str]) -> None:
    """The first node's label sits on the second, which has no cluster ID."""
    first, second = names
    change(rig, "Node", first, lambda node: node["metadata"]["labels"].pop(LABEL))
    change(rig, "Node", second, lambda node: node["metadata"]["labels"].update({LABEL: "true"}))
    follow(rig)


def racks_apart(rig: CalicoRig, names: Sequence[str]) -> None:
    """Each rack has a reflector of its own, and nothing joins the two."""
    del names
    _racks(rig, OTHER_ID)


def racks_apart_equal_ids(rig: CalicoRig, names: Sequence[str]) -> None:
    """The same, and both have one cluster ID."""
    del names
    _racks(rig, None)


def equal_ids(rig: CalicoRig, names: Sequence[str]) -> None:
    """The reflectors of two racks are joined and have one cluster ID."""
    del names
    selector = f"has({LABEL})"
    rig.store.put(document("BGPPeer", "among", nodeSelector=selector, peerSelector=selector))
    _racks(rig, None)


def rack_peer_gone(rig: CalicoRig, names: Sequence[str]) -> None:
    """Each rack has a reflector of its own, they are joined, and the BGPPeer of the second rack was deleted."""
    del names
    _joined_racks(rig)
    rig.store.delete("BGPPeer", "rack-b")
    follow(rig)


def rack_selector_misspelt(rig: CalicoRig, names: Sequence[str]) -> None:
    """The same racks; the nodeSelector of the second one's BGPPeer asks for a rack that is not there."""
    del names
    _joined_racks(rig)
    change(rig, "BGPPeer", "rack-b", lambda peer: peer["spec"].update(nodeSelector="rack == 'B'"))
    follow(rig)


def _joined_racks(rig: CalicoRig) -> None:
    selector = f"has({LABEL})"
    rig.store.put(document("BGPPeer", "among", nodeSelector=selector, peerSelector=selector))
    _racks(rig, OTHER_ID)


def _racks(rig: CalicoRig, other: str | None) -> None:
    """Every second node in another rack; `other` is the second reflector's cluster ID, where it gets one."""
    for place, name in enumerate(rig.nodes):
        rack = "ab"[place % 2]
        change(rig, "Node", name, _setter("labels", "rack", rack))
    if other is not None:
        change(rig, "Node", _REFLECTING[1], _setter("annotations", ANNOTATIONS["routeReflectorClusterID"], other))
    rig.store.delete("BGPPeer", PEER)
    for rack in "ab":
        near = f"rack == '{rack}'"
        rig.store.put(document("BGPPeer", f"rack-{rack}", nodeSelector=near, peerSelector=f"{near} && has({LABEL})"))
    follow(rig)


def _setter(field: str, key: str, value: str) -> Callable[[dict[str, dict[str, dict[str, str]]]], None]:
    return lambda node: node["metadata"][field].update({key: value})


FAULTS: dict[str, Break] = {
    "mesh-off": mesh_off,
    "selector-narrow": selector_narrow,
    "node-selector-stale": node_selector_stale,
    "node-unlabelled": node_unlabelled,
    "label-elsewhere": label_elsewhere,
    "racks-apart": racks_apart,
    "racks-apart-equal-ids": racks_apart_equal_ids,
    "equal-ids": equal_ids,
    "rack-peer-gone": rack_peer_gone,
    "rack-selector-misspelt": rack_selector_misspelt,
}
