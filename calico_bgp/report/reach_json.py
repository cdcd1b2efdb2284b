"""Who learns whose routes as JSON, `calico-bgp/reach/1` of docs/json.md. Nothing meant for people may enter here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from calico_bgp.whatif.propagation import Reachability

REACH_SCHEMA = "calico-bgp/reach/1"


def reach_to_json(reaches: Sequence[Reachability]) -> Iterator[str]:
    """The document in pieces, a learner each and on a line of its own: 5,000 nodes have 25 million pairs.

    Only what is certain stands in it: a route that arrives perhaps is left out, like one that does not.

    Args:
        reaches: One per family.
    """
    yield f'{{\n  "schema": {json.dumps(REACH_SCHEMA)},\n  "families": {{'
    for place, reach in enumerate(reaches):
        yield f"{',' if place else ''}\n    {json.dumps(reach.family.value)}: {{"
        for number, (learner, origins) in enumerate(_learners(reach)):
            yield f"{',' if number else ''}\n      {learner}: [{origins}]"
        yield "\n    }" if reach.nodes else "}"
    yield "\n  }\n}\n" if reaches else "}\n}\n"


def _learners(reach: Reachability) -> Iterator[tuple[str, str]]:
    """(learner, origins) as JSON. What nodes of a class learn differs by their own names only, so it is said once."""
    words = {name: json.dumps(name, ensure_ascii=False) for name in reach.nodes}
    heard: dict[str, list[str]] = {}
    for names in reach.classes:
        first = reach.learned_by(names[0])
        whole = [words[name] for name in sorted({*first, names[0]})] if len(names) > 1 and names[1] in first else None
        for name in names:
            heard[name] = [words[origin] for origin in first] if whole is None else whole
    for name in reach.nodes:
        own = words[name]
        yield own, ", ".join([word for word in heard[name] if word != own])
