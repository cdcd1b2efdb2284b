"""All that was said in one gathering: readings, failures, and what was read beside them. Values only.

It stands apart from reading.py, so that who reads one table does not wait for the models of Calico's resources.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesState
from calico_bgp.model.reading import GatherFailure, Moment, NodeReading
from calico_bgp.model.resources import Resources

SNAPSHOT_SCHEMA = "calico-bgp/snapshot/1"


class Snapshot(Frozen):
    """All readings and all failures of one gathering: everything an audit needs, so that offline gives the same result.

    Attributes:
        schema_: Written as `schema`.
        cluster: A name for fleets, or None.
        hosts: The inventory that was asked; empty for pasted texts, which lack no nodes.
        known: Hosts named beside pasted texts, with their names, roles and addresses. Nobody was asked to read them.
        taken_at: When the gathering began (aware, UTC); None for pasted texts.
        complete: False when the run was interrupted: hosts without a reading or a failure were not asked.
        limited: Whether `hosts` is only a part of the inventory (`--limit`), so that peers outside it are no surprise.
        readings: In inventory order.
        failures: In inventory order.
        resources: Calico's resources, None when they were not read.
        resources_failure: Why the resources that were asked for could not be read; None when nothing went wrong.
        resources_raw: (file name, text) of the resources, as far as a host printed them; not part of the JSON, saved
            beside it.
        kubernetes: What the API server said of the nodes and their pods; None when it was not asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Literal["calico-bgp/snapshot/1"] = Field(default="calico-bgp/snapshot/1", alias="schema")
    cluster: str | None = None
    hosts: tuple[Host, ...] = ()
    known: tuple[Host, ...] = ()
    taken_at: Moment | None = None
    complete: bool = True
    limited: bool = False
    readings: tuple[NodeReading, ...] = ()
    failures: tuple[GatherFailure, ...] = ()
    resources: Resources | None = None
    resources_failure: GatherFailure | None = None
    resources_raw: tuple[tuple[str, str], ...] = Field(default=(), exclude=True, repr=False)
    kubernetes: KubernetesState | None = None

    def _repr_html_(self) -> str:
        """The peers as a table, for Jupyter. Everything from a node is escaped."""
        from calico_bgp.model._show import snapshot_html  # noqa: PLC0415 - the one way up, see pyproject.toml

        return snapshot_html(self)

    def to_frame(self) -> Any:
        """One row per peer, as a pandas DataFrame; the columns and their types stay when it is empty.

        Raises:
            MissingExtra: pandas is not installed (extra `notebook`).
        """
        from calico_bgp.model._show import snapshot_frame  # noqa: PLC0415 - the one way up, see pyproject.toml

        return snapshot_frame(self)
