"""Which BGP addresses are wrong, by the host, the other Nodes, or what they look like. Facts; makes no candidate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calico_bgp.causes.case import Case
from calico_bgp.causes.signals import Signal
from calico_bgp.cluster.held_elsewhere import held_elsewhere
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.odd_addresses import odd_address
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import CalicoNode
from calico_bgp.once import once
from calico_bgp.prefixes import network_around, prefix_of

#: Fewest nodes of which it counts that all others are in one network.
_MANY = 3
#: Errors of an end that has reached the other one: its address is right.
_REACHED = frozenset({Signal.BAD_AS, Signal.STOPPED_THERE, Signal.DECONFIGURED_THERE, Signal.HELD_THERE})


class WrongAddress(NamedTuple):
    """An address that Calico has and that is not the node's, or not one at which others find it.

    Attributes:
        address: The wrong one.
        why: In words, after the address and a colon.
        confidence: How sure that is.
        on_host: Whether the host may have it, on another interface: then autodetection chose it. Else it is only the
            Node that still has it.
    """

    address: Address
    why: str
    confidence: Confidence
    on_host: bool = True


def wrong_address_of(case: Case, member: Member, node: CalicoNode) -> WrongAddress | None:
    """The address of a node that is wrong, and why. One at which another node finds it is right, however odd.

    A host behind one-to-one NAT, for instance, does not list the address that it has for others.
    """
    works = {key.family for key in case.joined_keys(member.name)}
    for family in Family:
        address = node.address(family)
        if address is not None and (elsewhere := _by_holder(case, member, address)) is not None:
            return elsewhere
        if address is None or family in works or member.table(family) is Table.NOT_RUNNING:
            continue
        wrong = None if _lists_lack_what_works(case)[family] else _by_host(member, address)
        if wrong is None and not _is_reached(case, member.name, family):
            wrong = _by_resources(case, node, family) or _by_its_other_address(case, member, node, family)
        if wrong is not None:
            return wrong
    return None


def _by_holder(case: Case, member: Member, address: Address) -> WrongAddress | None:
    """What another host's list says: whoever dials the address finds a BIRD there, so that a session proves nothing."""
    for held in held_elsewhere(case.cluster):
        if (held.node, held.address) == (member.name, address):
            why = f"{held.holder} has that, and the host has {some(held.own)}"
            return WrongAddress(address, why, Confidence.CERTAIN if held.listed else Confidence.LIKELY, on_host=False)
    return None


def _is_reached(case: Case, name: str, family: Family) -> bool:
    """Whether a far end got an answer at the address, be it a refusal.

    Only the far ends' rows are about this address. The node's own rows may keep an error from an earlier address.
    """
    for key in _dead_keys(case, name, family):
        signals = case.signals[key]
        far = signals.b if key.a == name else signals.a
        if far in _REACHED or Signal.BAD_AS in signals.both:
            return True
    return False


def _dead_keys(case: Case, name: str, family: Family) -> Iterator[SessionKey]:
    """The node's bad sessions with other nodes: a switch that it reaches by any address proves nothing."""
    for key in case.bad_keys(name):
        if key.family is family and key.far(name) in case.cluster.by_name:
            yield key


def _by_host(member: Member, address: Address) -> WrongAddress | None:
    """What the host's own list says. Without any address of the family it lacks this one as well."""
    host_addresses = member.own_addresses
    if not host_addresses or address in host_addresses:
        return None
    label = family_of(address).label
    same_family = [host_address for host_address in host_addresses if host_address.version == address.version]
    odd = odd_address(address)
    why = f"the host has {some(same_family)}" if same_family else f"the host has no {label} address at all"
    return WrongAddress(address, f"{odd.what}; {why}" if odd else why, Confidence.CERTAIN, on_host=False)


@once
def _lists_lack_what_works(case: Case) -> dict[Family, bool]:
    """Family → whether a host lists other addresses than the one at which others have their sessions with it.

    Behind one-to-one NAT all do; then no list proves an address wrong.
    """
    lacking = dict.fromkeys(Family, False)
    for member in case.cluster.members:
        host_addresses = member.own_addresses
        for family in case.families_up.get(member.name, ()):
            listed = [host_address for host_address in host_addresses if family_of(host_address) is family]
            address = None if member.resource is None else member.resource.address(family)
            if listed and address is not None and address not in listed:
                lacking[family] = True
    return lacking


class _Others(NamedTuple):
    """What the nodes of a cluster have for BGP addresses of one family.

    Attributes:
        addresses: All of them.
        prefixes: Their prefix lengths, and how many have each.
        judged: How many have an InternalIP of the family.
        good: The nodes whose BGP address that is.
    """

    addresses: frozenset[Address]
    prefixes: Counter[int]
    judged: int
    good: tuple[CalicoNode, ...]


@once
def _others(case: Case) -> dict[Family, _Others]:
    assert case.resources is not None
    by_family = {}
    for family in Family:
        able = [node for node in case.resources.nodes if node.address(family) is not None]
        judged = [node for node in able if node.internal_ips_of(family)]
        by_family[family] = _Others(
            frozenset(own_address for node in able if (own_address := node.address(family)) is not None),
            Counter(length for node in able if (length := node.prefix(family)) is not None),
            len(judged),
            tuple(node for node in judged if node.address(family) in node.internal_ips),
        )
    return by_family


def _by_resources(case: Case, node: CalicoNode, family: Family) -> WrongAddress | None:
    """What the other Nodes, the InternalIPs and the pools say."""
    address = node.address(family)
    if address is None or address in node.internal_ips or case.resources is None:
        return None
    internal, others = node.internal_ips_of(family), _others(case)[family]
    sure = Confidence.CERTAIN if internal else Confidence.LIKELY
    if (odd := odd_address(address, others.addresses)) is not None:
        return WrongAddress(address, odd.what, sure if odd.sure else Confidence.LIKELY)
    for pool in case.resources.ip_pools:
        network = prefix_of(pool.cidr)
        beside = network is not None and any(other in network for other in others.addresses if other != address)
        if network is not None and address in network and not beside:
            return WrongAddress(address, f"that of a pod or a tunnel, of IPPool {pool.name} ({pool.cidr})", sure)
    return _by_prefix(node, address, internal, others) or _by_internal_ip(address, internal, others)


def _by_prefix(node: CalicoNode, address: Address, internal: Sequence[Address], others: _Others) -> WrongAddress | None:
    """A virtual address of keepalived or the like is a /32, the host's own is not - but on some clouds all are."""
    longest = address.max_prefixlen
    if node.prefix(family_of(address)) != longest or others.prefixes[longest] > 1 or len(others.prefixes) < 2:
        return None
    usual = next(length for length, _ in others.prefixes.most_common() if length != longest)
    why = f"a /{longest}, as keepalived gives to a virtual address; the others have /{usual}"
    if not internal:
        return WrongAddress(address, why, Confidence.LIKELY)
    return WrongAddress(address, f"{why}, and its InternalIP is {some(internal)}", Confidence.CERTAIN)


def _by_internal_ip(address: Address, internal: Sequence[Address], others: _Others) -> WrongAddress | None:
    """Wrong where most nodes use their InternalIP as BGP address and this one does not."""
    if not internal or not others.good or 2 * len(others.good) <= others.judged - 1:
        return None
    family = family_of(address)
    # Only the InternalIP lies in a network of the other nodes: then the BGP address is wrong for certain.
    networks = [
        network_around(ip, other.prefix(family)) for other in others.good if (ip := other.address(family)) is not None
    ]
    beside = any(address in network for network in networks)
    settled = not beside and any(ip in network for ip in internal for network in networks)
    why = f"its InternalIP is {some(internal)}, and the other nodes use theirs"
    return WrongAddress(address, why, Confidence.CERTAIN if settled else Confidence.LIKELY)


def _by_its_other_address(case: Case, member: Member, node: CalicoNode, family: Family) -> WrongAddress | None:
    """Where all others are in one network, in which the host has another address than the one that Calico has.

    A session that stood once had the right address.
    """
    address, host_addresses = node.address(family), member.own_addresses
    if address is None or case.resources is None or address in node.internal_ips:
        return None
    stood = {Signal.HELD, Signal.HELD_THERE}
    if any(case.signals[key].both & stood for key in _dead_keys(case, member.name, family)):
        return None
    networks = {
        network_around(ip, other.prefix(family))
        for other in case.resources.nodes
        if other.name != node.name and (ip := other.address(family)) is not None
    }
    network = next(iter(networks)) if len(networks) == 1 else None
    if network is None or address in network or sum(1 for n in case.resources.nodes if n.address(family)) < _MANY:
        return None
    beside = [ip for ip in host_addresses if ip.version == address.version and ip in network]
    why = f"the others are in {network}, where the host has {some(beside)}"
    return WrongAddress(address, why, Confidence.LIKELY) if beside else None
