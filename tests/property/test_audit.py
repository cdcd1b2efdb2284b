"""Laws of the audit: it never raises, does not depend on names or order, and agrees with itself after a save."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.effects.machines import own_addresses
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.reports.report import Report, Severity, Verdict
from calico_bgp.model.snapshot import Snapshot
from tests.lab_faults import faults_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FAMILIES = {"v4": (Family.IPV4,), "v6": (Family.IPV6,), "dual": (Family.IPV4, Family.IPV6)}

clusters = st.one_of(
    st.builds(
        build_cluster,
        st.integers(2, 9),
        topology=st.just(Topology.MESH),
        families=st.sampled_from(list(FAMILIES.values())),
    ),
    st.builds(
        build_cluster,
        st.integers(6, 9),
        reflectors=st.integers(2, 3),
        variant=st.sampled_from(list(Variant)),
        families=st.sampled_from(list(FAMILIES.values())),
        listen_port=st.sampled_from([None, 1790]),
    ),
)


def snapshot_of(cluster, faults=()):
    tables = lab_tables(cluster, (Epoch(NOW.replace(hour=1)), Epoch(NOW.replace(hour=5), faults)), NOW)
    readings = tuple(
        NodeReading(
            host=node.name,
            node=node.name,
            status=table.status,
            addresses=own_addresses(node, faults),
            taken_at=NOW,
            clock=NOW,
        )
        for node, table in zip(cluster.nodes, tables, strict=True)
    )
    return Snapshot(hosts=tuple(Host(name=node.name) for node in cluster.nodes), taken_at=NOW, readings=readings)


def said(report):
    return {(finding.rule, str(finding.subject), finding.severity) for finding in report.findings}


@given(clusters)
@settings(max_examples=40, deadline=None)
def test_every_healthy_cluster_is_healthy(cluster):
    report = audit(snapshot_of(cluster))
    # Whether reflectors reflect only resources say.
    assert report.verdict is (Verdict.HEALTHY if cluster.topology is Topology.MESH else Verdict.UNKNOWN)
    assert all(finding.severity is Severity.INFO for finding in report.findings)
    assert report.checked.sessions_established == report.checked.sessions_expected


@st.composite
def broken(draw):
    cluster = draw(clusters)
    return cluster, draw(faults_of(cluster, most=2, but=(FaultKind.CALICOCTL_MISSING,)))


@given(broken(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_hosts_and_rows_changes_nothing(case, random):
    cluster, faults = case
    snapshot = snapshot_of(cluster, faults)

    def shuffled(values):
        values = list(values)
        random.shuffle(values)
        return tuple(values)

    other = snapshot.model_copy(
        update={
            "hosts": shuffled(snapshot.hosts),
            "readings": shuffled(
                r.model_copy(update={"status": r.status.model_copy(update={"peers": shuffled(r.status.peers)})})
                for r in snapshot.readings
            ),
        }
    )
    assert said(audit(other)) == said(audit(snapshot))


@given(broken())
@settings(max_examples=30, deadline=None)
def test_a_fault_that_ends_sessions_is_never_called_healthy(case):
    cluster, faults = case
    report = audit(snapshot_of(cluster, faults))
    if report.verdict is Verdict.HEALTHY:
        assert report.checked.sessions_established == report.checked.sessions_expected


@given(broken())
@settings(max_examples=30, deadline=None)
def test_report_and_snapshot_survive_json(case):
    snapshot = snapshot_of(*case)
    report = audit(snapshot)
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert audit(Snapshot.model_validate_json(snapshot.model_dump_json())) == report


@given(broken())
@settings(max_examples=30, deadline=None)
def test_whatever_the_resources_say_the_audit_and_its_causes_survive_it(case):
    """Every finding is explained by a cause of the report, or by none."""
    cluster, faults = case
    report = audit(snapshot_of(cluster, faults).model_copy(update={"resources": lab_resources(cluster, faults)}))
    causes = {cause.id for cause in report.causes}
    assert {finding.cause_id for finding in report.findings} - {None} <= causes
    assert Report.model_validate_json(report.model_dump_json()) == report


addresses = st.one_of(
    st.integers(1, 6).map(lambda n: IPv4Address(f"192.0.2.{n}")),
    st.integers(1, 6).map(lambda n: IPv6Address(f"2001:db8::{n}")),
)
peers = addresses.flatmap(
    lambda address: st.builds(
        Peer,
        family=st.just(Family.IPV4 if address.version == 4 else Family.IPV6),
        address=st.sampled_from([address, None]),
        address_text=st.just(str(address)),
        port=st.sampled_from([None, 179]),
        peer_type=st.sampled_from([*PeerType, "odd"]),
        protocol_state=st.sampled_from(["up", "start", "down", "wait", "feed"]),
        bgp_state=st.sampled_from([None, *BGPState]),
        since=st.sampled_from([None, "11:55:00", "2026-11-01", "junk"]),
        info=st.just(""),
    )
)
statuses = st.builds(
    NodeStatus,
    felix_running=st.sampled_from([None, True, False]),
    daemons=st.lists(
        st.builds(Daemon, st.sampled_from(list(Family)), st.sampled_from(list(DaemonState))),
        max_size=2,
        unique_by=lambda daemon: daemon.family,
    ).map(tuple),
    peers=st.lists(peers, max_size=8).map(tuple),
    complete=st.booleans(),
)
NAMES = ["a", "b", "c", "d"]


@st.composite
def chaos(draw):
    """Snapshots that no healthy world would give: half-read, contradicting, with addresses claimed twice."""
    hosts = tuple(
        Host(
            name=name, role=draw(st.sampled_from([None, *Role])), addresses=tuple(draw(st.lists(addresses, max_size=1)))
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    )
    readings, failures = [], []
    for name in NAMES:
        if draw(st.booleans()):
            node = draw(st.sampled_from([None, name, "same"]))
            own = tuple(draw(st.lists(addresses, max_size=2)))
            clock = draw(st.sampled_from([None, NOW]))
            readings.append(NodeReading(host=name, node=node, status=draw(statuses), addresses=own, clock=clock))
        elif draw(st.booleans()):
            failures.append(GatherFailure(host=name, stage=Stage.CONNECT, message="no"))
    return Snapshot(hosts=hosts, readings=tuple(readings), failures=tuple(failures), taken_at=NOW)


@given(chaos())
@settings(max_examples=150, deadline=None)
def test_nothing_that_nodes_say_makes_it_raise(snapshot):
    report = audit(snapshot)
    assert report == audit(snapshot)
    assert report.exit_code() in {0, 1, 3}
    assert len({finding.id for finding in report.findings}) == len(report.findings)
