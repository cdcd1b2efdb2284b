"""What BGPFilters and Calico's export rules hold back of the pods' routes, at each end of each session.

Blocks that all sessions treat alike are one kind. What is not known - a filter that nobody gave, one that BIRD refuses,
a condition on what only a real route shows - is held back for certain by no session, and let through by none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.words import some
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.routes.network.holding.block_kinds import BlockKind, BlockKinds, blocks_outside, kinds_of
from calico_bgp.routes.network.holding.circumstances import all_rules, circumstances_of
from calico_bgp.routes.network.holding.held import ONE_KIND, Held, OwnKinds, Reason
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.network.programming import BIRD_MAY_NOT
from calico_bgp.routes.policy.bgp_filter import refused_by_bird
from calico_bgp.routes.policy.judgement import Blocks, Holder, Judgement, Outcome, SessionAS, Step
from calico_bgp.routes.policy.pod_routes import PodRoutes

_SHOWN = 3
#: So many blocks are judged one by one, each by all lists of filters: a second or two.
_MOST_JUDGED = 200_000
#: A node's kinds are bits of a number, and each is followed by itself.
_MOST_KINDS = 64
_STEPS = {Step.OWN: "own", Step.LEARNED: "learned", Step.INCOMING: "incoming"}

#: What an answer about two nodes means where blocks fare differently.
IN_PART = "a pair counts as cut off as soon as the route to one block of the one is missing at the other"

#: How what depends on filters begins.
FILTERS_DOUBT = "whether pods' routes pass"

#: The names of a peer's filters, and the AS numbers of the session; None where BGPPeers contradict each other.
_Key = tuple[tuple[str, ...] | None, SessionAS]


class RouteFilters:
    """What the sessions of one family hold back; each list of filters is judged once.

    Args:
        resources: Of the cluster.
        family: Of the sessions.
        version: Of Calico.
        has_strangers: Whether sessions were seen of which the resources know nothing.
    """

    def __init__(
        self,
        resources: Resources,
        family: Family,
        version: CalicoVersion = NEWEST,
        *,
        has_strangers: bool = False,
    ) -> None:
        self._resources = resources
        self._family = family
        self._version = version
        self._has_strangers = has_strangers
        self._filters = {bgp_filter.name: bgp_filter for bgp_filter in resources.bgp_filters}
        self._peers = {peer.name: peer for peer in resources.bgp_peers if peer.filters}
        # confd renders all filters on all nodes: with one that BIRD refuses, every node goes on with its old file.
        self._is_refused = any(any(refused_by_bird(bgp_filter)) for bgp_filter in resources.bgp_filters)
        self._held: dict[tuple[_Key, bool], Held | None] = {}
        holds = self._peers or any(pool.disable_bgp_export for pool in resources.ip_pools)
        self.is_idle = not holds and not blocks_outside(resources, family)
        """Whether nothing can be held back."""

    # Kinds of blocks

    @property
    def kinds(self) -> tuple[BlockKind, ...]:
        """The kinds of blocks."""
        return () if self.is_idle else tuple(self._kinds.kinds)

    def of_node(self, name: str) -> OwnKinds:
        """The kinds of a node's blocks."""
        return ONE_KIND if self.is_idle else self._kinds.of_node.get(name, self._kinds.others)

    @cached_property
    def _kinds(self) -> BlockKinds:
        most = _MOST_JUDGED // max(1, len(self._keys) * len(Step))
        unneeded = self._unneeded
        block_kinds = kinds_of(self._resources, self._family, self._verdict, most=most, unneeded=unneeded)
        if len(block_kinds.kinds) > _MOST_KINDS:
            block_kinds = kinds_of(self._resources, self._family, self._verdict, most=0, unneeded=unneeded)
        return block_kinds

    @property
    def _unneeded(self) -> set[str]:
        """The pools whose blocks nobody lacks: Felix writes their routes, and they are not exported on purpose, say.

        Beside a pool that depends on BIRD such a pool never counts, whatever is done with its routes. Alone it does,
        for who learns them is then all that can be asked; what depends on them is told elsewhere (`carries_pods`).
        """
        fates = [f for f in pool_fates(self._resources, version=self._version) if f.family is self._family]
        unexported = {fate.name for fate in fates if fate.survives and not fate.exported}
        before = {fate.name for fate in pool_fates(self._resources, version=BIRD_MAY_NOT) if fate.survives}
        felixes = {fate.name for fate in fates if fate.survives and fate.name in before}
        return unexported | felixes if len(felixes) < len(fates) else unexported

    def _verdict(self, blocks: Blocks | None) -> tuple[Judgement, ...]:
        return tuple(self._judge(key, step, blocks) for key in self._keys for step in Step)

    @cached_property
    def _keys(self) -> list[_Key]:
        """Every list of filters at an iBGP and at an eBGP session, from each AS that there is."""
        lists = sorted({peer.filters for peer in self._peers.values()})
        numbers = {self._resources.as_number}
        numbers.update(node.as_number for node in self._resources.nodes if node.as_number is not None)
        numbers.update(peer.local_as_number for peer in self._resources.bgp_peers if peer.local_as_number is not None)
        if not any(rule.as_path_prefix for rule in all_rules(self._resources.bgp_filters)):
            numbers = {min(numbers)}
        sessions = [SessionAS(number, far) for number in sorted(numbers) for far in (number, -1)]
        return [((), sessions[0]), *((names, session) for names in lists for session in sessions)]

    # What is held back

    def held(self, peer: ExpectedPeer, *, certain: bool) -> Held | None:
        """What an end of a session holds back.

        Args:
            peer: The protocol at this end. A peer that confd reverses has the filters of its BGPPeer
                (confd/pkg/backends/calico/bgp_processor.go); the mesh has none.
            certain: Whether what may be held back is not let through.

        Returns:
            None where nothing is.
        """
        if self.is_idle:
            return None
        key = self._key(peer)
        if (key, certain) not in self._held:
            self._held[key, certain] = self._work_out(key, certain=certain)
        return self._held[key, certain]

    def doubtful(self, peers: Iterable[ExpectedPeer]) -> tuple[str, ...]:
        """What may hold something back at these peers and is not known to, in words; sorted.

        Args:
            peers: The protocols of both ends.
        """
        texts: set[str] = set()
        for peer in peers:
            held = self.held(peer, certain=True)
            if held is not None:
                texts.update(str(reason.by) for reason in held.reasons if not reason.is_certain)
        return tuple(sorted(texts))

    def _key(self, peer: ExpectedPeer) -> _Key:
        session = SessionAS(peer.local_as, peer.peer_as)
        makers = [self._peers.get(b.name) for b in peer.because if b.kind == "BGPPeer"]
        lists = {() if made_by is None else made_by.filters for made_by in makers} or {()}
        return lists.pop() if len(lists) == 1 else None, session

    def _work_out(self, key: _Key, *, certain: bool) -> Held | None:
        masks = dict.fromkeys(_STEPS.values(), 0)
        reasons: dict[tuple[str, Holder | str, bool], int] = {}
        for number, kind in enumerate(self._kinds.kinds):
            for step, name in _STEPS.items():
                judgements = {self._judge(key, step, blocks) for blocks in kind.blocks[:1]}
                for outcome, because in judgements:
                    is_certain = outcome is Outcome.REJECTED
                    if is_certain or (certain and outcome is Outcome.UNKNOWN):
                        masks[name] |= 1 << number
                        reason = (name, because or "", is_certain)
                        reasons[reason] = reasons.get(reason, 0) | 1 << number
        if not reasons:
            return None
        whole = tuple(Reason(name, mask, by, sure) for (name, by, sure), mask in reasons.items())
        return Held(masks["own"], masks["learned"], masks["incoming"], whole)

    def _judge(self, key: _Key, step: Step, blocks: Blocks | None) -> Judgement:
        names, session = key
        if names is None:
            return Judgement(Outcome.UNKNOWN, "BGPPeers of one peer that name different BGPFilters")
        listed = tuple(bgp_filter for name in names if (bgp_filter := self._filters.get(name)) is not None)
        if names and (self._is_refused or len(listed) != len(names)):
            missing = [name for name in names if name not in self._filters]
            if missing:
                return Judgement(Outcome.UNKNOWN, f"BGPFilter {missing[0]}, which was not given")
            return Judgement(Outcome.UNKNOWN, f"BGPFilter {names[0]}, while BIRD refuses its configuration")
        return self._judge_of.judge(listed, step, blocks, session)

    @cached_property
    def _judge_of(self) -> PodRoutes:
        circumstances = circumstances_of(
            self._resources, self._family, self._version, has_strangers=self._has_strangers
        )
        return PodRoutes(self._family, circumstances)


def filters_doubt(texts: Iterable[str]) -> str:
    """What depends on filters and the like, in words."""
    return f"{FILTERS_DOUBT} {some(tuple(texts), _SHOWN)} is not known; a route over such a session counts as perhaps"
