"""Who has whom as tables: per family of a small cluster, else by zone. Counts and states come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.html.page import section
from calico_bgp.report.html.tables import table
from calico_bgp.report.picture.diagram import Diagram, NodeState
from calico_bgp.report.picture.zones import ZoneMatrix, zone_matrix
from calico_bgp.report.text.markup import element
from calico_bgp.report.text.picture import Cell, Matrix, matrices, node_name

_ZONE_CSS = {NodeState.UP: "good", NodeState.UNKNOWN: "odd", NodeState.PART: "odd", NodeState.DOWN: "bad"}
_CSS = {Cell.ESTABLISHED: "good", Cell.RESTARTING: "odd", Cell.DOWN: "bad", Cell.MISSING: "bad", Cell.UNKNOWN: "odd"}


def matrix_tables(report: Report, snapshot: Snapshot, diagram: Diagram, *, zones: bool) -> Iterator[Element]:
    """The section with the tables; none where there is nothing to show.

    Args:
        report: What the audit says.
        snapshot: What it was made from.
        diagram: What its picture shows.
        zones: Whether zones are counted here; the picture of a big cluster has that table already.
    """
    small = matrices(report, snapshot)
    if small:
        used = {cell for matrix in small for cell in matrix.legend}
        legend = ", ".join(f"{cell.symbol(unicode=True)} {cell.words}" for cell in Cell if cell in used)
        yield section("Who has whom", element("p", legend, class_="dim"), *(_of_nodes(matrix) for matrix in small))
        return
    by_zone = zone_matrix(diagram) if zones else None
    if by_zone is not None and len(by_zone.rows) > 1:
        yield section(by_zone.title, _of_zones(by_zone))


def _of_nodes(matrix: Matrix) -> Element:
    families = " and ".join(family.label for family in matrix.families)
    names = [node_name(row.name) for row in matrix.rows]
    has_notes = any(row.note for row in matrix.rows)
    rows = []
    for row in matrix.rows:
        cells = [
            element(
                "td",
                "" if cell is Cell.SELF else cell.symbol(unicode=True),
                class_=_CSS.get(cell),
                role="cell",
                title=cell.words or None,
            )
            for cell in row.cells
        ]
        if has_notes:
            cells.append(element("td", row.note, role="cell", class_="note"))
        rows.append(element("tr", element("th", row.name, scope="row", role="rowheader"), *cells, role="row"))
    caption = f"{families}: what a row's node says of a column's"
    return table(caption, ["node", *names, *(["note"] if has_notes else [])], rows, "matrix")


def _of_zones(matrix: ZoneMatrix) -> Element:
    rows = []
    for row in matrix.rows:
        cells = []
        for cell in row.cells:
            css, text = (None, "") if cell is None else (_ZONE_CSS[cell.state], cell.text)
            cells.append(element("td", text, class_=css, role="cell", title=None if cell is None else cell.words))
        rows.append(element("tr", element("th", row.title, scope="row", role="rowheader"), *cells, role="row"))
    return table("Sessions Established, of those that should be there", ["zone", *matrix.columns], rows, "matrix")
