"""Commands and advice for a change that concerns some of several things."""

import pytest

from calico_bgp.changes.advice import selector_text
from calico_bgp.changes.change import ApplyResources, CreateNode, SetFields
from calico_bgp.changes.commands import commands
from calico_bgp.model.resources import ResourceKind, Resources
from tests.clusters import cluster, node, peer

TWO = [peer(name, peer_ip=f"10.0.0.{n}", as_number=65001) for n, name in enumerate(("one", "two"), 1)]


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_change_of_one_of_two_bgppeers_is_a_command(name):
    change = SetFields(ResourceKind.BGP_PEER, name, (("as_number", 65002),))
    (found,) = commands(change, cluster(*TWO))
    assert found.kubectl is not None
    assert f"bgppeers.projectcalico.org {name}" in found.kubectl or f" {name} " in found.kubectl


def test_what_is_not_set_is_in_no_manifest():
    made = commands(CreateNode(node("rr1", "10.0.0.9")), cluster(node("n1", "10.0.0.1")))
    made += commands(ApplyResources(Resources(bgp_peers=tuple(TWO)), "peers.yaml"), cluster(node("n1", "10.0.0.1")))
    assert len(made) >= 2
    for each in made:
        for text in (each.kubectl, each.calicoctl):
            assert text is None or ("null" not in text and "None" not in text)


@pytest.mark.parametrize(
    ("selector", "written"),
    [
        ("a == 'b'", "\"a == 'b'\""),
        # A shell runs what stands behind $ between double quotes.
        ("a == '$b'", "'a == ''$b'''"),
        ("a == '`b`'", "'a == ''`b`'''"),
        ("has(a)", "'has(a)'"),
    ],
)
def test_the_quotes_of_a_selector(selector, written):
    assert selector_text(selector) == written
