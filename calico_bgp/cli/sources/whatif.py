"""Reads what `whatif` and `drain-check` need: a source, Calico's resources, or both. Judges nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from calico_bgp.changes.change import Change
from calico_bgp.cli.sources.source import Source, require_one
from calico_bgp.cluster.cluster import observe
from calico_bgp.errors import CalicoBGPError
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.sources.gather import GatherInterrupted
from calico_bgp.whatif.question import what_if_observed, what_if_resources
from calico_bgp.whatif.verdict import Safety, WhatIf

EXIT_CODES = {Safety.SAFE: 0, Safety.NOT_SAFE: 1, Safety.CANNOT_TELL: 3}


class Answered(NamedTuple):
    """The answer, and whether Ctrl-C ended the reading before."""

    answer: WhatIf
    interrupted: bool


def ask(source: Source, changes: Sequence[Change], version: CalicoVersion | None) -> Answered:
    """Read the source and ask.

    Args:
        source: Where the nodes' tables and the resources are; the resources alone are enough.
        changes: In order.
        version: Of Calico; None for what the nodes say, else the newest.

    Raises:
        click.UsageError: No source, or two.
        CalicoBGPError: The source cannot be read, or a change names something that is not there.
    """
    if source.resources.paths and not source.is_named:
        of_files = source.resources.from_files
        if of_files is None or of_files.resources is None:
            raise CalicoBGPError("there are no resources to work from")
        return Answered(what_if_resources(of_files.resources, changes, version=version or NEWEST), interrupted=False)
    require_one(source, resources_suffice=True)
    interrupted = False
    try:
        snapshot = source.read()
    except GatherInterrupted as stop:
        snapshot, interrupted = stop.snapshot, True
    return Answered(what_if_observed(observe(snapshot, version=version), changes), interrupted)
