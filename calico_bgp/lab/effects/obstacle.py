"""What one fault makes of one row: an obstacle looks at an end of a session and says its row, or None. Shared words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from calico_bgp.lab.externals import TIMED_OUT, Row
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.model.peer import BGPState

#: A fault as a row shows it; None where it does not touch this end.
Obstacle: TypeAlias = Callable[[Moment, End], Row | None]

HELD = Row("start", BGPState.PASSIVE, "BGP Error: Hold timer expired")
#: An end that waits and never heard of an attempt.
NEVER_DIALLED = Row("start", BGPState.PASSIVE)
IN_VAIN = Row("start", BGPState.CONNECT, TIMED_OUT)


def received(message: str, bgp_state: BGPState = BGPState.PASSIVE) -> Row:
    """The far end's NOTIFICATION."""
    return Row("start", bgp_state, f"Received: {message}")
