"""An address that is a network of its own among others that are none, as keepalived gives them."""

from collections import Counter
from ipaddress import ip_address

import pytest

from calico_bgp.causes.addresses.wrong import _by_prefix, _Others
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import node

ADDRESS = ip_address("192.0.2.99")


def judged(length, prefixes, internal=()):
    others = _Others(frozenset(), Counter(prefixes), 0, ())
    return _by_prefix(node("n1", f"192.0.2.99/{length}"), ADDRESS, tuple(map(ip_address, internal)), others)


@pytest.mark.parametrize(
    ("length", "prefixes", "usual"),
    [
        (32, {24: 3, 32: 1}, 24),
        (32, {32: 1, 24: 1}, 24),
        (32, {32: 1, 24: 1, 20: 2}, 20),
        # Another one has a /32 as well; all have it, as on some clouds; it has no /32.
        (32, {24: 3, 32: 2}, None),
        (32, {32: 1}, None),
        (24, {24: 3, 32: 1}, None),
    ],
)
def test_a_single_address_among_networks(length, prefixes, usual):
    found = judged(length, prefixes)
    assert (found and found.why) == (
        usual and f"a /32, as keepalived gives to a virtual address; the others have /{usual}"
    )


@pytest.mark.parametrize(("internal", "confidence"), [((), Confidence.LIKELY), (("192.0.2.1",), Confidence.CERTAIN)])
def test_an_internal_ip_makes_it_sure(internal, confidence):
    found = judged(32, {24: 3, 32: 1}, internal)
    assert found.confidence is confidence
    assert ("its InternalIP is 192.0.2.1" in found.why) is bool(internal)
