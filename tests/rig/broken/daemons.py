"""Faults of BIRD, Felix, calico-node and of passwords, on a rig that follows resources. `CalicoRig.reset` heals all.

Each is a function that breaks and waits until nothing changes any more. They are in no lab.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from itertools import product

from tests.rig.broken.machines import Break
from tests.rig.broken.paths import settled
from tests.rig.broken.resources import change, follow, lost_cluster_id, lost_label, reinstalled
from tests.rig.machines.calico_rig import CLUSTER_ID, PEER, CalicoRig, node_of
from tests.rig.machines.datastore import document, secret
from tests.rig.machines.node import DAEMONS

_SECRET = {"secretKeyRef": {"name": "bgp-secrets", "key": "rr"}}
LABEL = "route-reflector"


def frozen(*versions: int, hold_time_over: bool = True) -> Break:
    """BIRD hangs: it is there, takes connections on its socket, and answers nothing (SIGSTOP).

    Args:
        versions: Of which families.
        hold_time_over: Whether its peers have noticed.
    """

    def freeze(rig: CalicoRig, names: Sequence[str]) -> None:
        if not hold_time_over:
            _hold_long(rig)
        for name, version in product(names, versions):
            node, daemon = rig[name], DAEMONS[version]
            for pid in node.processes_named(daemon):
                node.cell.run("kill", "-STOP", str(pid))
            node.cell.path(f"/run/{daemon}.stopped").touch()
        if hold_time_over:
            settled(rig)

    return freeze


def _hold_long(rig: CalicoRig) -> None:
    """Give every session Calico's own hold time, 240 s, so that peers have not noticed for a while."""
    for name in rig.nodes:
        rig.edits[name] = lambda text, version: re.sub(r"hold time \d+;", "hold time 240;", text)
    rig.follow()
    time.sleep(3)
    rig.wait_established()


def killed(rig: CalicoRig, names: Sequence[str]) -> None:
    """BIRD was killed (out of memory): its sockets are still there."""
    for name, daemon in product(names, DAEMONS.values()):
        node = rig[name]
        for pid in node.processes_named(daemon):
            node.cell.run("kill", "-9", str(pid))
    settled(rig)


def calico_node_gone(rig: CalicoRig, names: Sequence[str]) -> None:
    """No pod of calico-node runs there: neither Felix nor BIRD, and no sockets."""
    for name in names:
        rig[name].stop_felix()
        rig.kill_bird(name)
    settled(rig)


def empty_configuration(rig: CalicoRig, names: Sequence[str]) -> None:
    """BIRD was started with a file without peers: confd has not written its own yet."""
    for name in names:
        rig.edits[name] = lambda text, version: re.sub(r"protocol bgp \w+ from bgp_template \{[^}]*\}", "", text)
    rig.follow()
    settled(rig)


def disabled(*versions: int) -> Break:
    """Every peer of the node is disabled in BIRD."""

    def disable(rig: CalicoRig, names: Sequence[str]) -> None:
        for name, version in product(names, versions):
            for peer in rig[name].peers(version):
                rig[name].birdc(version, f"disable {peer}")
        settled(rig)

    return disable


def one_router_id(rig: CalicoRig, names: Sequence[str]) -> None:
    """All nodes named have the router ID of the first (CALICO_ROUTER_ID in a DaemonSet of their pool)."""
    for name in names[1:]:
        rig.router_ids[name] = rig[names[0]].ipv4
    follow(rig)
    settled(rig)


def clock_wrong(rig: CalicoRig, names: Sequence[str]) -> None:
    """The node's clock is three hours ahead. BGP does not mind."""
    for name in names:
        rig[name].set_clock_ahead(3 * 3600)


def password_at_one_end(rig: CalicoRig, names: Sequence[str]) -> None:
    """Two BGPPeers make the sessions of clients and reflectors, and only that of the clients has a password."""
    del names
    rig.store.put(secret("bgp-secrets", rr="a password"))
    rig.store.delete("BGPPeer", PEER)
    clients, reflectors = f"!has({LABEL})", f"has({LABEL})"
    rig.store.put(
        document("BGPPeer", "clients-to-reflectors", nodeSelector=clients, peerSelector=reflectors, password=_SECRET)
    )
    rig.store.put(document("BGPPeer", "reflectors-to-all", nodeSelector=reflectors, peerSelector="all()"))
    follow(rig)
    settled(rig)


def password_half_rolled_out(rig: CalicoRig, names: Sequence[str]) -> None:
    """The Secret has a new password, and half of the nodes, those named, have not followed."""
    rig.store.put(secret("bgp-secrets", rr="old password"))
    if rig.topology == "mesh":
        change(rig, "BGPConfiguration", "default", lambda c: c["spec"].update(nodeMeshPassword=_SECRET))
    else:
        change(rig, "BGPPeer", PEER, lambda peer: peer["spec"].update(password=_SECRET))
    rig.follow()
    rig.wait_established()
    rig.stuck.update(names)
    rig.store.put(secret("bgp-secrets", rr="new password"))
    rig.follow()
    settled(rig)


def third_reflector(rig: CalicoRig) -> None:
    """Make node3 a reflector, too; the operator's hosts.txt knows."""
    rig.store.put(node_of(3, cluster_id=CLUSTER_ID))
    rig.reflectors = (*rig.reflectors, "node3")
    follow(rig)
    rig.wait_established()


def of_three(fault: Break) -> Break:
    """The fault, where there are three reflectors."""

    def broken(rig: CalicoRig, names: Sequence[str]) -> None:
        third_reflector(rig)
        fault(rig, names)

    return broken


def host_twice(rig: CalicoRig, names: Sequence[str]) -> None:
    """The operator's hosts.txt has a second line about the machine."""
    rig.also_listed += [f"{rig[name].ipv6} node={name}-b" for name in names]


def deleted_but_runs(rig: CalicoRig, names: Sequence[str]) -> None:
    """Somebody deleted the Node; the machine runs on with the configuration that it had."""
    for name in names:
        rig.stuck.add(name)
        rig.store.delete("Node", name)
    rig.follow()
    settled(rig)


def same_hostname(rig: CalicoRig, names: Sequence[str]) -> None:
    """The second node calls itself like the first: a cloned machine."""
    first, second = names
    rig[second].cell.run("sh", "-c", f"echo {first} >/var/lib/calico/nodename")


FAULTS: dict[str, Break] = {
    "bird-hangs": frozen(4, 6),
    "bird-hangs-unnoticed": frozen(4, 6, hold_time_over=False),
    "bird6-hangs": frozen(6),
    "bird-killed": killed,
    "calico-node-gone": calico_node_gone,
    "empty-configuration": empty_configuration,
    "all-disabled": disabled(4, 6),
    "all-disabled6": disabled(6),
    "one-router-id": one_router_id,
    "clock-wrong": clock_wrong,
    "password-at-one-end": password_at_one_end,
    "password-half-rolled-out": password_half_rolled_out,
    "deleted-but-runs": deleted_but_runs,
    "same-hostname": same_hostname,
    "host-twice": host_twice,
    "third-lost-cluster-id": of_three(lost_cluster_id),
    "third-lost-label": of_three(lost_label),
    "third-reinstalled": of_three(reinstalled),
}
