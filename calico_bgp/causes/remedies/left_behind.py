"""What fixes blocks whose IPPool or Node is gone: the pool again, disabled; the blocks released."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import helping_or_measured
from calico_bgp.changes.change import ApplyResources
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Fix, Risk
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.prefixes import Prefix, prefix_key, prefix_of, prefixes_of


def pool_again(case: Case, family: Family, blocks: tuple[Prefix, ...]) -> tuple[Fix, ...]:
    """An IPPool that holds the blocks again and gives no address; and the way without one."""
    resources = case.resources
    pool = None if resources is None else _pool_of(resources, family, blocks)
    move = Fix(
        label="move pods",
        summary=f"restart the pods that have addresses of {some(blocks)}: the new ones are of a pool that is there",
        risk=Risk.INTERRUPTS_TRAFFIC,
    )
    if pool is None:
        return (move,)
    what = f"make an IPPool {pool.cidr} that holds the blocks; as it is disabled, no pod gets an address of it"
    step = Step(ApplyResources(Resources(ip_pools=(pool,)), "the IPPool"), what)
    remedy = Remedy(f"make IPPool {pool.name} ({pool.cidr}, disabled) until no pod has an address of it", (step,))
    return (*helping_or_measured(case, remedy), move)


def _pool_of(resources: Resources, family: Family, blocks: tuple[Prefix, ...]) -> IPPool | None:
    """The smallest pool that holds them, encapsulated as the others of its family; None where it would overlap one."""
    network = blocks[0]
    while not all(block.network_address in network for block in blocks):
        network = network.supernet()
    others = [pool for pool in resources.ip_pools if (cidr := prefix_of(pool.cidr)) and cidr.version == network.version]
    taken = sorted([network, *prefixes_of(pool.cidr for pool in others)], key=prefix_key)
    modes = {(pool.ipip_mode or "Never", pool.vxlan_mode or "Never") for pool in others}
    if any(_overlap(one, other) for one, other in pairwise(taken)) or len(modes) != 1:
        return None
    ipip, vxlan = modes.pop()
    name = f"former-{family.value}-pool"
    if any(pool.name == name for pool in resources.ip_pools):
        return None
    return IPPool(name=name, cidr=str(network), ipip_mode=ipip, vxlan_mode=vxlan, disabled=True)


def _overlap(one: Prefix, other: Prefix) -> bool:
    return one.version == other.version and int(other.network_address) <= int(one.broadcast_address)


def release_blocks(node: str, blocks: Iterable[str]) -> tuple[Fix, ...]:
    """What the operator does with a machine that is no node any more."""
    return (
        Fix(
            label="stop machine",
            summary=f"stop calico-node on the machine that was {node}, delete the BGPPeers that name its address, and "
            f"release {some(list(blocks))} (calicoctl ipam check, then calicoctl ipam release)",
            risk=Risk.NONE,
        ),
    )
