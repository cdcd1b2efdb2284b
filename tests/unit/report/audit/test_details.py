"""Everything about one cause or one finding."""

from dataclasses import replace

import pytest

from calico_bgp.model.reports.cause import Cause, Confidence, Decision, Fix, FixStep, Outcome, Risk
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.report.audit.details import details_to_text, find_by_id
from calico_bgp.report.text.page import TextStyle

CAUSE = Cause(
    id="0123456789ab",
    kind="bird-down",
    subjects=(NodeSubject(node="node2"),),
    title="BIRD is down on node2",
    explanation="Nothing listens there.",
    confidence=Confidence.LIKELY,
    evidence=tuple(f"line {number} of the evidence" for number in range(9)),
    costs="nobody loses a route",
    findings=("000000000003",),
    decide=(
        Decision(command="ss -lnt", on="node2", outcomes=(Outcome(sees="port 179 is there", means="it is not this"),)),
    ),
    fixes=(
        Fix(
            summary="Start it.",
            risk=Risk.RESTARTS_SESSIONS,
            steps=(FixStep(what="Apply.", kubectl="kubectl x", calicoctl="calicoctl apply -f - <<'EOF'\na: 1\nEOF"),),
            check="calico-bgp audit hosts.txt",
        ),
    ),
)


def replace_cause(**fields):
    return CAUSE.model_copy(update=fields)


@pytest.fixture
def report(outage):
    report, _ = outage
    findings = tuple(replace(f, cause_id=CAUSE.id) if f.id in CAUSE.findings else f for f in report.findings)
    return report.model_copy(update={"findings": findings, "causes": (CAUSE,)})


def details(report, prefix):
    (found,) = find_by_id(report, prefix)
    return details_to_text(found, report)


def test_a_cause_with_all_that_is_known_of_it(report):
    text = details(report, "0123")
    assert text.startswith("CAUSE bird-down\n  BIRD is down on node2\n")
    assert text.count("of the evidence") == 9
    assert "likely: what both ends show agrees with it" in text
    assert "impact      nobody loses a route" in text
    assert "TO BE SURE on node2" in text
    assert "port 179 is there: it is not this" in text
    assert "restarts sessions: " in text
    assert "EXPLAINS 1 finding\n  000000000003 error session-not-established: node2 does not answer node3" in text


def test_of_thousands_of_subjects_and_findings_the_first_are_shown(report):
    """A cut through a mesh of 200 nodes was 40,000 lines."""
    finding = next(f for f in report.findings if f.cause_id == CAUSE.id)
    findings = tuple(replace(finding, id=f"{number:012x}") for number in range(1, 301))
    cause = replace_cause(subjects=tuple(NodeSubject(node=f"node{number}") for number in range(500)))
    many = report.model_copy(update={"findings": findings, "causes": (cause,)})
    text = details_to_text(cause, many, TextStyle(width=80))
    assert len(text.splitlines()) < 100
    assert "and 480 more" in text
    assert "EXPLAINS 300 findings" in text
    assert f"and 280 more; audit --explain {CAUSE.id} -v shows all" in text
    everything = details_to_text(cause, many, TextStyle(verbose=True))
    assert [number for number in range(500) if f"node{number}" not in everything] == []
    assert [f.id for f in findings if f.id not in everything] == []
    assert " more" not in everything


def test_commands_can_be_copied_whole(report):
    lines = details(report, "0123").splitlines()
    here = lines.index("calicoctl apply -f - <<'EOF'")
    assert lines[here : here + 3] == ["calicoctl apply -f - <<'EOF'", "a: 1", "EOF"]
    assert "      kubectl x" in lines


def test_a_finding_with_its_cause(report):
    text = details(report, "000000000003")
    assert text.startswith("ERROR session-not-established\n")
    assert "cause       BIRD is down on node2 (likely, bird-down, 0123456789ab)" in text
    assert "rule        calico-bgp audit --explain session-not-established says what it means" in text


def test_a_finding_without_a_cause(report):
    assert "none of the report's causes explains it" in details(report, "000000000004")


def test_an_accepted_finding_says_why_it_is_accepted(report):
    accepted = report.ignored[0]
    finding = replace(accepted.finding, id="abcdefabcdef")
    ignored = (accepted.model_copy(update={"finding": finding}),)
    text = details(report.model_copy(update={"ignored": ignored}), "abcd")
    assert "accepted    calico-bgp.toml accepts it: migration till summer" in text


def test_a_whole_id_wins_over_one_that_it_begins(report):
    short = CAUSE.model_copy(update={"id": "0123"})
    assert find_by_id(report.model_copy(update={"causes": (CAUSE, short)}), "0123") == (short,)
    assert len(find_by_id(report, "00000000000")) > 1


def test_nothing_from_a_node_reaches_the_terminal_raw(report):
    evil = CAUSE.model_copy(update={"title": "\x1b]0;x\x07 \u202e", "evidence": ("\x1b[2J",)})
    report = report.model_copy(update={"causes": (evil,)})
    assert not {"\x1b", "\x07", "\u202e"} & set(details(report, "0123"))
