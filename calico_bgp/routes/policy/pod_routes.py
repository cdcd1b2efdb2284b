"""Whether BGPFilters and Calico's own export rules let blocks through a session, as far as resources tell.

A node announces its blocks: each a prefix of `blockSize` bits in a pool, or with host-local IPAM the node's podCIDR.
Judged is one block, or at once all that a pool may have; what depends on which of these, or on what only a real route
shows (communities, AS path, priority, interface), is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.prefixes import contains, is_within
from calico_bgp.routes.policy.bgp_filter import named, refused_by_bird
from calico_bgp.routes.policy.block_match import Match, all_or_none, prefix_match
from calico_bgp.routes.policy.export import PRIORITIES, Release
from calico_bgp.routes.policy.judgement import (
    NO_POOL,
    Blocks,
    Circumstances,
    Holder,
    Judgement,
    Outcome,
    SessionAS,
    Step,
)
from calico_bgp.routes.policy.route import NORMAL_PRIORITY

#: The releases in which fields of a rule were added; an older API server drops them, and the rule then says more.
_LENGTHS, _SOURCES = (3, 29), (3, 27)


class _Attributes(NamedTuple):
    """What a rule sees of the routes in question; None where it is not known."""

    is_learned: bool
    interface: str | None
    may_have_communities: bool
    as_path: tuple[int, ...] | None
    priorities: frozenset[int] | None


@dataclass
class PodRoutes:
    """Judges blocks.

    Attributes:
        family: Of the sessions.
        known: The cluster.
    """

    family: Family
    known: Circumstances
    _refused: dict[tuple[BGPFilter, ...], bool] = field(default_factory=dict)

    def judge(self, filters: tuple[BGPFilter, ...], step: Step, blocks: Blocks | None, session: SessionAS) -> Judgement:
        """What a session's end does with blocks.

        Args:
            filters: The peer's, in order; none for the mesh.
            step: At which end, and whose.
            blocks: Which; None for those of which nothing is known.
            session: The AS numbers of the session.
        """
        if self._is_refused(filters):
            return Judgement(Outcome.UNKNOWN, f"BGPFilter {filters[0].name}, of which BIRD refuses a rule")
        attributes = self._attributes(step, blocks, session)
        rejecting: Holder | None = None
        can_pass = False
        for bgp_filter in filters:
            for number, rule in enumerate(bgp_filter.rules(step.direction, self.family), 1):
                match = self._match(rule, blocks, attributes, session)
                if match is Match.NONE:
                    continue
                is_error = _cannot_be_computed(rule)
                if rule.action is FilterAction.ACCEPT and not is_error:
                    can_pass = True
                else:
                    where = f"{step.direction}V{self.family.version}"
                    rejecting = rejecting or Holder("BGPFilter", bgp_filter.name, where, number)
                if match is Match.ALL:
                    return _judgement(rejecting, can_pass=can_pass)
        own = Judgement(Outcome.PASSES) if step is Step.INCOMING else self._by_calico(step, blocks)
        if own.outcome is Outcome.UNKNOWN:
            return Judgement(Outcome.UNKNOWN, rejecting or own.because)
        return _judgement(rejecting or own.because, can_pass=can_pass or own.outcome is Outcome.PASSES)

    def _is_refused(self, filters: tuple[BGPFilter, ...]) -> bool:
        """Whether BIRD keeps its old file, and what stood in that nobody knows."""
        if filters not in self._refused:
            self._refused[filters] = any(any(refused_by_bird(bgp_filter)) for bgp_filter in filters)
        return self._refused[filters]

    def _by_calico(self, step: Step, blocks: Blocks | None) -> Judgement:
        """Calico's own export rules: a pool's `disableBGPExport`, then the own block, else what lies in a pool."""
        for name, pool in self.known.unexported:
            if blocks is None:
                return Judgement(Outcome.UNKNOWN, Holder("IPPool", name))
            if contains(pool, blocks.within):
                return Judgement(Outcome.REJECTED, Holder("IPPool", name))
            if contains(blocks.within, pool):
                return Judgement(Outcome.UNKNOWN, Holder("IPPool", name))
        if step is Step.OWN or blocks is None or not (self.known.pools or self.known.unexported):
            return Judgement(Outcome.PASSES)
        if is_within(blocks.within, self.known.pools):
            return Judgement(Outcome.PASSES)
        if not any(contains(blocks.within, pool) for pool in self.known.pools):
            return Judgement(Outcome.REJECTED, Holder(NO_POOL, ""))
        return Judgement(Outcome.UNKNOWN, "Calico's export rules, where no IPPool holds the block")

    def _attributes(self, step: Step, blocks: Blocks | None, session: SessionAS) -> _Attributes:
        known = self.known
        if step is not Step.OWN:
            # By which interface the next hop is reached is not known here.
            path: tuple[int, ...] | None = () if known.one_as and session.is_internal else None
            priorities = frozenset({NORMAL_PRIORITY}) if known.one_priority and known.one_as else None
            if blocks is None or self._is_copied(blocks):
                priorities = None
            return _Attributes(True, None, not known.without_communities, path, priorities)
        # BIRD has put the AS before the path.
        path = () if session.is_internal else (session.local_as,)
        if blocks is None or blocks.size == blocks.within.max_prefixlen:
            return _Attributes(False, None, False, path, None)
        # Own blocks are blackholes, without an interface.
        own = {NORMAL_PRIORITY, 0} if self._is_copied(blocks) else {NORMAL_PRIORITY}
        return _Attributes(False, "", False, path, frozenset(own))

    def _is_copied(self, blocks: Blocks) -> bool:
        return any(contains(pool, blocks.within) or contains(blocks.within, pool) for pool in self.known.copied)

    def _match(self, rule: FilterRule, blocks: Blocks | None, attributes: _Attributes, session: SessionAS) -> Match:
        if rule.peer_type is not None and (rule.peer_type == "iBGP") is not session.is_internal:
            return Match.SOME if _is_newer(rule, self.known.release) else Match.NONE
        if _cannot_be_computed(rule):
            return Match.ALL
        if _is_newer(rule, self.known.release):
            return Match.SOME
        matches = [] if rule.cidr is None else [prefix_match(rule, blocks)]
        if rule.remote_peers_only:
            matches.append(all_or_none(attributes.is_learned))
        if rule.interface is not None and rule.interface.strip("*"):
            matches.append(
                Match.SOME if attributes.interface is None else all_or_none(named(attributes.interface, rule.interface))
            )
        if rule.community is not None:
            matches.append(Match.SOME if attributes.may_have_communities else Match.NONE)
        if rule.as_path_prefix:
            prefix = rule.as_path_prefix
            matches.append(
                Match.SOME if attributes.as_path is None else all_or_none(attributes.as_path[: len(prefix)] == prefix)
            )
        if rule.priority is not None:
            matches.append(_among(rule.priority, attributes.priorities))
        if Match.NONE in matches:
            return Match.NONE
        return Match.SOME if Match.SOME in matches else Match.ALL


def _judgement(rejecting: Holder | str | None, *, can_pass: bool) -> Judgement:
    if rejecting is None:
        return Judgement(Outcome.PASSES)
    return Judgement(Outcome.UNKNOWN if can_pass else Outcome.REJECTED, rejecting)


def _is_newer(rule: FilterRule, release: Release) -> bool:
    """Whether a rule has a field that the API server of this release does not know."""
    newest = rule.peer_type or rule.community or rule.as_path_prefix or rule.priority is not None
    return bool(
        (newest and release < PRIORITIES)
        or (rule.prefix_length is not None and release < _LENGTHS)
        or ((rule.remote_peers_only or rule.interface) and release < _SOURCES)
    )


def _cannot_be_computed(rule: FilterRule) -> bool:
    """Whether BIRD fails at comparing a route with an address without a length, and rejects it whatever the action."""
    is_set = rule.operator in (MatchOperator.IN, MatchOperator.NOT_IN)
    return rule.cidr is not None and "/" not in rule.cidr and is_set


def _among(priority: int, values: frozenset[int] | None) -> Match:
    if values is None:
        return Match.SOME
    if priority not in values:
        return Match.NONE
    return Match.ALL if len(values) == 1 else Match.SOME
