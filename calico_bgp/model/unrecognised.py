"""A line that no reader understood. It stands alone, so that models of single answers need no reading."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import with_config

from calico_bgp.model.frozen import VALUES


@with_config(VALUES)
@dataclass(frozen=True, slots=True)
class UnrecognisedLine:
    """A line inside a status block that no rule understood, kept so that nothing is lost."""

    line: int
    text: str
