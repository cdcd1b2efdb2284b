"""What findings cost: whose routes are lost because of them. The model of propagation is whatif's.

A session that is down is a symptom; what hurts is a node that no longer learns another node's routes. Redundancy lost
is a warning, routes lost are an error; where it cannot be told, a finding stays as severe as its rule says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from calico_bgp.audit.blame import Blame
from calico_bgp.audit.words import count
from calico_bgp.model.peer import Family
from calico_bgp.model.report import FamilyReachability, Finding, NodeSubject, SessionSubject, Severity
from calico_bgp.model.topology import TopologyKind
from calico_bgp.topology.sessions import SessionKey
from calico_bgp.topology.view import ClusterView
from calico_bgp.whatif.answer import Answer
from calico_bgp.whatif.from_observed import observed_network, session_if_established
from calico_bgp.whatif.network import BGPSession, Network
from calico_bgp.whatif.propagation import Reachability, reachability

#: Rules about one session, and about all sessions of one node.
_OF_SESSION = frozenset({"session-not-established", "one-sided-session", "peer-missing", "reflector-missing-client"})
_OF_NODE = frozenset({"isolated-node", "daemon-not-running", "configuration-behind"})
#: Each takes the propagation of the whole cluster twice; beyond so many a family severities stay as they are.
MOST_WORKED_OUT = 20

NOTHING_LOST = "no route: every node still learns all it would learn with it"


@dataclass(frozen=True)
class FamilyRoutes:
    """One family: what stands, and what would stand if every session did that should.

    Attributes:
        network: What was seen.
        bad: The sessions that are down or missing, as they would be.
    """

    network: Network
    bad: Mapping[SessionKey, BGPSession]

    @cached_property
    def now(self) -> Reachability:
        """Who learns whose routes now."""
        return reachability(self.network)

    @cached_property
    def pairs_now(self) -> int:
        """Pairs that learn each other's routes now."""
        return pairs(self.now)

    @cached_property
    def pairs_whole(self) -> int:
        """Pairs that would if every session stood."""
        return pairs(reachability(_with(self.network, self.bad.values()))) if self.bad else self.pairs_now

    @cached_property
    def is_certain(self) -> bool:
        """Whether some pair certainly is cut off now; else what is lost is only perhaps lost."""
        return _cut_off(self.now) > 0

    def lost_by(self, keys: Collection[SessionKey]) -> int | None:
        """Pairs that (perhaps) do not learn each other's routes because of these sessions; None when not known.

        What comes back when only these come back, or what is missing when only these are missing: of two faults in a
        row each is to blame.
        """
        mine = [self.bad[key] for key in keys if key in self.bad]
        if len(mine) < len(keys) or not mine:
            return None
        if self.pairs_whole == self.pairs_now:
            return 0
        others = [session for key, session in self.bad.items() if key not in keys]
        regained = pairs(reachability(_with(self.network, mine))) - self.pairs_now
        without = pairs(reachability(_with(self.network, others))) if others else self.pairs_now
        return max(regained, self.pairs_whole - without, 0)


def routes_of(view: ClusterView, blamed: Blame) -> dict[Family, FamilyRoutes]:
    """Every family of which two nodes or more are in sight."""
    if view.shape.kind is TopologyKind.NO_BGP:
        return {}
    found = {}
    for family in Family:
        network = observed_network(view, family)
        if len(network.speakers) < 2:
            continue
        bad = {
            key: session
            for key in blamed.bad
            if key.family is family and (session := session_if_established(view, key)) is not None
        }
        found[family] = FamilyRoutes(network, bad)
    return found


def counted(view: ClusterView, routes: Mapping[Family, FamilyRoutes]) -> Iterator[FamilyReachability]:
    """Each family's reachability in numbers; none where others are out of sight (a paste, `--limit`)."""
    for family, mine in routes.items():
        whole = view.snapshot.hosts or view.expectation is not None or not view.identity.unclaimed[family]
        if view.snapshot.limited or not whole:
            continue
        number = len(mine.now.nodes)
        cut_off = _cut_off(mine.now)
        yield FamilyReachability(
            family=family,
            nodes=number,
            pairs=mine.pairs_now,
            pairs_cut_off=cut_off,
            pairs_unknown=number * (number - 1) // 2 - mine.pairs_now - cut_off,
            assumptions=mine.now.assumptions,
        )


def with_consequences(
    findings: Collection[Finding], routes: Mapping[Family, FamilyRoutes], blamed: Blame
) -> Iterator[Finding]:
    """The findings, those about sessions and nodes with what they cost, and sessions as severe as that is."""
    left = dict.fromkeys(routes, MOST_WORKED_OUT)
    for finding in findings:
        lost = None
        subject = finding.subject
        if finding.rule in _OF_SESSION and isinstance(subject, SessionSubject) and subject.family in routes:
            mine = routes[subject.family]
            if mine.pairs_now == mine.pairs_whole or left[subject.family] > 0:
                left[subject.family] -= 1
                lost = mine.lost_by([SessionKey.between(subject.family, subject.a, subject.b)])
        elif finding.rule in _OF_NODE and isinstance(subject, NodeSubject):
            lost = _lost_by_node(subject, routes, blamed, left)
        certain = any(mine.is_certain for mine in routes.values()) if lost else True
        yield finding if lost is None else _told(finding, lost, certain=certain)


def _lost_by_node(
    subject: NodeSubject, routes: Mapping[Family, FamilyRoutes], blamed: Blame, left: dict[Family, int]
) -> int | None:
    total = None
    for family, mine in routes.items():
        if subject.family not in {None, family} or left[family] <= 0:
            continue
        keys = [key for key in blamed.bad if key.family is family and subject.node in {key.a, key.b}]
        lost = mine.lost_by([key for key in keys if key in mine.bad])
        if lost is not None:
            left[family] -= 1
            total = (total or 0) + lost
    return total


def _told(finding: Finding, lost: int, *, certain: bool) -> Finding:
    of_session = finding.rule in _OF_SESSION
    if lost:
        verb = ("does" if lost == 1 else "do") if certain else ("perhaps does" if lost == 1 else "perhaps do")
        words = f"{count(lost, 'pair')} of nodes {verb} not learn each other's routes because of it"
        return finding.model_copy(update={"consequence": words})
    update: dict[str, object] = {"consequence": NOTHING_LOST}
    if of_session and finding.severity is Severity.ERROR:
        update["severity"] = Severity.WARNING
    return finding.model_copy(update=update)


def pairs(found: Reachability) -> int:
    """Pairs of nodes of which each certainly learns the other's routes."""
    both = {frozenset((learners, origins)) for learners, origins in found.classes_with(Answer.YES)}
    one_way = set(_directions(found, Answer.NO)) | set(_directions(found, Answer.PERHAPS))
    return sum(_size(group) for group in both if group not in one_way)


def _cut_off(found: Reachability) -> int:
    """Pairs of nodes of which one certainly does not learn the other's routes."""
    return sum(_size(group) for group in set(_directions(found, Answer.NO)))


def _directions(found: Reachability, answer: Answer) -> Iterator[frozenset[tuple[str, ...]]]:
    for learners, origins in found.classes_with(answer):
        yield frozenset((learners, origins))


def _size(group: frozenset[tuple[str, ...]]) -> int:
    """How many pairs two classes make, or one with itself."""
    sizes = [len(names) for names in group]
    return sizes[0] * (sizes[0] - 1) // 2 if len(sizes) == 1 else sizes[0] * sizes[1]


def _with(network: Network, sessions: Collection[BGPSession]) -> Network:
    """The network when these sessions stand, too."""
    more = tuple(sessions)
    possible = None if network.possible is None else (*network.possible, *more)
    return replace(network, sessions=(*network.sessions, *more), possible=possible)
