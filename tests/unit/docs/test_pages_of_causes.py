"""The pages under docs/causes say what the causes declare, and every demo that they name shows that cause."""

import re
from pathlib import Path

import pytest

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.lab.cluster import Topology
from calico_bgp.lab.faults.catalogue import CATALOGUE, ENTRIES
from calico_bgp.lab.faults.fault import kind_of
from calico_bgp.model.reports.report import Verdict
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import TextStyle
from tests.generators import generator

DOCS = Path(__file__).parents[3] / "docs"


MAKE = generator("causes")
SHOWN = [(kind.id, fault) for kind in CAUSE_KINDS.values() for fault in kind.demos]


def test_every_page_is_what_the_generator_writes():
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "causes").glob("*.md")}
    assert written == MAKE.pages(), "run: make generate"


def test_the_example_of_causes_md_is_that_demo():
    text = (DOCS / "causes.md").read_text("utf-8")
    (fault, shown) = re.findall(r'```text title="calico-bgp demo --fault (\S+)"\n(.*?)\n```', text, re.DOTALL)[0]
    screen = report_to_text(MAKE.judged(fault), style=TextStyle(width=104))
    assert shown == screen.split("\n\n", 1)[1].strip()


@pytest.mark.parametrize(("kind", "fault"), SHOWN)
def test_the_demo_of_a_page_shows_its_cause(kind, fault):
    assert [cause.kind for cause in MAKE.judged(fault).causes] == [kind]
    assert kind in ENTRIES[kind_of(fault)].causes


@pytest.mark.parametrize("kind", [kind for kind in CAUSE_KINDS.values() if kind.demos], ids=lambda kind: kind.id)
def test_the_example_says_what_is_broken_and_is_healthy_when_that_is_mended(kind):
    broken, fixed = MAKE.with_and_without(kind.demos[0])
    found = MAKE.differences(fixed, broken)
    assert found
    assert all(each.healthy != each.broken for each in found)
    report = MAKE.audit(fixed)
    assert (report.verdict, report.causes) == (Verdict.HEALTHY, ())


def test_the_input_of_an_example_is_what_nodes_and_resources_say():
    def said(fault):
        broken, fixed = MAKE.with_and_without(fault)
        return [(each.where, each.broken, each.healthy) for each in MAKE.differences(fixed, broken)]

    refused = "start Active Socket: Connection refused"
    assert said("bird-down:node6") == [
        ("node1 shows 192.0.2.16 (node specific)", refused, "up Established"),
        ("node2 shows 192.0.2.16 (node specific)", refused, "up Established"),
        ("node6 shows BIRD for IPv4", "not running", "running"),
        ("node6 shows BIRD for IPv6", "not running", "running"),
    ]
    assert ("node6 is read", "sudo wants a password", "yes") in said("no-sudo:node6")
    assert said("lost-label:node1")[0] == ("Node node1, labels route-reflector", "-", "true")
    assert said("selector-stale")[0] == (
        "BGPPeer peer-with-reflectors, peer_selector", "has(bgp-reflector)", "has(route-reflector)",
    )  # fmt: skip


def test_a_kind_without_a_demo_says_why():
    for kind in CAUSE_KINDS.values():
        if not kind.demos:
            assert f"## Example\n\n{kind.no_demo}\n" in MAKE.page(kind)


def test_a_healthy_cluster_without_bgp_names_no_cause():
    report = MAKE.judged(None, Topology.NO_BGP)
    assert report.causes == ()
    assert "no-bgp" in {finding.rule for finding in report.findings}


def test_no_fault_of_the_lab_is_left_out():
    named = {kind_of(fault) for _, fault in SHOWN}
    left_out = {entry.kind for entry in CATALOGUE if entry.causes} - named
    # Each looks like another cause where the lab shows it; docs/causes.md says why.
    assert left_out == {"port-dropped", "confd-stuck"}


@pytest.mark.parametrize("kind", CAUSE_KINDS.values(), ids=lambda kind: kind.id)
def test_a_kind_is_documented(kind):
    assert kind.title
    assert not kind.title.endswith(".")
    assert all(text.endswith(".") for text in (kind.meaning, kind.evidence, kind.look_alikes, kind.mending))


@pytest.mark.parametrize("page", ["causes.md", "whatif.md"])
def test_pages_of_causes_that_others_link_exist(page):
    linked = re.findall(r"\(causes/([\w-]+)\.md\)", (DOCS / page).read_text("utf-8"))
    assert linked
    assert {f"{name}.md" for name in linked} <= MAKE.pages().keys()
