"""All peers of all nodes as JSON, `calico-bgp/status/1` of docs/json.md. Nothing for people may enter this file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import AliasPath, Field

from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import Daemon, GatherFailure
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.json.document import Flat, Moment, Row, Text, document_text
from calico_bgp.report.text.columns import PeerRow


class PeerOfNode(Flat):
    """A row of a table, with its node beside the fields of the peer."""

    flat: ClassVar[str] = "peer"

    node: Text = Field(validation_alias=AliasPath("reading", "name"))
    peer: Peer


class NodeRow(Row):
    """A node that was read."""

    node: Text = Field(validation_alias="name")
    host: Text
    complete: bool
    felix_running: bool | None = Field(validation_alias=AliasPath("status", "felix_running"))
    daemons: tuple[Daemon, ...] = Field(validation_alias=AliasPath("status", "daemons"))


class StatusDocument(Row):
    """The document."""

    schema_: Literal["calico-bgp/status/1"] = Field("calico-bgp/status/1", serialization_alias="schema")
    cluster: Text | None
    taken_at: Moment | None
    complete: bool
    peers: tuple[PeerOfNode, ...]
    nodes: tuple[NodeRow, ...]
    failures: tuple[GatherFailure, ...]


def status_to_json(snapshot: Snapshot, rows: Sequence[PeerRow]) -> str:
    """The peers as `calico-bgp/status/1`.

    Args:
        snapshot: What was read; it gives the nodes, so that a node without peers is not lost.
        rows: The peers to show, in order.
    """
    document = StatusDocument.of(
        cluster=snapshot.cluster,
        taken_at=snapshot.taken_at,
        complete=snapshot.complete,
        peers=rows,
        nodes=snapshot.readings,
        failures=snapshot.failures,
    )
    return document_text(document)
