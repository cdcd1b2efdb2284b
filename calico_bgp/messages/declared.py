"""Messages that rules and causes declare: a key chooses the template, and what it is about are the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reports.message import Message, Value


class Words:
    """A declared message with its values; within another, a piece of it that is one of several, or missing."""

    def __init__(self, key: str, **values: Given) -> None:
        self.key = key
        self.values = values


#: What may be given as a value of a message.
Given: TypeAlias = Value | Family | Address | Sequence[str] | Sequence[Address] | Words


def message_of(messages: Mapping[str, str], key: str, values: Mapping[str, Given]) -> Message:
    """The template of a key, with values of which no type but those of a Message is left.

    Raises:
        KeyError: No message of that key is declared.
    """
    return Message(messages[key], tuple((name, _value(messages, value)) for name, value in values.items()))


def _value(messages: Mapping[str, str], value: Given) -> Value:
    match value:
        case Family():
            return value.label
        case str() | IPv4Address() | IPv6Address():
            return str(value)
        case None | int() | Message():
            return value
        case Words():
            return message_of(messages, value.key, value.values)
    return tuple(map(str, value))
