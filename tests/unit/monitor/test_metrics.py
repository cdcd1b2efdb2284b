"""The metrics: what is 0 and what is absent, how many series there are, the forms, the server."""

import random
import re
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.cli.options.metrics import Endpoint, parse_endpoint
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.messages.info.table import info_words
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.reports.report import Report, Severity, Verdict
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.metrics import declarations as d
from calico_bgp.monitor.metrics.exposition import MetricsServer, to_text
from calico_bgp.monitor.metrics.reasons import _OF_TEXT, reason_of
from calico_bgp.monitor.metrics.samples import Seen, Watched, samples
from calico_bgp.monitor.metrics.seen import Watching, seen_once
from calico_bgp.monitor.metrics.sessions import ExpectedSessions, sessions_down
from calico_bgp.monitor.states.maintenance import Maintenance
from calico_bgp.monitor.watcher import SourceFailed, Watcher
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster
from tests.unit.monitor.polls import NOON, trouble
from tests.unit.store.history.synthetic import peer, snapshot
from tests.with_routes import with_routes

ROOT = Path(__file__).parents[3]


def read(lab):
    return read_cluster(load_kubeconfig([lab.kubeconfig]).access(), cluster="lab")


@pytest.fixture(scope="module")
def broken():
    """Six nodes and two reflectors, of which BIRD does not run on node4."""
    with Lab(build_cluster(6, reflectors=2), faults=["bird-down:node4"]) as lab:
        seen = read(lab)
    return seen, audit(seen)


def test_routes_that_are_lost_while_all_sessions_stand_are_missing_in_the_metrics():
    seen = with_routes(build_cluster(6, reflectors=2), trouble=Trouble(own_lost=frozenset({"node4"})))
    found = list(samples(seen_once(seen, audit(seen))))
    assert values(found, d.ROUTES_MISSING) == {("ipv4",): 5}
    assert values(found, d.ROUTES_UNKNOWN) == {("ipv4",): 0}


def values(found, metric):
    return {sample.labels[1:]: sample.value for sample in found if sample.metric is metric}


def test_a_cause_is_shown_with_whom_it_is_about(broken):
    found = list(samples(seen_once(*broken)))
    ((labels, value),) = values(found, d.CAUSE_ACTIVE).items()
    assert (labels[1:], value) == (("bird-down", "node4", "error"), 1)
    assert values(found, d.ROUTES_LOST) == {labels: 10}
    assert values(found, d.ROUTES_MISSING) == {("ipv4",): 10}
    assert values(found, d.HEALTH) == {("healthy",): 0, ("warnings",): 0, ("unhealthy",): 1, ("unknown",): 0}
    assert values(found, d.NODES) == {("read",): 6, ("unreadable",): 0, ("no_bgp",): 0}


def test_what_no_cause_explains_is_counted_and_is_no_cause():
    """One reflector is a warning, and the routes of a node that lost them have a cause."""
    single = with_routes(build_cluster(6, reflectors=1))
    report = audit(single)
    assert [finding.rule for finding in report.unexplained] == ["fewer-than-two-reflectors"]
    found = list(samples(seen_once(single, report)))
    assert values(found, d.UNEXPLAINED) == {("error",): 0, ("warning",): 1}
    assert (values(found, d.CAUSE_ACTIVE), values(found, d.CAUSES_NOT_SHOWN)) == ({}, {(): 0})


def test_a_finding_is_told_when_the_watcher_has_confirmed_it():
    single = with_routes(build_cluster(6, reflectors=1))
    watcher, watching = Watcher(lambda: single, audit, every=60), Watching()
    counts = [values(list(samples(watching.seen(watcher.poll()))), d.UNEXPLAINED)[("warning",)] for _ in range(3)]
    assert counts == [0, 0, 1]


def test_a_known_class_with_none_is_0(broken):
    found = list(samples(seen_once(*broken)))
    causes = values(found, d.CAUSES)
    assert set(causes) == {(kind, confidence) for kind in CAUSE_KINDS for confidence in d.CONFIDENCES}
    assert {key for key, value in causes.items() if value} == {("bird-down", "certain")}
    assert Counter(values(found, d.SESSIONS_DOWN).values()) == {0: 14, 2: 1}
    assert values(found, d.SESSIONS_DOWN)["ipv4", "refused"] == 2
    assert values(found, d.NODE_SESSIONS)["node4", "ipv4", "established"] == 0
    assert values(found, d.NODE_SESSIONS)["node1", "ipv4", "down"] == 1
    assert values(found, d.NODE_EXPECTED)["node4", "ipv4"] == 2


def test_what_is_not_known_is_absent():
    """A node that cannot be read, and a cluster that cannot."""
    with Lab(build_cluster(4)) as lab:
        seen = read(lab)
    failure = GatherFailure(host="node2", node="node2", stage=Stage.CONNECT, message="no route to host")
    seen = seen.model_copy(
        update={"readings": tuple(one for one in seen.readings if one.host != "node2"), "failures": (failure,)}
    )
    found = list(samples(seen_once(seen, audit(seen))))
    assert {node for node, *_ in values(found, d.NODE_SESSIONS)} == {"node1", "node3", "node4"}
    assert values(found, d.NODES)[("unreadable",)] == 1
    assert ("node2", "ipv4") in values(found, d.NODE_EXPECTED)
    nothing = list(samples(Seen(at=NOON, took=1.0, snapshot=None, report=None, troubles=(trouble(),))))
    names = {sample.metric.name for sample in nothing}
    assert values(nothing, d.UP) == {(): 0}
    # Unknown resolves nothing: what was told is still there.
    assert len(values(nothing, d.CAUSE_ACTIVE)) == 1
    assert not names & {"health", "causes", "findings", "routes_missing", "nodes", "node_sessions"}


def test_every_declared_metric_is_made_somewhere(broken):
    watched = Watched(60, {"read": 1}, is_source_lost=False, flapping=0, expected=0, transitions={})
    seen = Seen(
        NOON,
        1.0,
        *broken,
        troubles=(trouble(routes_lost=1),),
        maintenance=Maintenance((("node1", "x"),)),
        watched=watched,
    )
    assert {sample.metric for sample in samples(seen)} == set(d.METRICS) - {d.EXTERNAL_ROUTES}
    for sample in samples(seen):
        names = sample.metric.labels if sample.metric is d.BUILD_INFO else ("cluster", *sample.metric.labels)
        assert len(sample.labels) == len(names)
        for name, allowed in sample.metric.values:
            assert sample.labels[names.index(name)] in allowed


def large(nodes, families):
    """Very many nodes with two reflectors, everything down that can be; without an audit, which takes its time."""
    rows = [peer(n, "10:00:00", PeerType.GLOBAL) for n in (1, 2)]
    if families == 2:
        rows += [
            replace(row, family=Family.IPV6, protocol_state="start", bgp_state=BGPState.IDLE, info="Idle")
            for row in rows
        ]
    return snapshot([rows] * nodes, NOON)


@pytest.mark.parametrize(("families", "most"), [(1, 50_000), (2, 95_000)])
def test_how_many_series_there_are(broken, families, most):
    """5,000 nodes, all of them in maintenance, with more causes than have series, and all rules with findings."""
    seen = large(5000, families)
    names = [f"node{n}" for n in range(5000)]
    told = tuple(trouble(f"node{n}", routes_lost=5) for n in range(200))
    _, report = broken
    kinds = list(Family)[:families]
    report = report.model_copy(update={"topology": report.topology.model_copy(update={"families": tuple(kinds)})})
    watched = Watched(60, {}, is_source_lost=False, flapping=0, expected=0, transitions={})
    everything = Seen(
        NOON, 1.0, seen, report, troubles=told, maintenance=Maintenance(tuple((n, "x") for n in names)), watched=watched
    )

    class Expected(ExpectedSessions):
        def of(self, snapshot):
            return tuple((name, family, 2) for name in names for family in kinds)

    found = list(samples(everything, expected=Expected()))
    assert 40_000 * families < len(found) <= most
    assert len({(sample.metric, sample.labels) for sample in found}) == len(found)
    few = list(samples(everything, per_node=False, expected=Expected()))
    assert 250 < len(few) <= 520
    assert not any(sample.metric.is_per_node for sample in few)
    assert values(few, d.CAUSES_NOT_SHOWN) == {(): 200 - d.MOST_CAUSES}


def test_the_largest_report_without_nodes_stays_below_its_bound():
    """Every rule at every severity that there may be would not; each has one, and a warning where it was a remark."""
    from calico_bgp.rules.catalogue import ALL_RULES

    rules = len(ALL_RULES) + sum(rule.severity is Severity.INFO for rule in ALL_RULES)
    fixed = 12 + len(Verdict) + len(d.NODE_STATES) + 2 * (2 + len(d.REASONS))
    assert fixed + rules + len(CAUSE_KINDS) * len(d.CONFIDENCES) + 2 * d.MOST_CAUSES <= 550


def test_what_a_node_is_called_cannot_forge_a_line():
    seen = snapshot([[]], NOON)
    (reading,) = seen.readings
    name = 'n"1\n} evil 1\x1b[2J\u202e' + "x" * 500
    seen = seen.model_copy(update={"readings": (reading.model_copy(update={"node": name}),)})
    text = to_text(samples(seen_once(seen, audit(seen))))
    lines = [line for line in text.splitlines() if "evil" in line]
    assert lines
    assert all(re.fullmatch(r'calico_bgp_\w+\{(?:\w+="(?:[^"\\]|\\.)*",?)+\} [\d.e+]+', line) for line in lines)
    assert "\x1b" not in text
    assert max(map(len, lines)) < 400


def test_the_server_gives_the_last_finished_poll(broken):
    server = MetricsServer("127.0.0.1", 0)
    try:
        assert get(server.port) == ""
        server.collector.show(samples(seen_once(*broken)))
        assert 'calico_bgp_health{cluster="lab",state="unhealthy"} 1.0' in get(server.port)
        assert get(server.port) == to_text(samples(seen_once(*broken)))
    finally:
        server.close()


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def test_the_metrics_of_a_watcher():
    tables = [[peer(1, "10:00:00")], [peer(0, "10:00:00")]]
    polls = iter([snapshot(tables, NOON), None, None, None, snapshot(tables, NOON + timedelta(minutes=5))])

    def look():
        found = next(polls)
        if found is None:
            raise SourceFailed("refused")
        return found

    watcher, watching = Watcher(look, audit), Watching()
    shown = [list(samples(watching.seen(watcher.poll()))) for _ in range(5)]
    assert [values(one, d.UP)[()] for one in shown] == [1, 0, 0, 0, 1]
    assert [values(one, d.SOURCE_LOST)[()] for one in shown] == [0, 0, 0, 1, 0]
    assert [values(one, d.TIMESTAMP)[()] for one in shown] == [NOON.timestamp()] * 4 + [NOON.timestamp() + 300]
    assert values(shown[-1], d.POLLS) == {("read",): 2, ("unreadable",): 3}
    assert values(shown[-1], d.TRANSITIONS)["node0", "ipv4", "down"] == 0


@pytest.mark.parametrize("text", sorted(_OF_TEXT))
def test_a_reason_is_a_text_of_info(text):
    assert text in {words.text for words in info_words()}


def test_every_error_has_a_class():
    rng = random.Random(1)
    for words in info_words():
        for error_class in ErrorClass:
            row = Peer(
                Family.IPV4,
                None,
                "x",
                None,
                PeerType.MESH,
                "start",
                BGPState.IDLE,
                None,
                "",
                PeerError(error_class, words.text),
            )
            assert reason_of(row) in d.REASONS
    odd = PeerError("Something new", str(rng.random()))
    assert reason_of(Peer(Family.IPV4, None, "x", None, PeerType.MESH, "start", None, None, "", odd)) == "other"


def test_a_session_that_both_ends_show_counts_once(broken):
    seen, report = broken
    with Lab(build_cluster(4), faults=["link-cut:node1,node3"]) as lab:
        cut = read(lab)
    found = sessions_down(cut, audit(cut).topology)
    assert sum(found[Family.IPV4].values()) == 1
    assert sum(sessions_down(seen, report.topology)[Family.IPV4].values()) == 2


def test_routes_of_peers_that_are_no_nodes():
    with Lab(build_cluster(3, reflectors=1, switch=True)) as lab:
        seen = read(lab)
        whole = values(samples(seen_once(seen, audit(seen))), d.EXTERNAL_ROUTES)
        lab.set_faults(["tor-down"])
        seen = read(lab)
        assert values(samples(seen_once(seen, audit(seen))), d.EXTERNAL_ROUTES) == {}
    assert {labels[:3] for labels in whole} == {(f"node{n}", "192.0.2.1", "ipv4") for n in (1, 2, 3)}
    assert {labels[3] for labels in whole} == {"imported", "exported"}


def test_what_the_resources_ask_for_is_worked_out_once(broken, monkeypatch):
    seen, _ = broken
    expected = ExpectedSessions()
    first = expected.of(seen)
    assert isinstance(seen.resources, Resources)
    monkeypatch.setattr("calico_bgp.monitor.metrics.sessions.expect", None)
    assert expected.of(seen.model_copy(update={"resources": seen.resources.model_copy()})) is first
    assert expected.of(Snapshot()) == ()


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("9469", ("127.0.0.1", 9469)),
        ("0.0.0.0:9469", ("0.0.0.0", 9469)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_where_to_listen(text, endpoint):
    assert parse_endpoint(text) == Endpoint(*endpoint)


@pytest.mark.parametrize("text", ["", "x", "99999", "::1:80", "127.0.0.1:", "-1"])
def test_nowhere_to_listen(text):
    import click

    with pytest.raises(click.BadParameter, match="expected a port"):
        parse_endpoint(text)


def test_the_page_names_every_metric():
    page = (ROOT / "docs" / "metrics.md").read_text()
    assert {metric.full_name for metric in d.METRICS} <= set(re.findall(r"`(calico_bgp_\w+)`", page))


def test_a_report_that_was_read_back_has_the_same_metrics(broken):
    seen, report = broken
    again = Report.model_validate_json(report.model_dump_json())
    assert to_text(samples(seen_once(seen, again))) == to_text(samples(seen_once(seen, report)))
