"""What helps where only Calico's resources tell the cause: to give them."""

from __future__ import annotations

from calico_bgp.model.reports.cause import Fix, Risk

GIVE_RESOURCES = Fix(
    label="give resources",
    summary="give Calico's resources (--resources PATH or --resources-from HOST): the report then has the exact "
    "commands",
    risk=Risk.NONE,
)
