"""An audit of the copy says what the audit of the original says, and nothing in the copy names the cluster."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.anonymising.snapshot import anonymise
from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.catalogue import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.picture.svg import report_to_svg
from tests.lab_faults import faults_of
from tests.property.test_audit import snapshot_of
from tests.unit.report.lab_reports import report_of


def said(report):
    return (
        report.verdict,
        report.headline.replace("node-", "node"),
        [(cause.kind, cause.confidence, cause.severity, cause.routes_lost, cause.sessions) for cause in report.causes],
        [(finding.rule, finding.severity, finding.key) for finding in report.findings],
        report.checked.model_copy(update={"reflectors": ()}),
        report.reachability and [(r.family, r.pairs, r.pairs_cut_off, r.pairs_unknown) for r in report.reachability],
    )


@st.composite
def situations(draw):
    cluster = build_cluster(
        draw(st.integers(4, 8)),
        topology=draw(st.sampled_from([Topology.MESH, Topology.REFLECTORS])),
        families=draw(st.sampled_from([(Family.IPV4,), tuple(Family)])),
        switch=draw(st.booleans()),
    )
    faults = draw(faults_of(cluster, most=2, but=() if cluster.switch else (FaultKind.TOR_DOWN,)))
    return cluster, faults, draw(st.booleans())


@given(situations())
@settings(max_examples=60, deadline=None)
def test_the_audit_of_the_copy_is_the_same(situation):
    cluster, faults, with_resources = situation
    snapshot = snapshot_of(cluster, faults)
    if with_resources:
        snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster, faults)})
    copy = anonymise(snapshot)
    assert said(audit(copy)) == said(audit(snapshot))


def named(report, snapshot):
    """The snapshot of a lab with names that are found again."""
    text = snapshot.model_dump_json(by_alias=True)
    text = re.sub(r"node(\d+)", r"acme-worker\1", text).replace("zone-", "acme-zone-").replace(".example", ".acme.com")
    text = text.replace("192.0.2.", "10.77.3.").replace('"as_number":64999', '"as_number":15169')
    text = text.replace("peer-with-reflectors", "acme-reflectors").replace("top-of-rack", "acme-tor")
    return Snapshot.model_validate_json(text).model_copy(update={"cluster": "acme-prod"})


def test_nothing_names_the_cluster_in_any_form():
    snapshot = named(*report_of("bird-down:node1", "link-cut:node2,node4", "no-sudo:node5", nodes=6, switch=True))
    assert audit(snapshot).causes
    copy = anonymise(snapshot)
    report = audit(copy)
    forms = [
        copy.model_dump_json(),
        report.model_dump_json(),
        audit_to_html(report, copy),
        report_to_svg(report, copy),
    ]
    for form in forms:
        assert not re.search(r"acme|10\.77|10_77|15169", form)
    assert said(report) == said(audit(snapshot))
    assert copy.cluster == "cluster-1"


def test_what_only_people_read_is_left_out():
    _, snapshot = report_of(nodes=3)
    first = snapshot.readings[0]
    odd = UnrecognisedLine(line=3, text="motd: welcome to ACME")
    secret = first.status.model_copy(update={"unrecognised": (odd,), "source": "/home/jane/acme/x.txt"})
    host = snapshot.hosts[0]
    told = type(host)(
        name=host.name, user="jane", identity="/home/jane/.ssh/id", jump="jane@bastion.acme.com", node="node1"
    )
    full = snapshot.model_copy(
        update={
            "hosts": (told, *snapshot.hosts[1:]),
            "readings": (first.model_copy(update={"status": secret, "raw": "ACME"}), *snapshot.readings[1:]),
            "resources_raw": (("x.yaml", "ACME"),),
        }
    )
    copy = anonymise(full)
    assert not re.search("acme|jane", copy.model_dump_json(), re.IGNORECASE)
    assert copy.readings[0].raw == ""
    assert copy.resources_raw == ()
    assert copy.readings[0].status.unrecognised[0].text == "(left out)"
    assert copy.readings[0].status.source == "file-1.txt"


def test_times_stay_and_the_key_decides():
    _, snapshot = report_of(nodes=3)
    assert anonymise(snapshot).taken_at == snapshot.taken_at
    assert anonymise(snapshot, key=b"1") == anonymise(snapshot, key=b"1")
    assert anonymise(snapshot, key=b"1") != anonymise(snapshot, key=b"2")


@pytest.mark.parametrize("name", ["start", "up", "Established", "ipv4", "global", "default"])
def test_a_node_that_is_called_like_a_word_of_bird(name):
    _, snapshot = report_of("link-cut:node1,node3", nodes=4)
    text = json.dumps(json.loads(snapshot.model_dump_json(by_alias=True))).replace('"node2"', f'"{name}"')
    odd = Snapshot.model_validate_json(text.replace('"node2.example"', f'"{name}.example"'))
    assert said(audit(anonymise(odd))) == said(audit(odd))
