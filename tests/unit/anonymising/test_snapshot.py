"""An audit of the copy says what the audit of the original says, and nothing in the copy names the cluster."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.anonymising.snapshot import anonymise
from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.catalogue import OF_SWITCH
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.report.audit.json import report_to_json
from calico_bgp.report.audit.junit import report_to_junit
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.notebook.html import report_to_html, snapshot_to_html
from calico_bgp.report.picture.mermaid import report_to_mermaid
from calico_bgp.report.picture.svg import report_to_svg
from calico_bgp.report.status.csv import status_to_csv
from calico_bgp.report.text.columns import peer_rows
from calico_bgp.report.text.page import TextStyle
from tests.asked_twice import AskedTwice
from tests.lab_faults import faults_of
from tests.property.test_audit import snapshot_of
from tests.unit.anonymising.every_field import PUBLIC_AS, full_snapshot, leaves
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
    faults = draw(faults_of(cluster, most=2, but=() if cluster.switch else OF_SWITCH))
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


def test_where_more_causes_than_findings_are_certain_their_ids_decide_nothing():
    """Ids are hashes of names: with others, another one of three causes was left out."""
    cluster = build_cluster(4, switch=True)
    faults = (Fault(FaultKind.LABEL_ELSEWHERE, ("node1", "node2")), Fault(FaultKind.RACKS_APART, ()))
    snapshot = snapshot_of(cluster, faults).model_copy(update={"resources": lab_resources(cluster, faults)})
    for key in (b"1", b"2", b"3", b"4"):
        assert said(audit(anonymise(snapshot, key=key))) == said(audit(snapshot))
    assert [cause.where for cause in audit(snapshot).causes] == [("node3",), ("node4",)]


def test_hashes_of_routes_are_left_out_and_the_judgement_stays():
    snapshot = AskedTwice(build_cluster(5, topology=Topology.MESH)).snapshot()
    copy = anonymise(snapshot)
    hashes = [table.bird_hash for reading in snapshot.readings for table in reading.tables if table.bird_hash]
    assert len(hashes) == 3
    text = copy.model_dump_json()
    assert not any(each.sha256 in text or each.shape in text for each in hashes)
    assert audit(copy).reachability[0].observed == audit(snapshot).reachability[0].observed
    assert audit(copy).reachability[0].observed.by_hash == 3


def named(report, snapshot):
    """The snapshot of a lab with names that are found again."""
    text = snapshot.model_dump_json(by_alias=True)
    text = re.sub(r"node(\d+)", r"acme-worker\1", text).replace("zone-", "acme-zone-").replace(".example", ".acme.com")
    text = text.replace("192.0.2.", "10.77.3.").replace('"as_number":64999', '"as_number":15169')
    text = text.replace("peer-with-reflectors", "acme-reflectors").replace("top-of-rack", "acme-tor")
    return Snapshot.model_validate_json(text).model_copy(update={"cluster": "acme-prod"})


def forms_of(report, snapshot):
    """Everything that can be written of an audit and of the snapshot."""
    verbose = TextStyle(width=100, color=True, verbose=True)
    return [
        snapshot.model_dump_json(),
        report_to_json(report),
        report_to_text(report, snapshot, again="calico-bgp audit --snapshot public/"),
        report_to_text(report, snapshot, verbose, again="calico-bgp audit --snapshot public/"),
        report_to_markdown(report, snapshot),
        report_to_junit(report),
        audit_to_html(report, snapshot),
        report_to_svg(report, snapshot),
        report_to_mermaid(report, snapshot),
        report_to_html(report),
        snapshot_to_html(snapshot),
        status_to_csv(peer_rows(snapshot)),
    ]


TELLING = re.compile(r"acme|10[._]77|77aa")
#: Fields in which the number of every_field is no AS number: counts, lines, ports, lengths, times.
NO_AS_NUMBERS = {
    "line",
    "place[]",
    "lines[][]",
    "tags[][]",
    "skipped[][]",
    "not_understood[][]",
    "tables[][]",
    "port",
    "listen_port",
    "exit_code",
    "paths",
    "networks",
    "routes",
    "imported",
    "exported",
    "preferred",
    "imports_filtered",
    "exports_filtered",
    "number",
    "hold_time",
    "keepalive_time",
    "age",
    "ipv4_prefix",
    "ipv6_prefix",
    "num_allowed_local_as_numbers",
    "ttl_security",
    "block_size",
    "min",
    "max",
    "priority",
    "device_route_protocol",
    "restarts",
    "last_ran",
}


def test_no_field_of_a_snapshot_tells_whose_it_is():
    """Every field that the model has, and each that it gains, with names, addresses and numbers in it."""
    copy = anonymise(full_snapshot()).model_dump(mode="json", by_alias=True)
    told = {path: value for path, value in leaves(copy) if isinstance(value, str) and TELLING.search(value)}
    assert told == {}
    texts = [path for path, value in leaves(copy) if isinstance(value, str) and str(PUBLIC_AS) in value]
    numbers = {path.rpartition(".")[2] for path, value in leaves(copy) if value == PUBLIC_AS}
    assert (texts, numbers - NO_AS_NUMBERS) == ([], set())


def test_what_is_put_into_every_field_would_be_found():
    """The test above sees what the walk leaves out."""
    dumped = full_snapshot().model_dump(mode="json", by_alias=True)
    told = {path for path, value in leaves(dumped) if isinstance(value, str) and TELLING.search(value)}
    assert len(told) > 100
    assert {".kubernetes.nodes[].taints[]", ".resources.skipped_files[][]", ".hosts[].source"} <= told


def test_nothing_names_the_cluster_in_any_form():
    snapshot = named(*report_of("bird-down:node1", "link-cut:node2,node4", "no-sudo:node5", nodes=6, switch=True))
    assert audit(snapshot).causes
    copy = anonymise(snapshot)
    report = audit(copy)
    for form in forms_of(report, copy):
        assert not re.search(r"acme|10\.77|10_77|15169", form)
    # The same search finds the original's in each of them.
    assert all(re.search(r"acme|10\.77", form) for form in forms_of(audit(snapshot), snapshot))
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
