"""Peers and findings as pandas DataFrames. pandas is imported when it is asked for: it is an extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from calico_bgp.errors import MissingExtra
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.columns import FINDING_COLUMNS, PEER_COLUMNS, Column, peer_rows

if TYPE_CHECKING:
    import pandas as pd

RowT = TypeVar("RowT")

#: The nullable types: a missing port stays an integer column, a missing text stays a missing value.
_DTYPES = {"text": "string", "integer": "Int64", "boolean": "boolean"}


def snapshot_to_frame(snapshot: Snapshot) -> pd.DataFrame:
    """One row per peer, the columns of PEER_COLUMNS; columns and types stay when there is no peer.

    Raises:
        MissingExtra: pandas is not installed (extra `notebook`).
    """
    return _frame(PEER_COLUMNS, peer_rows(snapshot))


def report_to_frame(report: Report) -> pd.DataFrame:
    """One row per finding, the columns of FINDING_COLUMNS; columns and types stay when there is no finding.

    Raises:
        MissingExtra: pandas is not installed (extra `notebook`).
    """
    return _frame(FINDING_COLUMNS, report.findings)


def _frame(columns: Sequence[Column[RowT]], rows: Sequence[RowT]) -> pd.DataFrame:
    try:
        import pandas as pd  # noqa: PLC0415 - an extra, imported where it is used
    except ImportError as error:
        raise MissingExtra("pandas", "notebook") from error
    cells = [[column.value(row) for column in columns] for row in rows]
    frame = pd.DataFrame(cells, columns=[column.key for column in columns], dtype=object)
    return frame.astype({column.key: _DTYPES[column.kind] for column in columns})
