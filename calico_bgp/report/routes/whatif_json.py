"""The answer to a what-if as JSON, `calico-bgp/whatif/1` of docs/json.md. Nothing for people may enter this file."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from calico_bgp.changes.peer_changes import PeerFate
from calico_bgp.model.peer import Family
from calico_bgp.report.json.document import Flat, Names, Row, Text, by_family, document_text
from calico_bgp.report.routes.group_row import GroupRow
from calico_bgp.whatif.verdict import Basis, Safety, WhatIf


class LossRow(Flat):
    """Pairs that are lost, and why."""

    flat: ClassVar[str] = "group"

    group: GroupRow
    clients: int
    only: Names
    only_reflectors: bool = Field(validation_alias="reflectors")
    way: Annotated[Text | None, BeforeValidator(lambda way: way or None)]
    why: Text


class DoubtRow(Flat):
    """Pairs that are perhaps lost, and what it depends on."""

    flat: ClassVar[str] = "group"

    group: GroupRow
    why: Text


class NextFailureRow(Row):
    """What would be lost when these nodes failed afterwards."""

    nodes: Names
    pairs: int
    perhaps: int
    lonely: int
    is_new: bool


class FamilyRow(Row):
    """What a change does in one family."""

    nodes: Names
    pairs: int
    cut_already: int
    gained: int
    lost: tuple[LossRow, ...]
    meanwhile: tuple[LossRow, ...]
    doubts: tuple[DoubtRow, ...]
    next_failures: tuple[NextFailureRow, ...]


class PeerChangeRow(Row):
    """Peers that come, go or are changed alike."""

    fate: PeerFate
    kind: Text
    name: Text
    family: Family
    nodes: Names
    peers: int


class WhatIfDocument(Row):
    """The document, of a WhatIf."""

    schema_: Literal["calico-bgp/whatif/1"] = Field("calico-bgp/whatif/1", serialization_alias="schema")
    verdict: Safety = Field(validation_alias="safety")
    headline: Text
    changes: Names
    removed: Names
    basis: Basis
    families: Annotated[dict[Family, FamilyRow], BeforeValidator(by_family)]
    peers: tuple[PeerChangeRow, ...] | None
    unknown: Names
    assumptions: Names
    broken: Names


def whatif_to_json(answer: WhatIf) -> str:
    """The document, ending in a line feed."""
    return document_text(WhatIfDocument.model_validate(answer))
