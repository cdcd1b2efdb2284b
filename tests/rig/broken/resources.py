"""Faults of Calico's resources and of what follows them, on a rig that follows resources. `CalicoRig.reset` heals all.

Each is a function that breaks and waits until the nodes have noticed. Names are those of the lab's catalogue.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from tests.rig.broken.machines import SETTLES, Break, gone
from tests.rig.broken.mending import BRIDGE
from tests.rig.machines.calico_rig import PEER, TOR, TOR_AS, CalicoRig, node_of, with_machine
from tests.rig.machines.cell import wait_for
from tests.rig.machines.datastore import ANNOTATIONS, Document, document, secret
from tests.rig.machines.node import DAEMONS

LABEL = "route-reflector"
CLUSTER_ID = ANNOTATIONS["routeReflectorClusterID"]
OTHER_AS = 65001
DOCKER = "172.17.0.1"


def change(rig: CalicoRig, kind: str, name: str, edit: Callable[[Document], object]) -> None:
    """Edit a document that is there."""
    found = rig.store.get(kind, name)
    assert found is not None
    edit(found)
    rig.store.put(found)


def follow(rig: CalicoRig) -> None:
    """Let confd follow, and wait until what can stand again does: until no further session has come up for a while."""
    rig.follow()
    until, down = time.monotonic() + SETTLES, len(rig.down())
    while down and time.monotonic() < until:
        time.sleep(0.2)
        if len(rig.down()) < down:
            until, down = time.monotonic() + SETTLES, len(rig.down())


def lost_label(rig: CalicoRig, names: Sequence[str]) -> None:
    """The label alone."""
    for name in names:
        change(rig, "Node", name, lambda node: node["metadata"]["labels"].pop(LABEL))
    follow(rig)


def lost_cluster_id(rig: CalicoRig, names: Sequence[str]) -> None:
    """The cluster ID alone."""
    for name in names:
        change(rig, "Node", name, lambda node: node["metadata"]["annotations"].pop(CLUSTER_ID))
    follow(rig)


def reinstalled(rig: CalicoRig, names: Sequence[str]) -> None:
    """Label and cluster ID, as on a new node of the same name."""
    for name in names:
        rig.store.put(node_of(rig[name].plan.number))
    follow(rig)


def reflector_removed(rig: CalicoRig, names: Sequence[str]) -> None:
    """The machine is off and its Node deleted."""
    for name in names:
        rig.wire.run("ip", "link", "set", f"port{rig[name].plan.number}", "down")
        rig.store.delete("Node", name)
    follow(rig)


def replaced(rig: CalicoRig, names: Sequence[str]) -> None:
    """The machine is off, its Node deleted, and a new node stands there that nobody labelled."""
    reflector_removed(rig, names)
    number = max(node.plan.number for node in rig.nodes.values()) + 1
    rig.store.put(node_of(number))
    with_machine(rig, number)
    follow(rig)


def selector_stale(rig: CalicoRig, names: Sequence[str]) -> None:
    """The peerSelector names a label that no node has."""
    del names
    change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(peerSelector="rack-reflector == 'true'"))
    follow(rig)


def wrong_as(rig: CalicoRig, names: Sequence[str]) -> None:
    """NODE: an AS of its own that its peers do not know of. NODE,NODE: the first expects another of the second."""
    name = names[0]
    if len(names) == 1 and rig.topology == "mesh":
        change(rig, "Node", name, lambda n: n["metadata"]["annotations"].update({ANNOTATIONS["asNumber"]: "65001"}))
    elif len(names) == 1:
        rig.own_as[name] = OTHER_AS
    else:
        far = rig[names[1]]
        pattern = re.compile(rf"(neighbor (?:{re.escape(far.ipv4)}|{re.escape(far.ipv6)}) as) \d+;")
        rig.edits[name] = lambda text, version: pattern.sub(rf"\1 {OTHER_AS};", text)
    rig.follow()
    others = names[1:] or [neighbour.node for neighbour in rig[name].plan.neighbours]
    for other, version in ((o, v) for o in others for v in DAEMONS):

        def said(other: str = other, version: int = version) -> bool:
            ends = ((name, other), (other, name))
            rows = [rig[a].peers(version)[rig[a].expected_protocols(rig.plans, version)[b]] for a, b in ends]
            return any("Bad peer AS" in row for row in rows) and not any("Established" in row for row in rows)

        wait_for(f"{name} and {other} say Bad peer AS ({DAEMONS[version]})", said, seconds=40)
    time.sleep(SETTLES)


def wrong_password(rig: CalicoRig, names: Sequence[str]) -> None:
    """The Secret has a new password, and the first node's confd has not followed. NODE,NODE: to the second alone."""
    name = names[0]
    reference = {"secretKeyRef": {"name": "bgp-secrets", "key": "rr"}}
    rig.store.put(secret("bgp-secrets", rr="old password"))
    if rig.topology == "mesh":
        change(rig, "BGPConfiguration", "default", lambda c: c["spec"].update(nodeMeshPassword=reference))
    else:
        change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(password=reference))
    rig.follow()
    rig.wait_established()
    rig.stuck.add(name)
    rig.store.put(secret("bgp-secrets", rr="new password"))
    rig.follow()
    gone(rig, [name])
    time.sleep(SETTLES)


def missing_peer(rig: CalicoRig, names: Sequence[str]) -> None:
    """The first node's BIRD lacks the peer that the resources give it."""
    name, far = names[0], rig[names[1]]
    addresses = f"(?:{re.escape(far.ipv4)}|{re.escape(far.ipv6)})"
    block = re.compile(rf"protocol bgp \w+ from bgp_template \{{[^}}]*neighbor {addresses} [^}}]*\}}")
    rig.edits[name] = lambda text, version: block.sub("", text)
    rig.follow()
    rig.wait_down(names[1], name)
    time.sleep(SETTLES)


def confd_stuck(rig: CalicoRig, names: Sequence[str]) -> None:
    """Two more nodes become reflectors, and the nodes named do not follow."""
    rig.stuck.update(names)
    for name in [name for name in reversed(rig.nodes) if name not in names][:2]:
        rig.store.put(node_of(rig[name].plan.number, cluster_id="244.0.0.1"))
    if rig.topology == "mesh":
        rig.store.put(document("BGPPeer", PEER, nodeSelector="all()", peerSelector=f"{LABEL} == 'true'"))
    follow(rig)


def refused_config(rig: CalicoRig, names: Sequence[str]) -> None:
    """A BGPPeer by address without an AS: `as 0`, which BIRD refuses, on every node."""
    del names
    rig.start_tor()
    rig.store.put(document("BGPPeer", "tor", peerIP=TOR))
    rig.follow()


def tor_down(rig: CalicoRig, names: Sequence[str]) -> None:
    """A switch that all nodes peer with goes off."""
    del names
    rig.start_tor()
    rig.store.put(document("BGPPeer", "tor", peerIP=TOR, asNumber=TOR_AS))
    rig.follow()
    rig.wait_established()
    rig.wire.run("ip", "link", "set", "tor", "down")
    for node in rig.nodes.values():
        wait_for(f"{node.name} has lost the switch", lambda n=node: _not_up(rig, n.name), seconds=25)
    time.sleep(SETTLES)


def _not_up(rig: CalicoRig, name: str) -> bool:
    return all("Established" not in row for peer, row in rig[name].peers(4).items() if peer.endswith("_254"))


def one_sided(rig: CalicoRig, names: Sequence[str]) -> None:
    """The clients peer with a reflector by a BGPPeer with `reversePeering: Manual`, and it not with them.

    In the mesh the nodes named become reflectors; else those that are.
    """
    clients = {"nodeSelector": f"!has({LABEL})", "reversePeering": "Manual"}
    if rig.topology == "mesh":  # a reflector leaves the mesh, so that only BGPPeers give it peers
        for name in names:
            rig.store.put(node_of(rig[name].plan.number, cluster_id="244.0.0.1"))
        rig.store.put(document("BGPPeer", PEER, **clients, peerSelector=f"{LABEL} == 'true'"))
    else:
        change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(clients))
    # Else the reflectors would not learn each other's routes, and that is another fault.
    among = {"nodeSelector": f"has({LABEL})", "peerSelector": f"has({LABEL})"}
    rig.store.put(document("BGPPeer", "among-reflectors", **among))
    follow(rig)


def duplicate_router_id(rig: CalicoRig, names: Sequence[str]) -> None:
    """The second node has the first one's router ID (CALICO_ROUTER_ID)."""
    first, second = names
    rig.router_ids[second] = rig[first].ipv4
    follow(rig)
    time.sleep(SETTLES)


def wrong_address(rig: CalicoRig, names: Sequence[str]) -> None:
    """calico-node found the address of a bridge of Docker's."""
    for name in names:
        cell = rig[name].cell
        cell.run("ip", "link", "add", BRIDGE, "type", "bridge")
        cell.run("ip", "address", "add", f"{DOCKER}/16", "dev", BRIDGE)
        cell.run("ip", "link", "set", BRIDGE, "up")
        _address(rig, name, f"{DOCKER}/16")
    follow(rig)
    time.sleep(SETTLES)


def duplicate_address(rig: CalicoRig, names: Sequence[str]) -> None:
    """The second node has the first one's address in Calico."""
    first, second = names
    _address(rig, second, f"{rig[first].ipv4}/24")
    follow(rig)
    time.sleep(SETTLES)


def _address(rig: CalicoRig, name: str, address: str) -> None:
    key = ANNOTATIONS["ipv4Address"]
    change(rig, "Node", name, lambda node: node["metadata"]["annotations"].update({key: address}))


FAULTS: dict[str, Break] = {
    "lost-label": lost_label,
    "lost-cluster-id": lost_cluster_id,
    "reinstalled": reinstalled,
    "reflector-removed": reflector_removed,
    "replaced": replaced,
    "selector-stale": selector_stale,
    "wrong-as": wrong_as,
    "wrong-password": wrong_password,
    "missing-peer": missing_peer,
    "confd-stuck": confd_stuck,
    "refused-config": refused_config,
    "tor-down": tor_down,
    "one-sided-config": one_sided,
    "duplicate-router-id": duplicate_router_id,
    "wrong-address": wrong_address,
    "duplicate-address": duplicate_address,
}
