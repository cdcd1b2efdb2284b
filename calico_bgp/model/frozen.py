"""The base of all containers, and what all values are to pydantic. Nothing else may enter this file.

pydantic makes the validator of a class when it is first needed, not when the module is loaded: a command needs few of
them, and reading a pasted table needs none.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

#: For the dataclasses that are values.
VALUES = ConfigDict(extra="forbid", defer_build=True)


class Frozen(BaseModel):
    """A container: frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
