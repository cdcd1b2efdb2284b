"""Observed sessions between classes of nodes: the same networks, from which sessions can be added at little cost.

A cluster that is broken has one network that stands and many in which some of what is down stands again. Who is
equivalent in all of them is found once; a few nodes are then set apart where a question is about a few sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from calico_bgp.model.peer import Address
from calico_bgp.routes.network.classes.equivalence import equivalent_nodes, traits_of
from calico_bgp.routes.network.classes.sessions import ClassSessions, SettingsPair, class_numbers
from calico_bgp.routes.network.index import SingleSessionIndex
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession

#: Two numbers of classes, the lower one first → the settings of the sessions between their nodes.
_Settings: TypeAlias = dict[tuple[int, int], tuple[SettingsPair, ...]]


@dataclass(frozen=True)
class ClassedNetwork:
    """A network, and sessions that do not stand in it, by classes of nodes.

    Attributes:
        network: The sessions that stand.
        down: Those that do not.
    """

    network: Network
    down: ClassSessions

    def with_sessions(self, pairs: Iterable[tuple[str, str]], *, but: bool = False) -> Network:
        """The network with the sessions between some pairs of nodes standing as well, certainly.

        Args:
            pairs: Two nodes each, between which a session of `down` is.
            but: Whether all sessions of `down` but these stand again.
        """
        partners: dict[str, set[str]] = {}
        for one, other in pairs:
            partners.setdefault(one, set()).add(other)
            partners.setdefault(other, set()).add(one)
        # Nodes of a class that are named with the same others stay in one class.
        labels = {name: frozenset(others) for name, others in partners.items()}
        down = self.down.divided(labels)
        chosen = {_numbers(down, (one, other)) for one, others in partners.items() for other in others}
        again = {ends: settings for ends, settings in down.settings.items() if (ends in chosen) != but}
        network = self.network
        return replace(
            network,
            sessions=_with(network.sessions, labels, again),
            possible=None if network.possible is None else _with(network.possible, labels, again),
        )


def classed(network: Network, down: Sequence[BGPSession]) -> ClassedNetwork | None:
    """Put the nodes of a network into classes.

    Args:
        network: The sessions that stand.
        down: Sessions that do not stand.

    Returns:
        None where a node has not one address on all of its sessions, so that sessions of a class are not told by it.
    """
    if isinstance(network.sessions, ClassSessions) and not down:
        return ClassedNetwork(network, ClassSessions(network.sessions.classes, {}, {}))
    sets = [network.sessions, *([] if network.possible is None else [network.possible]), down]
    addresses: dict[str, Address | None] = {}
    for sessions in sets:
        for end in (end for session in sessions for end in session):
            if addresses.setdefault(end.node, end.address) != end.address:
                return None
    names = {speaker.name for speaker in network.speakers}
    if not addresses.keys() <= names:
        return None
    indexes = [SingleSessionIndex(network.speakers, each, network.externals) for each in sets]
    classes = equivalent_nodes(indexes, traits_of(indexes))
    by_class = [ClassSessions(classes, addresses, _settings(each, classes)) for each in sets]
    possible = None if network.possible is None else by_class[1]
    return ClassedNetwork(replace(network, sessions=by_class[0], possible=possible), by_class[-1])


def _numbers(sessions: ClassSessions, pair: tuple[str, str]) -> tuple[int, int]:
    one, other = sorted(sessions.classes_of(pair))
    return one, other


def _settings(sessions: Iterable[BGPSession], classes: Sequence[tuple[str, ...]]) -> _Settings:
    class_of = class_numbers(classes)
    by_ends: dict[tuple[int, int], dict[SettingsPair, None]] = {}
    for a, b in sessions:
        one, other = class_of[a.node], class_of[b.node]
        if (one, a.node) <= (other, b.node):
            by_ends.setdefault((one, other), {})[a.settings, b.settings] = None
        else:
            by_ends.setdefault((other, one), {})[b.settings, a.settings] = None
    return {ends: tuple(pairs) for ends, pairs in by_ends.items()}


def _with(sessions: Sequence[BGPSession], labels: Mapping[str, object], more: _Settings) -> ClassSessions:
    assert isinstance(sessions, ClassSessions)
    return sessions.divided(labels).with_settings(more)
