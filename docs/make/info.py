"""Writes docs/info.md from the table of INFO words: `make generate`.

A test compares the page with the table, so that neither can go stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from calico_bgp.messages.info.entry import InfoWords, Part
from calico_bgp.messages.info.table import info_words

PAGE = Path(__file__).parents[1] / "info.md"

_INTRO = """# What does this INFO mean?

`sudo calicoctl node status` shows one row per peer:

```text
+--------------+---------------+-------+----------+-----------------------------------+
| PEER ADDRESS |   PEER TYPE   | STATE |  SINCE   |               INFO                |
+--------------+---------------+-------+----------+-----------------------------------+
| 10.0.0.2     | node specific | start | 10:20:30 | Active Socket: Connection refused |
+--------------+---------------+-------+----------+-----------------------------------+
```

STATE is BIRD's *protocol* state. INFO is its *BGP* state, then the **last** error, which stays there until the
session is Established: `Passive BGP Error: Bad peer AS` waits for the other end *now*, and rejected it *before*. The
words before the colon say **whose complaint** the error is. "This end" below is the node whose table shows the row.
Healthy is `up` with `Established`; every other row is explained here, and by

```sh
calico-bgp explain Active Socket: Connection refused    # quotes or not; also a whole row
sudo calicoctl node status | calico-bgp explain -       # every different answer of a table
kubectl logs calico-node-x | calico-bgp explain -       # every message that is known
calico-bgp explain --list                               # this page, in a terminal
```

`calico-bgp explain` exits with 1 when a part of the text stands on no line of this page, and says which. For both
ends of every session at once, see [the audit](commands.md#audit). SINCE is when STATE last changed: a clock time
under 20 hours, then a date, in UTC. A peer that is disabled has *no* row, and `No IPv4 peers found.` does not mean
that none is configured.
"""

_SECTIONS = {
    Part.PROTOCOL_STATE: ("STATE", "The first word that is not an address or a type."),
    Part.BGP_STATE: ("INFO: the BGP state", "The first word of INFO. A protocol that is `down` has none."),
    Part.TOGETHER: ("STATE and INFO together", "`Established` alone does not say that routes flow: STATE does."),
    Part.ERROR_CLASS: ("INFO: whose complaint", "What stands before the colon."),
    Part.LOCAL: ("Error: trouble on this node", "After `Error:`."),
    Part.SOCKET: (
        "Socket: the TCP connection",
        "After `Socket:`. Calico's BIRD is built with musl; the other spelling is glibc's. Others are possible.",
    ),
    Part.NOTIFICATION: (
        "BGP Error and Received: what BGP says",
        "After `BGP Error:` (this end rejected the other) and after `Received:` (the other end rejected this one).",
    ),
    Part.AUTOMATIC: ("Automatic shutdown: a limit", "After `Automatic shutdown:`."),
    Part.CALICOCTL: (
        "Messages of calicoctl",
        "Lines around the tables. The exit code proves nothing: most of these exit with 0.",
    ),
    Part.READINESS: (
        "Readiness and liveness",
        "What the probes of calico-node say in events, after `Readiness probe failed:` and a log line's date.",
    ),
    Part.LOG: ("Log lines", "What BIRD, confd, calico-node's start and calicoctl write about BGP."),
    Part.PEER_TYPE: ("PEER TYPE", "Why the peer is there."),
}


def page() -> str:
    """The whole page."""
    return _INTRO + "".join(_section(part, info_words()) for part in _SECTIONS)


def _section(part: Part, table: Iterable[InfoWords]) -> str:
    title, text = _SECTIONS[part]
    return f"\n## {title}\n\n{text}\n" + "".join(_entry(words) for words in table if words.part is part)


def _entry(words: InfoWords) -> str:
    """One text; it is a heading, for whoever pastes it into a search box."""
    first, *others = (f"`{spelling}`" for spelling in words.spellings)
    also = f"Also printed as {', '.join(others)}.\n\n" if others else ""
    return (
        f"\n### {first}\n\n{also}{words.meaning}\n\n"
        f"- look at: {words.look_at}\n- what to do next: {'; '.join(words.next_steps)}\n- source: {words.source}\n"
    )
