"""What a resource's fields are in a manifest, where some of it is not known."""

from dataclasses import replace

from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.changes.fields import SECRET, spec_of
from calico_bgp.model.resources import ResourceKind
from tests.clusters import node, peer


def test_an_address_that_is_known_is_a_text():
    known = replace(node("n1", "192.0.2.1"), ipv4_prefix=24)
    assert spec_of(ResourceKind.NODE, known, {})["ipv4Address"] == "192.0.2.1/24"


def test_an_address_that_is_asked_for_keeps_the_prefix_length():
    known = replace(node("n1", "192.0.2.1"), ipv4_prefix=24)
    ask = Ask("ADDRESS", "the address", "192.0.2.2")
    assert tuple(spec_of(ResourceKind.NODE, known, {"ipv4": ask})["ipv4Address"]) == (ask, "/", "24")


def test_a_password_whose_secret_is_not_known_is_asked_for():
    spec = spec_of(ResourceKind.BGP_PEER, peer("tor", has_password=True), {})
    assert spec["password"] == {"secretKeyRef": {"name": SECRET.name, "key": SECRET.key}}


def test_a_secret_that_is_named_is_written():
    spec = spec_of(ResourceKind.BGP_PEER, peer("tor", has_password=True), {"has_password": Secret("bgp", "word")})
    assert spec["password"] == {"secretKeyRef": {"name": "bgp", "key": "word"}}
