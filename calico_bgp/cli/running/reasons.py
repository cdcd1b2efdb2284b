"""Why nodes were not read, for standard error: nodes with one reason are one line."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.model.reading import GatherFailure
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain

#: A shorter name may be a part of any word.
_SHORTEST = 3


def by_reason(failures: Sequence[GatherFailure]) -> list[str]:
    """A text for each reason, with its hint below it; reasons that differ by the node's name alone are one."""
    groups: dict[tuple[str, str | None], list[GatherFailure]] = {}
    for failure in failures:
        groups.setdefault((_without_name(failure), failure.hint), []).append(failure)
    texts = []
    for (message, hint), members in groups.items():
        first = members[0]
        text = plain(f"{first.host}: {first.message}")
        if len(members) > 1:
            text = f"{len(members):,} nodes ({short_names(f.node or f.host for f in members)}): {plain(message)}"
        texts.append(f"{text}\n    {plain(hint)}" if hint else text)
    return texts


def _without_name(failure: GatherFailure) -> str:
    message = failure.message
    for name in sorted({failure.host, failure.node or failure.host}, key=len, reverse=True):
        if len(name) >= _SHORTEST:
            message = message.replace(name, "HOST")
    return message
