"""What an audit could not judge, and why: the honest end of every report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from calico_bgp.auditing.accepted import expired
from calico_bgp.auditing.ambiguous_pastes import left_open
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.judged import JudgedSessions
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import NotChecked
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.since import is_usable


def lacks_resources(snapshot: Snapshot) -> bool:
    """Whether resources that were given, or asked for, cannot say what should be: it is then not known."""
    resources = snapshot.resources
    return snapshot.resources_failure is not None or (resources is not None and not resources.tells_nodes)


def why_nodes_say_nothing(number: int) -> str:
    """Why so many Nodes do not tell who should peer with whom, and which command gives some that do."""
    if not number:
        return "there is no Node among them; add the output of `kubectl get nodes -o json`"
    return (
        f"none of the {count(number, 'Node')} has a BGP address of Calico's: where Calico keeps its data in etcd, "
        "Kubernetes' Nodes lack it; add the output of `calicoctl get nodes -o yaml`"
    )


def not_checked(cluster: Cluster, config: Config | None, today: date | None) -> tuple[NotChecked, ...]:
    """Everything that no rule could decide, in the order of weight."""
    return (
        *_unasked(cluster),
        *left_open(cluster),
        *_half_seen(cluster, cluster.judged),
        *_unplaced(cluster),
        *_unmatched(cluster),
        *_out_of_sight(cluster),
        *_ageless(cluster),
        *expired(config, today),
    )


def kernels_not_judged(observed: Mapping[Family, ObservedRoutes]) -> Iterator[NotChecked]:
    """The nodes whose routes in BIRD were read and whose kernel could not be judged, a line per family and reason."""
    for family, routes in observed.items():
        reasons: dict[str, list[str]] = {}
        for node in routes.nodes:
            if node.missing is not None and node.in_kernel is None:
                reasons.setdefault(node.why_unknown or "it was not read", []).append(node.node)
        for why, names in reasons.items():
            what = f"the kernel's {family.label} routes of {count(len(names), 'node')}: {some(names)}"
            yield NotChecked(what=what, why=why)


def _unasked(cluster: Cluster) -> list[NotChecked]:
    unjudged = []
    failure = cluster.snapshot.resources_failure
    if failure is not None:
        why = f"{failure.host} gave none: {failure.message}"
        unjudged.append(NotChecked(what="what Calico's resources ask for", why=why))
    elif lacks_resources(cluster.snapshot):
        resources = cluster.snapshot.resources
        number = 0 if resources is None else len(resources.nodes)
        unjudged.append(NotChecked(what="what Calico's resources ask for", why=why_nodes_say_nothing(number)))
    old = {m.name: m.failure.last_known for m in cluster.members if m.failure is not None and m.failure.last_known}
    if old:
        name, last_known = next(iter(old.items()))
        what = f"whether what is known of {count(len(old), 'node')} still holds: {some(list(old))}"
        why = f"calico-node writes a CalicoNodeStatus anew only when something in it changes; of {name}: {last_known}"
        unjudged.append(NotChecked(what=what, why=why))
    outside = [m.name for m in cluster.members if m.is_unreadable]
    if outside:
        what = f"the own tables of {count(len(outside), 'node')} without BIRD: {some(outside)}"
        unjudged.append(NotChecked(what=what, why="calicoctl shows none there; judged by their peers' tables"))
    state = cluster.snapshot.kubernetes
    unjudged.extend(NotChecked(what=missing.what, why=missing.why) for missing in (state.not_read if state else ()))
    silent = [m for m in cluster.members if m.host is not None and m.reading is None and m.failure is None]
    unasked = [m.name for m in silent if not m.is_only_known]
    not_pasted = [m.name for m in silent if m.is_only_known]
    if not_pasted:
        unjudged.append(NotChecked(what=f"{count(len(not_pasted), 'node')}: {some(not_pasted)}", why="not pasted"))
    if unasked:
        unjudged.append(
            NotChecked(what=f"{count(len(unasked), 'node')}: {some(unasked)}", why="not asked: the run was interrupted")
        )
    return unjudged


def _half_seen(cluster: Cluster, blamed: JudgedSessions) -> list[NotChecked]:
    unjudged = _second_hand(cluster)
    if blamed.unknown:
        unjudged.append(NotChecked(what=count(len(blamed.unknown), "session"), why="neither end could be read"))
    for family in cluster.families:
        blind = [
            m.name
            for m in cluster.members
            if m.table(family) in {Table.UNKNOWN, Table.UNREACHABLE} and m.reading is not None
        ]
        if blind:
            what = f"the {family.label} table of {count(len(blind), 'node')}: {some(blind)}"
            unjudged.append(
                NotChecked(
                    what=what, why="the node was read but did not show it; its sessions are judged from the other ends"
                )
            )
    for member in cluster.members:
        odd = member.reading.status.unrecognised if member.reading else ()
        if odd and member.table(cluster.families[0] if cluster.families else Family.IPV4) is Table.WHOLE:
            what = f"{count(len(odd), 'line')} of {member.name}: {some([line.text.strip() for line in odd])}"
            unjudged.append(NotChecked(what=what, why="not understood; its tables are whole all the same"))
    masked = sum(peer.address is None for m in cluster.members if m.reading for peer in m.reading.peers)
    if masked:
        unjudged.append(
            NotChecked(what=f"both ends of {count(masked, 'peer')}", why="their addresses are masked in the text")
        )
    return unjudged


def _second_hand(cluster: Cluster) -> list[NotChecked]:
    """Nodes by what calico-node wrote about itself."""
    second_hand = {m.name: m.reading.second_hand for m in cluster.members if m.reading and m.reading.second_hand}
    if not second_hand:
        return []
    reasons = list(dict.fromkeys(status.instead_of for status in second_hand.values()))
    what = f"error texts and disabled peers of {count(len(second_hand), 'node')}: {some(list(second_hand))}"
    why = (
        f"their pods did not answer ({some(reasons)}); read was a CalicoNodeStatus of each instead, written at most "
        f"{max(status.age for status in second_hand.values())} s before, which has neither"
    )
    return [NotChecked(what=what, why=why)]


def _unplaced(cluster: Cluster) -> list[NotChecked]:
    unjudged = []
    for family in Family:
        possible = cluster.identity.possible[family]
        peers = {
            name: {row.address for row in cluster.by_name[name].rows(family)}
            for name in cluster.identity.unplaced[family]
        }
        names = [name for name, addresses in peers.items() if addresses and not possible <= addresses]
        if names:
            what = f"which of the {family.label} addresses {some(sorted(map(str, possible)))} belong to {some(names)}"
            why = "several assignments fit, so the two ends of their sessions are not compared; say ip= in hosts.txt"
            unjudged.append(NotChecked(what=what, why=why))
    return unjudged


def _unmatched(cluster: Cluster) -> list[NotChecked]:
    """Pasted texts that may be several of the resources' nodes. Hosts of the inventory have rule not-a-node."""
    names = [m.name for m in cluster.members if m.reading is not None and m.resource is None and m.host is None]
    if cluster.expectation is None or not names:
        return []
    what = f"which of the resources' nodes {some(names)} {'is' if len(names) == 1 else 'are'}"
    why = "several fit, so only what none of them should show or lack is judged; paste the prompts, too"
    return [NotChecked(what=what, why=why)]


def _out_of_sight(cluster: Cluster) -> list[NotChecked]:
    unclaimed = [str(address) for family in Family for address in cluster.identity.unclaimed[family]]
    if not unclaimed or (cluster.snapshot.hosts and not cluster.snapshot.limited):
        return []
    why = "left out by --limit" if cluster.snapshot.limited else "not pasted; their sessions are judged from one end"
    return [NotChecked(what=f"{count(len(unclaimed), 'peer')}: {some(unclaimed)}", why=why)]


def _ageless(cluster: Cluster) -> list[NotChecked]:
    unset = [m.name for m in cluster.members if m.reading and m.reading.clock and not is_usable(m.reading.clock)]
    if unset:
        clocks = "its clock is" if len(unset) == 1 else "their clocks are"
        return [NotChecked(what=f"how young the sessions of {some(unset)} are", why=f"{clocks} not set")]
    if (
        cluster.sessions
        and cluster.snapshot.taken_at is None
        and not any(m.reading and m.reading.clock for m in cluster.members)
    ):
        return [NotChecked(what="how young the sessions are", why="a pasted text does not say when it was printed")]
    return []
