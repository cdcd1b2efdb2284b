"""Rules about addresses: whose they are, whether they are anybody's, and peers that repeat one."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.held_elsewhere import held_elsewhere
from calico_bgp.cluster.router_ids import shared_router_ids
from calico_bgp.cluster.sessions.reasons import row_text, session_evidence
from calico_bgp.cluster.sessions.session import own_address_rows
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, step
from calico_bgp.messages.words import first_lines
from calico_bgp.model.peer import Address, Family, Peer, PeerType, family_of
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject
from calico_bgp.rules.observed.sessions import subject_of
from calico_bgp.rules.rule import Draft, rule

_SHOWN = 5


@rule(
    "duplicate-address",
    Severity.ERROR,
    title="Two nodes claim one BGP address",
    meaning="An address that nodes peer with belongs to two nodes: a wrongly autodetected address (a Docker bridge "
    "has the same one on "
    "every host), or a real conflict. Both nodes' routes point to one of them.",
    evidence="The nodes that claim it, and the rows that name it.",
    action="Look at `calicoctl get nodes -o wide` and at IP_AUTODETECTION_METHOD of calico-node; say ip= in "
    "hosts.txt if one claim is wrong.",
    messages={
        "claimed-twice": "{address} is an address of {number} nodes: {nodes:all}",
    },
)
def duplicate_address(cluster: Cluster) -> Iterator[Draft]:
    """One finding per address with several claimants, unless the lint says so of the resources."""
    linted = {finding.subject for finding in cluster.linted if finding.rule == "node-address-twice"}
    for address, names in sorted(
        cluster.identity.claimed_twice.items(), key=lambda item: (item[0].version, int(item[0]))
    ):
        if AddressSubject(address=address) in linted:
            continue
        yield Draft(
            AddressSubject(address=address),
            "claimed-twice",
            _rows(cluster, address)[:_SHOWN],
            ("calicoctl get nodes -o wide", step("or say ip= in hosts.txt")),
            address=address,
            number=len(names),
            nodes=names[:_SHOWN],
        )


def _rows(cluster: Cluster, address: Address) -> list[str]:
    return [
        row_text(member.name, row)
        for member in cluster.members
        for row in (member.reading.peers if member.reading else ())
        if row.address == address
    ]


@rule(
    "unknown-peers",
    Severity.INFO,
    title="Nodes peer with addresses that are in no inventory",
    meaning="Explicit peers outside the inventory are usually top-of-rack switches: info. A node-to-node mesh peer "
    "is always a Calico node, "
    "so one outside the inventory is a node that hosts.txt forgot: warning, for what is not read is not judged.",
    evidence="The addresses and who peers with them.",
    action="Add forgotten nodes to hosts.txt (`calico-bgp hosts nodes.json` writes it from Kubernetes), or say ip= "
    "where a node has an "
    "address that it did not list.",
    messages={
        "forgotten-nodes": "{number} {family:and} peer {addresses:address|addresses} of no listed node (at least one "
        "is a node that hosts.txt lacks): {addresses}",
        "external-or-forgotten": "{number} {family:and} peer {addresses:address|addresses} of no listed node "
        "(external peers, or nodes that hosts.txt lacks): {addresses}",
    },
    shape_only=True,
)
def unknown_peers(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family; none for pasted texts or `--limit`, where others are out of sight by right."""
    if not cluster.snapshot.hosts or cluster.snapshot.limited:
        return
    for family in Family:
        unclaimed = set(cluster.identity.unclaimed[family])
        if not unclaimed:
            continue
        rows: list[tuple[str, Peer]] = [
            (m.name, row) for m in cluster.members for row in m.rows(family) if row.address in unclaimed
        ]
        meshed = {row.address for _, row in rows if row.peer_type is PeerType.MESH}
        # An address may be one of a node that was not read and whose address nobody told.
        unread = [name for name in cluster.identity.unplaced[family] if cluster.by_name[name].reading is None]
        if len(unclaimed) <= len(unread):
            continue
        forgotten = len(meshed) > len(unread)
        yield Draft(
            ClusterSubject(family=family),
            "forgotten-nodes" if forgotten else "external-or-forgotten",
            [f"{name} shows {row.address_text} ({row.peer_type})" for name, row in rows[:_SHOWN]],
            step("add them to hosts.txt if they are nodes"),
            Severity.WARNING if forgotten else None,
            number=len(unclaimed),
            family=family,
            addresses=cluster.identity.unclaimed[family],
        )


@rule(
    "duplicate-peer",
    Severity.WARNING,
    title="Two peers for one address",
    meaning="A node has two protocols for one neighbour, for example a mesh peer and an explicit one, or one with "
    "and one without a port. "
    "BIRD runs one of them; the other stays `start Idle` without an error, for good.",
    evidence="Both rows.",
    action="Remove the BGPPeer that repeats the mesh or another BGPPeer.",
    messages={
        "several-peers": "{node} has {number} peers for {far}",
    },
)
def duplicate_peer(cluster: Cluster) -> Iterator[Draft]:
    """One finding per session that one end has twice, within one family.

    Rows for an address of two nodes are no such peers: that is the matter itself.
    """
    twice = cluster.identity.claimed_twice
    for session in cluster.in_order:
        key = session.key
        for end in session.ends:
            if len(end.rows) < 2:
                continue
            # Masks that look alike prove nothing.
            addresses = [row.address for row in end.rows if row.address is not None and row.address not in twice]
            if len(set(addresses)) < len(addresses):
                yield Draft(
                    subject_of(key),
                    "several-peers",
                    session_evidence(session),
                    LOOK_AT_RESOURCES,
                    node=end.name,
                    number=len(end.rows),
                    far=key.far(end.name),
                )
                break


@rule(
    "own-address-peer",
    Severity.ERROR,
    title="A node peers with an address of its own",
    meaning="Calico never configures a peer for a node's own address (confd, bgp_processor.go). So the address "
    "belongs to two nodes, or "
    "the inventory names the wrong node.",
    evidence="The row.",
    action="Look at the address of both nodes: `calicoctl get nodes -o wide`.",
    messages={
        "own-address": "{node} has a peer at {address}, which is an address of its own",
    },
)
def own_address_peer(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and address."""
    for member in cluster.members:
        for row in dict.fromkeys(own_address_rows(member, cluster.identity)):
            assert row.address is not None
            yield Draft(
                AddressSubject(address=row.address),
                "own-address",
                (f"{row.address}: {cluster.identity.evidence.get(row.address, '')}",),
                "calicoctl get nodes -o wide",
                node=member.name,
                address=row.address,
            )


@rule(
    "address-at-other-node",
    Severity.ERROR,
    title="Calico has for a node an address that another node's host has",
    meaning="Sessions may stand all the same, with the wrong one: whoever dials the address finds a BIRD there. But "
    "the node announces its pods with that address as next hop, so packets to them go to the other machine.",
    evidence="The addresses that both hosts list themselves; where one gave none, its InternalIPs.",
    action="Write the address that the host has into its Node (`projectcalico.org/IPv4Address`), for all such nodes in "
    "one go.",
    messages={
        "elsewhere": "the BGP address of {node}, {address}, is on the host of {holder}; {node} itself has {own:all}",
    },
)
def address_at_other_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family."""
    for held in held_elsewhere(cluster):
        yield Draft(
            NodeSubject(node=held.node, family=family_of(held.address)),
            "elsewhere",
            (f"{held.node} has {', '.join(map(str, held.own))}", f"{held.holder} has {held.address}"),
            "kubectl get nodes -o wide; calicoctl get nodes -o wide",
            node=held.node,
            address=held.address,
            holder=held.holder,
            own=held.own,
        )


@rule(
    "router-id-twice",
    Severity.ERROR,
    title="Two nodes have one router ID",
    meaning="Two BIRDs with one router ID refuse a session with each other (RFC 4271, section 6.2), and each drops "
    "what a route reflector passes on of the other, as if it were its own (ORIGINATOR_ID, RFC 4456, section 8): every "
    "session stands, and the pods of the two do not reach each other. BIRD's router ID is the node's IPv4 address "
    "unless CALICO_ROUTER_ID says otherwise. Source: BIRD proto/bgp/attrs.c bgp_originator_id_loopy.",
    evidence="What BIRD on each node says for `show status`.",
    action="Unset CALICO_ROUTER_ID, or set it to `hash`; see that no two nodes have one IPv4 address.",
    messages={"shared": "BIRD has one router ID, {id:same}, on {nodes:and}"},
)
def router_id_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per router ID that the BIRDs of several nodes have."""
    for router_id, names in shared_router_ids(cluster).items():
        yield Draft(
            AddressSubject(address=router_id),
            "shared",
            first_lines([f"{name}: Router ID is {router_id}" for name in names], _SHOWN),
            "calicoctl get nodes -o wide",
            id=str(router_id),
            nodes=names,
        )
