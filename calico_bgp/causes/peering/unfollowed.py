"""Causes where no far end followed: a node has its peers as the resources ask, and none of them has the node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject


@also("confd-stuck")
def lacked_by_all(case: Case) -> Iterator[Candidate]:
    """A node that has its peers, none of whom has the node: each of them lacks this one peer."""
    missing = {
        (name, peer.far_node)
        for name, deviation in case.cluster.judged.deviations.by_node.items()
        for peer in deviation.missing
    }
    for member in case.cluster.members:
        name, keys = member.name, case.bad_keys(member.name)
        fars = sorted({key.far(name) for key in keys})
        lacked = all(
            case.cluster.session(*key).end(name).rows and case.cluster.session(*key).end(key.far(name)).lacks_row
            for key in keys
        )
        node = None if member.resource is None else member.resource.name
        if len(fars) < 2 or not lacked or case.up_keys(name) or any((far, node) not in missing for far in fars):
            continue
        yield Candidate(
            kind="confd-stuck",
            subjects=(ClusterSubject(),),
            title=Words("nobody", number=len(fars), node=name),
            explanation=f"{name} has them, and they close its connections. Either its Node is newer than what they "
            "read, or the resources given are not those of this cluster.",
            confidence=Confidence.POSSIBLE,
            explains=case.explained_by(keys) | case.of_node(name, "isolated-node", "configuration-behind"),
            evidence=rows_of(case, keys),
            keys=keys,
            decide=(
                case.pods.log_of(
                    fars[0],
                    ("an error of confd, or of Typha", "it follows no change any more: restart it, on each node"),
                    (f"it has written a file since {name} joined", "the resources given are of another day"),
                ),
            ),
            fixes=(
                Fix(
                    label="get resources anew",
                    summary="get the resources anew and audit again, before anything else",
                    risk=Risk.NONE,
                ),
            ),
        )


@also("confd-stuck")
def as_numbers_of_before(case: Case) -> Iterator[Candidate]:
    """Nodes whose BIRD expects other AS numbers than the resources say, by its own list, and is refused for that.

    Of two peers or more, as a change of the cluster's AS number comes to; one line of a file is an as-mismatch. Not of
    a node with an AS of its own in the mesh: what it expects there differs between releases (expect/mesh.py).
    """
    if case.resources is None:
        return
    stuck: dict[str, dict[SessionKey, str]] = defaultdict(dict)
    for key in case.cluster.judged.bad:
        if Signal.BAD_AS not in case.signals[key].both:
            continue
        for peer in case.cluster.expected_peers.get(key, ()):
            name = case.cluster.name_of_node(peer.node)
            number = _configured_as(case, name, peer)
            is_told = peer.peer_type is not PeerType.MESH or peer.local_as == case.resources.as_number
            if is_told and number not in (None, peer.peer_as):
                stuck[name][key] = f"{name}: {peer.name} expects AS {number}, and the resources say {peer.peer_as}"
    for name, lines in sorted(stuck.items()):
        keys = frozenset(lines)
        if len({key.far(name) for key in keys}) < 2:
            continue
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=Words("old_as", node=name, number=len(keys)),
            explanation="BIRD has the AS numbers of before, and so refuses the others, or they refuse it. confd there "
            "did not follow the change; every later one is lost on it as well.",
            confidence=Confidence.CERTAIN,
            explains=case.explained_by(keys),
            evidence=tuple(lines[key] for key in sorted(lines))[:4],
            keys=keys,
            decide=(case.pods.log_of(name),),
            fixes=(case.pods.restart(name, f"restart calico-node on {name}: confd then reads everything anew"),),
        )


def _configured_as(case: Case, name: str, peer: ExpectedPeer) -> int | None:
    """The AS that a node's BIRD expects of a peer; None where its list does not tell."""
    bird = case.cluster.by_name[name].bird(peer.family)
    protocol = None if bird is None else bird.protocol(peer.name)
    return None if protocol is None else protocol.neighbor_as
