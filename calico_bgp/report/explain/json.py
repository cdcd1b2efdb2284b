"""The answers of `calico-bgp explain` as JSON. Nothing that is meant for people may enter this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from calico_bgp.messages.info.entry import InfoWords, Part, Whose
from calico_bgp.messages.info.reading import Explained
from calico_bgp.model.reports.severity import Severity
from calico_bgp.report.json.document import Names, Row, Text, document_text

if TYPE_CHECKING:
    from calico_bgp.causes.cause import CauseKind
    from calico_bgp.rules.rule import Rule


class WordsRow(Row):
    """An entry of the table of INFO words."""

    part: Part
    text: Text
    also: Names
    meaning: Text
    look_at: Whose
    next_step: Annotated[Text, BeforeValidator("; ".join)] = Field(validation_alias="next_steps")
    source: Text


class AnswerRow(Row):
    """What a text means."""

    text: Text
    known: bool = Field(validation_alias="is_known")
    words: tuple[WordsRow, ...]
    unknown: Text | None
    nearest: Names
    rows: Names
    cut: bool


class CauseRow(Row):
    """A kind of cause."""

    id: Text
    title: Text
    meaning: Text
    evidence: Text
    look_alikes: Text
    mending: Text


class RuleRow(Row):
    """A rule."""

    id: Text
    severity: Severity
    title: Text
    meaning: Text
    evidence: Text
    action: Text


class ExplainDocument(Row):
    """The document; what was not asked for is an empty list."""

    schema_: Literal["calico-bgp/explain/1"] = Field("calico-bgp/explain/1", serialization_alias="schema")
    answers: tuple[AnswerRow, ...]
    causes: tuple[CauseRow, ...]
    rules: tuple[RuleRow, ...]
    table: tuple[WordsRow, ...]


def explain_to_json(
    *,
    answers: Iterable[Explained] = (),
    causes: Sequence[CauseKind] = (),
    rules: Sequence[Rule] = (),
    table: Iterable[InfoWords] = (),
) -> str:
    """Any of the answers as `calico-bgp/explain/1`."""
    document = ExplainDocument.of(answers=tuple(answers), causes=causes, rules=rules, table=tuple(table))
    return document_text(document)
