"""All peers of all nodes as CSV. The columns are those of text/columns.py."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from calico_bgp.report.text.columns import PEER_COLUMNS, PeerRow
from calico_bgp.report.text.sanitize import csv_cell


def status_to_csv(rows: Sequence[PeerRow]) -> str:
    """Every column of PEER_COLUMNS; the header stands even when there is no peer, and no cell is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in PEER_COLUMNS])
    for row in rows:
        cells = (column.value(row) for column in PEER_COLUMNS)
        writer.writerow(
            ["" if c is None else str(c).lower() if isinstance(c, bool) else csv_cell(str(c)) for c in cells]
        )
    return buffer.getvalue()
