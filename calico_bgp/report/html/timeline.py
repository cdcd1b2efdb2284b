"""When sessions last changed, as a strip and a table. Times and words are report.audit.timeline's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.timeline import Event, timeline
from calico_bgp.report.audit.timeline_words import SINCE_NOTE, concerned, instant, row_of, what_of, when_of
from calico_bgp.report.html.page import section
from calico_bgp.report.html.tables import text_table
from calico_bgp.report.text.markup import element

_WIDTH = 800.0
#: Two times are written so far apart at least.
_APART = 84.0
_EDGE = 70.0
#: A strip says something where the events lie this close to the reading.
_LONGEST = timedelta(days=2)


def timeline_section(report: Report, snapshot: Snapshot) -> Element | None:
    """The section; None where no row of what matters has a SINCE."""
    events = timeline(report, snapshot, concerned(report))
    if not events:
        return None
    dated = [event for event in events if event.when is not None]
    rows = list(map(row_of, (*dated, *(event for event in events if event.when is None))))
    if report.snapshot_at is not None:
        rows.append((instant(report.snapshot_at), "the nodes were read, and this report was made of it"))
    return section(
        "Time line",
        _strip(dated, report.snapshot_at),
        *text_table("When the sessions that matter last changed", ("When", "What"), rows, narrow=True),
        element("p", SINCE_NOTE, class_="dim"),
    )


def _strip(events: Sequence[Event], end: datetime | None) -> Element | None:
    """The events of the last two days on a line to the moment of reading."""
    spans = [(event, event.when) for event in events if event.when is not None]
    near = [(event, when) for event, when in spans if end is not None and end - when.earliest <= _LONGEST]
    if end is None or not near:
        return None
    first = min(when.earliest for _, when in near)
    whole = max((end - first).total_seconds(), 60.0)

    def at(moment: datetime) -> float:
        share = (moment - first).total_seconds() / whole
        return _EDGE + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _EDGE)

    marks = [_mark(event, at(when.earliest), at(when.latest)) for event, when in near]
    label_places = [_EDGE]
    for _, when in near:
        place = at(when.earliest)
        if all(abs(place - label_place) >= _APART for label_place in (*label_places, _WIDTH - _EDGE - _APART / 2)):
            label_places.append(place)
            marks.append(
                element("text", f"{when.earliest.astimezone(UTC):%H:%M:%S}", x=place, y=52, text_anchor="middle")
            )
    drawn = element(
        "svg",
        element("title", "The same events on a line"),
        element("path", d=f"M{_EDGE:.0f} 26H{_WIDTH - _EDGE:.0f}", stroke_width=2, class_="axis"),
        *marks,
        element("text", f"{first.astimezone(UTC):%m-%d %H:%M:%S}", x=_EDGE, y=52, text_anchor="middle"),
        element("text", f"read {end.astimezone(UTC):%H:%M:%S} UTC", x=_WIDTH - _EDGE, y=52, text_anchor="middle"),
        element("path", d=f"M{_WIDTH - _EDGE:.0f} 16v20", stroke_width=2, class_="axis"),
        viewBox=f"0 0 {_WIDTH:.0f} 60",
        class_="strip",
        role="img",
    )
    return element("div", drawn, class_="scroll", tabindex=0, role="region", aria_label="The time line, as a picture")


def _mark(event: Event, left: float, right: float) -> Element:
    up = all(change.is_up for change in event.changes)
    width = max(right - left, 10.0)
    title = element("title", f"{when_of(event)}: {what_of(event)}")
    if up:
        return element("rect", title, x=left - 5, y=21.0, width=width, height=10, rx=5, class_="good")
    # A rhomb, so that it is not only the colour that differs.
    return element("path", title, d=f"M{left - 7:.1f} 26l7 -8h{width - 10:.1f}l7 8l-7 8H{left:.1f}z", class_="bad")
