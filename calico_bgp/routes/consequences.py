"""What findings cost: whose routes are lost because of them. The model of propagation is routes/computed.

A session that is down is a symptom; what hurts is a node that no longer learns another node's routes. Redundancy lost
is a warning, routes lost are an error; where it cannot be told, a finding stays as severe as its rule says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.judged import JudgedSessions
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.failures import sheltered
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.once import once
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.classes.network import ClassedNetwork, classed
from calico_bgp.routes.network.from_observed import observed_network, sessions_if_established
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession

#: Rules about one session, and about all sessions of one node.
_OF_SESSION = frozenset({"session-not-established", "one-sided-session", "peer-missing", "reflector-missing-client"})
_OF_NODE = frozenset({"isolated-node", "daemon-not-running", "configuration-behind"})
#: Each takes the propagation of the whole cluster twice; beyond so many a family severities stay as they are.
MOST_WORKED_OUT = 20
_FEWEST_WORKED_OUT = 3
#: So many sessions altogether take the time of some seconds.
_MOST_SESSIONS = 100_000

NOTHING_LOST = "no route: every node still learns all it would learn with it"


class PairCounts(NamedTuple):
    """Pairs of a node and another one's routes: those that it certainly learns, and those that it does not."""

    learned: int
    cut_off: int


class Lost(NamedTuple):
    """Pairs that are cut off because of something; where that is not `certain`, perhaps they are.

    `inferred`: that pairs are cut off follows only from settings that nobody knows; then redundancy is lost.
    """

    pairs: int
    certain: bool
    inferred: bool = False


@dataclass(frozen=True)
class FamilyRoutes:
    """One family: what stands, and what would stand if every session did that should.

    Attributes:
        network: What was seen.
        bad: The sessions that are down or missing, as they would be.
        is_whole: Whether no neighbour is a stranger who may be a node: else nobody knows what strangers lose.
        is_inferred: Whether every node was read and only the settings of the sessions are not known, for want of
            resources: what is perhaps lost with one of the settings is redundancy with those of Calico's documentation.
    """

    network: Network
    bad: Mapping[SessionKey, BGPSession]
    is_whole: bool = True
    is_inferred: bool = False

    @cached_property
    def now(self) -> Reachability:
        """Who learns whose routes now."""
        return reachability(self.network if self._classed is None else self._classed.network)

    @cached_property
    def _classed(self) -> ClassedNetwork | None:
        return classed(self.network, tuple(self.bad.values()))

    @cached_property
    def counts_now(self) -> PairCounts:
        """Pairs now."""
        return counts(self.now)

    @cached_property
    def whole(self) -> Reachability:
        """Who would learn whose routes if every session stood."""
        return self._with(but=True) if self.bad else self.now

    @cached_property
    def counts_whole(self) -> PairCounts:
        """Pairs if every session stood."""
        return counts(self.whole)

    @cached_property
    def without_externals(self) -> Reachability:
        """Who learns whose routes through the nodes alone."""
        return reachability(replace(self.network, externals=())) if self.network.externals else self.now

    def lost_by(self, keys: Collection[SessionKey]) -> Lost | None:
        """What is lost because of these sessions; None when that is not known.

        What comes back when only these come back, or what is missing when only these are missing: of two faults in a
        row each is to blame.
        """
        key_set = frozenset(keys)
        if key_set not in self._known:
            self._known[key_set] = self._lost_by(key_set)
        return self._known[key_set]

    def is_known(self, keys: Collection[SessionKey]) -> bool:
        """Whether `lost_by` of these sessions has been worked out already."""
        return frozenset(keys) in self._known

    @cached_property
    def _known(self) -> dict[frozenset[SessionKey], Lost | None]:
        return {}

    @property
    def most(self) -> int:
        """How many findings, or causes, the consequences of which are worked out: fewer, the bigger the network."""
        size = len(self.network.sessions) + len(self.bad)
        return max(_FEWEST_WORKED_OUT, min(MOST_WORKED_OUT, _MOST_SESSIONS // max(size, 1)))

    def _lost_by(self, keys: frozenset[SessionKey]) -> Lost | None:
        if not keys or not keys <= self.bad.keys():
            return None
        now, whole = self.counts_now, self.counts_whole
        if whole.learned == now.learned:
            return self._nothing()
        others = len(self.bad) > len(keys)
        back = counts(self._with(keys)) if others else whole
        without = counts(self._with(keys, but=True)) if others else now
        pairs = max(back.learned - now.learned, whole.learned - without.learned)
        if pairs <= 0:
            return self._nothing()
        # Only pairs that are certainly lost count here; pairs that perhaps are stand as `not known` elsewhere.
        certain = max(now.cut_off - back.cut_off, without.cut_off - whole.cut_off)
        if certain > 0:
            return Lost(min(certain, pairs), certain=True)
        return Lost(pairs, certain=False, inferred=self.is_inferred)

    def _nothing(self) -> Lost | None:
        """A loss of nothing; None where a pair is not known, as its routes may be lost."""
        number = len(self.now.nodes)
        is_all_known = self.counts_now.learned + self.counts_now.cut_off == number * (number - 1)
        return Lost(0, certain=True) if is_all_known else None

    def _with(self, keys: Iterable[SessionKey] = (), *, but: bool = False) -> Reachability:
        """Who learns whose routes when these sessions stand, too; or with `but` all bad ones except these."""
        key_set = frozenset(keys)
        if self._classed is not None:
            return reachability(self._classed.with_sessions([(key.a, key.b) for key in key_set], but=but))
        more = tuple(self.bad[key] for key in sorted(self.bad) if (key in key_set) != but)
        network = self.network
        possible = None if network.possible is None else (*network.possible, *more)
        return reachability(replace(network, sessions=(*network.sessions, *more), possible=possible))


@once
def routes_of(cluster: Cluster) -> dict[Family, FamilyRoutes]:
    """Every family of which two nodes or more are in sight.

    Nothing of a part of a cluster (`--limit`): whose routes the nodes out of sight lose, it cannot tell.
    """
    if cluster.shape.kind is TopologyKind.NO_BGP or cluster.snapshot.limited:
        return {}
    by_family = {}
    for family in Family:
        with sheltered(routes_over(family), matters=True):
            network = observed_network(cluster, family)
            if len(network.speakers) < 2:
                continue
            bad = sessions_if_established(cluster, family, (key for key in cluster.judged.bad if key.family is family))
            is_whole = cluster.expectation is not None or not cluster.identity.unclaimed[family]
            tables = {member.table(family) for member in cluster.members}
            is_inferred = cluster.expectation is None and tables == {Table.WHOLE}
            by_family[family] = FamilyRoutes(network, bad, is_whole, is_inferred)
    return by_family


def routes_over(family: Family) -> str:
    """What is not known where the computation fails, in words."""
    return f"who learns whose routes over {family.label}"


def with_consequences(
    findings: Collection[Finding], routes: Mapping[Family, FamilyRoutes], judged: JudgedSessions
) -> Iterator[Finding]:
    """The findings, those about sessions and nodes with what they cost, and sessions as severe as that is."""
    tries_left = {family: family_routes.most for family, family_routes in routes.items()}
    in_sight = {family: family_routes for family, family_routes in routes.items() if family_routes.is_whole}
    for finding in findings:
        loss = None
        with sheltered("what findings cost"):
            loss = _lost_by(finding, in_sight, judged, tries_left)
        yield finding if loss is None else _with_impact(finding, loss)


def _lost_by(
    finding: Finding, in_sight: Mapping[Family, FamilyRoutes], judged: JudgedSessions, tries_left: dict[Family, int]
) -> Lost | None:
    subject = finding.subject
    if finding.rule in _OF_NODE and isinstance(subject, NodeSubject):
        return _lost_by_node(subject, in_sight, judged, tries_left)
    if finding.rule not in _OF_SESSION or not isinstance(subject, SessionSubject) or subject.family not in in_sight:
        return None
    family_routes = in_sight[subject.family]
    if tries_left[subject.family] <= 0 and family_routes.counts_now.learned != family_routes.counts_whole.learned:
        return None
    tries_left[subject.family] -= 1
    return family_routes.lost_by([SessionKey.between(subject.family, subject.a, subject.b)])


def _lost_by_node(
    subject: NodeSubject, routes: Mapping[Family, FamilyRoutes], judged: JudgedSessions, tries_left: dict[Family, int]
) -> Lost | None:
    losses: list[Lost] = []
    for family, family_routes in routes.items():
        if subject.family not in {None, family} or tries_left[family] <= 0:
            continue
        # With an external peer no node loses another node's routes, as far as we know.
        nodes = set(family_routes.now.nodes)
        loss = family_routes.lost_by([key for key in judged.bad if _is_of(key, subject.node, family, nodes)])
        if loss is not None:
            tries_left[family] -= 1
            losses.append(loss)
    return Lost(sum(loss.pairs for loss in losses), any(loss.certain for loss in losses)) if losses else None


def _is_of(key: SessionKey, node: str, family: Family, nodes: Collection[str]) -> bool:
    """Whether it is a session of the node with another node."""
    return key.family is family and node in {key.a, key.b} and {key.a, key.b} <= set(nodes)


def _with_impact(finding: Finding, loss: Lost) -> Finding:
    words = routes_lost(loss.pairs, certain=loss.certain) if loss.pairs else NOTHING_LOST
    # As severe without resources as with them; that routes are perhaps missing is the verdict's.
    is_redundancy = loss.inferred or not loss.pairs
    severity = finding.severity
    if is_redundancy and finding.rule in _OF_SESSION and severity is Severity.ERROR:
        severity = Severity.WARNING
    return replace(finding, consequence=words, severity=severity)


def counts(reach: Reachability) -> PairCounts:
    """Count pairs: a node, and another one's routes."""
    return PairCounts(reach.count(Answer.YES), reach.count(Answer.NO))
