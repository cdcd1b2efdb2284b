"""Which of Calico's Nodes each member is. Names and addresses decide; a state never does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Address
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.parse.addresses import read_address


def match_nodes(members: list[Member], resources: Resources) -> list[Member]:
    """Find each member's Node among the resources, and add the nodes that no member is.

    By name first (kubelet makes node names of hostnames in lower case), then by an address that only that node has,
    then by the host's or the prompt's short name, and last by its table: a node has every peer but itself.
    """
    by_name = resources.nodes_by_name
    owners: dict[Address, list[str]] = {}
    for node in resources.nodes:
        for address in (*node.addresses, *node.internal_ips):
            if node.name not in owners.setdefault(address, []):
                owners[address].append(node.name)
    matched: list[Member] = []
    for member in members:
        name: str | None = member.name.lower()
        if name not in by_name:
            name = _name_by_address(member, owners) or _short_name(member, by_name)
        matched.append(member if name is None else replace(member, name=name, resource=by_name[name]))
    taken_names = {member.name for member in matched if member.resource is not None}
    only = len(members) == 1 and len(resources.nodes) == 1 and _is_nameless(members[0])
    for place, member in enumerate(matched):
        if member.resource is None and (name := _name_by_table(member, resources, taken_names, only=only)) is not None:
            matched[place] = replace(member, name=name, resource=by_name[name])
            taken_names.add(name)
    speakers = [node for node in resources.nodes if not _is_no_speaker(node)]
    matched += [Member(node.name, resource=node) for node in speakers if node.name not in taken_names]
    return matched


def _name_by_address(member: Member, owners: dict[Address, list[str]]) -> str | None:
    """The one node that has an address which the host was given, was reached at, or lists as its own."""
    host_addresses = member.host.addresses if member.host else ()
    source = member.reading or member.failure
    reached = source.ssh_address if source is not None else None
    literal = read_address(member.host.name) if member.host else None
    own = member.own_addresses
    for group in (host_addresses, (reached, literal), own):
        names = {name for address in group if address is not None for name in owners.get(address, ())}
        if names:
            return names.pop() if len(names) == 1 else None
    return None


def _short_name(member: Member, by_name: Mapping[str, CalicoNode]) -> str | None:
    """`node1.example.org` is the node `node1`, or the other way round where only one node begins so.

    A prompt mostly shows the short name: `[root@ip-10-0-0-1 ~]#` on the node ip-10-0-0-1.ec2.internal.
    """
    full_name = member.host.name if member.host is not None else member.reading and member.reading.node
    if not full_name or read_address(full_name) is not None:
        return None
    short = full_name.lower().partition(".")[0]
    if short in by_name:
        return short
    longer = [name for name in by_name if name.partition(".")[0] == short]
    return longer[0] if len(longer) == 1 else None


def _is_no_speaker(node: CalicoNode) -> bool:
    """Whether a node has no part in BGP by its kind, so that nobody needs to read it: Fargate, a virtual kubelet."""
    return node.without_bird is not None and not node.addresses


def _is_nameless(member: Member) -> bool:
    return member.reading is not None and member.reading.node is None


def _name_by_table(member: Member, resources: Resources, taken_names: Collection[str], *, only: bool) -> str | None:
    """The one free node that a whole table does not show as a peer, of at least two; None when several fit."""
    peer_addresses = {row.address for row in member.reading.peers} if member.reading else set()
    if not peer_addresses or None in peer_addresses or member.host is not None:
        return None
    free = [node for node in resources.nodes if node.name not in taken_names]
    fitting = [node.name for node in free if node.ipv4 not in peer_addresses and node.ipv6 not in peer_addresses]
    # Of one Node alone the table says nothing; but a single node and a single table are meant for each other.
    is_shown = only or any(node.ipv4 in peer_addresses or node.ipv6 in peer_addresses for node in resources.nodes)
    return fitting[0] if is_shown and len(fitting) == 1 else None
