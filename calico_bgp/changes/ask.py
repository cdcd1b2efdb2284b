"""A value that cannot be known from here, inside a change: the operator fills it in, and the model tries a stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from calico_bgp.model.reports.cause import Asked

ValueT = TypeVar("ValueT")
ValueT_co = TypeVar("ValueT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Ask(Generic[ValueT_co]):
    """A value to ask the operator for. It is never invented: the commands hold it as a shell variable.

    Attributes:
        variable: The shell variable, `CLUSTER_ID`.
        what: What it is and where to find it.
        stand_in: What stands for it while the model tries the change; no command ever holds it.
    """

    variable: str
    what: str
    stand_in: ValueT_co

    def __str__(self) -> str:
        return f"${self.variable}"

    @property
    def asked(self) -> Asked:
        """What a report says of it."""
        return Asked(variable=self.variable, what=self.what)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a password is: a key of a Secret. No password is ever read or written here.

    Attributes:
        name: The Secret's name.
        key: The key in it.
    """

    name: str | Ask[str]
    key: str | Ask[str]


def known(value: ValueT | Ask[ValueT]) -> ValueT:
    """The value, or what stands for it."""
    return value.stand_in if isinstance(value, Ask) else value
