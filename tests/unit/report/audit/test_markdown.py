"""The post-mortem skeleton: a golden file, the timeline, and nothing from a node that is more than text."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from markdown_it import MarkdownIt

from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reports.cause import Asked, Cause, Confidence, Decision, Fix, FixStep, Outcome, Risk
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import IgnoredFinding, Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.report.audit.timeline import timeline
from calico_bgp.report.markdown.cause import MOST_ROWS
from calico_bgp.report.markdown.escape import fence, inline
from calico_bgp.report.markdown.report import report_to_markdown

READ_AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SAID = "BIRD is down on {node}, a route reflector"
CAUSE = Cause(
    id="0123456789ab",
    kind="bird-down",
    subjects=(NodeSubject(node="node2", family=Family.IPV4),),
    title="BIRD is down on node2, a route reflector",
    said=Message(SAID, (("node", "node2"),)),
    explanation="Nothing listens on node2's BGP port, and node2 itself says that BIRD does not run.",
    confidence=Confidence.LIKELY,
    evidence=("node2: INFO: BIRDv4 process: 'bird' is not running.", "4 of 4 peers: Socket: Connection refused"),
    costs="none now: node1 reflects as well; if node1 goes too, all clients lose everyone",
    findings=("000000000000", "000000000001"),
    decide=(
        Decision(
            command="sudo ss -lntp 'sport = :179'",
            on="node2",
            outcomes=(
                Outcome(sees="nothing listens", means="BIRD does not run: it is this"),
                Outcome(sees="another program", means="it holds the port: it is port-taken"),
            ),
        ),
    ),
    fixes=(
        Fix(
            summary="Start calico-node on node2 anew.",
            risk=Risk.RESTARTS_SESSIONS,
            asks=(Asked(variable="NAMESPACE", what="the namespace of calico-node: calico-system or kube-system"),),
            steps=(
                FixStep(
                    what="Delete the pod; the DaemonSet makes a new one.",
                    kubectl='kubectl -n "$NAMESPACE" delete pod --field-selector spec.nodeName=node2',
                    shell="sudo systemctl restart calico-node",
                    on="node2",
                ),
                FixStep(what="Wait.", calicoctl="calicoctl node status"),
            ),
            check="calico-bgp audit hosts.txt --limit node2",
            wait_until=READ_AT + timedelta(minutes=4),
            tried="restores 4 sessions and loses none",
        ),
    ),
)


@pytest.fixture
def explained(outage):
    """The outage with its cause: node1's clock is right, node3's is ten minutes ahead, the others gave none."""
    report, snapshot = outage
    findings = tuple(
        replace(f, cause_id=CAUSE.id) if f.id in CAUSE.findings else f
        for f in (replace(finding, id=f"{number:012}") for number, finding in enumerate(report.findings))
    )
    clocks = {"node1": READ_AT, "node3": READ_AT + timedelta(minutes=10), "node4": None, "node5": READ_AT}
    readings = tuple(
        r.model_copy(update={"taken_at": READ_AT + timedelta(seconds=1), "clock": clocks.get(r.node)})
        for r in snapshot.readings
    )
    report = report.model_copy(update={"findings": findings, "causes": (CAUSE,), "snapshot_at": READ_AT})
    return report, snapshot.model_copy(update={"readings": readings, "taken_at": READ_AT})


def test_golden(explained, golden):
    golden(report_to_markdown(*explained), "outage.md")


def test_golden_of_a_healthy_cluster(healthy, golden):
    golden(report_to_markdown(*healthy), "healthy.md")


def test_findings_without_any_cause(outage):
    text = report_to_markdown(*outage)
    assert "The audit names no cause for what it found." in text
    assert "## Findings without a cause" in text
    assert "node2 does not answer node\\[1,3-5\\]" in text


def test_people_find_headings_to_fill_in(explained):
    text = report_to_markdown(*explained)
    assert re.findall("^## (.*)", text, re.MULTILINE) == [
        "Impact", "Cause", "Timeline", "Findings without a cause", "What was not checked", "Accepted exceptions",
        "What we did", "Follow-up",
    ]  # fmt: skip


def test_commands_stand_alone_in_fences(explained):
    blocks = [
        t.content for t in MarkdownIt().parse(report_to_markdown(*explained)) if t.type == "fence" and t.info == "sh"
    ]
    (fix,) = CAUSE.fixes
    commands = [CAUSE.decide[0].command, *fix.steps[0].commands, *fix.steps[1].commands, fix.check]
    assert blocks == [f"{command}\n" for command in commands]


def test_findings_that_say_the_same_share_a_row(explained):
    report, snapshot = explained
    one = report.findings[1]
    many = tuple(replace(one, id=f"{n:012}", cause_id=CAUSE.id) for n in range(5_000))
    text = report_to_markdown(report.model_copy(update={"findings": many}), snapshot)
    assert "5,000 findings explained by this" in text
    assert "000000000000, 000000000001, 000000000002 and 4,997 more" in text
    assert text.count("session-not-established") == 1


def test_different_findings_are_bounded(explained):
    report, snapshot = explained
    one = report.findings[0]
    many = tuple(replace(one, id=f"{n:012}", rule=f"rule-{n}", cause_id=CAUSE.id) for n in range(5_000))
    text = report_to_markdown(report.model_copy(update={"findings": many}), snapshot)
    assert f"And {5_000 - MOST_ROWS:,} more; `calico-bgp audit --format json` has them all." in text
    assert len(text) < 100_000


def test_causes_that_are_alike_share_a_section(explained):
    report, snapshot = explained
    others = [
        CAUSE.model_copy(
            update={
                "id": f"{n:012}",
                "title": f"BIRD is down on node{n}, a route reflector",
                "said": Message(SAID, (("node", f"node{n}"),)),
            }
        )
        for n in (3, 4)
    ]
    text = report_to_markdown(report.model_copy(update={"causes": (CAUSE, *others)}), snapshot)
    assert re.findall("^### (.*)", text, re.MULTILINE) == [r"1. BIRD is down on node\[2-4\], a route reflector"]
    assert "These are 3 causes that are alike" in text
    assert "| BIRD is down on node4, a route reflector | none now" in text
    assert text.count("#### Fix") == 1


# The timeline


def row(since, state="start Active", number=2):
    protocol, _, bgp = state.partition(" ")
    error = PeerError(ErrorClass.SOCKET, "Connection refused") if bgp == "Active" else None
    info = f"{bgp} Socket: Connection refused" if error else bgp
    address = f"192.0.2.{number}"
    return Peer(
        Family.IPV4, ip_address(address), address, None, PeerType.GLOBAL, protocol, BGPState(bgp), since, info, error
    )


def events(report, snapshot, rows, **circumstances):
    """The timeline of node1's rows, about node2."""
    reading = snapshot.readings[0]
    status = reading.status.model_copy(update={"peers": tuple(rows)})
    reading = reading.model_copy(update={"status": status, **circumstances})
    snapshot = snapshot.model_copy(update={"readings": (reading,)})
    return timeline(report, snapshot, (NodeSubject(node="node2"),))


def test_a_clock_time_is_known_to_seconds(outage):
    (event,) = events(*outage, [row("06:50:56")], clock=READ_AT)
    assert event.when.latest - event.when.earliest < timedelta(seconds=5)
    assert event.when.earliest <= datetime(2026, 11, 23, 6, 50, 56, tzinfo=UTC) <= event.when.latest
    assert event.changes[0].far == "node2"


def test_a_date_is_known_to_a_day(outage):
    (event,) = events(*outage, [row("2026-11-20")], clock=READ_AT)
    assert event.when.latest - event.when.earliest > timedelta(hours=23)


def test_a_wrong_clock_is_put_right(outage):
    late = READ_AT + timedelta(hours=2)
    (event,) = events(*outage, [row("08:50:56")], clock=late, taken_at=READ_AT)
    assert event.when.earliest <= datetime(2026, 11, 23, 6, 50, 56, tzinfo=UTC) <= event.when.latest
    assert event.changes[0].off == timedelta(hours=2)


def test_without_a_clock_the_cell_stands_as_it_is(outage):
    (event,) = events(*outage, [row("06:50:56")])
    assert event.when is None
    assert event.changes[0].since == "06:50:56"
    report, snapshot = outage
    text = report_to_markdown(report, snapshot)
    assert "| not known | " in text
    assert "SINCE 06:50:56" in text


def test_rows_of_others_and_old_sessions_that_stand_are_left_out(outage):
    rows = [row("2026-10-01", "up Established"), row("06:50:56", number=3), row("06:40:00", "up Established")]
    found = events(*outage, rows, clock=READ_AT)
    assert [(event.state, event.changes[0].far) for event in found] == [("up Established", "node2")]


def test_what_happened_in_one_spell_is_one_event(outage):
    report, snapshot = outage
    readings = tuple(
        snapshot.readings[0].model_copy(
            update={
                "node": f"node{n}",
                "clock": READ_AT,
                "status": snapshot.readings[0].status.model_copy(update={"peers": (row(since),)}),
            }
        )
        for n, since in ((1, "06:50:56"), (3, "06:51:20"), (4, "05:00:00"))
    )
    found = timeline(report, snapshot.model_copy(update={"readings": readings}), (NodeSubject(node="node2"),))
    assert [[change.node for change in event.changes] for event in found] == [["node4"], ["node1", "node3"]]


# Escaping


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "a | b", "`code`", "**bold** _it_ ~~gone~~", "[x](javascript:alert(1))",
        "![i](http://x)", "# heading", "- item", "1. item", "1) item", "> quote", "```", "~~~", "===", "---",
        "&lt;b&gt;", "\\", "a\\|b", "<!-- x", "[ref]: http://evil", "<details>", "$x$",
    ],
)  # fmt: skip
def test_inline_text_is_shown_as_it_is_and_is_nothing_else(text):
    (_, paragraph, _) = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(inline(text))
    assert [token.type for token in paragraph.children] == ["text"]
    assert paragraph.children[0].content.replace("\u200b", "") == text


def test_nobody_is_mentioned_and_nothing_becomes_a_link():
    assert "@\u200b" in MarkdownIt().parse(inline("ping @everyone"))[1].children[0].content
    assert "://" not in inline("https://evil.example")
    assert "#1" not in inline("see #1")


def test_addresses_and_times_stay_as_they_are():
    assert inline("10.0.0.1 fd00::1 10:20:30") == "10.0.0.1 fd00::1 10:20:30"


@pytest.mark.parametrize("text", ["```", "a\n````\nb", "~~~~", "    x", "</details>"])
def test_a_fence_holds_whatever_it_holds(text):
    tokens = MarkdownIt("commonmark", {"html": True}).parse("\n".join(["before", "", *fence([text]), "", "after"]))
    assert [t.type for t in tokens if t.level == 0] == [
        "paragraph_open", "paragraph_close", "fence", "paragraph_open", "paragraph_close",
    ]  # fmt: skip
    (block,) = (token for token in tokens if token.type == "fence")
    assert block.content == f"{text}\n"


def test_a_severity_that_is_only_worth_knowing_is_folded_away(explained):
    report, snapshot = explained
    noted = [f for f in report.findings if f.severity is Severity.INFO]
    text = report_to_markdown(report, snapshot)
    assert f"<summary>{len(noted)} finding worth knowing</summary>" in text


def test_what_is_left_out_is_counted(outage):
    report, snapshot = outage
    finding = report.unexplained[0]
    accepted = tuple(IgnoredFinding(finding=replace(finding, id=f"{number}"), reason="planned") for number in range(62))
    full = replace(finding, evidence=tuple(f"line {number}" for number in range(7)))
    text = report_to_markdown(report.model_copy(update={"findings": (full,), "ignored": accepted}), snapshot)
    assert text.count(": planned\n") == 60
    assert "\nand 2 more exceptions\n" in text
    assert "line 4\nand 2 more\n" in text
