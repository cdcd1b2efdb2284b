"""Causes at a node that nobody read: a mesh peer is always a Calico node, never a switch.

Whose address it is nobody here knows: a node whose table was not pasted, one that the inventory lacks, or a Node that
is left of one that was renamed or removed (confd, bgp_processor.go: mesh peers come from Nodes alone).
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.odd_peers import mesh_addresses, odd_peers, unclaimed_by_host
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision, restart_asked
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject
from calico_bgp.upstream import POD_SELECTOR

#: What is heard of a node that is gone; one that was shut down in order has said so to those that only wait for it.
_GONE = NOTHING_COMES | {Signal.CLOSED, Signal.STOPPED_THERE}


@also("node-down", "bird-down")
def unseen_node(case: Case) -> Iterator[Candidate]:
    """A mesh peer whose node is not in sight and that nobody has a session with."""
    wrong = {odd.address for odd in odd_peers(case)} | {foreign.address for foreign in unclaimed_by_host(case)}
    for address in mesh_addresses(case):
        if (
            address in wrong
            or str(address) in case.cluster.by_name
            or case.cluster.identity.owner.get(address) is not None
        ):
            continue
        keys = case.bad_keys(str(address), family_of(address))
        if not keys or case.up_keys(str(address)):
            continue
        signals = case.all_signals(keys)
        if Signal.REFUSED in signals and signals <= _GONE | {Signal.REFUSED}:
            yield _refusing(case, address, keys)
        elif signals <= _GONE and not keys <= young_keys(case):
            yield _silent(case, address, keys)


def _by(address: Address, keys: frozenset[SessionKey]) -> str:
    fars = sorted({key.far(str(address)) for key in keys})
    return fars[0] if len(fars) == 1 else f"all {count(len(fars), 'node')} that show it"


def _refusing(case: Case, address: Address, keys: frozenset[SessionKey]) -> Candidate:
    return Candidate(
        kind="bird-down",
        subjects=(AddressSubject(address=address),),
        title=Words("out_of_sight", node=address, by=_by(address, keys)),
        explanation="A node-to-node mesh peer is a Calico node, here one whose table is not given. Its kernel is up "
        "and no program listens on BGP's port: calico-node does not run there, or has not started. A firewall of the "
        "host that rejects looks the same.",
        confidence=Confidence.LIKELY if len(keys) > 1 else Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_about(case, str(address), keys),
        keys=keys,
        decide=(
            _which_node(
                address,
                ("calico-node there is not Running or not Ready", "BIRD does not run there: its log says why"),
                ("calico-node there is Running and Ready", "a firewall on the host refuses TCP port 179"),
            ),
        ),
        fixes=(restart_asked(f"start calico-node on the node that has {address} anew; its log says why BIRD ended"),),
    )


def _silent(case: Case, address: Address, keys: frozenset[SessionKey]) -> Candidate:
    listed = bool(case.cluster.snapshot.hosts) and not case.cluster.snapshot.limited
    return Candidate(
        kind="node-down",
        subjects=(AddressSubject(address=address),),
        title=Words("out_of_sight", node=address, by=_by(address, keys)),
        explanation="A node-to-node mesh peer is a Calico node, here one "
        + ("that the inventory lacks." if listed else "whose table is not given.")
        + " A node that was removed or renamed leaves its Node behind until somebody deletes it, and looks the same.",
        confidence=Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_about(case, str(address), keys),
        keys=keys,
        decide=(
            _which_node(
                address,
                ("the node is NotReady", "the host is off, or its network is"),
                ("the node is Ready", "the host runs: only BGP does not reach it; give its table as well"),
                ("no such node", "the Node is a leftover: calicoctl get nodes -o wide names it; delete it"),
            ),
        ),
        fixes=(
            Fix(
                label="start host",
                summary=f"bring the node with {address} back; if Kubernetes has no such node, delete the Node that "
                "has the address (calicoctl get nodes -o wide, calicoctl delete node NAME)",
                risk=Risk.NONE,
            ),
        ),
    )


def _which_node(address: Address, *outcomes: tuple[str, str]) -> Decision:
    family = family_of(address)
    wide = "kubectl get nodes -o wide" if family is Family.IPV4 else "calicoctl get nodes -o wide"
    return decision(f"{wide}; kubectl get pods -A -l {POD_SELECTOR} -o wide", None, *outcomes)
