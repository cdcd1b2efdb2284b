"""Rules about single addresses that a node has outside its own blocks. Nothing about blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import first_lines
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.severity import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.observed import Apart, SingleAddress
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.rules.observed.held_routes.facts import SHOWN, tables_of
from calico_bgp.rules.rule import Draft, rule

#: In the order of weight: a node's finding has the words of the first that it has.
_KEYS = {
    Apart.STRAY: ("stray", Severity.WARNING),
    Apart.NO_POOL: ("outside", Severity.WARNING),
    Apart.BORROWED: ("borrowed", None),
    Apart.NO_BLOCK: ("left", None),
}


@rule(
    "addresses-outside-blocks",
    Severity.INFO,
    title="A node has single addresses outside its own blocks",
    meaning="Each such address is announced by itself, and beats the block that it lies in by its length. Borrowed "
    "ones are sound: Calico's IPAM lends addresses of another node's block where a node may have no more blocks "
    "(unless IPAMConfiguration has strictAffinity), and what is left of a block that was given back is announced "
    "likewise; but where packets of other nodes to a borrowed one end, by their kernels, something keeps it from them. "
    "A stray, a route to an IPPool's address that is neither a pod's nor Felix's, takes packets from the "
    "pod that has it, at all nodes; and what lies in no IPPool BIRD does not announce at all. All of these are "
    "warnings: a pod may have come or gone while the nodes were read. "
    "Source: confd's bird_ipam.cfg.template; libcalico-go/lib/ipam.",
    evidence="The kernel's routes that BIRD did not write, beside the blocks of all nodes and the IPPools. Addresses "
    "of Services, tunnels and Felix's routes to other nodes are none of them.",
    action="Delete a stray (`ip route del`) where nobody needs it; give pods addresses of an IPPool. Many borrowed "
    "addresses: larger or more blocks (blockSize of the IPPool, maxBlocksPerHost of IPAMConfiguration).",
    messages={
        "stray": "{node} announces {number:count address} of no pod of its own: {names}",
        "outside": "{node} has {number:count pod} with an address in no IPPool, which no other node learns: {names}",
        "unreached": "{node} has {number:count address} borrowed from {owners:and} that {learners:and} "
        "{learners:does|do} not reach: {names}",
        "borrowed": "{node} has {number:count address} borrowed from {owners:and}",
        "left": "{node} has {number:count address} in no node's block",
    },
)
def addresses_outside_blocks(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family: the worst of its addresses, the others as evidence."""
    for family, observed in observed_of(cluster).items():
        groups: dict[tuple[str, Apart], list[SingleAddress]] = defaultdict(list)
        for single in observed.apart:
            groups[single.node, single.kind].append(single)
        for (node, kind), addresses in groups.items():
            reported = _unlearned(cluster, family, addresses) if kind is Apart.NO_POOL else addresses
            lost = [single for single in addresses if single.unreached_by]
            if lost:
                yield _draft(node, family, ("unreached", Severity.WARNING), lost)
            elif reported:
                yield _draft(node, family, _KEYS[kind], reported)


def _draft(
    node: str, family: Family, key_and_severity: tuple[str, Severity | None], addresses: list[SingleAddress]
) -> Draft:
    key, severity = key_and_severity
    lines = [f"{one.address}" + (f" in a block of {one.owner}" if one.owner else "") for one in addresses]
    return Draft(
        NodeSubject(node=node, family=family),
        key,
        first_lines(lines, SHOWN),
        None,
        severity,
        node=node,
        number=len(addresses),
        names=tuple(str(one.address) for one in addresses),
        owners=tuple(sorted({one.owner for one in addresses if one.owner})),
        learners=tuple(sorted({learner for one in addresses for learner in one.unreached_by})),
    )


def _unlearned(cluster: Cluster, family: Family, addresses: list[SingleAddress]) -> list[SingleAddress]:
    """Those that no other node's BIRD has: a BGPFilter may let an address pass that lies in no pool."""
    own = {single.address for single in addresses}
    learned = {
        address
        for tables in tables_of(cluster, family)
        if tables.name != addresses[0].node
        for address in own
        if address in tables.paths
    }
    return [single for single in addresses if single.address not in learned]
