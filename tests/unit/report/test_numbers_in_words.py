"""Numbers with their nouns and verbs: one of a thing is said as one, whatever counts it, and nothing is cut unsaid."""

import re

import pytest

from calico_bgp.changes.peer_changes import PeerChange, PeerFate
from calico_bgp.lab.cluster import Topology
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Cause, Confidence
from calico_bgp.model.reports.lint import LintReport, ResourceCount
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.observed import Doubt, NodeRoutes, ObservedRoutes
from calico_bgp.plan.plan import Awaited, Goal, Plan, PlanStep
from calico_bgp.report.audit.cause_words import costs_words
from calico_bgp.report.audit.details import details_to_text
from calico_bgp.report.audit.junit import report_to_junit
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.diff.text import diff_to_text
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.html.tables import MOST_ROWS, more
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.picture.diagram import LinkState
from calico_bgp.report.picture.mermaid import report_to_mermaid
from calico_bgp.report.picture.svg import report_to_svg
from calico_bgp.report.picture.zones import Count
from calico_bgp.report.plan.summary import summary
from calico_bgp.report.plan.text import _group
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.report.routes.held_text import routes_line, routes_to_text, same_lines
from calico_bgp.report.routes.risks_text import risk_rows
from calico_bgp.report.routes.whatif_text import outcome, peer_words
from calico_bgp.report.status.table import status_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.routes.computed.losses import Group
from calico_bgp.whatif.risks import Removal, Risk
from calico_bgp.whatif.verdict import Basis, FamilyVerdict, WhatIf
from tests.clusters import cluster
from tests.unit.report.answers.test_diff import changes, mesh
from tests.unit.report.lab_reports import report_of

V4 = Family.IPV4


@pytest.mark.parametrize(
    ("nodes", "removed", "sentence"),
    [
        (("a", "b"), ("c",), "the 2 nodes that remain keep each other's routes"),
        (("a",), ("c",), "one node that remains, with nobody to learn from"),
        (("a",), (), "one node, with nobody to learn from"),
        ((), ("c",), "no node remains"),
        ((), (), "no node"),
    ],
)
def test_who_remains_after_a_change(nodes, removed, sentence):
    family = FamilyVerdict(V4, nodes, 0, 0, (), (), (), ())
    answer = WhatIf((), removed, next(iter(Basis)), (family,), None, (), ())
    assert outcome(family, answer) == sentence


@pytest.mark.parametrize(
    ("fate", "peers", "sentence"),
    [
        (PeerFate.APPEARS, 1, "1 IPv4 peer of BGPPeer p new: on a"),
        (PeerFate.DISAPPEARS, 1_200, "1,200 IPv4 peers of BGPPeer p gone: on a"),
        (PeerFate.CHANGES, 1, "1 IPv4 peer of BGPPeer p configured differently, so that BIRD starts it again: on a"),
        (PeerFate.CHANGES, 2, "2 IPv4 peers of BGPPeer p configured differently, so that BIRD starts them again: on a"),
    ],
)
def test_peers_that_come_go_or_change(fate, peers, sentence):
    assert peer_words(PeerChange(fate, "BGPPeer", "p", V4, ("a",), peers)) == sentence


@pytest.mark.parametrize(
    ("learners", "mutual", "sentence"),
    [
        (("a",), False, "a no longer learns c"),
        (("a", "b"), False, "a, b no longer learn c"),
        (("a",), True, "a and c: the routes between them"),
    ],
)
def test_who_loses_routes_in_a_step_of_a_plan(learners, mutual, sentence):
    assert _group(Group(learners, ("c",), mutual, everyone=False, pairs=1)) == sentence


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ((("a", "b"),), "1 session starts, or starts again, all in step 1"),
        ((("a", "b"), ("a", "c")), "2 sessions start, or start again, all in step 1"),
    ],
)
def test_sessions_that_a_plan_starts(pairs, sentence):
    nothing = cluster()
    step = PlanStep("t", "w", (), nothing, nothing, (), (), (Awaited(V4, pairs),))
    plan = Plan(Goal.REFLECTORS, (), None, None, (step,), nothing, nothing)
    assert dict(summary(plan))["restarts"] == sentence


@pytest.mark.parametrize(("number", "last"), [(21, "  ... and 1 more line:"), (22, "  ... and 2 more lines:")])
def test_lines_of_a_difference_that_are_left_out(number, last):
    text = diff_to_text(changes(number), TextStyle())
    assert text.splitlines()[-1] == f"{last} --verbose or --format json"


def test_the_last_line_of_a_table_of_peers():
    assert status_to_text(mesh(2)).splitlines()[-1] == "2 of 2 peers Established on 2 nodes"
    one = mesh(2, frozenset((2,)))
    assert status_to_text(one).splitlines()[-1] == "0 of 1 peer Established on 1 node; 1 node not read"
    cut = one.model_copy(update={"readings": tuple(r.model_copy(update={"complete": False}) for r in one.readings)})
    assert status_to_text(cut).splitlines()[-1].endswith("; the answer of 1 node was cut short, peers may be missing")


@pytest.mark.parametrize(
    ("count", "words"),
    [(Count(1, 0), "1 of 1 session Established"), (Count(1, 1), "1 of 2 sessions Established, 1 not Established")],
)
def test_sessions_of_two_zones(count, words):
    assert count.words == words
    assert words.endswith(LinkState.UP.words if not count.down else LinkState.DOWN.words)


@pytest.mark.parametrize(("rows", "words"), [(1, "and 1 more row"), (2_000, "and 2,000 more rows")])
def test_rows_of_a_page_that_are_left_out(rows, words):
    assert more(MOST_ROWS + rows).text == f"{words}; --format json has them all."
    assert more(MOST_ROWS) is None


@pytest.mark.parametrize(("kinds", "words"), [(6, "and 1 more kind"), (7, "and 2 more kinds")])
def test_kinds_of_resources_that_the_lint_skips(kinds, words):
    skipped = tuple(ResourceCount(kind=f"Kind{number}", number=1, read=False) for number in range(kinds))
    report = LintReport(
        verdict=Verdict.HEALTHY,
        calico_version="3.33",
        resources=skipped,
        sources=(),
        findings=(),
        ignored=(),
        not_checked=(),
        rules=(),
    )
    assert lint_to_text(report).splitlines()[0] == f"skipped: 1 Kind0, 1 Kind1, 1 Kind2, 1 Kind3, 1 Kind4 {words}"


@pytest.mark.parametrize(
    ("others", "line"), [(1, "1 node likewise as another one"), (2, "2 nodes likewise as one of 2 others")]
)
def test_nodes_that_hold_the_same_as_others(others, line):
    sources = [f"n{number}" for number in range(5 + others)]
    nodes = tuple(NodeRoutes(node=f"like-{name}", same_as=name) for name in sources)
    assert list(same_lines(ObservedRoutes(V4, nodes, 0, (), 0, 0)))[-1] == line


@pytest.mark.parametrize(
    ("nodes", "line"), [((), "no node holds routes over IPv4"), (("a",), "one node holds routes over IPv4")]
)
def test_fewer_than_two_nodes_with_routes(nodes, line):
    assert routes_line(ObservedRoutes(V4, tuple(NodeRoutes(node=name) for name in nodes), 0, (), 0, 0)) == line


def test_reasons_why_routes_are_not_known_are_not_cut_unsaid():
    doubts = tuple(Doubt(f"reason {number}", 1) for number in range(23))
    routes = ObservedRoutes(V4, (NodeRoutes(node="a", learned=0), NodeRoutes(node="b", learned=0)), 0, (), 2, 0, doubts)
    lines = routes_to_text([routes]).splitlines()
    assert "1 route not known: reason 19" in lines
    assert "1 route not known: reason 20" not in lines
    assert "... and 3 more; --verbose shows all" in lines
    assert "1 route not known: reason 22" in routes_to_text([routes], TextStyle(verbose=True)).splitlines()


def risk(node, lonely):
    return Risk(V4, Removal.NODE, None, (node,), lost=4, doubtful=0, left=4, lonely=lonely)


def test_of_removals_that_are_alike_no_ones_victims_are_said_to_be_all_ones():
    alike = list(risk_rows([risk("r1", ("a",)), risk("r2", ("a",))], 60))
    assert alike == [
        ("each of 2 nodes, such as r1", "4 of 12 routes among the others are lost; a is cut off from everyone")
    ]
    ((what, effect),) = risk_rows([risk("r1", ("a",)), risk("r2", ("b",))], 60)
    assert (what, effect) == (
        "each of 2 nodes, such as r1",
        "4 of 12 routes among the others are lost; 1 node is cut off from everyone",
    )
    assert len(list(risk_rows([risk("r1", ("a",)), risk("r2", ("b", "c"))], 60))) == 2


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        (["2 routes"], "2 routes"),
        (["2 routes", "2 routes"], "2 routes (each)"),
        (["2 routes", "1 route", None], "2 routes (the first of 3)"),
        ([None], None),
        ([None, "1 route"], None),
    ],
)
def test_what_causes_that_are_alike_cost(costs, words):
    one = Cause(
        id="1",
        kind="k",
        subjects=(NodeSubject(node="a"),),
        title="t",
        explanation="e",
        confidence=Confidence.CERTAIN,
        evidence=(),
        findings=(),
    )
    assert costs_words([one.model_copy(update={"costs": each}) for each in costs]) == words


#: `1 sessions`; of words that end in s and are none of several, those that reports have.
ONE_OF_SEVERAL = re.compile(
    r"(?<![\d.,:/\w-])1 (?:more |other )?(?!address\b|is\b|has\b|was\b|loses\b|sees\b|shows\b)[a-z]+s\b"
)
SITUATIONS = {
    "one node": ((), {"nodes": 1, "reflectors": 0, "topology": Topology.MESH}),
    "two nodes": (("node-down:node2",), {"nodes": 2, "reflectors": 0, "topology": Topology.MESH}),
    "one reflector": (("bird-down:node1",), {"nodes": 2, "reflectors": 1}),
    "one client": ((), {"nodes": 3, "reflectors": 2}),
    "a switch": (("tor-down",), {"nodes": 4, "switch": True}),
    "one of a family": (("bird6-down:node5",), {"nodes": 6, "families": tuple(Family)}),
}


@pytest.mark.parametrize("resources", [True, False])
@pytest.mark.parametrize(("faults", "config"), SITUATIONS.values(), ids=SITUATIONS)
def test_no_form_of_a_report_says_one_of_several(faults, config, resources):
    report, snapshot = report_of(*faults, resources=resources, **config)
    style = TextStyle(verbose=True)
    forms = {
        "screen": report_to_text(report, snapshot),
        "verbose": report_to_text(report, snapshot, style),
        "details": "".join(details_to_text(each, report, style) for each in (*report.causes, *report.findings)),
        "junit": report_to_junit(report),
        "markdown": report_to_markdown(report, snapshot),
        "html": audit_to_html(report, snapshot).partition("<body")[2],
        "svg": report_to_svg(report, snapshot).partition("</style>")[2],
        "mermaid": report_to_mermaid(report, snapshot),
        "status": status_to_text(snapshot),
    }
    said = {form: [found[0] for found in ONE_OF_SEVERAL.finditer(text)] for form, text in forms.items()}
    assert {form: found for form, found in said.items() if found} == {}
