"""The history as pandas DataFrames: events, changes of peers, and polls. pandas is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from calico_bgp.errors import MissingExtra
from calico_bgp.model.event import Event
from calico_bgp.store.history.changes import PeerEvent
from calico_bgp.store.history.reader import PollRow

if TYPE_CHECKING:
    import pandas as pd

_TEXT, _NUMBER, _TIME = "string", "Int64", "datetime64[ns, UTC]"
_CHANGES = {
    "at": _TIME,
    "node": _TEXT,
    "family": _TEXT,
    "peer": _TEXT,
    "kind": _TEXT,
    "before": _TEXT,
    "after": _TEXT,
    "since": _TEXT,
    "ups": _NUMBER,
    "downs": _NUMBER,
}
_EVENTS = {
    "at": _TIME,
    "kind": _TEXT,
    "subject": _TEXT,
    "text": _TEXT,
    "page": _TEXT,
    "severity": _TEXT,
    "trouble": _TEXT,
}
_POLLS = {"at": _TIME, "took": "Float64", "read": _NUMBER, "failed": _NUMBER, "verdict": _TEXT, "note": _TEXT}


def changes_to_frame(changes: Iterable[PeerEvent]) -> pd.DataFrame:
    """One row per change of a peer.

    Raises:
        MissingExtra: pandas is not installed (extra `notebook`).
    """
    return _frame(_CHANGES, changes)


def events_to_frame(events: Iterable[Event]) -> pd.DataFrame:
    """One row per event.

    Raises:
        MissingExtra: pandas is not installed (extra `notebook`).
    """
    return _frame(_EVENTS, events)


def polls_to_frame(polls: Iterable[PollRow]) -> pd.DataFrame:
    """One row per poll.

    Raises:
        MissingExtra: pandas is not installed (extra `notebook`).
    """
    return _frame(_POLLS, polls)


def _frame(columns: dict[str, Any], rows: Iterable[object]) -> pd.DataFrame:
    try:
        import pandas as pd  # noqa: PLC0415 - an extra, imported where it is used
    except ImportError as error:
        raise MissingExtra("pandas", "notebook") from error
    cells = [[getattr(row, name) for name in columns] for row in rows]
    frame = pd.DataFrame(cells, columns=list(columns), dtype=object)
    times = {name for name, kind in columns.items() if kind == _TIME}
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ns, UTC]")
    return frame.astype({name: kind for name, kind in columns.items() if name not in times})
