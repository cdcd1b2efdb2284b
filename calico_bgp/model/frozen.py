"""The base of all containers. Nothing else may enter this file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A container: frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
