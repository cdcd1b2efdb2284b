"""Sessions with strangers, which may be any node whose address is not known: of very many nodes at once.

A paste of 4,000 tables without names has eight million such sessions, and nobody makes each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.cluster.shape import Shape
from calico_bgp.model.peer import Address, Family
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.protocols import Joint
from calico_bgp.routes.network.unseen import is_expected_by_roles, sessions_by_label

#: Fewer pairs of nodes are looked at one by one.
MANY_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class Strangers:
    """Nodes of which no two are known to have a session that stands.

    Attributes:
        meeting: Those that have a session with a stranger.
        unplaced: Those whose address is not known, so that they may be the strangers.
        blind: Those that could not be looked at.
    """

    meeting: frozenset[str]
    unplaced: frozenset[str]
    blind: frozenset[str]

    @property
    def are_many(self) -> bool:
        """Whether they are too many for a look at every two of them."""
        return len(self.meeting) * len(self.unplaced) > MANY_PAIRS

    def sessions(
        self,
        shape: Shape,
        family: Family,
        addresses: Mapping[str, Address | None],
        joint: Callable[[SessionKey], Joint],
    ) -> ClassSessions:
        """All sessions that they may have: what two nodes may have, all may have that are alike.

        Args:
            shape: Who has which role.
            family: Of the sessions.
            addresses: All nodes.
            joint: The session of two nodes; for those of one role the same but for their names.
        """

        def label(name: str) -> object:
            return shape.roles.get(name), name in self.meeting, name in self.unplaced, name in self.blind

        def may_meet(near: str, far: str) -> bool:
            is_a_stranger = any(a in self.meeting and b in self.unplaced for a, b in ((near, far), (far, near)))
            are_blind = near in self.blind and far in self.blind
            return is_a_stranger or (are_blind and is_expected_by_roles(shape, SessionKey(family, near, far)))

        return sessions_by_label(family, addresses, label, may_meet, joint)
