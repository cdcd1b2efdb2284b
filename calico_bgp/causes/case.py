"""All that a family of causes may look at: the facts of the cluster, and what the rules found. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from calico_bgp.causes.secondary import is_secondary
from calico_bgp.causes.signals import Signal, Signals, signals_between, signals_of
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.own_list import Listed, listed_by_bird
from calico_bgp.cluster.sessions.session import Session, SessionKey, by_end
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.pod_commands import Pods
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import (
    AddressSubject,
    ClusterSubject,
    NodeSubject,
    ResourceSubject,
    SessionSubject,
    Subject,
)
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.routes.consequences import FamilyRoutes, routes_of
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.whatif.unchanged import Unchanged

#: Findings about a node that are its bad sessions: what explains all of these explains the finding. Others are no
#: session's: they may stand beside bad sessions of the node, and are a fault of their own.
_OF_NODE_AND_ITS_SESSIONS = frozenset(
    {
        "client-single-reflector",
        "family-without-peers",
        "isolated-node",
    }
)


_S = TypeVar("_S", ClusterSubject, NodeSubject, SessionSubject, AddressSubject, ResourceSubject)


@dataclass(frozen=True)
class Case:
    """All that a family of causes may look at.

    Attributes:
        cluster: The facts that the rules looked at.
        findings: What they said, without accepted exceptions.
    """

    cluster: Cluster
    findings: tuple[Finding, ...]

    @property
    def routes(self) -> Mapping[Family, FamilyRoutes]:
        """Who learns whose routes, per family; empty where that cannot be told."""
        return routes_of(self.cluster)

    @property
    def observed(self) -> Mapping[Family, ObservedRoutes]:
        """The same as the tables of BIRD and the kernel show it; empty where none was read."""
        return observed_of(self.cluster)

    @property
    def configured(self) -> Configured | None:
        """What Calico's resources come to; None without resources."""
        return self.cluster.configured if self.cluster.has_resources else None

    @property
    def pods(self) -> Pods:
        """Commands that act on calico-node of a node."""
        return self.cluster.pods

    @property
    def resources(self) -> Resources | None:
        """Calico's resources, where they hold Nodes."""
        return None if self.cluster.expectation is None else self.cluster.expectation.resources

    @cached_property
    def unchanged(self) -> Unchanged | None:
        """The cluster as its resources make it, against which every remedy is tried; worked out once."""
        expectation = self.cluster.expectation if self.configured is None else self.configured.expectation
        return None if expectation is None else Unchanged(expectation)

    @cached_property
    def _by_rule(self) -> dict[str, list[Finding]]:
        by_rule: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            by_rule[finding.rule].append(finding)
        return by_rule

    def of(self, *rules: str) -> Iterator[Finding]:
        """The findings of some rules."""
        for rule in rules:
            yield from self._by_rule.get(rule, ())

    def about(self, kind: type[_S], *rules: str) -> Iterator[tuple[Finding, _S]]:
        """The findings of some rules about such a thing, each with what it is about."""
        for finding in self.of(*rules):
            if isinstance(finding.subject, kind):
                yield finding, finding.subject

    def ids_about(self, subject: Subject, *rules: str) -> frozenset[str]:
        """The ids of the findings of some rules about this very thing."""
        return frozenset(finding.id for finding in self.of(*rules) if finding.subject == subject)

    def of_each_node(self, rule: str) -> Iterator[tuple[Finding, str, Family]]:
        """The findings of a rule that are about one family on one node, with both."""
        for finding, subject in self.about(NodeSubject, rule):
            if subject.family is not None:
                yield finding, subject.node, subject.family

    def of_each_family(self, rule: str) -> Iterator[tuple[Finding, Family]]:
        """The findings of a rule that are about one family of the cluster, with it."""
        for finding, subject in self.about(ClusterSubject, rule):
            if subject.family is not None:
                yield finding, subject.family

    def ids(self, *rules: str) -> frozenset[str]:
        """The ids of the findings of some rules."""
        return frozenset(finding.id for finding in self.of(*rules))

    def of_resource(self, name: str, *rules: str) -> frozenset[str]:
        """The ids of the findings of some rules about a resource of that name."""
        about = self.about(ResourceSubject, *rules)
        return frozenset(finding.id for finding, subject in about if subject.name == name)

    def of_nodes(self, rule: str) -> dict[tuple[str, str | None], list[tuple[Finding, Family]]]:
        """(node, which message of the rule) → its findings with their families: one fault may show in both."""
        by_node: dict[tuple[str, str | None], list[tuple[Finding, Family]]] = defaultdict(list)
        for finding, node, family in self.of_each_node(rule):
            by_node[node, finding.key].append((finding, family))
        return dict(by_node)

    def of_node(self, name: str, *rules: str) -> frozenset[str]:
        """The ids of the findings of some rules about one node."""
        return frozenset(finding for rule in rules for finding in self._of_node.get((name, rule), ()))

    @cached_property
    def _of_node(self) -> dict[tuple[str, str], list[str]]:
        """(name of a node, rule) → the ids of the findings."""
        of_node: dict[tuple[str, str], list[str]] = defaultdict(list)
        for finding in self.findings:
            if isinstance(finding.subject, NodeSubject):
                of_node[finding.subject.node, finding.rule].append(finding.id)
        return of_node

    @cached_property
    def bad_of(self) -> dict[str, frozenset[SessionKey]]:
        """End → its sessions that are not up although they should be."""
        return by_end(self.cluster.judged.bad)

    @property
    def up_of(self) -> dict[str, frozenset[SessionKey]]:
        """End → its sessions that are up."""
        return self.cluster.up_of

    @cached_property
    def joined_of(self) -> dict[str, frozenset[SessionKey]]:
        """End → its sessions with nodes that are up: a switch that it reaches says nothing of those it does not."""
        nodes = self.cluster.by_name.keys()
        return {name: frozenset(key for key in keys if key.far(name) in nodes) for name, keys in self.up_of.items()}

    def bad_keys(self, name: str, family: Family | None = None) -> frozenset[SessionKey]:
        """The sessions of an end that are not up although they should be; of one family where one is given."""
        return _of_family(self.bad_of.get(name, frozenset()), family)

    def up_keys(self, name: str, family: Family | None = None) -> frozenset[SessionKey]:
        """Likewise its sessions that are up."""
        return _of_family(self.up_of.get(name, frozenset()), family)

    def far_ends(self, name: str, family: Family) -> frozenset[str]:
        """Whom an end has no session with although it should have one."""
        return frozenset(key.far(name) for key in self.bad_keys(name, family))

    def joined_keys(self, name: str, family: Family | None = None) -> frozenset[SessionKey]:
        """Likewise its sessions that are up with nodes."""
        return _of_family(self.joined_of.get(name, frozenset()), family)

    @cached_property
    def families_up(self) -> dict[str, frozenset[Family]]:
        """End → the families in which it has a session that is up."""
        return {name: frozenset(key.family for key in keys) for name, keys in self.up_of.items()}

    def asked_for_by(self, key: SessionKey) -> frozenset[str]:
        """The names of the resources that ask for an end of a session."""
        peers = self.cluster.expected_peers.get(key, ())
        return frozenset(because.name for peer in peers for because in peer.because)

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What `once` has worked out."""
        return {}

    @cached_property
    def signals(self) -> Mapping[SessionKey, Signals]:
        """Bad session → what both ends say about it; of an end without a row, what its BIRD lists itself."""
        return {key: self._signals(session) for key, session in self.cluster.judged.bad.items()}

    def _signals(self, session: Session) -> Signals:
        by_rows = signals_of(session)
        a, b = (end.lacks_row and self.listed(session.key, end.name) is Listed.DISABLED for end in session.ends)
        return signals_between(Signal.DISABLED if a else by_rows.a, Signal.DISABLED if b else by_rows.b)

    def far_signal(self, name: str, key: SessionKey) -> Signal | None:
        """What the far end of a bad session says about the end called `name`."""
        signals = self.signals[key]
        return signals.b if key.a == name else signals.a

    def far_signals(self, name: str, keys: Iterable[SessionKey]) -> frozenset[Signal]:
        """What the far ends of some bad sessions say about the end called `name`."""
        return frozenset(signal for key in keys if (signal := self.far_signal(name, key)) is not None)

    def all_signals(self, keys: Iterable[SessionKey]) -> frozenset[Signal]:
        """What any end says about one of these bad sessions."""
        return frozenset(signal for key in keys for signal in self.signals[key].both)

    def listed(self, key: SessionKey, name: str) -> Listed | None:
        """How the BIRD of an end without a row has the other end, by its own list; None where that does not tell."""
        if not self.cluster.session(*key).end(name).lacks_row:
            return None
        member, far = self.member(name), self.cluster.identity.addresses.get(key.far(name), ())
        return None if member is None else listed_by_bird(member.reading, key.family, far)

    @cached_property
    def keys_of(self) -> dict[str, frozenset[SessionKey]]:
        """Finding's id → the bad sessions that it speaks of; empty where it speaks of none."""
        return {finding.id: frozenset(self._keys(finding)) for finding in self.findings}

    def _keys(self, finding: Finding) -> Iterable[SessionKey]:
        subject, bad = finding.subject, self.cluster.judged.bad
        if isinstance(subject, SessionSubject):
            key = SessionKey.between(subject.family, subject.a, subject.b)
            return [key] if key in bad else []
        if isinstance(subject, NodeSubject):
            if finding.rule not in _OF_NODE_AND_ITS_SESSIONS:
                return []
            own_keys = self.bad_keys(subject.node)
            if finding.rule == "isolated-node":
                isolated = self.cluster.judged.isolated
                isolated_keys = {key for family in Family for key in isolated.get((subject.node, family), ())}
                own_keys = frozenset(isolated_keys) or own_keys
            return [key for key in own_keys if subject.family in {None, key.family}]
        if isinstance(subject, AddressSubject):
            return self.bad_keys(str(subject.address))
        if finding.rule == "no-working-reflector":
            return {key for name in self.cluster.reflectors for key in self.bad_keys(name)}
        if finding.rule == "fewer-than-two-reflectors" and len(self.cluster.reflectors) > 1:
            # Only the sessions of reflectors that do not work count; of a single reflector none does.
            idle = [name for name in self.cluster.reflectors if name not in self.up_of]
            return {key for name in idle for key in self.bad_keys(name)}
        return []

    def explained_by(self, keys: Collection[SessionKey]) -> frozenset[str]:
        """The findings about sessions, of which every session is among these."""
        all_keys = set(keys)
        touched = {finding for key in all_keys for finding in self._findings_of_key.get(key, ())}
        return frozenset(finding for finding in touched if self.keys_of[finding] <= all_keys)

    @cached_property
    def _findings_of_key(self) -> dict[SessionKey, set[str]]:
        by_key: dict[SessionKey, set[str]] = defaultdict(set)
        for finding in self.findings:
            if not is_secondary(finding):
                for key in self.keys_of[finding.id]:
                    by_key[key].add(finding.id)
        return by_key

    def is_read(self, name: str) -> bool:
        """Whether a node answered."""
        member = self.member(name)
        return member is not None and member.reading is not None

    def member(self, name: str) -> Member | None:
        """The node called so; None for an external peer."""
        return self.cluster.by_name.get(name)


def _of_family(keys: frozenset[SessionKey], family: Family | None) -> frozenset[SessionKey]:
    return keys if family is None else frozenset(key for key in keys if key.family is family)
