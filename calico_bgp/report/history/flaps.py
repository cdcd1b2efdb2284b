"""Who changes most: sessions and nodes by how often they went up and down. Values in, text or JSON out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from calico_bgp.report.json.document import Moment, Row, Text, document_text
from calico_bgp.report.text.sanitize import plain
from calico_bgp.store.history.changes import PeerEvent


@dataclass
class Flapping:
    """How often something changed.

    Attributes:
        node: In whose table.
        peer: The neighbour's address; None for the node as a whole.
        family: Of the session; None likewise.
        ups: How often it became Established, at least.
        downs: How often it ceased to be, at least.
        unseen: How many of these only SINCE shows: they lie between two polls.
        last: When the last change was seen.
        peers: Of a node: how many of its peers changed.
    """

    node: str
    peer: str | None = None
    family: str | None = None
    ups: int = 0
    downs: int = 0
    unseen: int = 0
    last: datetime | None = None
    peers: set[str] = field(default_factory=set)

    @property
    def changes(self) -> int:
        """All of them."""
        return self.ups + self.downs

    def add(self, change: PeerEvent) -> None:
        """Count one more."""
        self.ups += change.ups
        self.downs += change.downs
        self.unseen += min(change.ups, change.downs)
        self.last = change.at if self.last is None else max(self.last, change.at)
        self.peers.add(change.peer)


def flaps(changes: Iterable[PeerEvent]) -> tuple[list[Flapping], list[Flapping]]:
    """The nodes and the sessions that changed, most first."""
    nodes: dict[str, Flapping] = {}
    sessions: dict[tuple[str, str, str], Flapping] = {}
    for change in changes:
        if not change.ups and not change.downs:
            continue
        key = (change.node, change.peer, change.family.value)
        nodes.setdefault(change.node, Flapping(change.node)).add(change)
        sessions.setdefault(key, Flapping(*key)).add(change)

    def order(flapping: Flapping) -> tuple[int, str, str]:
        return -flapping.changes, flapping.node, flapping.peer or ""

    return sorted(nodes.values(), key=order), sorted(sessions.values(), key=order)


def flaps_to_text(nodes_and_sessions: tuple[list[Flapping], list[Flapping]], *, most: int) -> Iterator[str]:
    """The lines, each with its line feed."""
    nodes, sessions = nodes_and_sessions
    if not sessions:
        yield "no session went up or down\n"
        return
    for title, rows in (("NODE", nodes), ("NODE <-> PEER", sessions)):
        shown_rows = rows[:most]
        names = [plain(row.node if row.peer is None else f"{row.node} <-> {row.peer}") for row in shown_rows]
        width = max(map(len, [title, *names]))
        yield f"{title:<{width}}  CHANGES  DOWN  BETWEEN POLLS  LAST SEEN\n"
        for name, row in zip(names, shown_rows, strict=True):
            assert row.last is not None
            last = row.last.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            yield f"{name:<{width}}  {row.changes:>7}  {row.downs:>4}  {row.unseen:>13}  {last}\n"
        if len(rows) > most:
            yield f"and {len(rows) - most} more; --most {len(rows)} shows all\n"
        if rows is nodes:
            yield "\n"


class NodeRow(Row):
    """A node as JSON."""

    node: Text
    peers: Annotated[int, BeforeValidator(len)]
    changes: int
    ups: int
    downs: int
    unseen: int
    last: Moment | None


class SessionRow(Row):
    """A session as JSON."""

    node: Text
    peer: Text
    family: Text
    changes: int
    ups: int
    downs: int
    unseen: int
    last: Moment | None


class FlapsDocument(Row):
    """Both as JSON."""

    schema_: Literal["calico-bgp/flaps/1"] = Field("calico-bgp/flaps/1", serialization_alias="schema")
    nodes: tuple[NodeRow, ...]
    sessions: tuple[SessionRow, ...]


def flaps_to_json(nodes_and_sessions: tuple[list[Flapping], list[Flapping]]) -> str:
    """The document (docs/json.md)."""
    nodes, sessions = nodes_and_sessions
    return document_text(FlapsDocument.of(nodes=nodes, sessions=sessions))
