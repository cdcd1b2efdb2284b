import re
from dataclasses import replace

import pytest
from rich.text import Text

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.messages.steps import step
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Checked, Report, Severity, Verdict
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.topology import Topology, TopologyKind
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import Page, Styled, TextStyle


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("80", TextStyle(width=80)),
        ("120", TextStyle(width=120)),
        ("pipe", TextStyle()),
        ("ascii", TextStyle(width=80, unicode=False)),
        ("verbose", TextStyle(width=80, verbose=True)),
        ("colour", TextStyle(width=80, color=True)),
    ],
)
@pytest.mark.parametrize("which", ["healthy", "outage"])
def test_golden(which, name, style, request, golden):
    report, snapshot = request.getfixturevalue(which)
    golden(report_to_text(report, snapshot, style), f"{which}.{name}.txt")


def test_the_first_line_is_the_verdict(outage):
    text = report_to_text(*outage, TextStyle(width=80))
    assert text.splitlines()[0].startswith("✗ UNHEALTHY  prod-eu   4/9 sessions up")


def without_step(finding):
    return replace(finding, next_step=None, next_steps=())


def test_a_command_is_never_broken(make_finding):
    command = "kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName=node1"
    steps = (command, "then read its log; and the one before", "ping node1")
    finding = make_finding("r", Severity.ERROR, NodeSubject(node="node1"), "x", next_step=steps)
    report = Report(
        verdict=Verdict.UNHEALTHY, topology=Topology(kind=TopologyKind.MESH, evidence=""), findings=(finding,)
    )
    lines = [line.strip() for line in report_to_text(report, style=TextStyle(width=60)).splitlines()]
    assert {f"next step   {command}", *steps[1:]} <= set(lines)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_wider_than_asked(outage, width):
    report, snapshot = outage
    report = report.model_copy(update={"findings": tuple(without_step(f) for f in report.findings)})
    lines = report_to_text(report, snapshot, TextStyle(width=width)).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_a_pipe_gets_whole_lines(outage):
    report, snapshot = outage
    text = report_to_text(report, snapshot, TextStyle(verbose=True))
    assert "\x1b" not in text
    assert all(f"  {f.message}\n" in text for f in report.findings if f.rule == "daemon-not-running")
    assert max(map(len, report_to_text(report, snapshot, TextStyle(verbose=True)).splitlines())) > 80


def test_ascii_is_ascii(outage):
    assert report_to_text(*outage, TextStyle(width=80, unicode=False)).isascii()


def test_colour_changes_no_letter(outage):
    coloured = report_to_text(*outage, TextStyle(width=80, color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report_to_text(*outage, TextStyle(width=80))


def many(make_finding, number=200):
    findings = tuple(
        make_finding(
            "peer-missing",
            Severity.ERROR,
            SessionSubject.between("rr1", f"node{i:03}", family),
            "{reflector} has no {family:and} peer for {node}.",
            [f"rr1: no row for 192.0.{i}.1"],
            step("On rr1: calicoctl get node {node} -o yaml", node=f"node{i:03}"),
            reflector="rr1",
            family=family.label,
            node=f"node{i:03}",
        )
        for i in range(1, number + 1)
        for family in Family
    )
    return Report(
        verdict=Verdict.UNHEALTHY,
        topology=Topology(kind=TopologyKind.REFLECTORS, evidence="rr1 has them all"),
        findings=findings,
        checked=Checked(nodes_listed=201, nodes_read=201, sessions_expected=400, families=tuple(Family)),
    )


def test_two_hundred_rows_with_one_reason_take_a_few_lines(make_finding, golden):
    report = many(make_finding)
    text = report_to_text(report, style=TextStyle(width=80))
    assert len(text.splitlines()) < 20
    assert "rr1 <-> node[001-200] (IPv4 and IPv6)" in text or "rr1 has no IPv4 and IPv6 peer for node[001-200]" in text
    golden(text, "many.80.txt")


def test_verbose_shows_every_one(make_finding):
    text = report_to_text(many(make_finding), style=TextStyle(verbose=True))
    assert all(f"node{i:03}." in text for i in range(1, 201))


def test_nothing_of_a_node_acts_on_the_terminal(make_finding):
    evil = "\x1b[2J\x1b]0;pwned\x07\u202e[bold]x[/bold]\r\nHEALTHY: all is well"
    report = Report(
        verdict=Verdict.UNHEALTHY,
        cluster=evil,
        topology=Topology(kind=TopologyKind.MESH, evidence=evil),
        findings=(make_finding("r", Severity.ERROR, NodeSubject(node=evil), evil, [evil], evil),),
        unread=(evil,),
    )
    for verbose in (False, True):
        text = report_to_text(report, style=TextStyle(verbose=verbose))
        assert all(c.isprintable() or c == "\n" for c in text)
        assert "\nHEALTHY" not in text
        assert "[bold]x[/bold]" in text


def test_no_bgp_is_said_in_words():
    report = Report(
        verdict=Verdict.HEALTHY,
        topology=Topology(kind=TopologyKind.NO_BGP, evidence="BIRD runs on no node"),
        checked=Checked(nodes_listed=2, nodes_read=2, sessions_expected=0),
    )
    assert verdict_line(report) == ("HEALTHY", "BGP is not used (no node runs BIRD)")


def test_on_a_terminal_of_ascii_our_signs_are_ascii_and_names_keep_their_letters():
    page = Page(TextStyle(width=40, unicode=False))
    page.line("node1 → nöde2", Text(" (≤ 3 \N{MULTIPLICATION SIGN}) ", "bold"), Styled("a ↔ b…", "dim"))
    page.written("x → y")
    assert page.text() == "node1 -> nöde2 (<= 3 x) a <-> b...\nx -> y\n"
    shown = Page(TextStyle(width=40))
    shown.line("node1 → nöde2")
    assert shown.text() == "node1 → nöde2\n"
    # As wide as it is shown.
    narrow = Page(TextStyle(width=20, unicode=False))
    narrow.line("abcdefgh → ijklmnopqr")
    assert narrow.text() == "abcdefgh ->\nijklmnopqr\n"
