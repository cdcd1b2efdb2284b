"""How a history says that nothing happened: where nobody looked, anything may have. Times in, a sentence out."""

from __future__ import annotations

from datetime import datetime

from calico_bgp.cli.options.moment import local_time


def nothing(what: str, since: datetime, span: tuple[datetime, datetime] | None) -> str:
    """That nothing happened, and from when until when that is known.

    Args:
        what: What did not happen: `nothing changed`.
        since: From when on the user asks.
        span: When the history's first and last poll were; None where it has none.
    """
    if span is None:
        return "not known: the history has no poll"
    first, last = span
    if last < since:
        return f"not known since {local_time(since)}: the last poll was at {local_time(last)}"
    begin = f"{local_time(first)}, the first poll," if first > since else local_time(since)
    return f"{what} from {begin} until {local_time(last)}"
