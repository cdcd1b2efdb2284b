"""The BIRD protocols of a node's sessions: which it should have by the resources, and how to see and to enable them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from calico_bgp import shell_words
from calico_bgp.causes.case import Case
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Family, PeerType, family_of
from calico_bgp.model.reports.cause import Decision, Fix, FixStep, Risk


class Protocol(NamedTuple):
    """BIRD's name of a peer, and which BIRD has it."""

    family: Family
    name: str


def wanted_protocols(case: Case, name: str, keys: Collection[SessionKey]) -> list[Protocol]:
    """The peers that the resources ask this end for."""
    member = case.member(name)
    node = member.resource.name if member is not None and member.resource is not None else name
    expected = [peer for key in sorted(keys) for peer in case.cluster.expected_peers.get(key, ())]
    return [Protocol(peer.family, peer.name) for peer in expected if peer.node == node]


def is_behind(case: Case, name: str) -> bool:
    """Whether the node's table differs by more than rows that calicoctl leaves out."""
    return any(deviation.node == name for deviation in case.cluster.judged.deviations.behind)


def protocols_of_mesh(case: Case, far: str, keys: Collection[SessionKey]) -> list[Protocol]:
    """BIRD's names of the peer where the far end shows that it is one of the mesh; other names are not known."""
    protocols = []
    for key in sorted(keys):
        rows = case.cluster.session(*key).end(far).rows
        if not rows or any(row.peer_type is not PeerType.MESH for row in rows):
            return []
        addresses = case.cluster.identity.addresses.get(far, ())
        protocols += [
            Protocol(key.family, "Mesh_" + str(address).replace(".", "_").replace(":", "_"))
            for address in addresses
            if family_of(address) is key.family
        ]
    return protocols


def look_at(case: Case, node: str, keys: frozenset[SessionKey], protocols: list[Protocol]) -> Decision:
    """See on the node how its BIRD has the peers."""
    family, name = protocols[0] if protocols else (min(keys).family, "the peer")
    return decision(
        case.pods.birdcl(node, family, "show protocols"),
        None,
        (f"{name} is there as `down`", "it is disabled: enable it"),
        (f"{name} is not there", "BIRD's configuration lacks it: see confd's log, restart calico-node"),
    )


def enable(case: Case, node: str, keys: frozenset[SessionKey], protocols: list[Protocol]) -> Fix:
    """Enable the peers in BIRD."""
    steps = tuple(
        FixStep(
            what=f"enable {name} again ({family.label})",
            kubectl=case.pods.birdcl(node, family, f"enable {shell_words.symbol(name)}"),
        )
        for family, name in protocols
    ) or (
        FixStep(
            what="find the name of the disabled peer, then enable NAME likewise",
            kubectl=case.pods.birdcl(node, min(keys).family, "show protocols"),
        ),
    )
    return Fix(
        label="enable peer",
        summary=f"enable the {f'{len(protocols)} peers' if len(protocols) > 1 else 'peer'} in BIRD on {node}",
        risk=Risk.NONE,
        steps=steps,
    )
