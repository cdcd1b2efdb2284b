"""Faults that cost routes, or sessions that nobody asks for, while all others stand. `CalicoRig.reset` heals all.

Each is a function that breaks and waits until nothing changes any more, and until tables of routes are old enough to be
believed. Names are those of the lab's catalogue, where it has them.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.rig.broken.machines import Break
from tests.rig.broken.paths import settled
from tests.rig.broken.resources import CLUSTER_ID, OTHER_AS, change
from tests.rig.machines.calico_rig import TOR, TOR_AS, CalicoRig
from tests.rig.machines.confd import POOLS
from tests.rig.machines.datastore import ANNOTATIONS, document

#: Keeps pods from the switch.
FILTER = "keep-pods-inside"


def reflector_in_other_as(rig: CalicoRig, names: Sequence[str]) -> None:
    """The reflectors named have an AS number of their own, which their clients know: each session is eBGP."""
    for number, name in enumerate(names):
        own = {ANNOTATIONS["asNumber"]: str(OTHER_AS + number)}
        change(rig, "Node", name, lambda node, own=own: node["metadata"]["annotations"].update(own))
    rig.follow()
    settled(rig)


def tor_untold(rig: CalicoRig, names: Sequence[str]) -> None:
    """The BGPPeer of the switch names a BGPFilter that rejects the pods' blocks at export."""
    del names
    rig.start_tor()
    rig.store.put(document("IPPool", "pods", cidr=POOLS[4], ipipMode="Never", natOutgoing=True))
    rejects = {"action": "Reject", "matchOperator": "In", "cidr": POOLS[4]}
    rig.store.put(document("BGPFilter", FILTER, exportV4=[rejects]))
    rig.store.put(document("BGPPeer", "tor", peerIP=TOR, asNumber=TOR_AS, filters=[FILTER]))
    rig.follow()
    rig.wait_established()
    settled(rig)


def tor_silent(rig: CalicoRig, names: Sequence[str]) -> None:
    """The sessions with the switch stand, and it announces nothing."""
    del names
    rig.start_tor(announces=False)
    rig.store.put(document("BGPPeer", "tor", peerIP=TOR, asNumber=TOR_AS))
    rig.follow()
    rig.wait_established()
    settled(rig)


def stray_cluster_id(rig: CalicoRig, names: Sequence[str]) -> None:
    """Nodes of a mesh have a cluster ID, which takes them out of it."""
    for name in names:
        change(rig, "Node", name, lambda node: node["metadata"]["annotations"].update({CLUSTER_ID: "244.0.0.9"}))
    rig.follow()
    settled(rig)


def address_missing(rig: CalicoRig, names: Sequence[str]) -> None:
    """The Nodes have no IPv4 address for BGP: somebody took the annotation away."""
    for name in names:
        change(rig, "Node", name, lambda node: node["metadata"]["annotations"].pop(ANNOTATIONS["ipv4Address"]))
    rig.follow()
    settled(rig)


def peer_skipped(rig: CalicoRig, names: Sequence[str]) -> None:
    """A BGPPeer whose peerIP is no address: confd makes no peer of it."""
    del names
    rig.start_tor()
    rig.store.put(document("BGPPeer", "tor", peerIP="192.0.2.256", asNumber=TOR_AS))
    rig.follow()
    settled(rig)


#: The lab shows them, too.
SHARED: dict[str, Break] = {"tor-untold": tor_untold, "tor-silent": tor_silent}
FAULTS: dict[str, Break] = SHARED | {
    "reflector-in-other-as": reflector_in_other_as,
    "stray-cluster-id": stray_cluster_id,
    "address-missing": address_missing,
    "peer-skipped": peer_skipped,
}
