"""A difference as text: few lines for what happened to many alike, bounded, and safe to print."""

import re
from ipaddress import ip_address

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.reports.diff import Change, DaemonChange, FindingChange, NotCompared, PeerChange, SnapshotDiff
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.diff.text import diff_to_text
from calico_bgp.report.text.page import TextStyle

PLAIN = TextStyle(unicode=False)


def peer(address: str, *, up: bool = True, info: str | None = None, peer_type=PeerType.MESH) -> Peer:
    state, bgp = ("up", BGPState.ESTABLISHED) if up else ("start", BGPState.CONNECT)
    return Peer(Family.IPV4, ip_address(address), address, None, peer_type, state, bgp, None, info or bgp.value)


def mesh(size: int, dead: frozenset[int] = frozenset(), clock: str = "x") -> Snapshot:
    """Nodes of a mesh; a dead one cannot be read, and everybody waits for it."""
    daemons = (Daemon(Family.IPV4, DaemonState.RUNNING),)
    readings = [
        NodeReading(
            host=f"node{i:03d}",
            node=f"node{i:03d}",
            status=NodeStatus(
                daemons=daemons,
                peers=tuple(peer(f"10.0.{j // 200}.{j % 200}", up=j not in dead) for j in range(1, size + 1) if j != i),
            ),
        )
        for i in range(1, size + 1)
        if i not in dead
    ]
    failures = [
        GatherFailure(host=f"node{i:03d}", node=f"node{i:03d}", stage=Stage.CONNECT, message="no route")
        for i in sorted(dead)
    ]
    return Snapshot(readings=tuple(readings), failures=tuple(failures))


def test_no_difference():
    assert diff_to_text(SnapshotDiff(), PLAIN) == "NO DIFFERENCE\n  (no time) -> (no time)\n"
    unknown = SnapshotDiff(not_compared=(NotCompared(node="a", family=Family.IPV6, why="half an answer"),))
    assert diff_to_text(unknown, PLAIN).splitlines() == [
        "NO DIFFERENCE; not everything could be compared",
        "  (no time) -> (no time)",
        "",
        "Not compared",
        "  IPv6 peers of a: half an answer",
    ]


def test_a_dead_node_in_a_mesh_of_a_hundred_takes_few_lines():
    found = diff_snapshots(mesh(100), mesh(100, dead=frozenset({7})))
    assert diff_to_text(found, PLAIN).splitlines() == [
        "DIFFERENT: 1 node, 99 peers",
        "  (no time) -> (no time)",
        "",
        "Nodes",
        "  changed node007 not readable any more (connect: no route)",
        "",
        "Peers",
        (
            "  changed 10.0.0.7 (IPv4, node-to-node mesh: up Established -> start Connect) on "
            "99 nodes: node[001-006,008-100]"
        ),
    ]


def test_a_node_that_lost_all_its_peers_takes_one_line():
    before = mesh(30)
    bare = before.readings[4].model_copy(update={"status": before.readings[4].status.model_copy(update={"peers": ()})})
    after = before.model_copy(update={"readings": (*before.readings[:4], bare, *before.readings[5:])})
    text = diff_to_text(diff_snapshots(before, after), PLAIN)
    assert text.splitlines()[-1] == ("  went    10.0.0.[1-4,6-30] (IPv4, node-to-node mesh, up Established) on node005")


def changes(number: int) -> SnapshotDiff:
    """Every peer for a reason of its own, so that nothing can be grouped."""
    return SnapshotDiff(
        peers=tuple(
            PeerChange(
                change=Change.CHANGED, node=f"n{i}", family=Family.IPV4, address_text=f"10.0.0.{i}",
                before=peer(f"10.0.0.{i}"), after=peer(f"10.0.0.{i}", up=False, info=f"Connect Socket: reason {i:x}"),
            )
            for i in range(1, number + 1)
        )
    )  # fmt: skip


def test_a_section_is_bounded_unless_everything_is_asked_for():
    text = diff_to_text(changes(60), PLAIN)
    assert len(text.splitlines()) == 4 + 20 + 1
    assert text.splitlines()[-1] == "  ... and 40 more lines: --verbose or --format json"
    everything = diff_to_text(changes(60), TextStyle(verbose=True))
    assert len(everything.splitlines()) == 4 + 60


def test_names_without_a_pattern_are_cut_at_a_name():
    found = SnapshotDiff(
        peers=tuple(
            PeerChange(
                change=Change.WENT, node=f"n{i * i}", family=Family.IPV4, address_text="10.0.0.9",
                before=peer("10.0.0.9"), after=None,
            )
            for i in range(500)
        )
    )  # fmt: skip
    line = diff_to_text(found, PLAIN).splitlines()[-1]
    assert " on 500 nodes: n[0-1,4,9,16," in line
    assert len(line) < 300
    assert line.rpartition(",...")[0].rpartition(",")[2] in {str(i * i) for i in range(500)}
    assert "249001" in diff_to_text(found, TextStyle(verbose=True))


def test_every_peer_is_in_exactly_one_line():
    """A grid with holes: lines by address and by node must neither miss nor repeat."""
    holes = {(i, j) for i in range(12) for j in range(9) if (i * 7 + j * 3) % 5 == 0 or i == 3 or j == 4}
    found = SnapshotDiff(
        peers=tuple(
            PeerChange(
                change=Change.WENT, node=f"n{i}x", family=Family.IPV4, address_text=f"10.0.{j}.9",
                before=peer(f"10.0.{j}.9"), after=None,
            )
            for i, j in sorted(holes)
        )
    )  # fmt: skip
    seen: list[tuple[str, str]] = []
    for line in diff_to_text(found, TextStyle(verbose=True, unicode=False)).splitlines()[4:]:
        what, on = line.removeprefix("  went    ").split(" (IPv4, node-to-node mesh, up Established) on ")
        on = on.partition(": ")[2] or on
        seen += [(node, address) for node in unfold(on) for address in unfold(what)]
    assert sorted(seen) == sorted((f"n{i}x", f"10.0.{j}.9") for i, j in holes)


def unfold(text: str) -> list[str]:
    import re

    from calico_bgp.parse.hosts.ranges import expand

    return [name for word in re.split(r", ", text) for name in expand(word)]


def test_findings_and_daemons_are_grouped():
    def finding(i: int, severity: Severity) -> Finding:
        subject = SessionSubject.between(f"node{i:02d}", "rr1", Family.IPV4)
        return Finding(id=f"{i}", rule="session-down", severity=severity, subject=subject, message="m")

    found = SnapshotDiff(
        findings=(
            *(FindingChange(change=Change.CAME, before=None, after=finding(i, Severity.ERROR)) for i in range(1, 40)),
            FindingChange(
                change=Change.CHANGED, before=finding(50, Severity.ERROR), after=finding(50, Severity.WARNING)
            ),
        ),
    )
    assert diff_to_text(found, PLAIN).splitlines()[3:] == [
        "Findings",
        "  came    error session-down: rr1 <-> node[01-39] (IPv4)",
        "  changed error -> warning session-down: node50 <-> rr1 (IPv4)",
    ]


def test_what_a_node_says_cannot_paint_the_terminal():
    evil = "\x1b[2Jnode\u202e\nwent  everything"
    found = SnapshotDiff(
        peers=(
            PeerChange(
                change=Change.CHANGED, node=evil, family=Family.IPV4, address_text=evil,
                before=peer("10.0.0.1", info=evil), after=peer("10.0.0.1", info=evil + "2", peer_type=evil),
            ),
        ),
        findings=(
            FindingChange(
                change=Change.CAME, before=None,
                after=Finding(id="1", rule=evil, severity=Severity.INFO, subject=NodeSubject(node=evil), message=evil),
            ),
        ),
        not_compared=(NotCompared(node=evil, why=evil),),
    )  # fmt: skip
    text = diff_to_text(found, PLAIN)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 2 + 3 * 3


def test_a_large_difference_is_quick_to_write():
    before = mesh(120)
    after = mesh(120, dead=frozenset(range(1, 60)))
    assert len(diff_to_text(diff_snapshots(before, after), PLAIN).splitlines()) < 40


def test_green_is_better_and_red_is_worse_whatever_came_or_went(make_finding):
    gone = make_finding("peer-missing", Severity.ERROR, NodeSubject(node="node1"), "x")
    new = make_finding("isolated-node", Severity.ERROR, NodeSubject(node="node2"), "x")
    remark = make_finding("no-bgp", Severity.INFO, NodeSubject(node="node3"), "x")
    diff = SnapshotDiff(
        findings=(
            FindingChange(change=Change.WENT, before=gone, after=None),
            FindingChange(change=Change.CAME, before=None, after=new),
            FindingChange(change=Change.CAME, before=None, after=remark),
        ),
        daemons=(
            DaemonChange(node="node4", family=Family.IPV4, before=DaemonState.NOT_RUNNING, after=DaemonState.RUNNING),
        ),
    )
    colours = re.findall(r"\x1b\[(\d\d)m(\w+) *\x1b\[0m", diff_to_text(diff, TextStyle(color=True)))
    assert colours == [("32", "changed"), ("32", "went"), ("31", "came"), ("33", "came")]
