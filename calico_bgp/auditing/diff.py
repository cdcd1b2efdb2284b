"""What changed between two snapshots, and between the reports on them. Unknown is not gone: see ``_unknown``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from calico_bgp.auditing.diff_routes import diff_routes
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.reading import DaemonState, NodeReading
from calico_bgp.model.reports.diff import (
    Change,
    DaemonChange,
    FindingChange,
    NodeChange,
    NodeState,
    NotCompared,
    PeerChange,
    SnapshotDiff,
)
from calico_bgp.model.reports.report import Finding, Report
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.snapshot import Snapshot

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A node that a snapshot names: read, or not and why."""

    host: str
    node: str | None
    reading: NodeReading | None = None
    why: str | None = None

    @property
    def state(self) -> NodeState:
        return NodeState.UNREAD if self.reading is None else NodeState.READ


def diff_snapshots(before: Snapshot, after: Snapshot, *, reports: tuple[Report, Report] | None = None) -> SnapshotDiff:
    """What differs from one snapshot to the other.

    A peer is told by its node, family and address as the table shows it; several rows with one address are compared as
    a multiset. A change is another type, protocol state, BGP state or error; SINCE alone is none, nor is the order.

    Args:
        before: The earlier snapshot.
        after: The later one.
        reports: The audits of both, to compare the findings too.
    """
    nodes: list[NodeChange] = []
    daemons: list[DaemonChange] = []
    peers: list[PeerChange] = []
    unknown: list[NotCompared] = []
    for name, old, new in _paired(_entries(before), _entries(after)):
        if old is None or new is None or old.state is not new.state:
            nodes.append(_node_change(name, old, new))
        elif old.reading is not None and new.reading is not None:
            daemons += _daemon_changes(name, old.reading, new.reading)
            peers += _peer_changes(name, old.reading, new.reading, unknown)
        else:
            unknown.append(NotCompared(node=name, why=f"not read either time ({new.why})"))
    routes, unknown_routes = diff_routes(before, after)
    return SnapshotDiff(
        before_at=before.taken_at,
        after_at=after.taken_at,
        nodes=tuple(sorted(nodes, key=lambda change: change.node)),
        daemons=tuple(sorted(daemons, key=lambda change: (change.node, change.family))),
        peers=tuple(sorted(peers, key=lambda change: (change.node, change.family, change.address_text))),
        routes=routes,
        findings=() if reports is None else diff_reports(*reports),
        not_compared=tuple(
            sorted((*unknown, *unknown_routes), key=lambda entry: (entry.node, entry.family or "", entry.what))
        ),
    )


def diff_reports(before: Report, after: Report) -> tuple[FindingChange, ...]:
    """The findings that came, went, or changed their severity, worst first.

    A finding that is missing because a node of its subject could not be read any more, or because its rule did not
    run, has not gone: it is left out.
    """
    old, new = _by_id(before.findings), _by_id(after.findings)
    blind = set(after.unread) - set(before.unread)
    failed = set(before.checked.rules) - set(after.checked.rules) if after.checked.rules else set()
    changes = []
    for identity in dict.fromkeys([*new, *old]):
        pairs = _zip_longest(old.get(identity, []), new.get(identity, []))
        for was, now in pairs:
            if was is not None and now is not None:
                if was.severity is not now.severity:
                    changes.append(FindingChange(change=Change.CHANGED, before=was, after=now))
            elif now is not None:
                changes.append(FindingChange(change=Change.CAME, before=None, after=now))
            elif was is not None and not blind & _nodes_of(was) and was.rule not in failed:
                changes.append(FindingChange(change=Change.WENT, before=was, after=None))
    order = list(Change)
    return tuple(
        sorted(
            changes,
            key=lambda c: (c.finding.severity.rank, order.index(c.change), c.finding.rule, str(c.finding.subject)),
        )
    )


def _by_id(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    by_id: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_id[finding.id].append(finding)
    return by_id


def _nodes_of(finding: Finding) -> set[str]:
    match finding.subject:
        case NodeSubject(node=node):
            return {node}
        case SessionSubject(a=a, b=b):
            return {a, b}
        case _:
            return set()


def _zip_longest(old: list[_T], new: list[_T]) -> Iterator[tuple[_T | None, _T | None]]:
    for index in range(max(len(old), len(new))):
        yield old[index] if index < len(old) else None, new[index] if index < len(new) else None


def _entries(snapshot: Snapshot) -> list[_Entry]:
    """Every node that the snapshot names: readings, failures, and hosts that an interrupted run did not reach."""
    listed: dict[str, Host] = {host.label: host for host in snapshot.hosts}

    def node_of(host: str, node: str | None) -> str | None:
        return node or (listed[host].node if host in listed else None)

    entries = [_Entry(r.host, node_of(r.host, r.node), reading=r) for r in snapshot.readings]
    entries += [_Entry(f.host, node_of(f.host, f.node), why=f"{f.stage.value}: {f.message}") for f in snapshot.failures]
    reached = {entry.host for entry in entries}
    entries += [
        _Entry(label, host.node, why="not asked: the run was interrupted")
        for label, host in listed.items()
        if label not in reached and host.name not in reached
    ]
    return entries


def _paired(old: list[_Entry], new: list[_Entry]) -> Iterator[tuple[str, _Entry | None, _Entry | None]]:
    """The same node in both snapshots: by node name, else by host where one side does not know the name."""
    by_node, by_host = _places(old)
    used: set[int] = set()
    partners: list[_Entry | None] = [None] * len(new)
    for index, entry in enumerate(new):
        place = next((p for p in by_node.get(entry.node or "", []) if p not in used), None)
        if place is not None:
            used.add(place)
            partners[index] = old[place]
    for index, entry in enumerate(new):
        if partners[index] is None:
            same_host = (p for p in by_host.get(entry.host, []) if p not in used)
            place = next((p for p in same_host if old[p].node is None or entry.node is None), None)
            if place is not None:
                used.add(place)
                partners[index] = old[place]
    removed = [entry for place, entry in enumerate(old) if place not in used]
    added = [index for index, partner in enumerate(partners) if partner is None]
    if len(old) == len(new) == 1 and removed and added and removed[0].node is None and new[0].node is None:
        # One table pasted before and one after, both without a name: two files, but what is compared is one node.
        partners[0] = removed.pop()
    for entry, partner in zip(new, partners, strict=True):
        yield entry.node or (partner.node if partner else None) or entry.host, partner, entry
    for entry in removed:
        yield entry.node or entry.host, entry, None


def _places(entries: list[_Entry]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    by_node: defaultdict[str, list[int]] = defaultdict(list)
    by_host: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        if entry.node:
            by_node[entry.node].append(place)
        by_host[entry.host].append(place)
    return by_node, by_host


def _node_change(name: str, old: _Entry | None, new: _Entry | None) -> NodeChange:
    change = Change.CAME if old is None else Change.WENT if new is None else Change.CHANGED
    return NodeChange(
        change=change,
        node=name,
        before=old.state if old else None,
        after=new.state if new else None,
        why=(new.why if new else None) or (old.why if old else None),
    )


def _daemon_changes(name: str, old: NodeReading, new: NodeReading) -> Iterator[DaemonChange]:
    for family in Family:
        was, now = old.status.daemon(family), new.status.daemon(family)
        if was is not None and now is not None and was.state is not now.state:
            yield DaemonChange(node=name, family=family, before=was.state, after=now.state)


def _unknown(reading: NodeReading, family: Family) -> str | None:
    """Why the peers of a family are unknown, or None when they are known, be it that there are none.

    `No IPv4 peers found.` says that there are none; a BIRD that is not running, that could not be asked, or that the
    text does not mention says nothing (calicoctl/calicoctl/commands/node/status.go prints no table then).
    """
    daemon = reading.status.daemon(family)
    if daemon is None:
        has_rows = any(peer.family is family for peer in reading.peers)
        return None if has_rows else "not mentioned"
    return {
        DaemonState.RUNNING: None,
        DaemonState.NOT_RUNNING: "BIRD not running",
        DaemonState.UNREACHABLE: "BIRD could not be asked",
        DaemonState.UNKNOWN: "BIRD in an unknown state",
    }[daemon.state]


def _peer_changes(name: str, old: NodeReading, new: NodeReading, unknown: list[NotCompared]) -> Iterator[PeerChange]:
    for family in Family:
        rows_old, rows_new = _rows(old, family), _rows(new, family)
        why_old, why_new = _unknown(old, family), _unknown(new, family)
        if why_old or why_new:
            if rows_old or rows_new:
                why = f"{why_old} before" if why_old else f"{why_new} after"
                unknown.append(NotCompared(node=name, family=family, why=why))
            continue
        for address in dict.fromkeys([*rows_old, *rows_new]):
            for was, now in _changed(rows_old.get(address, []), rows_new.get(address, [])):
                # A row that is missing in half an answer may stand in the other half.
                if (was is None and not _whole(old)) or (now is None and not _whole(new)):
                    cut = NotCompared(node=name, family=family, why="half an answer")
                    unknown += [cut] if cut not in unknown[-1:] else []
                    continue
                change = Change.CAME if was is None else Change.WENT if now is None else Change.CHANGED
                yield PeerChange(change=change, node=name, family=family, address_text=address, before=was, after=now)


def _rows(reading: NodeReading, family: Family) -> dict[str, list[Peer]]:
    rows: defaultdict[str, list[Peer]] = defaultdict(list)
    for peer in reading.peers:
        if peer.family is family:
            rows[peer.address_text].append(peer)
    return rows


def _whole(reading: NodeReading) -> bool:
    return reading.complete and reading.status.complete


def _state(peer: Peer) -> tuple[str, str, str | None, str]:
    return str(peer.peer_type), peer.protocol_state, peer.bgp_state, peer.info


def _changed(old: list[Peer], new: list[Peer]) -> Iterator[tuple[Peer | None, Peer | None]]:
    """Rows of one address that differ: equal ones cancel out, the others are paired, what is left came or went."""
    unpaired = list(new)
    differs = []
    for peer in old:
        equal = next((candidate for candidate in unpaired if _state(candidate) == _state(peer)), None)
        if equal is None:
            differs.append(peer)
        else:
            unpaired.remove(equal)
    # The type tells two rows of one address apart (a mesh peer and an explicit one).
    differs.sort(key=_state)
    unpaired.sort(key=_state)
    return _zip_longest(differs, unpaired)
