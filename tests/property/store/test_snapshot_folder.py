"""Law of the snapshot folder: what is saved comes back, raw output included, whatever the hosts are called."""

import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import (
    Daemon,
    DaemonState,
    GatherFailure,
    NodeReading,
    NodeStatus,
    Stage,
    UnrecognisedLine,
)
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))]),
)
PEERS = st.builds(
    Peer,
    family=st.sampled_from(Family),
    address=st.none() | ADDRESSES,
    address_text=TEXT,
    port=st.none() | st.integers(1, 65535),
    peer_type=st.sampled_from(PeerType) | st.just("some other type"),
    protocol_state=st.sampled_from(["up", "start", "wait"]),
    bgp_state=st.none() | st.sampled_from(BGPState),
    since=st.none() | TEXT,
    info=TEXT,
    error=st.none() | st.builds(PeerError, st.sampled_from(ErrorClass) | st.just("New class"), TEXT),
)
DAEMONS = st.builds(Daemon, st.sampled_from(Family), st.sampled_from(DaemonState), st.none() | TEXT)
STATUSES = st.builds(
    NodeStatus,
    node=st.none() | TEXT,
    felix_running=st.none() | st.booleans(),
    daemons=st.lists(DAEMONS, max_size=2).map(tuple),
    peers=st.lists(PEERS, max_size=3).map(tuple),
    messages=st.lists(TEXT, max_size=2).map(tuple),
    unrecognised=st.lists(st.builds(UnrecognisedLine, st.integers(1), TEXT), max_size=1).map(tuple),
    complete=st.booleans(),
    origin=st.sampled_from(["calicoctl", "birdc"]),
)
NAMES = st.sampled_from(["n1", "N1", "n1-2", "../x", "/etc/passwd", "..", "fd00::1", "[fd00::1]:22", "a" * 300]) | TEXT
RAW = st.text(max_size=30) | st.sampled_from(["\r\n", "\r", "\0", "\ud800", "\udcff"])
READINGS = st.builds(
    NodeReading,
    host=NAMES,
    node=st.none() | TEXT,
    status=STATUSES,
    addresses=st.lists(ADDRESSES, max_size=2).map(tuple),
    ssh_address=st.none() | ADDRESSES,
    taken_at=st.none() | MOMENTS,
    clock=st.none() | MOMENTS,
    calicoctl_version=st.none() | TEXT,
    exit_code=st.none() | st.integers(0, 255),
    complete=st.booleans(),
    raw=RAW,
)
FAILURES = st.builds(
    GatherFailure,
    host=NAMES,
    node=st.none() | TEXT,
    stage=st.sampled_from(Stage),
    message=TEXT,
    hint=st.none() | TEXT,
    raw=RAW,
)
HOSTS = st.builds(
    Host, name=NAMES, role=st.none() | st.sampled_from(Role), addresses=st.lists(ADDRESSES, max_size=2).map(tuple)
)
SNAPSHOTS = st.builds(
    Snapshot,
    cluster=st.none() | TEXT,
    hosts=st.lists(HOSTS, max_size=2).map(tuple),
    taken_at=st.none() | MOMENTS,
    complete=st.booleans(),
    readings=st.lists(READINGS, max_size=4).map(tuple),
    failures=st.lists(FAILURES, max_size=3).map(tuple),
)


@given(st.lists(SNAPSHOTS, min_size=1, max_size=2))
@settings(max_examples=60, deadline=None)
def test_what_is_saved_comes_back(snapshots):
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "s"
        for snapshot in snapshots:
            save_snapshot(snapshot, target)
            loaded = load_snapshot(target)
            assert loaded == snapshot
            assert [r.raw for r in loaded.readings] == [r.raw for r in snapshot.readings]
            assert [f.raw for f in loaded.failures] == [f.raw for f in snapshot.failures]
        assert [path.name for path in Path(folder).iterdir()] == ["s"]
