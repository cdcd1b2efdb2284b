"""What the tables of routes show, below what is computed from the sessions: where both differ, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from calico_bgp.model.routes.observed import Missing, ObservedRoutes
from calico_bgp.report.routes.held_text import routes_line, stop_lines
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability

NOT_READ = "observed: no node told its routes (--routes asks for them)"


def beside_computed(reaches: Sequence[Reachability], observed: Sequence[ObservedRoutes], style: TextStyle) -> str:
    """A line a family, and the routes of which tables and sessions say different things.

    Args:
        reaches: What was computed, one per family.
        observed: What the tables show, of the families of which any was read.
        style: How text is written.
    """
    page = Page(style)
    page.blank()
    if not observed:
        page.line(Text(NOT_READ, "bold yellow"))
    computed = {reach.family: reach for reach in reaches}
    for routes in observed:
        page.line(Text("observed: ", "bold"), routes_line(routes), hang=2)
        differing = lacked(computed[routes.family], routes)
        _show_lacked(page, differing)
        others = len(routes.missing) - len(differing)
        if others:
            page.line(f"{others:,} more {'route is' if others == 1 else 'routes are'} missing, as computed", indent=2)
    return page.text()


def lacked_to_text(missing: Sequence[Missing], style: TextStyle) -> str:
    """What the sessions let arrive and the tables lack; nothing of none."""
    page = Page(style)
    if missing:
        page.blank()
    _show_lacked(page, missing)
    return page.text() if missing else ""


def _show_lacked(page: Page, missing: Sequence[Missing]) -> None:
    if missing:
        page.line("by the sessions these should arrive, and by the tables they do not:", indent=2)
        for line in stop_lines(missing):
            page.line(line, indent=4, hang=2)


def lacked(reach: Reachability, routes: ObservedRoutes) -> list[Missing]:
    """The routes that should arrive by the sessions, and do not by the tables."""
    return [missing for missing in routes.missing if _is_computed(reach, missing)]


def _is_computed(reach: Reachability, missing: Missing) -> bool:
    has_both = {missing.learner, missing.origin} <= set(reach.nodes)
    return has_both and reach.learns(missing.learner, missing.origin) is not Answer.NO
