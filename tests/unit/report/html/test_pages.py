"""Pages stand alone: nothing from elsewhere, one style and one script that the policy names, tables with heads."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.auditing.engine import audit
from calico_bgp.changes.change import RemoveNode
from calico_bgp.lab.cluster import Topology
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.reports.diff import SnapshotDiff
from calico_bgp.report.html.answers import risks_to_html, whatif_to_html
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.html.diff import diff_to_html
from calico_bgp.report.html.page import page, section
from calico_bgp.report.html.tables import command, facts, items, text_table, unfold
from calico_bgp.report.problems.values import lost_words, problems_of
from calico_bgp.whatif.question import what_if_resources
from calico_bgp.whatif.risks import risks, zones_of
from tests.unit.report.lab_reports import report_of

VOID = {"meta"}


class Outline(HTMLParser):
    """Every element with its attributes and its text, and whether all are closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.texts = [], [], {}
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def check(html):
    """What holds for every page."""
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    outline = Outline(html)
    attributes = {name for _, given in outline.elements for name in given}
    assert not {"style", "href", "src", "srcset", "action", "background", "id"} & attributes
    assert not [name for name in attributes if name.startswith("on")]
    assert not {"a", "img", "link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in outline.elements}
    assert len(outline.all("h1")) == 1
    assert len(outline.all("title")) >= 1
    policy = next(m["content"] for m in outline.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    for kind in ("style", "script"):
        (text,) = outline.texts[kind]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
        assert len(outline.all(kind)) == 1
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import", "".join(outline.texts["style"]))
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all(th.get("scope") in {"col", "row"} for th in outline.all("th"))
    scrolls = [div for div in outline.all("div") if "scroll" in div.get("class", "")]
    assert all(div.get("tabindex") == "0" and div.get("aria-label") for div in scrolls)
    return outline


SITUATIONS = {
    "healthy": ((), {"nodes": 6}),
    "outage": (("bird-down:node1", "link-cut:node2,node4"), {"nodes": 6}),
    "300 nodes": (("bird-down:node1", "link-cut:node2,node40"), {"nodes": 300, "reflectors": 4, "zones": 4}),
    "unknown": (("no-sudo:node5",), {"nodes": 6, "resources": False}),
    "mesh": (("link-cut:node2,node5",), {"nodes": 20, "topology": Topology.MESH, "zones": 3}),
    "no BGP": ((), {"nodes": 6, "topology": Topology.NO_BGP}),
}


@pytest.mark.parametrize(("faults", "config"), SITUATIONS.values(), ids=SITUATIONS)
def test_the_page_of_an_audit(audited, faults, config):
    report, snapshot = audited(*faults, **config)
    outline = check(audit_to_html(report, snapshot))
    text = " ".join(part for parts in outline.texts.values() for part in parts)
    assert report.verdict.upper() in text
    for cause in report.causes:
        assert cause.what in text
        for step in (step for fix in cause.fixes for step in fix.steps if cause is report.causes[0]):
            assert all(line in text for line in step.commands)


def test_routes_lost_and_fix_are_in_the_words_of_the_terminal(audited):
    report, snapshot = audited("bird-down:node3", "bird-down:node4", nodes=6)
    rows = re.findall(r'<tr class="has-more" role="row">(.*?)</tr>', audit_to_html(report, snapshot))
    (problem,) = problems_of(report)
    assert [lost_words(problem), lost_words(problem, unicode=False)] == ["≤18", "<=18"]
    assert [re.findall(r">([^<]*)</td>", row)[-2:] for row in rows] == [["≤18", "restart pods"]]
    unknown = [cause.model_copy(update={"routes_lost": None}) for cause in report.causes]
    (problem,) = problems_of(report.model_copy(update={"causes": tuple(unknown)}))
    assert lost_words(problem) == "?"


def test_what_was_looked_at_is_said_as_on_the_terminal_with_separators(audited):
    report, snapshot = audited("reinstalled", nodes=6)
    html = audit_to_html(report, snapshot)
    assert "<dt>nodes</dt><dd>6 of 6 read</dd>" in html
    # "0 of 0 Established" says nothing.
    assert "<dt>sessions</dt>" not in html
    report, snapshot = audited("bird-down:node7", nodes=60, topology=Topology.MESH)
    html = audit_to_html(report, snapshot)
    assert "1,711/1,770 sessions up" in html
    assert "<dt>sessions</dt><dd>1,711 of 1,770 Established</dd>" in html


def test_the_answer_of_a_change_is_said_once():
    snapshot = report_of(nodes=6, reflectors=1)[1]
    html = whatif_to_html(what_if_resources(snapshot.resources, [RemoveNode("node1")]))
    assert ">NOT SAFE<" in html
    assert "<p>20 routes lost</p>" in html
    assert "not safe:" not in html


def test_columns_of_the_matrix_have_only_names_and_notes_where_there_are_any(audited):
    html = audit_to_html(*audited(nodes=6))
    assert '<th scope="col" role="columnheader">node1</th>' in html
    assert '<th scope="row" role="rowheader">node1 (reflector)</th>' in html
    assert ">note</th>" not in html
    assert ">note</th>" in audit_to_html(*audited("bird-down:node3", nodes=6))


def test_each_cause_unfolds_and_has_its_number(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=6)
    html = audit_to_html(report, snapshot)
    outline = check(html)
    assert [text for text in outline.texts["summary"] if "(certain)" in text or "(likely)" in text] == [
        "BIRD does not run on node1, the host is up (certain)",
        "node2 and node4 do not reach each other over IPv4, in one direction or both (likely)",
    ]
    rows = re.findall(r'<tr class="has-more" role="row">(.*?)</tr>', html)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    assert cells[0] == ["1", "✗ error", "BIRD is not running", "node1", "18", "restart pod"]
    assert [row[0] for row in cells] == ["1", "2"]


def test_the_time_line_and_the_matrix_are_there(audited):
    html = audit_to_html(*audited("bird-down:node1", "link-cut:node2,node4", nodes=6))
    assert "<h2>Time line</h2>" in html
    assert "2026-11-22 10:59:59 to 11:00:02 UTC" in html
    assert "<h2>Who has whom</h2>" in html
    assert '<td class="bad" role="cell" title="down">✗</td>' in html


def test_zones_are_a_table_where_nodes_are_many(audited):
    html = audit_to_html(*audited("bird-down:node1", nodes=40, zones=3))
    assert "<h2>Sessions of each zone with each route reflector</h2>" in html
    assert '<th scope="col" role="columnheader">node1 (zone-1)</th>' in html


def test_the_page_of_a_difference(audited):
    (old_report, old), (new_report, new) = audited(nodes=6), audited("bird-down:node1", nodes=6)
    outline = check(diff_to_html(diff_snapshots(old, new, reports=(old_report, new_report))))
    assert "DIFFERENT" in outline.texts["span"]
    assert "- went" in outline.texts["th"] or "~ changed" in outline.texts["th"]
    assert "NO DIFFERENCE" in check(diff_to_html(SnapshotDiff())).texts["span"]


def test_the_page_of_a_change(audited):
    _, snapshot = audited(nodes=6, reflectors=1)
    answer = what_if_resources(snapshot.resources, [RemoveNode("node1")])
    outline = check(whatif_to_html(answer))
    assert "NOT SAFE" in outline.texts["span"]
    assert any("node1 is the only reflector" in text for text in outline.texts["td"])


def test_the_page_of_risks(audited):
    from calico_bgp.expect.engine import expect
    from calico_bgp.model.peer import Family
    from calico_bgp.routes.network.from_expected import expected_network

    _, snapshot = audited(nodes=6, reflectors=1)
    network = expected_network(expect(snapshot.resources), Family.IPV4)
    found = risks(network, zones_of(snapshot.resources))
    outline = check(risks_to_html([found]))
    assert outline.texts["span"] == ["SINGLE POINTS OF FAILURE"]
    assert any(text.startswith("zone zone-1 (") for text in outline.texts["td"])
    check(risks_to_html([]))


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_hostile_texts_are_only_text(one, other):
    parts = [
        command(one, other),
        facts([(one, other)]),
        items([one, other]),
        *text_table(one, (one, other), [(other, one)]),
        unfold(one, other),
    ]
    harmless = [
        command("x", "y"), facts([("x", "y")]), items(["x", "y"]), *text_table("x", ("x", "y"), [("y", "x")]),
        unfold("x", "y"),
    ]  # fmt: skip
    hostile, plain = (
        Outline(page(title, [], [section(title, *made)])) for title, made in ((one, parts), ("x", harmless))
    )
    without_where = [tag for tag, _ in hostile.elements]
    expected = [tag for tag, _ in plain.elements]
    if not other:
        expected.remove("p")
    assert without_where == expected


def test_markup_in_a_name_is_shown_as_it_is(audited):
    report, snapshot = audited("bird-down:node1", nodes=6)
    evil = report.causes[0].model_copy(
        update={"said": None, "title": "<script>alert(1)</script>", "where": ('"><img src=x>',)}
    )
    html = audit_to_html(report.model_copy(update={"causes": (evil,), "cluster": "<b>"}), snapshot)
    check(html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_nodes_of_which_nothing_was_read_are_a_line_per_reason(audited):
    _, snapshot = audited(nodes=6)
    failures = tuple(
        GatherFailure(
            host=reading.host,
            node=reading.node,
            stage=Stage.HOST_KEY,
            message=f"the host key of {reading.host} is unknown",
            reason="host key unknown",
            option="--host-keys accept-new",
        )
        for reading in snapshot.readings
    )
    blind = snapshot.model_copy(update={"readings": (), "failures": failures, "resources": None})
    report = audit(blind)
    html = audit_to_html(report, blind)
    outline = check(html)
    assert "Not read" in outline.texts["h2"]
    assert [text for text in outline.texts["li"] if "host key unknown" in text] == [
        "6 nodes, host key unknown: node[1-6] (--host-keys accept-new)"
    ]
    assert "0 of 0" not in html
    assert "Findings without a cause" not in outline.texts["h2"]
