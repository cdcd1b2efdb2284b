"""Who learns whose routes as JSON, `calico-bgp/reach/1` of docs/json.md. Nothing meant for people may enter here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.report.json.pieces import object_in_pieces, text_json
from calico_bgp.report.routes.beside_computed import lacked
from calico_bgp.routes.computed.propagation import Reachability

REACH_SCHEMA = "calico-bgp/reach/1"


def reach_to_json(
    reaches: Sequence[Reachability],
    families: Collection[Family] = tuple(Family),
    tables: Sequence[ObservedRoutes] = (),
) -> Iterator[str]:
    """The document in pieces, a learner each and on a line of its own: 5,000 nodes have 25 million pairs.

    Only what is certain stands in it: a route that arrives perhaps is left out, like one that does not.

    Args:
        reaches: One per family in use.
        families: The keys; one that is not in use has no node.
        tables: What the nodes' tables of routes show, of the families of which any was read.
    """
    by_family = {reach.family: reach for reach in reaches}
    fields = (
        (family.value, object_in_pieces(_learners(by_family[family]) if family in by_family else (), depth=2))
        for family in Family
        if family in families
    )
    parts = [("schema", text_json(REACH_SCHEMA)), ("families", object_in_pieces(fields, depth=1))]
    if tables:
        lacking = (
            (routes.family.value, object_in_pieces(_lacking(by_family[routes.family], routes), depth=2))
            for routes in tables
        )
        parts.append(("lacking", object_in_pieces(lacking, depth=1)))
    yield from object_in_pieces(parts)
    yield "\n"


def _lacking(reach: Reachability, tables: ObservedRoutes) -> Iterator[tuple[str, str]]:
    """(learner, the origins whose routes should arrive there by the sessions and are not in its tables)."""
    origins: dict[str, set[str]] = defaultdict(set)
    for missing in lacked(reach, tables):
        origins[missing.learner].add(missing.origin)
    for learner in sorted(origins):
        yield learner, f"[{', '.join(map(text_json, sorted(origins[learner])))}]"


def _learners(reach: Reachability) -> Iterator[tuple[str, str]]:
    """(learner, its origins as JSON). What nodes of a class learn differs by their own names only: it is said once."""
    words = {name: text_json(name) for name in reach.nodes}
    origins_by_learner: dict[str, list[str]] = {}
    for names in reach.classes:
        first = reach.learned_by(names[0])
        whole = [words[name] for name in sorted({*first, names[0]})] if len(names) > 1 and names[1] in first else None
        for name in names:
            origins_by_learner[name] = [words[origin] for origin in first] if whole is None else whole
    for name in reach.nodes:
        own = words[name]
        yield name, f"[{', '.join([word for word in origins_by_learner[name] if word != own])}]"
