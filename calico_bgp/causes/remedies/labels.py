"""Which labels make a selector match a node: copied from nodes that it matches, else the least that it asks for."""

from __future__ import annotations

from itertools import combinations, product

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.expect.configured import Configured
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.tree import Selector, Test, TestKind

#: What a label says that a selector only asks to be there, as Calico's documentation writes it.
_PRESENT = "true"
_MOST_LABELS = 3
_ONE_OF = frozenset({TestKind.EQUALS, TestKind.IN, TestKind.CONTAINS, TestKind.STARTS_WITH, TestKind.ENDS_WITH})


def labels_that_match(configured: Configured, selector: str, node: str) -> dict[str, str] | None:
    """The fewest labels to set at a node so that the selector matches it.

    Returns:
        None when the selector does not parse, when it matches already, or when no labels can make it match.
    """
    parsed = configured.parsed(selector)
    if isinstance(parsed, SelectorSyntaxError):
        return None
    own_labels = dict(configured.nodes[node].labels)
    if matches(parsed, own_labels):
        return None
    values_of = {key: _values(configured, parsed, selector, key) for key in configured.labels_in(selector)}
    keys = sorted(values_of)
    for size in range(1, min(len(keys), _MOST_LABELS) + 1):
        for chosen in combinations(keys, size):
            for values in product(*(values_of[key] for key in chosen)):
                added = dict(zip(chosen, values, strict=True))
                if matches(parsed, own_labels | added):
                    return added
    return None


def _values(configured: Configured, parsed: Selector, selector: str, key: str) -> list[str]:
    """Values to try: those of nodes that match, then those that the selector names, then `true`."""
    like = configured.matched(selector) or ()
    of_nodes = [value for name in like if (value := configured.nodes[name].label(key)) is not None]
    of_selector = [
        value
        for step in parsed.steps
        if isinstance(step, Test) and step.label == key and step.kind in _ONE_OF
        for value in step.values
    ]
    return list(dict.fromkeys([*of_nodes, *of_selector, _PRESENT]))


def label_only_of(configured: Configured, names: frozenset[str]) -> str | None:
    """A selector by a label that all these nodes have and no other; None when there is none.

    A label that Kubernetes gives every node by its name (kubernetes.io/hostname) has as many values as nodes.
    """
    for key in sorted(configured.label_values, key=_oddness):
        having = {node.name for node in configured.resources.nodes if node.label(key) is not None}
        if having == names:
            return f"has({key})"
        values = {configured.nodes[name].label(key) for name in names}
        if len(values) == 1 and None not in values:
            value = next(iter(values))
            if {node.name for node in configured.resources.nodes if node.label(key) == value} == names:
                return f"{key} == '{value}'"
    return None


def _oddness(key: str) -> tuple[bool, bool, str]:
    """Sorts labels that speak of reflectors first, and Kubernetes' own last."""
    return "reflector" not in key, "kubernetes.io/" in key, key
