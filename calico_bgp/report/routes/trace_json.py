"""One route on its way as JSON, `calico-bgp/route/1` of docs/json.md. Nothing meant for people may enter here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from calico_bgp.model.peer import Family
from calico_bgp.report.json.document import Names, Row, Text, document_text
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.path.hop import Trace

_ANSWER = {True: "yes", None: "perhaps", False: "no"}


class VerdictRow(Row):
    """What an end of a session does with the route."""

    accepted: Annotated[Literal["yes", "perhaps", "no"], BeforeValidator(_ANSWER.get)]
    because: Text


class RouteRow(Row):
    """The route as it stands at the end of a session."""

    as_path: tuple[int, ...]
    local_pref: int | None
    communities: tuple[Annotated[str, BeforeValidator(lambda numbers: ":".join(map(str, numbers)))], ...]


class HopRow(Row):
    """One session that the route is offered to."""

    from_: Text = Field(validation_alias="near", serialization_alias="from")
    to: Text = Field(validation_alias="far")
    session: Annotated[
        Literal["certain", "perhaps"], BeforeValidator(lambda stands: "certain" if stands else "perhaps")
    ] = Field(validation_alias="stands")
    offered: bool = Field(validation_alias="is_offered")
    offered_because: Text = Field(validation_alias="offered")
    export: VerdictRow | None
    import_: VerdictRow | None = Field(validation_alias="incoming", serialization_alias="import")
    route: RouteRow | None


class TraceDocument(Row):
    """The document, of a Trace."""

    schema_: Literal["calico-bgp/route/1"] = Field("calico-bgp/route/1", serialization_alias="schema")
    prefix: Annotated[str, BeforeValidator(str)]
    family: Family
    from_: Text = Field(validation_alias="origin", serialization_alias="from")
    to: Text = Field(validation_alias="target")
    source: Text
    arrives: Answer = Field(validation_alias="answer")
    way: tuple[HopRow, ...]
    stops: tuple[HopRow, ...]
    notes: Names


def trace_to_json(trace: Trace) -> str:
    """The document, ending in a line feed."""
    return document_text(TraceDocument.model_validate(trace))
