"""Random networks for the route propagation: small, and odd in every way that the rules know of."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import strategies as st

from calico_bgp.model.peer import Family
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd, Speaker


def address_of(number: int) -> IPv4Address:
    return IPv4Address("192.0.2.0") + number


def network_of(names, sessions, *, router_ids=None, **more):
    speakers = [Speaker(name, (router_ids or {}).get(name, address_of(n))) for n, name in enumerate(names, start=1)]
    return Network(Family.IPV4, tuple(speakers), tuple(sessions), **more)


ALWAYS = st.just(True)


@st.composite
def networks(draw, *, nodes=(2, 6), add_paths=ALWAYS, hidden_as=False, one_as=False, odd=True):
    """A network.

    Args:
        nodes: The fewest and the most nodes.
        add_paths: Drawn for every end.
        hidden_as: Whether ends may speak as another AS (`localASNumber`).
        one_as: Whether all nodes have one AS.
        odd: Whether AS numbers may be allowed to come back and next hops be kept or rewritten.
    """
    names = [f"n{number}" for number in range(1, draw(st.integers(*nodes)) + 1)]
    as_numbers = {name: 64512 if one_as else draw(st.sampled_from([64512, 64513, 64514])) for name in names}
    clusters = {name: draw(st.sampled_from([None, "244.0.0.1", "244.0.0.2", f"own of {name}"])) for name in names}
    ids = draw(st.permutations(range(1, len(names) + 1)))
    router_ids = {name: address_of(100 + number) for name, number in zip(names, ids, strict=True)}
    sessions = []
    for b, far in enumerate(names):
        for a, near in enumerate(names[:b]):
            if not draw(st.sampled_from([True, True, False])):
                continue
            local = dict(as_numbers)
            if hidden_as:
                for name in (near, far):
                    local[name] = draw(st.sampled_from([local[name], local[name], 65000]))
            ends = []
            for number, one, other in ((a, near, far), (b, far, near)):
                client = local[one] == local[other] and clusters[one] is not None and draw(st.booleans())
                settings = EndSettings(
                    local[one],
                    local[other],
                    client,
                    clusters[one] if client else None,
                    draw(add_paths),
                    draw(st.sampled_from([0, 0, 1])) if odd else 0,
                    draw(st.sampled_from([None, None, "self", "keep"])) if odd else None,
                )
                ends.append(SessionEnd(one, address_of(number + 1), settings))
            sessions.append(BGPSession(*ends))
    return network_of(names, sessions, router_ids=router_ids)
