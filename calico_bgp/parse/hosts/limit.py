"""`--limit`: which hosts of an inventory are meant. Patterns and hosts in, hosts out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Host
from calico_bgp.near_names import near_name
from calico_bgp.parse.hosts.ranges import RangeError, expand, split_commas
from calico_bgp.parse.lines import Problems

_MOST_LISTED = 5
# `[1-3]` and `[1,7]` mean what they mean in hosts.txt; `[12]` and `[!a]` are a glob's own.
_RANGES = re.compile(r"[^\[\]]*(?:\[[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*\][^\[\]]*)+")
_SINGLE = re.compile(r"\[[0-9]+\]")


def limit_hosts(hosts: Sequence[Host], patterns: Iterable[str], *, name: str = "--limit") -> tuple[Host, ...]:
    """The hosts that the patterns select, in the inventory's order.

    Args:
        hosts: The inventory.
        patterns: Globs (`*`, `?`, `[...]`) or ranges (`node[01-20]`) on host, `host:port` or node name, in any case;
            several separated by commas; `!pattern` takes hosts away. Only exclusions: all others. No pattern: all.
        name: What the user knows the patterns by, for the error.

    Raises:
        InventoryError: A pattern matches nothing (a typing error must not look like a healthy cluster) or all away.
    """
    problems = Problems(name)
    included: set[int] = set()
    excluded: set[int] = set()
    words = [word.strip() for pattern in patterns for word in split_commas(pattern)]
    words = [word for word in words if word]
    names = [{host.name.lower(), host.label.lower(), (host.node or host.name).lower()} for host in hosts]
    for word in words:
        glob = word.removeprefix("!").strip()
        matched = _matching(glob.lower(), names)
        if not matched:
            problems.add(f"{glob!r} matches no host", None, None, _near(glob.lower(), hosts))
        (excluded if word.startswith("!") else included).update(matched)
    if problems.found:
        raise InventoryError(tuple(problems.found))
    if all(word.startswith("!") for word in words):
        included = set(range(len(hosts)))
    limited = tuple(host for index, host in enumerate(hosts) if index in included - excluded)
    if hosts and not limited:
        problems.add(f"{','.join(words)!r} leaves no host")
        raise InventoryError(tuple(problems.found))
    return limited


def _matching(glob: str, names: list[set[str]]) -> set[int]:
    globs = [glob]
    if _RANGES.fullmatch(glob) and not _SINGLE.search(glob):
        try:
            globs = expand(glob)
        except RangeError:
            globs = [glob]
    exact = {*globs, glob}
    wild = [g for g in globs if any(character in g for character in "*?[")]
    return {
        index
        for index, of_host in enumerate(names)
        if of_host & exact or any(fnmatchcase(name, g) for g in wild for name in of_host)
    }


def _near(glob: str, hosts: Sequence[Host]) -> str:
    """The name that the user may have meant, else the first ones, so that the next try succeeds."""
    all_names = dict.fromkeys(name for host in hosts for name in (host.node, host.label, host.name) if name)
    near = near_name(re.sub(r"[*?\[\]!]", "", glob), all_names)
    if near is not None:
        return f"a name of the inventory, perhaps {near}"
    first_names = [host.node or host.label for host in hosts[:_MOST_LISTED]]
    return f"one of {len(hosts):,}: " + ", ".join(first_names) + (", ..." if len(hosts) > _MOST_LISTED else "")
