"""Which nodes should become route reflectors: across zones, not all on the control plane. Resources in, reasons out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import mode

from calico_bgp.changes.editing import missing_node
from calico_bgp.errors import ChangeError
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.natural_order import natural_key
from calico_bgp.upstream import OS_LABELS, ZONE_LABEL

#: Two reflectors survive the loss of one. With more nodes a third lets one be drained while another fails.
FEW, MANY, LARGE = 2, 3, 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A node that is to be a reflector.

    Attributes:
        node: Its name.
        already: Whether it is one.
        why: Why this one: `zone b, no other reflector there; not control plane`.
        joins: Whether it is to join the cluster as one.
    """

    node: str
    already: bool
    why: str
    joins: bool = False


def default_count(nodes: int) -> int:
    """How many reflectors for so many nodes: 2, from more than 200 nodes on 3."""
    return FEW if nodes <= LARGE else MANY


def choose(
    resources: Resources, count: int | None = None, names: Sequence[str] = (), joining: Sequence[str] = ()
) -> tuple[Choice, ...]:
    """The reflectors, in the order in which they become so: those that are already, those that join, then the best.

    A place goes to the zone with the fewest reflectors, there to a worker, and among alike to the first by name. The
    same resources in any order give the same choice.

    Args:
        resources: The cluster's, with those that are to join.
        count: How many in all, those that are reflectors already and those that join among them; None for
            `default_count`.
        names: Or which ones, beside those that join.
        joining: The nodes that join, without a cluster ID here.

    Raises:
        ChangeError: A name is no node's, or cannot be a reflector; or there are not enough nodes.
    """
    nodes = sorted(resources.nodes, key=lambda node: natural_key(node.name))
    if names:
        return _named(resources, nodes, tuple(dict.fromkeys((*joining, *names))), joining)
    by_name = _fit(resources, joining)
    reflectors = [node for node in nodes if node.cluster_id is not None]
    new = [by_name[name] for name in joining]
    number = count if count is not None else default_count(len(nodes))
    unfit = _unfit(resources)
    free = [node for node in nodes if node not in reflectors and node not in new and unfit[node.name] is None]
    possible = len(reflectors) + len(new) + len(free)
    if possible < number:
        reasons = "; ".join(f"{node.name}: {why}" for node in nodes if (why := unfit[node.name]) is not None)
        raise ChangeError(
            f"{number} reflectors are wanted, but {possible} of {len(nodes)} nodes could be one"
            + (f" ({reasons})" if reasons else "")
        )
    choices = [Choice(node.name, already=True, why=_why(node, reflectors, already=True)) for node in reflectors]
    choices += [_joins(node.name) for node in new]
    chosen = [*reflectors, *new]
    while len(chosen) < number:
        node = _next(free, chosen, last=len(chosen) == number - 1)
        choices.append(Choice(node.name, already=False, why=_why(node, chosen, already=False)))
        chosen.append(node)
        free.remove(node)
    return tuple(choices)


def _unfit(resources: Resources) -> dict[str, str | None]:
    """Node → why it cannot reflect for all the others; None when it can."""
    families = [family for family in Family if any(node.address(family) is not None for node in resources.nodes)]
    usual = mode(_as_of(node, resources) for node in resources.nodes)

    def why(node: CalicoNode) -> str | None:
        for family in families:
            if node.address(family) is None:
                return f"has no {family.label} address for BGP"
        if _as_of(node, resources) != usual:
            return f"speaks as AS {_as_of(node, resources)}, most nodes as {usual}"
        if (node.label(OS_LABELS[0]) or "linux") != "linux":
            return f"runs {node.label(OS_LABELS[0])}"
        return None

    return {node.name: why(node) for node in resources.nodes}


def _fit(resources: Resources, names: Sequence[str]) -> dict[str, CalicoNode]:
    """The nodes by name, of which some are there and can reflect for all others.

    Raises:
        ChangeError: One is not, or cannot.
    """
    by_name, unfit = resources.nodes_by_name, _unfit(resources)
    for name in names:
        if name not in by_name:
            raise ChangeError(missing_node(name, by_name))
        if unfit[name] is not None:
            raise ChangeError(f"{name} cannot reflect for the other nodes: it {unfit[name]}")
    return by_name


def _joins(name: str) -> Choice:
    return Choice(name, already=False, why="joins as a reflector, never in the mesh", joins=True)


def _named(
    resources: Resources, nodes: Sequence[CalicoNode], names: Sequence[str], joining: Sequence[str]
) -> tuple[Choice, ...]:
    by_name = _fit(resources, names)
    others = [node.name for node in nodes if node.cluster_id is not None and node.name not in names]
    # Those that reflect already carry the others' routes while the next ones change.
    ordered = sorted((*others, *names), key=lambda name: by_name[name].cluster_id is None)
    return tuple(
        _joins(name)
        if name in joining
        else Choice(
            name,
            already=by_name[name].cluster_id is not None,
            why="a reflector already" + ("" if name in names else ", and stays one")
            if by_name[name].cluster_id is not None
            else "as asked for",
        )
        for name in ordered
    )


def _next(free: Sequence[CalicoNode], chosen: Collection[CalicoNode], *, last: bool) -> CalicoNode:
    """The best node for the next place."""
    workers = [node for node in free if not node.is_control_plane]
    if last and workers and all(node.is_control_plane for node in chosen):
        free = workers
    zones = Counter(_zone(node) for node in chosen)
    return min(free, key=lambda node: (zones[_zone(node)], node.is_control_plane, natural_key(node.name)))


def _why(node: CalicoNode, others: Iterable[CalicoNode], *, already: bool) -> str:
    words = ["a reflector already"] if already else []
    zone = _zone(node)
    if zone is None:
        words.append("no zone known")
    else:
        in_zone = [other.name for other in others if other.name != node.name and _zone(other) == zone]
        words.append(f"zone {zone}, " + (f"beside {', '.join(in_zone[:3])}" if in_zone else "no other reflector there"))
    words.append("control plane" if node.is_control_plane else "not control plane")
    return "; ".join(words)


def _zone(node: CalicoNode) -> str | None:
    return node.label(ZONE_LABEL) or None


def _as_of(node: CalicoNode, resources: Resources) -> int:
    return resources.as_number if node.as_number is None else node.as_number
