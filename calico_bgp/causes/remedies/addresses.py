"""What fixes a node's BGP address: the one that its host has, at once, and autodetection for the next start."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.autodetection import (
    known_place,
    method_of,
    network_of_most,
    places,
    prefix_for,
    setting,
    step,
    use_internal_ips,
)
from calico_bgp.causes.remedies.remedy import Remedy, Step, fix_of
from calico_bgp.causes.remedies.trial import helping_or_measured, tried
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.cause import Fix, Risk
from calico_bgp.model.resources import CalicoNode, ResourceKind

_PREFIX = Ask(
    "PREFIX_LENGTH", "the prefix length of the network that the nodes share, like 24 (ip -brief address on the node)", 0
)
#: Addresses for documentation (RFC 5737, RFC 3849): they stand for an unknown one while the model tries a fix.
_NOBODYS = {Family.IPV4: ip_address("198.51.100.254"), Family.IPV6: ip_address("2001:db8:ffff::fe")}
_WHICH = "the address of the node in the network that the nodes share (ip -brief address on the node)"


def right_address(
    case: Case, node: CalicoNode, wrong: Address, family: Family, *, autodetected: bool = True
) -> tuple[Fix, ...]:
    """Write the right address, where Kubernetes or the host itself says which; else ask for it.

    Args:
        case: The cluster.
        node: The one that has the wrong address.
        wrong: The wrong address.
        family: The address's family.
        autodetected: Whether calico-node may find it again at its next start. An address that the host does not have
            is only the Node's: then nothing is changed that other nodes depend on.
    """
    right = _right(case, node, wrong, family)
    length = None if right is None else prefix_for(case.resources, family, right)
    field = "ipv4" if family is Family.IPV4 else "ipv6"
    # The model does not know that nobody reaches a wrong address, only that nothing is lost by a right one.
    address = right if right is not None else Ask("ADDRESS", _WHICH, wrong)
    fields = ((field, address), (f"{field}_prefix", _PREFIX if length is None else length))
    what = f"write the {family.label} address {right or 'that it has'} into the Node {node.name}"
    set_at = known_place(case.resources) if autodetected else None
    later, asks = (None, ()) if set_at is None else step(set_at, family, case)
    remedy = Remedy(
        f"give {node.name} its right BGP address" + _later(case, family, autodetected=autodetected),
        (Step(SetFields(ResourceKind.NODE, node.name, fields), what),),
        Risk.RESTARTS_SESSIONS,
        () if later is None else (later,),
    )
    fix = None if right is None or case.configured is None else tried(case, remedy)
    fix = fix or (None if case.resources is None else fix_of(remedy, case.resources))
    if fix is None:
        return ()
    # The model knows neither what calico-node finds when it starts, nor an address that only the operator knows.
    ended = case.pods.ended_by_all if later is not None else case.pods.ended_by([case.cluster.name_of_node(node.name)])
    fix = fix.model_copy(update={"restarts": ended, "asks": (*fix.asks, *asks)})
    if not autodetected or set_at is not None:
        return (fix,)
    return (fix, *for_good_alone(case, family))


def addresses_back(case: Case, nodes: Sequence[tuple[CalicoNode, Address]]) -> tuple[Fix, ...]:
    """Write into several Nodes the addresses that their hosts have, which are at present in each other's Nodes."""
    names = some([node.name for node, _ in nodes])
    summary = f"give {names} the addresses that their hosts have, in one go: meanwhile two nodes have one"
    return right_addresses(case, nodes, summary)


def right_addresses(case: Case, nodes: Sequence[tuple[CalicoNode, Address]], summary: str) -> tuple[Fix, ...]:
    """Write into several Nodes the right addresses, which are known.

    Args:
        case: The cluster.
        nodes: Each Node with its right address.
        summary: What that does, in words.
    """
    steps = []
    for node, right in nodes:
        family = family_of(right)
        field = "ipv4" if family is Family.IPV4 else "ipv6"
        length = prefix_for(case.resources, family, right)
        fields = ((field, right), (f"{field}_prefix", _PREFIX if length is None else length))
        what = f"write the {family.label} address {right} into the Node {node.name}"
        steps.append(Step(SetFields(ResourceKind.NODE, node.name, fields), what))
    if case.resources is None or not steps:
        return ()
    # The model takes every address of a Node for right, so it sees no route that this brings back.
    fix = fix_of(Remedy(summary, tuple(steps), Risk.RESTARTS_SESSIONS), case.resources)
    ended = case.pods.ended_by([case.cluster.name_of_node(node.name) for node, _ in nodes])
    return () if fix is None else (fix.model_copy(update={"restarts": ended}),)


def _later(case: Case, family: Family, *, autodetected: bool) -> str:
    """What happens at the next start of calico-node."""
    if not autodetected:
        return "; only its Node is stale, so nothing is changed for the other nodes"
    set_at = known_place(case.resources)
    if set_at is None:
        either = " or ".join(setting(place, family) for place in places(case.resources))
        return f". calico-node finds the wrong one again whenever it starts, unless {either} is fixed as well"
    now = method_of(set_at, family)
    current = f" ({now} now)" if now else ""
    return f", and let calico-node find it when it starts: {setting(set_at, family)}{current}"


def for_good_alone(case: Case, family: Family) -> tuple[Fix, ...]:
    """Autodetection alone, one fix per place where it may be set: calico-node starts anew and writes what it finds."""
    fixes = []
    for place in places(case.resources):
        fix_step, asks = step(place, family, case)
        where = "where the operator installed Calico" if place.kind == "Installation" else "where a manifest did"
        fix = Fix(
            label="1 command",
            summary=f"{where}: fix {setting(place, family)}; calico-node starts anew on one node after the other",
            risk=Risk.RESTARTS_SESSIONS,
            steps=(fix_step,),
            asks=asks,
            restarts=case.pods.ended_by_all,
        )
        fixes.append(fix)
    return tuple(fixes)


def missing_address(case: Case, nodes: Sequence[CalicoNode], family: Family) -> tuple[Fix, ...]:
    """Write the address into Nodes that have none; of one whose address nothing here says it is asked for."""
    field = "ipv4" if family is Family.IPV4 else "ipv6"
    names, variable = some([node.name for node in nodes]), "IP" if family is Family.IPV4 else "IP6"
    keeps = f"; calico-node keeps it when it starts, unless {variable} in its environment is none"
    steps = []
    for node in nodes:
        right = _right(case, node, None, family)
        if right is None and len(nodes) > 1:
            summary = f"give each of {names} the {family.label} address that its host has, in its Node, or let "
            summary += f"calico-node find it: {variable}=autodetect in its environment, and a restart of it"
            return (Fix(label="set address", summary=summary, risk=Risk.RESTARTS_SESSIONS),)
        length = None if right is None else prefix_for(case.resources, family, right)
        address = right if right is not None else Ask("ADDRESS", _WHICH, _NOBODYS[family])
        fields = ((field, address), (f"{field}_prefix", _PREFIX if length is None else length))
        what = f"write the {family.label} address {right or 'that it has'} into the Node {node.name}"
        steps.append(Step(SetFields(ResourceKind.NODE, node.name, fields), what))
    remedy = Remedy(f"give {names} {'its' if len(nodes) == 1 else 'their'} {family.label} address{keeps}", tuple(steps))
    return helping_or_measured(case, remedy)


def _right(case: Case, node: CalicoNode, wrong: Address | None, family: Family) -> Address | None:
    """The one address that is left: the InternalIP where nodes use theirs, else the host's own in their network."""
    member = case.member(case.cluster.name_of_node(node.name))
    host_addresses = member.reading.addresses if member is not None and member.reading is not None else ()
    network = network_of_most(case.resources, family)
    beside = [address for address in host_addresses if network is not None and address in ip_network(network)]
    internal = node.internal_ips if use_internal_ips(case.resources, family) else ()
    for group in (internal, beside, host_addresses):
        candidates = {address for address in group if family_of(address) is family and address != wrong}
        if len(candidates) == 1:
            return candidates.pop()
    return None
