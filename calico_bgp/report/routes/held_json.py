"""What the nodes hold of each other's routes as JSON, `calico-bgp/routes/1` of docs/json.md. Nothing for people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.report.json.document import document_text


class RoutesDocument(Frozen):
    """The document.

    Attributes:
        schema_: Written as `schema`.
        cluster: The snapshot's cluster name.
        snapshot_at: When the gathering began.
        families: One for each family of which tables were read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Literal["calico-bgp/routes/1"] = Field(default="calico-bgp/routes/1", alias="schema")
    cluster: str | None = None
    snapshot_at: datetime | None = None
    families: tuple[ObservedRoutes, ...] = ()


def routes_to_json(document: RoutesDocument) -> str:
    """The document, ending in a line feed."""
    return document_text(document)
