"""What `--verbose` adds to the screen: what was counted, and who has whom. No judging in this file."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from calico_bgp.auditing.headline import unread_word
from calico_bgp.messages.words import count, every
from calico_bgp.model.reports.report import FamilyReachability, ObservedPairs, Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.natural_order import natural_key
from calico_bgp.report.audit.findings import FEW
from calico_bgp.report.problems.header import took
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.picture import Cell, Matrix
from calico_bgp.report.text.sanitize import plain

#: What a row shows in which nothing is amiss.
_GOOD = {Cell.ESTABLISHED, Cell.NONE, Cell.SELF}


def counts(page: Page, report: Report, snapshot: Snapshot | None) -> None:
    """What was read and judged, a line each."""
    if report.snapshot_at is not None:
        seconds = took(snapshot)
        at = report.snapshot_at.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
        labelled(page, "read at", f"{at} in {seconds}" if seconds else at)
    for label, text in looked_at(report):
        labelled(page, label, plain(text))


def looked_at(report: Report) -> Iterator[tuple[str, str]]:
    """What was read and judged: a label, and what it says."""
    checked, topology = report.checked, report.topology
    nodes = f"{checked.nodes_read:,} read"
    if checked.nodes_listed is not None:
        nodes = f"{checked.nodes_read:,} of {checked.nodes_listed:,} read"
    if report.unread:
        nodes += f"; {unread_word(report)}: {compress_names(report.unread, limit=FEW)}"
    yield "nodes", nodes
    expected = "" if checked.sessions_expected is None else f" of {checked.sessions_expected:,}"
    if checked.sessions_expected != 0 or checked.sessions_established:  # "0 of 0" says nothing
        yield "sessions", f"{checked.sessions_established:,}{expected} Established"
    yield "topology", f"{topology.kind}: {topology.evidence}"
    if report.reachability:
        yield "routes", "; ".join(map(reachability_sentence, report.reachability))
    whole = {name for one in report.reachability if one.observed is not None for name in one.observed.sent_whole}
    if whole:
        names = compress_names(sorted(whole, key=natural_key), limit=FEW)
        yield "sent whole", f"the tables of {count(len(whole), 'node')}, no hash of them: {names}"
    if checked.reflectors:
        yield "reflectors", compress_names(checked.reflectors)
    if checked.families:
        yield "families", " and ".join(family.label for family in checked.families)


def reachability_sentence(reachability: FamilyReachability) -> str:
    """`all 42 nodes learn each other's routes over IPv4`, `6 of 30 routes missing over IPv6`."""
    over = f"over {reachability.family.label}"
    total = reachability.nodes * (reachability.nodes - 1)
    observed = reachability.observed
    if observed is not None and observed.pairs == total:
        where = "in BIRD and in the kernel" if observed.kernels == reachability.nodes else "in BIRD"
        return f"{every(reachability.nodes, 'node')} have each other's routes {over}, {where}{_by_hash(observed)}"
    if observed is not None and reachability.missing:
        missing = (
            f"{reachability.missing:,} of {total:,} routes missing {over}, by the nodes' tables{_by_hash(observed)}"
        )
        return missing + (f", of {reachability.unknown:,} they do not tell" if reachability.unknown else "")
    if reachability.pairs == total:
        return f"{every(reachability.nodes, 'node')} learn each other's routes {over} (computed from the sessions)"
    parts = []
    if reachability.pairs_cut_off:
        parts.append(f"{reachability.pairs_cut_off:,} of {total:,} routes missing {over}")
    if reachability.pairs_unknown:
        because = f": {'; '.join(reachability.doubts)}" if reachability.doubts else ""
        parts.append(f"of {count(reachability.pairs_unknown, 'route')} it is not known {over}{because}")
    return ", ".join(parts)


def _by_hash(observed: ObservedPairs) -> str:
    return f" ({count(observed.by_hash, 'node')} by a hash of the same routes)" if observed.by_hash else ""


def picture(page: Page, matrix: Matrix, style: TextStyle, *, bad_only: bool = False) -> None:
    """The rows carry numbers, so that the columns need no names.

    Args:
        page: Where to add it.
        matrix: Who has whom.
        style: How.
        bad_only: Leave out the rows in which nothing is amiss.
    """
    page.blank()
    digits = len(str(len(matrix.rows)))
    families = " and ".join(family.label for family in matrix.families)
    label_width = max(len(families) - digits - 1, *(len(plain(row.name)) for row in matrix.rows))
    heading = families.ljust(digits + 1 + label_width)
    numbers = " ".join(str(i).rjust(digits) for i in range(1, len(matrix.rows) + 1))
    page.line(Text(f"{heading}  ", "bold"), Text(numbers, "dim"), indent=2)
    for number, row in enumerate(matrix.rows, start=1):
        if bad_only and _GOOD.issuperset(row.cells):
            continue
        line = Text().append(f"{number:>{digits}} ", "dim").append(plain(row.name).ljust(label_width + 2))
        for column, cell in enumerate(row.cells, start=1):
            symbol = ("\\" if not style.unicode else "╲") if column == number else cell.symbol(unicode=style.unicode)
            line.append(f"{symbol:>{digits}} ", "dim" if column == number else cell.style)
        page.line(line, Text(f" {row.note}", "yellow") if row.note else "", indent=2)
    legend = Text()
    for cell in matrix.legend:
        legend.append("   " if legend else "").append(cell.symbol(unicode=style.unicode), cell.style)
        legend.append(f" {cell.words}", "dim")
    page.line(legend, indent=2)
