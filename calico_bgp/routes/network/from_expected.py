"""The sessions that Calico's resources ask for, every one of them taken as Established: an Expectation in."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.routes.network.filters import filters_doubt, filters_of
from calico_bgp.routes.network.protocols import Joint, Listening, Shared, end_of, join, one_or_both
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession, Network, SessionEnd, Speaker

_Protocols = dict[tuple[str, str], list[ExpectedPeer]]


def expected_network(expectation: Expectation, family: Family, *, doubts_filters: bool = False) -> Network:
    """The network of a family when everything stands that can.

    A session is there where both nodes have a protocol for each other and the two can come up: the AS numbers agree,
    one end dials where the other listens, and over iBGP their router IDs differ. Where a node has two protocols for one
    neighbour, BIRD runs one of them; where it matters which, what the session brings is "perhaps".

    Args:
        expectation: What Calico would configure.
        family: The family; without speakers when no node has an address of it.
        doubts_filters: Whether what a BGPFilter may reject counts as "perhaps". A plan takes them as open, for what it
            must not lose is what they let through.
    """
    nodes = {node.name: node for node in expectation.resources.nodes if node.address(family) is not None}
    shared = Shared()
    protocols: _Protocols = {}
    externals: list[ExternalSession] = []
    for name, node in nodes.items():
        for peer in expectation.peers.get(name, ()):
            if peer.family is not family or peer.peer_type is PeerType.LOCAL_WORKLOAD:
                continue
            if peer.far_node is None:
                if peer.peer_as:  # BIRD refuses 0
                    near = SessionEnd(name, node.address(family), shared.of(peer))
                    externals.append(ExternalSession(near, str(peer.address)))
            elif peer.far_node in nodes:
                protocols.setdefault((name, peer.far_node), []).append(peer)
    resources = expectation.resources
    joints = list(_joints(protocols, nodes, family, resources, shared, doubts_filters=doubts_filters))
    filters = filters_of((peer for peers in protocols.values() for peer in peers), resources) if doubts_filters else ()
    sessions, possible = one_or_both(
        (joint.certain for joint in joints if joint.certain is not None),
        (session for joint in joints for session in joint.possible),
    )
    return Network(
        family=family,
        speakers=tuple(Speaker(name, router_id(node)) for name, node in sorted(nodes.items())),
        sessions=sessions,
        possible=possible,
        externals=tuple(externals),
        assumptions=tuple(_assumptions(expectation, family, joints, filters)),
    )


def router_id(node: CalicoNode) -> IPv4Address | None:
    """BIRD's router ID: the IPv4 address, for both families, unless CALICO_ROUTER_ID says otherwise."""
    return node.ipv4 if isinstance(node.ipv4, IPv4Address) else None


def has_one_router_id(session: BGPSession, one: CalicoNode, other: CalicoNode) -> bool:
    """Whether an iBGP session stays down for `Bad BGP identifier`."""
    return session.a.settings.is_internal and router_id(one) is not None and router_id(one) == router_id(other)


def _joints(
    protocols: _Protocols,
    nodes: dict[str, CalicoNode],
    family: Family,
    resources: Resources,
    shared: Shared,
    *,
    doubts_filters: bool,
) -> Iterator[Joint]:
    listening = Listening(resources)
    filtered = doubts_filters and any(peer.filters for peer in resources.bgp_peers)
    for (name, far), ours in protocols.items():
        theirs = protocols.get((far, name))
        if theirs is None or name > far:
            continue
        ends = end_of(name, nodes[name].address(family)), end_of(far, nodes[far].address(family))
        joint = join(ours, theirs, listening, ends, shared)
        if joint.possible and not has_one_router_id(joint.possible[0], nodes[name], nodes[far]):
            is_filtered = filtered and filters_of((*ours, *theirs), resources)
            yield Joint(None, joint.possible) if is_filtered else joint


def _assumptions(
    expectation: Expectation, family: Family, joints: list[Joint], filters: tuple[str, ...]
) -> Iterator[str]:
    yield "every session that Calico's resources ask for at both ends is taken as Established"
    if filters:
        yield filters_doubt(filters)
    refused = sorted({refusal.node for refusal in expectation.refusals if refusal.family is family})
    if refused:
        yield (
            f"BIRD refuses the configuration of {_some(refused)} and goes on with an older one, which is not known; "
            "its other sessions are taken as if it did not"
        )
    conflicts = sorted({name for c in expectation.conflicts if c.family is family for name in c.bgp_peers})
    if conflicts:
        yield f"the BGPPeers {_some(conflicts)} contradict each other; which of them wins is not determined"
    undecided = sum(joint.certain is None and len(joint.possible) > 1 for joint in joints)
    if undecided:
        yield (
            f"{undecided} {'session has' if undecided == 1 else 'sessions have'} two protocols that differ, of which "
            "BIRD runs one; what only such a session brings counts as perhaps"
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
