"""A cause in the blocks of nodes: one block that two nodes announce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.resources import Resources
from calico_bgp.prefixes import Prefix


@cause(
    "block-announced-twice",
    title="Two nodes announce the same block",
    what="one block, two nodes",
    messages={"twice": "{blocks:count block} announced by {nodes:and}: {names}"},
    meaning="A block belongs to one node. Of two that announce it each learner takes one, and packets for pods of the "
    "other one are lost. It comes of a machine that was reinstalled under another name while the old one runs, of two "
    "clusters in one network, or of BlockAffinities that were fixed by hand.",
    evidence="The block in the static protocol of both BIRDs; with BlockAffinities it is certain which one is wrong.",
    look_alikes="A live migration, which announces single addresses of a block from elsewhere, not the block.",
    mending="`calicoctl ipam check` tells whose block it is; a restart of calico-node on the other one lets its BIRD "
    "follow, and a machine that is no node of the cluster is switched off.",
    demos=("block-twice",),
)
def block_twice(case: Case) -> Iterator[Candidate]:
    """One per set of nodes."""
    announced: dict[tuple[str, ...], list[_Twice]] = defaultdict(list)
    for finding, family in case.of_each_family("block-announced-twice"):
        for nodes, blocks in _by_announcers(case, family).items():
            announced[nodes].append(_Twice(finding, family, blocks))
    for nodes, places in announced.items():
        names = tuple(str(block) for place in places for block in place.blocks)
        right = _owner(case.cluster.snapshot.resources, names)
        wrong = [name for name in nodes if right is not None and name != right]
        only = only_family([place.family for place in places])
        yield Candidate(
            kind="block-announced-twice",
            subjects=tuple(NodeSubject(node=name, family=only) for name in (wrong or nodes)),
            title=Words("twice", nodes=nodes, blocks=len(names), names=names),
            explanation=f"Calico's IPAM gives {some(names)} to {right}."
            if right is not None
            else "Whose it is the tables do not tell: BlockAffinities do.",
            confidence=Confidence.CERTAIN if wrong else Confidence.LIKELY,
            explains=frozenset(place.finding.id for place in places),
            evidence=tuple(line for place in places for line in place.finding.evidence),
            decide=(
                decision(
                    f"calicoctl get blockaffinities -o yaml | grep -B3 -A3 {names[0]}",
                    None,
                    ("the node that it names", "that node has the block, and the other one is wrong"),
                ),
            ),
            fixes=_fixes(case, wrong, only) if wrong else _of_each(case, nodes),
        )


class _Twice(NamedTuple):
    """Blocks that the same nodes announce, and the finding that says so."""

    finding: Finding
    family: Family
    blocks: list[Prefix]


def _by_announcers(case: Case, family: Family) -> dict[tuple[str, ...], list[Prefix]]:
    """Two nodes or more → the blocks that all of them announce, in order."""
    owners: dict[Prefix, list[str]] = defaultdict(list)
    for node in case.observed[family].nodes:
        for block in node.own:
            owners[block].append(node.node)
    groups: dict[tuple[str, ...], list[Prefix]] = defaultdict(list)
    for block, announcers in sorted(owners.items(), key=lambda item: str(item[0])):
        if len(announcers) > 1:
            groups[tuple(announcers)].append(block)
    return groups


def _fixes(case: Case, wrong: list[str], only: Family | None) -> tuple[Fix, ...]:
    if len(wrong) == 1:
        return (
            case.pods.restart(wrong[0], f"restart calico-node on {wrong[0]}, so that its BIRD follows Calico's IPAM"),
        )
    return (
        Fix(
            label="stop other node",
            summary="switch off what is no node of the cluster, or restart calico-node on it"
            + (f" ({only.label})" if only else ""),
            risk=Risk.RESTARTS_SESSIONS,
        ),
    )


def _of_each(case: Case, nodes: Sequence[str]) -> tuple[Fix, ...]:
    """Which one is wrong is not known: a fix for each answer of IPAM."""
    return tuple(
        case.pods.restart(name, f"where Calico's IPAM gives the block to another node: restart calico-node on {name}")
        for name in nodes
    )


def _owner(resources: Resources | None, blocks: tuple[str, ...]) -> str | None:
    """The one node that Calico's IPAM gives these blocks to."""
    if resources is None:
        return None
    owners = {one.node for one in resources.block_affinities if one.is_a_nodes and one.cidr in blocks}
    return next(iter(owners)) if len(owners) == 1 else None
