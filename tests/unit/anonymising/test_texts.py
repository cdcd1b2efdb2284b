"""Names, addresses, labels and numbers in texts become others; the words around them stay."""

from ipaddress import ip_network

import pytest

from calico_bgp.anonymising.addresses import AddressMap
from calico_bgp.anonymising.names import Names
from calico_bgp.anonymising.numbers import ASNumbers
from calico_bgp.anonymising.selectors import Labels
from calico_bgp.anonymising.texts import Texts, networks_in

KEY = b"k" * 32
OLD = ("10.0.3.7", "2001:db8:5::1", "10.0.3.0/24")


@pytest.fixture
def texts():
    names = Names()
    names.add_hosts(["node1.acme.com", "node2", "master"])
    names.add("cluster", ["acme-prod"])
    return Texts(AddressMap(map(ip_network, OLD), KEY), names)


def test_the_words_of_a_protocol_stay(texts):
    for text in (
        "Active Socket: Connection refused",
        "Established",
        "BGP Error: Bad peer AS",
        "10:20:30",
        "2026-11-30",
    ):
        assert texts.text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "10.0.3.7",
        "to 10.0.3.7: refused",
        "10.0.3.7.port.179",
        "10.0.3.7:179",
        "10.0.3.0/24",
        "10.0.3.7/24",
        "Node_10_0_3_7",
        "Mesh_10_0_3_7_port_500",
        "2001:db8:5::1",
        "[2001:db8:5::1]:22",
        "2001:db8:5::1: no route",
        "Global_2001_db8_5__1",
    ],
)
def test_an_address_is_found_however_it_is_written(texts, text):
    new = texts.text(text)
    for old in ("10.0.3.", "10_0_3_", "db8:5:", "db8_5_"):
        assert old not in new
    assert len(new.split()) == len(text.split())
    assert ("port" in new) == ("port" in text)


def test_one_address_is_one_whatever_stands_around_it(texts):
    new = texts.text("10.0.3.7")
    assert texts.text("to 10.0.3.7: refused") == f"to {new}: refused"
    assert texts.text("Node_10_0_3_7") == f"Node_{new.replace('.', '_')}"
    assert texts.text("10.0.3.7/24") == f"{new}/24"


def test_every_address_of_a_text_is_found_those_of_protocols_beside_others_too():
    """One that is not found would stay as it is."""
    text = "10.0.3.7: Mesh_10_0_3_8 and Node_2001_db8_5__1 to 10.0.4.1/24"
    assert set(map(str, networks_in(text))) == {
        "10.0.3.7/32", "10.0.3.8/32", "2001:db8:5::1/128", "10.0.4.0/24", "10.0.4.1/32",
    }  # fmt: skip


def test_a_node_and_its_host_share_the_first_label(texts):
    assert texts.text("node1.acme.com") == "node-2.domain1.example"
    assert texts.text("node1 and NODE2, master.") == "node-2 and node-3, node-1."
    assert texts.text("cluster acme-prod") == "cluster cluster-1"
    assert texts.text("node.node2") == "node.node-3"


def test_a_host_of_which_only_a_text_speaks_is_not_told(texts):
    assert texts.text("ask ldap.acme.com or files.corp.internal") == "ask host.domain1.example or host.domain2.example"
    assert texts.text("see /etc/calico/bird.cfg, spec.nodeSelector and docs.projectcalico.org.") == (
        "see /etc/calico/bird.cfg, spec.nodeSelector and host.projectcalico.org."
    )


def test_a_host_in_a_country_is_a_host_and_a_field_is_none(texts):
    assert texts.text("ask ldap.acme.de") == "ask host.domain2.example"
    assert (
        texts.text("spec.bgp.as, acme.de, v3.32.0, 1.2.3, bird.ctl") == "spec.bgp.as, acme.de, v3.32.0, 1.2.3, bird.ctl"
    )


def test_as_numbers_in_a_text_become_those_of_the_fields():
    numbers = ASNumbers()
    written = Texts(AddressMap([], KEY), Names(), numbers).text
    assert numbers.number(3320) == 64496
    assert written("AS 3320, AS3320 and AS 64512, not 3320 or BAS 3320") == (
        "AS 64496, AS64496 and AS 64512, not 3320 or BAS 3320"
    )


def test_a_name_that_is_more_than_a_word_is_found_in_a_text():
    names = Names()
    names.add("cluster", ["admin@acme", "admin@acme-prod", "arn:aws:eks:eu-west-1:4711:cluster/acme"])
    written = Texts(AddressMap([], KEY), names).text
    assert written("no context admin@acme-prod; context arn:aws:eks:eu-west-1:4711:cluster/acme.") == (
        "no context cluster-2; context cluster-3."
    )


def test_taints_follow_the_labels():
    names = Names()
    labels = Labels([("acme.com/team", "red"), ("dedicated", "blue")], [], names)
    assert labels.taint("acme.com/team=red:NoSchedule") == "label-1=value-2:NoSchedule"
    assert labels.taint("dedicated:NoExecute") == "label-2:NoExecute"
    assert labels.taint("node-role.kubernetes.io/control-plane:NoSchedule") == (
        "node-role.kubernetes.io/control-plane:NoSchedule"
    )


def test_what_is_no_address_is_none():
    assert not list(networks_in("999.1.1.1 10:20:30 aa:bb:cc:dd:ee:ff 1.2.3 v3.33.0 node1:22 a::b::c"))


def test_names_stay_in_order():
    names = Names()
    names.add_hosts(f"n{number}" for number in range(1, 21))
    old = sorted(f"n{number}" for number in range(1, 21))
    new = [names.host(name) for name in old]
    assert new == sorted(new)
    assert len(set(new)) == 20


def test_selectors_select_the_same_in_other_words():
    names = Names()
    names.add_hosts(["node1"])
    labels = Labels(
        [("acme.com/rack", "r7"), ("topology.kubernetes.io/zone", "eu-west-1a"), ("kubernetes.io/hostname", "node1")],
        ["acme.com/rack == 'r7' && has(route-reflector)", "tier starts with 'gold'"],
        names,
    )
    assert labels.selector("acme.com/rack == 'r7' && has(route-reflector)") == (
        "label-1 == 'value-3' && has(route-reflector)"
    )
    assert (
        labels.selector("topology.kubernetes.io/zone in {'eu-west-1a'}") == "topology.kubernetes.io/zone in {'zone-1'}"
    )
    assert (labels.key("acme.com/rack"), labels.value("r7"), labels.value("node1")) == ("label-1", "value-3", "node-1")
    # A part of a value cannot be asked for once the value is another.
    assert labels.kept == {"tier"}
    assert labels.key("tier") == "tier"


def test_only_public_as_numbers_become_others():
    numbers = ASNumbers()
    assert [numbers.number(n) for n in (64512, 65001, 4_200_000_001, 15169, 3320, 15169)] == [
        64512, 65001, 4_200_000_001, 64496, 64497, 64496,
    ]  # fmt: skip
    many = [numbers.number(n) for n in range(1, 60)]
    assert len(set(many)) == 59
