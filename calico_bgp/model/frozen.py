"""The base of all containers, and what all values are to pydantic. Nothing else may enter this file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.dataclasses import is_pydantic_dataclass, rebuild_dataclass

from calico_bgp.model import validators

#: For the dataclasses that are values. When validators are made: validators.py.
VALUES = ConfigDict(extra="forbid", defer_build=validators.late)


class Frozen(BaseModel):
    """A container: frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=validators.late)


def make_at_once(value: type) -> None:
    """Make the validator of a class, if it has one that waits; classes that are defined from now on do not wait."""
    VALUES["defer_build"] = Frozen.model_config["defer_build"] = False
    if issubclass(value, BaseModel):
        value.model_rebuild()
    elif is_pydantic_dataclass(value):
        rebuild_dataclass(value)
