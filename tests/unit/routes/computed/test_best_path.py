"""Which path a speaker without add-paths offers: RFC 4271, 9.1.2.2 and RFC 4456, section 9, in BIRD's order."""

from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from calico_bgp.routes.computed.rules import Route, best_of


def over(router_id="192.0.2.9", *, address="192.0.2.9", internal=True, **attributes):
    """A route that came over a session with such a neighbour; a router ID that is not known is a stand-in."""
    known = ("", router_id) if router_id == "unknown" else ip_address(router_id)
    neighbour = SimpleNamespace(router_id=known, address=ip_address(address))
    return Route("node", SimpleNamespace(internal=internal, opposite=neighbour), **attributes)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (Route("node"), over("0.0.0.1")),
        # The length of AS_PATH comes before all else, then eBGP.
        (over(length=1), over("192.0.2.1", length=2, internal=False)),
        (over(internal=False), over("192.0.2.1")),
        # As numbers, not as texts.
        (over("192.0.2.9"), over("192.0.2.10")),
        (over("192.0.2.200"), over("unknown")),
        # ORIGINATOR_ID stands for the neighbour's router ID.
        (over("192.0.2.77", originator=ip_address("192.0.2.1")), over("192.0.2.2")),
        (over("192.0.2.2"), over("192.0.2.1", originator=ip_address("192.0.2.3"))),
        (over(clusters=0b100, address="192.0.2.10"), over(clusters=0b11)),
        (over(address="192.0.2.9"), over(address="192.0.2.10")),
        (over(address="2001:db8::9"), over(address="2001:db8::10")),
    ],
)
def test_the_better_path(better, worse):
    assert best_of([better, worse]) is better
    assert best_of([worse, better]) is better
