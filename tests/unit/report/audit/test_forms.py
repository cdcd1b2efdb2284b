"""JSON, JUnit, HTML, frames: the forms for programs and notebooks."""

import json
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from junitparser import JUnitXml

from calico_bgp.errors import MissingExtra
from calico_bgp.model.reports.report import Report, Severity, Verdict
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyKind
from calico_bgp.report.audit.json import report_to_json
from calico_bgp.report.audit.junit import report_to_junit
from calico_bgp.report.notebook.frames import report_to_frame, snapshot_to_frame
from calico_bgp.report.notebook.html import MOST_ROWS, report_to_html, snapshot_to_html
from calico_bgp.report.text.columns import FINDING_COLUMNS, PEER_COLUMNS

EVIL = "<script>alert(1)</script>\x1b[31m\x00\u202e\" onload='x' ]]>"


@pytest.fixture
def evil(make_finding, outage):
    """A report and a snapshot in which every text is hostile."""
    _, snapshot = outage
    reading = snapshot.readings[0]
    peer = reading.peers[0]
    from dataclasses import replace

    peers = (replace(peer, address_text=EVIL, peer_type=EVIL, protocol_state=EVIL, since=EVIL, info=EVIL),)
    reading = reading.model_copy(update={"node": EVIL, "status": reading.status.model_copy(update={"peers": peers})})
    failure = snapshot.failures[0].model_copy(update={"node": EVIL, "message": EVIL})
    report = Report(
        verdict=Verdict.UNHEALTHY,
        cluster=EVIL,
        topology=Topology(kind=TopologyKind.MESH, evidence=EVIL),
        findings=(make_finding(EVIL, Severity.ERROR, NodeSubject(node=EVIL), EVIL, [EVIL], EVIL),),
    )
    return report, Snapshot(readings=(reading,), failures=(failure,))


# JSON


def test_json_reads_back(outage):
    report, _ = outage
    text = report_to_json(report)
    assert Report.model_validate_json(text) == report
    assert text.endswith("}\n")


def test_json_is_what_the_docs_promise(outage, golden):
    report, _ = outage
    document = json.loads(report_to_json(report))
    assert document["schema"] == "calico-bgp/audit/1"
    assert {"verdict", "topology", "findings", "ignored", "checked", "not_checked"} < set(document)
    promised = {"id", "rule", "severity", "subject", "message", "evidence", "next_step"}
    assert all(promised <= set(finding) for finding in document["findings"])
    golden(report_to_json(report), "audit.json")


# JUnit


def test_junit_golden(outage, golden):
    golden(report_to_junit(outage[0]), "audit.junit.xml")


@pytest.mark.parametrize("fail_on", list(Severity))
def test_junit_counts_are_right(outage, fail_on):
    xml = JUnitXml.fromstring(report_to_junit(outage[0], fail_on=fail_on).encode())
    (suite,) = list(xml)
    cases = list(suite)
    assert suite.tests == len(cases)
    results = [type(result).__name__ for case in cases for result in case.result]
    assert suite.failures == results.count("Failure")
    assert suite.errors == results.count("Error") == 1  # node6, which could not be read
    assert len({(case.classname, case.name) for case in cases}) == len(cases)


def test_junit_fails_exactly_when_the_exit_code_does(healthy, outage):
    assert "<failure" not in report_to_junit(healthy[0])
    assert "<failure" in report_to_junit(outage[0])
    assert outage[0].exit_code() == 1


def test_junit_takes_any_text(evil):
    root = ET.fromstring(report_to_junit(evil[0]).encode())
    assert "<script>alert(1)</script>" in root.find(".//failure").get("message")


# HTML


#: What a fragment may have; nothing that loads, runs or names something outside.
ATTRIBUTES = {"class", "scope", "role", "tabindex", "aria-label", "data-label", "colspan"}
TAGS = {"div", "style", "p", "b", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
TAGS |= {"section", "h2", "h3", "details", "summary", "dl", "dt", "dd", "pre", "code"}


class Strict(HTMLParser):
    """Collects tags and attributes, and checks that every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def check(html):
    parser = Strict()
    parser.feed(html)
    assert not parser.open
    assert parser.tags <= TAGS
    return parser.text


def test_html_of_everything(healthy, outage):
    for report, snapshot in (healthy, outage):
        assert report.verdict.upper() in check(report_to_html(report))
        assert "192.0.2.2" in check(snapshot_to_html(snapshot))


def test_html_escapes_everything(evil):
    report, snapshot = evil
    for html in (report_to_html(report), snapshot_to_html(snapshot)):
        assert "<script>alert(1)</script>" in check(html)
        assert not {"\x1b", "\x00", "\u202e"} & set(html)


def test_html_is_bounded(healthy):
    _, snapshot = healthy
    big = snapshot.model_copy(update={"readings": snapshot.readings * 300})
    html = snapshot_to_html(big)
    assert html.count("<tr ") == MOST_ROWS + 1
    assert f"and {1800 - MOST_ROWS:,} more rows" in html


def test_models_show_themselves(healthy):
    report, snapshot = healthy
    assert report._repr_html_() == report_to_html(report)
    assert snapshot._repr_html_() == snapshot_to_html(snapshot)
    assert list(report.to_frame()) == [c.key for c in FINDING_COLUMNS]
    assert len(snapshot.to_frame()) == 6


# Frames


def test_frames_keep_columns_and_types_when_empty(outage):
    report, snapshot = outage
    empty = report.model_copy(update={"findings": ()})
    for full, none, columns in (
        (snapshot_to_frame(snapshot), snapshot_to_frame(Snapshot()), PEER_COLUMNS),
        (report_to_frame(report), report_to_frame(empty), FINDING_COLUMNS),
    ):
        assert len(full) > 0 == len(none)
        assert list(none) == [column.key for column in columns]
        assert dict(full.dtypes) == dict(none.dtypes)


def test_frame_values(outage):
    frame = snapshot_to_frame(outage[1])
    assert frame["is_established"].sum() == 7
    assert frame["port"].isna().all()
    assert frame.loc[frame["node"] == "node1", "error_message"].dropna().tolist() == ["Connection refused"]


def test_pandas_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"calico-bgp\[notebook\]"):
        Snapshot().to_frame()
