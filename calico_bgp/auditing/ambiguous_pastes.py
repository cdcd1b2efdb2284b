"""What a pasted text leaves open although every node was read: is it one cluster, and which of two texts holds.

Neither can be told from the text, and both may hide a fault: so it is said, with what to do about it, and nothing that
rests on a guess is called healthy.
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.apart import apart
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.membership import is_same_node
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.model.reports.report import NotChecked

#: How many groups, or texts, a sentence names.
_FEW = 3


def open_questions(cluster: Cluster) -> Iterator[str]:
    """What keeps the text from being called healthy, a few words each."""
    groups = apart(cluster)
    if groups:
        number = count(len(groups), "group")
        yield f"whether {number} of nodes that show nothing of each other are one cluster is not known"
    contradicted = [old for old, later in _earlier_and_later(cluster) if _says_otherwise(old.status, later.status)]
    if contradicted:
        verb = "says" if len(contradicted) == 1 else "say"
        yield f"{count(len(contradicted), 'earlier text')} of the same nodes {verb} otherwise"
    if cluster.membership.lost:
        yield f"whether {some([failure.node for failure in cluster.membership.lost])} can still be reached is not known"


def left_open(cluster: Cluster) -> Iterator[NotChecked]:
    """The same in full, and the texts that do not count without a doubt; what matters first."""
    groups = apart(cluster)
    if groups:
        several = "; ".join(some(sorted(group.names), _FEW) for group in groups[:_FEW])
        more = f"; {count(len(groups) - _FEW, 'more group')}" if len(groups) > _FEW else ""
        yield NotChecked(
            what=f"whether the nodes of {count(len(groups), 'group')} are one cluster: {several}{more}",
            why="no table of one shows a node of another: they are several clusters, or one that fell apart. Audit "
            "each by itself; it is one where calicoctl get nodes, on a node of one group, lists those of another too",
        )
    for failure in cluster.membership.lost:
        yield NotChecked(what=f"whether {failure.node} can still be reached", why=f"further down: {failure.message}")
    agreeing = []
    for old, later in _earlier_and_later(cluster):
        if not _says_otherwise(old.status, later.status):
            agreeing.append(old)
            continue
        yield NotChecked(
            what=f"what an earlier text of {old.node} says ({_place(old.status)})",
            why=f"the later one ({_place(later.status)}) says otherwise, and counts. They are from before and after a "
            "change, or of two clusters: put those of each into a file of its own, and audit each by itself",
        )
    for old in agreeing:
        yield NotChecked(
            what=f"an earlier text of {old.node}" + (f" ({old.host})" if old.host != old.node else ""),
            why="the same node stands in a later text, which counts",
        )


def _place(status: NodeStatus) -> str:
    return f"{'stdin' if status.source == '-' else status.source}:{status.line}"


def _earlier_and_later(cluster: Cluster) -> Iterator[tuple[NodeReading, NodeReading]]:
    """Each text that does not count, and the one that counts for its node."""
    if not cluster.membership.superseded:
        return
    by_host: dict[str, list[Member]] = {}
    for member in cluster.members:
        if member.reading is not None and member.reading.node is not None:
            by_host.setdefault(member.reading.node.partition(".")[0], []).append(member)
    for old in cluster.membership.superseded:
        for member in by_host.get((old.node or "").partition(".")[0], ()):
            if member.reading is not None and is_same_node(old, member.reading):
                yield old, member.reading
                break


def _says_otherwise(earlier: NodeStatus, later: NodeStatus) -> bool:
    """Whether an earlier text tells of BIRD and its peers what the later one does not; when changes were is no matter.

    What a text that is cut off lacks, it does not deny.
    """
    rows, later_rows = _facts(earlier), _facts(later)
    if any(later_rows.get(key) != value for key, value in rows.items()):
        return True
    families = {family for family in Family if earlier.daemon(family) is not None}
    return earlier.complete and any(key not in rows for key in later_rows if key[0] in families)


def _facts(status: NodeStatus) -> dict[tuple[Family, str], object]:
    """What it says of each peer, whether the session is up, and of each BIRD."""
    facts: dict[tuple[Family, str], object] = {(daemon.family, ""): daemon.state for daemon in status.daemons}
    for peer in status.peers:
        key = peer.family, peer.address_text
        facts[key] = peer.is_established and facts.get(key, True)
    return facts
