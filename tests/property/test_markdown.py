"""No text from a node can be more than text in a ticket: the document has the same shape whatever the nodes say."""

import re
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.model.reports.cause import Asked, Cause, Confidence, Decision, Fix, FixStep, Outcome, Risk
from calico_bgp.model.reports.report import Checked, Finding, IgnoredFinding, NotChecked, Report, Severity, Verdict
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyKind, TopologyNode
from calico_bgp.report.markdown.escape import EMPTY
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.text.sanitize import plain

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
#: Fields of the document that a node, a resource or a user fills.
FIELDS = 27

_MARKUP = (
    "```", "````", "~~~", "|", "\\|", "\\", "<script>alert(1)</script>", "</details>", "<!--", "-->", "# x", "- x",
    "1. x", "> x", "[a](b)", "![a](b)", "[a]: b", "**x**", "_x_", "`x`", "\n", "\r\n", "\n\n", "    x", "\t", "---",
    "===", "&lt;", "<a@b.c>", "<http://x>", "\x1b[31m", "\u202e", "\u2028", "|---|", "@x", "#1",
)  # fmt: skip
texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_MARKUP), max_size=6).map("".join))


def document(texts, check="calico-bgp audit "):
    """A report and a snapshot with these texts wherever a text may stand, rendered.

    Args:
        texts: As many as the document has fields.
        check: How the check of the fix begins: as a command, or as the comment that stands where no command checks.
    """
    say = iter(texts).__next__
    node = say() or "nobody"
    cause = Cause(
        id="0123456789ab",
        kind="bird-down",
        subjects=(),
        title=say(),
        explanation=say(),
        confidence=Confidence.POSSIBLE,
        evidence=(say(),),
        costs=say(),
        decide=(Decision(command=say(), on=say(), outcomes=(Outcome(sees=say(), means=say()),)),),
        fixes=(
            Fix(
                summary=say(),
                risk=Risk.NONE,
                steps=(FixStep(what=say(), kubectl=say(), shell=say(), on=say()),),
                asks=(Asked(variable="X", what=say()),),
                check=check + say(),
                tried=say(),
            ),
        ),
    )
    findings = (
        Finding(id="1", rule="a", severity=Severity.ERROR, subject=ClusterSubject(), message=say(), cause_id=cause.id),
        Finding(
            id="2", rule="b", severity=Severity.ERROR, subject=NodeSubject(node=node), message=say(), evidence=(say(),)
        ),
        Finding(id="3", rule="c", severity=Severity.INFO, subject=ClusterSubject(), message=say()),
    )
    report = Report(
        verdict=Verdict.UNHEALTHY,
        cluster=say(),
        snapshot_at=NOW,
        topology=Topology(kind=TopologyKind.MESH, evidence=say(), nodes=(TopologyNode(node),)),
        findings=findings,
        causes=(cause,),
        checked=Checked(nodes_read=1),
        not_checked=(NotChecked(what=say(), why="why"),),
        unread=(say(),),
        ignored=(IgnoredFinding(finding=findings[2], reason=say()),),
    )
    peer = Peer(Family.IPV4, ip_address("10.0.0.2"), "10.0.0.2", None, "global", "start", None, "06:50:56", say())
    reading = NodeReading(host="n1", node=node, status=NodeStatus(peers=(peer,)), clock=NOW)
    return report_to_markdown(report, Snapshot(readings=(reading,)))


def shape(text):
    """Every token that is not text: what the document is made of."""
    found = []
    for token in PARSER.parse(text):
        found.append((token.type, token.tag, token.info, token.level))
        if token.type == "html_block":
            found.append(re.sub(r"\d+", "N", token.content))
        found += [child.type for child in token.children or () if child.type != "text"]
    return found


ORDINARY = shape(document(["word"] * FIELDS))
IN_WORDS = shape(document(["word"] * FIELDS, check="# "))


def test_the_fields_are_counted_right():
    text = document([f"word{number}x" for number in range(FIELDS)])
    assert all(f"word{number}x" in text for number in range(FIELDS))


@given(st.lists(texts, min_size=FIELDS, max_size=FIELDS))
def test_the_document_has_the_same_shape_whatever_the_nodes_say(texts):
    text = document(texts)
    assert shape(text) == ORDINARY
    assert not set(re.findall(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u2028\u2029\u202a-\u202e]", text))


@given(st.lists(texts, min_size=FIELDS, max_size=FIELDS))
def test_a_check_in_words_is_a_sentence_whatever_its_words_are(texts):
    assert shape(document(texts, check="# ")) == IN_WORDS != ORDINARY


@given(texts)
def test_what_stands_in_a_fence_is_the_text_itself(text):
    fences = [token.content for token in PARSER.parse(document([text] * FIELDS)) if token.type == "fence"]
    expected = "\n".join(plain(line) for line in text.split("\n"))
    assert f"{expected}\n" in fences


@given(texts)
def test_what_stands_in_a_cell_is_the_text_itself(text):
    tokens = PARSER.parse(document([text] * FIELDS))
    cells = [after.content for before, after in pairwise(tokens) if before.type == "td_open"]
    shown = ["".join(child.content for child in PARSER.parseInline(cell)[0].children) for cell in cells]
    # The messages of the finding that is explained, and of the one that is only worth knowing.
    assert [cell.replace("\u200b", "") for cell in shown].count(plain(text).strip() or EMPTY) >= 2
