"""What is said, before it is a sentence: a template and the values that go into it. Nothing is rendered here.

`calico_bgp.messages.formatter` makes the sentence, `calico_bgp.messages.merging` one sentence of several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, Union

from pydantic import BeforeValidator, PlainSerializer, with_config

from calico_bgp.model.frozen import VALUES

#: A name or a text, a message within the message, a number, several names, or nothing at all; what is met most first.
Value: TypeAlias = Union[str, "Message", int, tuple[str, ...], None]


def _as_pairs(values: Any) -> Any:
    return tuple(values.items()) if isinstance(values, Mapping) else values


#: Pairs, which stay frozen; in JSON an object.
Values: TypeAlias = Annotated[
    tuple[tuple[str, Value], ...], BeforeValidator(_as_pairs), PlainSerializer(dict, return_type=dict[str, Value])
]


@with_config(VALUES)
@dataclass(frozen=True, slots=True)
class Message:
    """A template and its values. What is read is validated; what our own code makes, three of each finding, is not.

    Attributes:
        template: A sentence with places, in the language of messages.formatter: `{node:has|have} no peer`.
        values: Name of a place → what stands there. In JSON an object.
    """

    template: str
    values: Values = ()
