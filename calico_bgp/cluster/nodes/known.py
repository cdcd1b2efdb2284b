"""Names and addresses for pasted tables: hosts that an inventory, or kubectl in the same text, names beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.inventory import Host


def with_known(members: Sequence[Member], hosts: Sequence[Host]) -> list[Member]:
    """The members with what is known of their hosts, and one for each host that no member is.

    By name first, then by an address that the text shows, then by the short name; last by the table: a node has every
    peer but itself, so a whole table without a name is that of the one free host that it does not show.

    Args:
        members: Of pasted texts.
        hosts: Named beside them. Nobody was asked to read those without a table.
    """
    keys = Counter(key for host in hosts for key in _keys(host))
    by_key = {key: host for host in hosts for key in _keys(host) if keys[key] == 1}
    joined = [_joined(member, _host_of(member, by_key)) for member in members]
    taken_hosts = {member.host for member in joined}
    for place, member in enumerate(joined):
        joined[place] = _joined(member, _by_table(member, hosts, taken_hosts))
        taken_hosts.add(joined[place].host)
    return [*joined, *(Member(_name(host), host, is_only_known=True) for host in hosts if host not in taken_hosts)]


def _name(host: Host) -> str:
    return host.node or host.label


def _keys(host: Host) -> set[str]:
    names = {name.lower() for name in (host.label, host.name, host.node) if name}
    return names | {str(address) for address in host.addresses}


def _joined(member: Member, host: Host | None) -> Member:
    return member if host is None else replace(member, name=_name(host), host=host)


def _host_of(member: Member, by_key: dict[str, Host]) -> Host | None:
    if member.host is not None:
        return None
    for key in _called(member):
        if key in by_key:
            return by_key[key]
    short = member.name.lower().partition(".")[0]
    longer = {host for key, host in by_key.items() if key.partition(".")[0] == short and not _is_address(key)}
    return longer.pop() if len(longer) == 1 else None


def _is_address(key: str) -> bool:
    """Of keys; those of IPv6 have no dot, so that nothing is their short name."""
    return key.replace(".", "").isdecimal()


def _called(member: Member) -> Iterator[str]:
    """What the text calls a member: names, then addresses."""
    yield member.name.lower()
    if member.reading is not None:
        yield member.reading.host.lower()
        yield from map(str, member.reading.addresses)
    if member.failure is not None:
        yield member.failure.host.lower()
        if member.failure.ssh_address is not None:
            yield str(member.failure.ssh_address)


def _by_table(member: Member, hosts: Sequence[Host], taken_hosts: set[Host | None]) -> Host | None:
    if member.host is not None or member.reading is None or member.reading.node is not None:
        return None
    peer_addresses = {row.address for row in member.reading.peers}
    if (
        not peer_addresses
        or None in peer_addresses
        or not any(address in peer_addresses for host in hosts for address in host.addresses)
    ):
        return None
    free = [host for host in hosts if host not in taken_hosts and host.addresses]
    fitting = [host for host in free if not peer_addresses.intersection(host.addresses)]
    return fitting[0] if len(fitting) == 1 else None
