"""Sessions between nodes of which nothing was seen, by their roles alone: what two of them may have, all may have.

Of 5,000 hosts that no login reaches, any two may have a session: nobody makes twelve million of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import combinations_with_replacement

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.cluster.shape import Shape
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.network.classes.sessions import ClassSessions, SettingsPair
from calico_bgp.routes.network.protocols import Joint


def is_expected_by_roles(shape: Shape, key: SessionKey) -> bool:
    """Whether two nodes are to have a session, where no resources say so."""
    roles = {shape.roles.get(key.a), shape.roles.get(key.b)}
    return shape.kind not in {TopologyKind.REFLECTORS, TopologyKind.MIXED} or Role.REFLECTOR in roles


def sessions_by_role(
    shape: Shape, family: Family, addresses: Mapping[str, Address | None], joint: Callable[[SessionKey], Joint]
) -> ClassSessions:
    """The sessions that nodes may have.

    Args:
        shape: Who has which role, without sessions.
        family: Of the sessions.
        addresses: The nodes, none of which shows a session, nor is shown in one.
        joint: The session of two nodes; for those of one role the same but for their names.
    """
    return sessions_by_label(
        family,
        addresses,
        shape.roles.get,
        lambda near, far: is_expected_by_roles(shape, SessionKey(family, near, far)),
        joint,
    )


def sessions_by_label(
    family: Family,
    addresses: Mapping[str, Address | None],
    label_of: Callable[[str], object],
    may_meet: Callable[[str, str], bool],
    joint: Callable[[SessionKey], Joint],
) -> ClassSessions:
    """The sessions that nodes may have, where what two of them may have all with their labels may have.

    Args:
        family: Of the sessions.
        addresses: The nodes.
        label_of: What tells a node from others.
        may_meet: Whether two nodes may have a session.
        joint: The session of two nodes; for those of equal labels the same but for their names.
    """
    by_label: dict[object, list[str]] = defaultdict(list)
    for name in sorted(addresses):
        by_label[label_of(name)].append(name)
    classes = sorted(map(tuple, by_label.values()))
    settings: dict[tuple[int, int], tuple[SettingsPair, ...]] = {}
    for one, other in combinations_with_replacement(range(len(classes)), 2):
        near, far = classes[one][0], classes[other][-1]
        key = SessionKey.between(family, near, far)
        if near != far and may_meet(near, far):
            pairs = ((a.settings, b.settings) for a, b in joint(key).possible)
            settings[one, other] = tuple(pair if key.a == near else (pair[1], pair[0]) for pair in pairs)
    return ClassSessions(classes, addresses, settings)
