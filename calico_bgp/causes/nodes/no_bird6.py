"""Causes where BIRD for IPv6 runs on no node of a cluster that has nothing but IPv6: it has no router ID.

A router ID is four bytes long, and Calico takes the node's IPv4 address for it; without one bird6 does not start unless
CALICO_ROUTER_ID says what to take (confd/etc/calico/confd/templates/bird6.cfg.template; BIRD conf/conf.c
config_parse, `Router ID must be configured manually on IPv6 routers`).
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.subject import ClusterSubject

#: The operator sets it by itself where it installs Calico without IPv4 (tigera/operator).
_SET_ROUTER_ID = "kubectl set env daemonset/calico-node -n kube-system CALICO_ROUTER_ID=hash"


@also("bird-down")
def no_bird6(case: Case) -> Iterator[Candidate]:
    """Of those read none has a peer over IPv4, nor an IPv4 address as far as is told; BIRD for IPv6 runs nowhere."""
    read = [member for member in case.cluster.members if member.reading is not None]
    dead = [member for member in read if member.table(Family.IPV6) is Table.NOT_RUNNING]
    runs = [member for member in read if member.table(Family.IPV4) is Table.WHOLE]
    if len(dead) < 2 or len(dead) < len(read) or len(runs) < len(read) or case.cluster.sessions:
        return
    resources = case.resources
    is_told = resources is not None and resources.tells_nodes
    lists_ipv4 = any(address.version == 4 for member in read for address in member.own_addresses)
    if not all(_has_ipv6_alone(member) for member in read) if is_told else lists_ipv4:
        return
    names = tuple(member.name for member in dead)
    of_nodes = (case.of_node(name, "daemon-not-running", "isolated-node", "family-without-peers") for name in names)
    yield Candidate(
        kind="bird-down",
        subjects=(ClusterSubject(family=Family.IPV6),),
        title=Words(
            "without_id" if is_told else "no_ipv6",
            read=None if len(read) == len(case.cluster.members) else " that was read",
        ),
        explanation="A router ID is four bytes long: Calico takes the IPv4 address of the node, and where it has none "
        "BIRD for IPv6 does not start, unless CALICO_ROUTER_ID in the environment of calico-node says what to take."
        + ("" if is_told else " A cluster that has IPv4 has lost all its peers instead: the mesh is off."),
        confidence=Confidence.CERTAIN if is_told else Confidence.POSSIBLE,
        explains=frozenset[str]().union(*of_nodes)
        | frozenset(f.id for f in case.of("no-peers-anywhere", "family-not-running", "router-id-needed")),
        evidence=tuple(f"{name}: BIRD for IPv6 is not running, no IPv4 peers" for name in names[:5]),
        decide=(
            case.pods.log_of(
                names[0],
                ("Router ID must be configured manually", "it lacks a router ID"),
                ("nothing of bird6", "it is meant not to run: the cluster has no IPv6"),
            ),
            *(
                ()
                if is_told
                else (
                    decision(
                        LOOK_AT_RESOURCES_LINE,
                        None,
                        ("Nodes with an ipv4Address", "see nodeToNodeMeshEnabled and the BGPPeers: nobody has a peer"),
                        ("Nodes with an ipv6Address only", "BIRD for IPv6 has to run"),
                    ),
                )
            ),
        ),
        fixes=(
            Fix(
                label="1 command",
                summary="let calico-node make a router ID of the node's name, where a manifest installed Calico and "
                "nothing sets CALICO_ROUTER_ID; calico-node starts anew on one node after the other",
                risk=Risk.RESTARTS_SESSIONS,
                steps=(FixStep(what="set CALICO_ROUTER_ID", kubectl=_SET_ROUTER_ID),),
            ),
        ),
    )


def _has_ipv6_alone(member: Member) -> bool:
    node = member.resource
    return node is not None and node.ipv6 is not None and node.ipv4 is None
