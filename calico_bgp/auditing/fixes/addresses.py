"""What mends a node's BGP address: the one that its host has, at once, and autodetection for the next start."""

from __future__ import annotations

from dataclasses import replace

from calico_bgp.auditing.causes.candidate import CauseContext
from calico_bgp.auditing.fixes.commands import node_step
from calico_bgp.auditing.fixes.pods import AUDIT_AGAIN
from calico_bgp.auditing.fixes.trial import tried
from calico_bgp.auditing.lint_rules.addresses import AUTODETECT
from calico_bgp.model.cause import Asked, Fix, Risk
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.whatif.change import ApplyResources

_PREFIX = Asked(
    variable="PREFIX_LENGTH",
    what="the prefix length of the network that the nodes share, like 24 (`ip -brief address` on the node)",
)
_ADDRESS = Asked(
    variable="ADDRESS",
    what="the address of the node in the network that the nodes share (`ip -brief address` on the node)",
)
_LATER = f"calico-node writes the address anew whenever it starts, so let it find the right one: {AUTODETECT}"


def right_address(context: CauseContext, node: CalicoNode, wrong: Address, family: Family) -> tuple[Fix, ...]:
    """Write the right address, where Kubernetes or the host itself says which; else ask for it."""
    right = _right(context, node, wrong, family)
    field = "ipv4Address" if family is Family.IPV4 else "ipv6Address"
    value = f"{right or '$' + _ADDRESS.variable}/${_PREFIX.variable}"
    asks = (_PREFIX,) if right is not None else (_ADDRESS, _PREFIX)
    what = f"write the {family.label} address {right or 'that it has'} into the Node {node.name}"
    step = node_step(node.name, field, value, what, asked=[asked.variable for asked in asks])
    fix = Fix(
        summary=f"give {node.name} its right BGP address. {_LATER}",
        risk=Risk.RESTARTS_SESSIONS,
        steps=(step,),
        asks=asks,
        check=AUDIT_AGAIN,
    )
    if right is None or context.lint is None:
        return (fix,)
    mended = replace(node, ipv4=right) if family is Family.IPV4 else replace(node, ipv6=right)
    good = tried(context.lint.expectation, [ApplyResources(Resources(nodes=(mended,)), node.name)], fix)
    # The model does not know that nobody reaches a wrong address, only that nothing is lost by a right one.
    return (good or fix,)


def _right(context: CauseContext, node: CalicoNode, wrong: Address, family: Family) -> Address | None:
    """The only address of the family that Kubernetes names, or that the host has; None where that is not one."""
    version = 4 if family is Family.IPV4 else 6
    member = next((m for m in context.view.members if m.resource is not None and m.resource.name == node.name), None)
    has = member.reading.addresses if member is not None and member.reading is not None else ()
    for known in (node.internal_ips, has):
        those = {address for address in known if address.version == version and address != wrong}
        if len(those) == 1:
            return those.pop()
    return None
