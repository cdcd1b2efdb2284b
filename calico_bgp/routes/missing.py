"""Which routes are missing, by the tables, though no session is: what findings and causes about routes rest on."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.consequences import routes_of
from calico_bgp.routes.observed.compare import observed_of

#: Stops at which the route is in the learner's BIRD: no session has to do with them.
_AFTER_BIRD = frozenset({Stop.UNREACHABLE, Stop.NOT_IN_KERNEL, Stop.KERNEL_ELSEWHERE, Stop.NOT_HELD})


def missing_at(cluster: Cluster, *stops: Stop) -> Iterator[tuple[Family, Missing]]:
    """The routes that stop there, but for those that a session is missing for: its own finding says that.

    What may come by other sessions or settings than those that are known is missing where the kernels prove it.
    """
    for family, observed in observed_of(cluster).items():
        computed = routes_of(cluster).get(family)
        nodes = frozenset() if computed is None else frozenset(computed.now.nodes)
        hurt = _with_a_session_down(cluster, family)
        for missing in observed.missing:
            if missing.stop not in stops:
                continue
            if missing.stop in _AFTER_BIRD:
                yield family, missing
            elif computed is not None and {missing.learner, missing.origin} <= nodes:
                pair = missing.learner, missing.origin
                answer = computed.now.learns(*pair)
                is_proven = missing.pods_cut_off and hurt.isdisjoint(pair)
                stop_is_known = missing.stop is not Stop.UNTRACED
                if answer is Answer.YES or (answer is Answer.PERHAPS and (stop_is_known or is_proven)):
                    yield family, missing


def _with_a_session_down(cluster: Cluster, family: Family) -> frozenset[str]:
    """The nodes of which a session does not stand: one that restarts, too, whose routes its peers may still have."""
    down = (session.key for session in cluster.in_order if session.key.family is family and not session.is_up)
    return frozenset(name for key in down for name in (key.a, key.b))
