"""One route on its way, for people: a paragraph a session, with the rule that lets it through or stops it."""

from __future__ import annotations

from rich.text import Text

from calico_bgp.report.routes.pair_lines import ANSWER_STYLES
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.path.hop import Hop, Trace, Verdict
from calico_bgp.routes.policy.route import DEFAULT_PREFERENCE, Route

_WORDS = {Answer.YES: "ARRIVES", Answer.PERHAPS: "UNKNOWN", Answer.NO: "DOES NOT ARRIVE"}
_VERDICTS = {True: ("accepts", "green"), None: ("perhaps", "yellow"), False: ("rejects", "red")}


def trace_to_text(trace: Trace, style: TextStyle | None = None) -> str:
    """The verdict, every session on the way, and where the route stops."""
    page = Page(style or TextStyle())
    sentence = f": {trace.prefix} from {plain(trace.origin)} to {plain(trace.target)} over {trace.family.label}"
    page.line(Text(_WORDS[trace.answer], ANSWER_STYLES[trace.answer]), Text(sentence, "bold"))
    page.line(f"{plain(trace.origin)} has it: {plain(trace.source)}", indent=2, hang=2)
    for hop in trace.way:
        _show_hop(page, hop)
    if trace.stops:
        page.blank()
        page.line(Text("Where it stops", "bold"))
        for hop in trace.stops:
            _show_hop(page, hop)
    if trace.notes:
        page.blank()
        for note in trace.notes:
            page.line(f"{plain(note)}.", indent=2, hang=2)
    return page.text()


def _show_hop(page: Page, hop: Hop) -> None:
    page.blank()
    page.line(Text(f"{plain(hop.near)} → {plain(hop.far)}", "bold"), "" if hop.stands else "  (perhaps no session)")
    if not hop.is_offered:
        page.line(Text("not offered", "red"), f": {plain(hop.offered)}", indent=2, hang=2)
        return
    page.line(f"{plain(hop.near)} offers it: {plain(hop.offered)}", indent=2, hang=2)
    _show_verdict(page, f"{hop.near} exports it", hop.export)
    _show_verdict(page, f"{hop.far} imports it", hop.incoming)
    if hop.route is not None:
        page.line(f"with {attributes(hop.route)}", indent=2, hang=2)


def _show_verdict(page: Page, what: str, verdict: Verdict | None) -> None:
    if verdict is not None:
        word, style = _VERDICTS[verdict.accepted]
        page.line(f"{plain(what)}: ", Text(word, style), f", {plain(verdict.because)}", indent=2, hang=2)


def attributes(route: Route) -> str:
    """What a route carries, in words: AS path, preference, communities."""
    path = " ".join(map(str, route.as_path)) or "empty"
    parts = [f"AS path {path}", f"local preference {route.local_pref}"]
    if route.local_pref != DEFAULT_PREFERENCE:
        parts[-1] += f" (priority {route.priority})"
    if route.communities:
        parts.append("communities " + ", ".join(":".join(map(str, each)) for each in route.communities))
    return ", ".join(parts)
