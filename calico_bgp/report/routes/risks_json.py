"""What hurts most as JSON, `calico-bgp/risks/1` of docs/json.md. Nothing meant for people may enter this file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AliasPath, BeforeValidator, Field

from calico_bgp.model.peer import Family
from calico_bgp.report.json.document import Names, Row, Text, by_family, document_text
from calico_bgp.whatif.risks import Removal, Risks


class RiskRow(Row):
    """What one removal does to the nodes that remain."""

    removal: Removal
    zone: Text | None = Field(validation_alias="name")
    nodes: Names
    single_point_of_failure: bool = Field(validation_alias="is_single_point")
    pairs_lost: int = Field(validation_alias="lost")
    pairs_doubtful: int = Field(validation_alias="doubtful")
    pairs_left: int = Field(validation_alias="pairs")
    isolated: Names = Field(validation_alias="lonely")


class FamilyRow(Row):
    """What hurts in one family."""

    nodes: Annotated[int, BeforeValidator(len)] = Field(validation_alias=AliasPath("before", "nodes"))
    pairs_cut_off: int
    pairs_not_known: int
    tried: dict[Removal, int]
    without_zone: Names = Field(validation_alias="zoneless")
    ranking: tuple[RiskRow, ...]


class RisksDocument(Row):
    """The document."""

    schema_: Literal["calico-bgp/risks/1"] = Field("calico-bgp/risks/1", serialization_alias="schema")
    families: Annotated[dict[Family, FamilyRow], BeforeValidator(by_family)]


def risks_to_json(risks: Sequence[Risks]) -> str:
    """The document, ending in a line feed.

    Args:
        risks: One per family.
    """
    return document_text(RisksDocument.of(families=risks))
