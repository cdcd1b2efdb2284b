"""Refuses YAML that is nested too deeply to be loaded. Builds no values.

libyaml's loaders descend by recursion in C: 100,000 brackets in a row, which a node may print, end the whole process.
Its events come without recursion, so they are looked at first.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent

#: No file that we load is nested half as deep; a loader takes some thousands.
MAX_DEPTH = 200


def check_depth(text: str | bytes) -> None:
    """Look at a text's events, as far as it is YAML: what is wrong with it otherwise, its loader says.

    Raises:
        yaml.MarkedYAMLError: It is nested too deeply.
    """
    start = _first_too_deep(text)
    if start is not None:
        raise yaml.MarkedYAMLError(problem=f"nested more than {MAX_DEPTH} deep", problem_mark=start)


def _first_too_deep(text: str | bytes) -> Any:
    """The mark of the first collection that is nested too deeply."""
    depth = 0
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return event.start_mark
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
    except (yaml.YAMLError, ValueError):
        return None
    return None
