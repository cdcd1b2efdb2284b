"""What `calico-bgp parse` read as JSON, `calico-bgp/parse/1` of docs/json.md. Nothing for people may enter here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from calico_bgp.model.reading import NodeStatus
from calico_bgp.report.json.document import Row, document_text


class ParsedDocument(Row):
    """The document."""

    schema_: Literal["calico-bgp/parse/1"] = Field("calico-bgp/parse/1", serialization_alias="schema")
    readings: tuple[NodeStatus, ...]


def statuses_to_json(statuses: Sequence[NodeStatus]) -> str:
    """The document, ending in a line feed."""
    return document_text(ParsedDocument.of(readings=statuses))
