"""A line that no reader understood. It stands alone, so that models of single answers need no reading."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class UnrecognisedLine:
    """A line inside a status block that no rule understood, kept so that nothing is lost."""

    line: int
    text: str
