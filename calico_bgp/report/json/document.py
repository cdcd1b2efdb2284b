"""A JSON document as a declaration: its fields, each taken from the attribute of a value. No field of a schema here.

A schema's fields stand in the class once, in their order. What the value calls otherwise has a `validation_alias`, and
what Python cannot say (`from`, `schema`) a `serialization_alias`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    SkipValidation,
    model_serializer,
)
from pydantic_core import PydanticSerializationError

from calico_bgp.report.text.sanitize import json_text

#: Text of a value as it is: the name of a file may hold half a character, which pydantic would refuse.
Text = Annotated[str, SkipValidation]
Names = tuple[Text, ...]
#: A time as these schemas have always written it: `+00:00`, not `Z`.
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat)]


class Row(BaseModel):
    """An object of a document, made of any value that has its fields as attributes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", from_attributes=True, serialize_by_alias=True, validate_by_name=True
    )

    @classmethod
    def of(cls, **fields: object) -> Self:
        """The row of these fields; a field of rows takes the values that they are made of."""
        return cls.model_validate(fields)


class Flat(Row):
    """A row with an object in it whose fields stand beside its own, in its place."""

    #: The field of that object.
    flat: ClassVar[str]

    @model_serializer(mode="wrap")
    def _flatten(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in handler(self).items():
            fields |= value if name == self.flat else {name: value}
        return fields


def by_family(values: object) -> object:
    """Values that have a family, as the mapping that a document holds: the key says which."""
    return {value.family: value for value in values} if isinstance(values, Iterable) else values


def document_text(document: BaseModel) -> str:
    """The document, indented; what cannot be seen on a terminal is escaped."""
    try:
        text = document.model_dump_json(indent=2)
    except PydanticSerializationError:
        # Half a character, which JSON can say and pydantic's writer cannot.
        text = json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return f"{json_text(text)}\n"
