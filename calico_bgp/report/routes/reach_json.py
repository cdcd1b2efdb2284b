"""Who learns whose routes as JSON, `calico-bgp/reach/1` of docs/json.md. Nothing meant for people may enter here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from calico_bgp.model.peer import Family
from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.computed.propagation import Reachability

REACH_SCHEMA = "calico-bgp/reach/1"


def reach_to_json(reaches: Sequence[Reachability], families: Collection[Family] = tuple(Family)) -> Iterator[str]:
    """The document in pieces, a learner each and on a line of its own: 5,000 nodes have 25 million pairs.

    Only what is certain stands in it: a route that arrives perhaps is left out, like one that does not.

    Args:
        reaches: One per family in use.
        families: The keys; one that is not in use has no node.
    """
    yield f'{{\n  "schema": {json.dumps(REACH_SCHEMA)},\n  "families": {{'
    found = {reach.family: reach for reach in reaches}
    for place, family in enumerate(family for family in Family if family in families):
        yield f"{',' if place else ''}\n    {json.dumps(family.value)}: {{"
        reach = found.get(family)
        for number, (learner, origins) in enumerate(_learners(reach) if reach is not None else ()):
            yield f"{',' if number else ''}\n      {learner}: [{origins}]"
        yield "\n    }" if reach is not None and reach.nodes else "}"
    yield "\n  }\n}\n"


def _learners(reach: Reachability) -> Iterator[tuple[str, str]]:
    """(learner, origins) as JSON. What nodes of a class learn differs by their own names only, so it is said once."""
    words = {name: json_text(json.dumps(name, ensure_ascii=False)) for name in reach.nodes}
    heard: dict[str, list[str]] = {}
    for names in reach.classes:
        first = reach.learned_by(names[0])
        whole = [words[name] for name in sorted({*first, names[0]})] if len(names) > 1 and names[1] in first else None
        for name in names:
            heard[name] = [words[origin] for origin in first] if whole is None else whole
    for name in reach.nodes:
        own = words[name]
        yield own, ", ".join([word for word in heard[name] if word != own])
