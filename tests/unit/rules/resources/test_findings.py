"""What a finding of the lint says: severity, place, the change that fixes it; and one finding for one cause."""

import re
import shlex

import pytest

from calico_bgp.auditing.lint import lint, lint_findings
from calico_bgp.cluster.cluster import of_resources
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.reports.subject import NodeSubject, ResourceSubject
from calico_bgp.model.settings.config import Config, Ignore
from calico_bgp.rules.resources import LINT_RULES
from tests.unit.rules.resources.build import (
    NO_MESH,
    RR_PEER,
    config,
    findings,
    node,
    nodes,
    of_rule,
    peer,
    pool,
    reflectors,
    resources,
    rules,
    said,
)
from tests.unit.rules.resources.test_every_rule import CASES, rr_nodes, tor

TRAP = peer("rr", peer_selector="has(route-reflector)", tags=[("nodeSelector", "!has(route-reflector)", "")])


def test_the_outage_at_reddit():
    """Reflector selectors on a label that Kubernetes 1.24 took away: one error, not one per node or consequence."""
    masters = [node(f"m{i}", f"192.0.2.20{i}", rr="244.0.0.1", labels={"x": "1"}) for i in range(3)]
    gone = peer("rr", node_selector="all()", peer_selector="has(node-role.kubernetes.io/master)")
    found = [f for f in findings(nodes(30), masters, NO_MESH, gone) if f.severity is not Severity.INFO]
    (finding,) = found
    assert finding.rule == "selector-matches-nothing"
    assert finding.severity is Severity.ERROR
    assert "Kubernetes 1.24" in finding.message
    assert finding.subject == ResourceSubject(resource="BGPPeer", name="rr", file="bgp.yaml", line=11)
    assert finding.next_step == "in BGPPeer rr write peerSelector: 'has(node-role.kubernetes.io/control-plane)'"


def test_nodes_without_a_zone_are_not_counted_among_those_of_the_zones():
    finding = of_rule("reflectors-in-one-zone", rr_nodes(zones=("a", "a", "b", None)), NO_MESH, RR_PEER)
    assert finding.evidence == ("reflectors: rr1, rr2", "zone a: 2 nodes", "zone b: 1 node")


def test_a_selector_that_matches_nothing_is_a_warning_while_every_node_has_a_peer():
    rack = peer(peer_ip="192.0.2.254", as_number=65001, node_selector="rack == 'b'")
    assert said(nodes(3), rack) == {"selector-matches-nothing": "warning"}


def test_a_misspelt_label_is_mended():
    rack = peer(peer_ip="192.0.2.254", as_number=65001, node_selector="raack == 'a'")
    labelled = nodes(2, labels={"rack": "a"})
    assert of_rule("selector-matches-nothing", labelled, rack).next_step == (
        "in BGPPeer peer write nodeSelector: \"rack == 'a'\""
    )


def test_a_value_that_no_node_has_gives_the_label_command():
    rack = peer(peer_ip="192.0.2.254", as_number=65001, node_selector="rack == 'b-c'")
    step = of_rule("selector-matches-nothing", nodes(2, labels={"rack": "a"}), rack).next_step
    assert step == 'label the nodes that are meant: kubectl label node "${NODE:?}" rack=b-c'


def test_the_trap_works_by_accident_so_it_is_a_warning_with_both_readings():
    assert said(nodes(4), reflectors(2), NO_MESH, TRAP) == {"yaml-tag": "warning"}
    finding = of_rule("yaml-tag", nodes(4), reflectors(2), NO_MESH, TRAP)
    assert finding.subject.line == 42
    assert "the BGPPeer is global" in finding.message
    assert finding.evidence == (
        "nodeSelector: !has(route-reflector)",
        "with quotes: 2 peers fewer, on rr1, rr2, so reflectors would not peer with each other",
    )
    assert "delete the line nodeSelector:" in finding.next_step
    assert "write nodeSelector: '!has(route-reflector)'" in finding.next_step


def test_the_trap_where_another_bgppeer_joins_the_reflectors():
    among = peer("among", node_selector="has(route-reflector)", peer_selector="has(route-reflector)")
    finding = of_rule("yaml-tag", nodes(4), reflectors(2), NO_MESH, TRAP, among)
    assert finding.evidence[-1] == "with quotes: the same sessions, shown as `node specific` instead of `global`"


def test_the_trap_with_a_value_left_over_is_an_error_and_the_only_one():
    """`!(a == 'b')` is read as the value `== 'b')`, which does not parse."""
    left = peer("rr", node_selector="== 'b')", peer_selector="has(route-reflector)")
    left = peer(
        "rr", node_selector="== 'b')", peer_selector="has(route-reflector)", tags=[("nodeSelector", "!(a", "== 'b')")]
    )
    assert said(nodes(4), reflectors(2), left) == {"yaml-tag": "error"}


def test_a_lone_exclamation_mark_leaves_the_opposite():
    """`! has(x)`: the tag is `!`, and Calico receives the rest, which parses."""
    field = {"node_selector": "has(route-reflector)", "peer_selector": "has(route-reflector)"}
    opposite = peer("rr", **field, tags=[("nodeSelector", "!", "has(route-reflector)")])
    assert said(nodes(4), reflectors(2), NO_MESH, opposite) == {"yaml-tag": "error"}
    finding = of_rule("yaml-tag", nodes(4), reflectors(2), NO_MESH, opposite)
    assert finding.message.endswith("Calico receives only `has(route-reflector)`, which is another selector")
    assert finding.next_step == "in BGPPeer rr write nodeSelector: '! has(route-reflector)'"


def test_a_spoiled_peer_selector_leaves_no_far_end():
    spoiled = peer("rr", node_selector="all()", tags=[("peerSelector", "!has(x)", "")])
    assert said(nodes(4), spoiled) == {"yaml-tag": "error"}


def test_a_tag_in_a_bgpconfiguration():
    from calico_bgp.model.place import YAMLTag

    spoiled = config(tags=(YAMLTag("spec.nodeMeshMaxRestartTime", "!120s", "", 7),))
    finding = of_rule("yaml-tag", nodes(2), spoiled)
    assert finding.severity is Severity.WARNING
    assert "!120s" in finding.message


def test_five_thousand_nodes_are_one_finding():
    many = [node(f"n{i:04}", f"10.{i // 250}.{i % 250}.1") for i in range(5000)]
    found = findings(many, reflectors(2), NO_MESH, peer(node="n0000", peer_selector="has(route-reflector)"))
    (lonely,) = (f for f in found if f.rule == "node-without-peers")
    assert "n0001, n0002, n0003, n0004, n0005 and 4,994 more" in lonely.message


def test_a_node_alone_is_the_subject():
    tor = peer(peer_ip="192.0.2.254", as_number=65001, node_selector="has(rack)")
    finding = of_rule("node-without-peers", nodes(2, labels={"rack": "a"}), node("lost", "192.0.2.99"), NO_MESH, tor)
    assert finding.subject == NodeSubject(node="lost")


def test_the_far_end_of_a_broken_peering_is_not_reported_a_second_time():
    wrong = peer(node="node1", peer_ip="192.0.2.2", as_number=65001)
    assert said(nodes(2), NO_MESH, wrong) == {"as-number-mismatch": "error"}
    manual = peer(node="node1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual")
    assert said(nodes(2), NO_MESH, manual) == {"one-sided-peering": "error"}


def test_peer_ip_of_a_node_that_nobody_dials():
    """A global `peerIP` with Manual: nodes with the smaller text wait, and the far end does not know them."""
    manual = peer(peer_ip="192.0.2.3", as_number=64512, reverse_peering="Manual")
    finding = of_rule("one-sided-peering", nodes(3), NO_MESH, manual)
    assert finding.severity is Severity.ERROR
    assert "node1, node2 wait to be dialled, which nobody does" in finding.message


def test_manual_is_unknown_before_v3_31():
    manual = peer(peer_ip="192.0.2.3", as_number=64512, reverse_peering="Manual")
    version = CalicoVersion(3, 30)
    assert said(nodes(3), NO_MESH, manual, version=version) == {"field-without-effect": "warning"}


def test_ipv6_not_canonical_is_an_error_only_for_a_node():
    six = [node("a", None, "2001:db8::a"), node("b", None, "2001:db8::b")]
    peering = peer(node="a", peer_ip="2001:DB8::B", as_number=64512)
    assert said(six, NO_MESH, peering) == {"peer-ip-not-canonical": "error"}
    outside = peer(peer_ip="2001:DB8::FF", as_number=65001)
    assert said(six, NO_MESH, outside) == {}


def test_as_numbers_in_the_mesh_by_version():
    mixed = (nodes(2), node("own", "192.0.2.9", asn=65001))
    assert said(*mixed) == {"own-as-in-mesh": "error"}
    assert said(*mixed, version=CalicoVersion(3, 31)) == {"own-as-in-mesh": "warning"}
    step = of_rule("own-as-in-mesh", *mixed).next_step
    assert step.endswith("""calicoctl patch node node1 -p '{"spec": {"bgp": {"asNumber": 64512}}}'""")


def test_explicit_peers_agree_on_their_own_as_numbers():
    own = [node("a", "192.0.2.1", asn=65001), node("b", "192.0.2.2", asn=65002)]
    assert said(own, NO_MESH, peer(node_selector="all()", peer_selector="all()")) == {}


def test_two_halves_that_cannot_agree():
    ends = [
        peer("ab", node="node1", peer_ip="192.0.2.2", as_number=64512, reverse_peering="Manual", local_as_number=65001),
        peer("ba", node="node2", peer_ip="192.0.2.1", as_number=65002, reverse_peering="Manual"),
    ]
    found = said(nodes(2), NO_MESH, ends)
    assert found == {"as-number-mismatch": "error"}


@pytest.mark.parametrize(
    ("api", "step"),
    [
        ("v1", "kubectl annotate node node1 projectcalico.org/RouteReflectorClusterID=0.0.0.17 --overwrite"),
        (
            "projectcalico.org/v3",
            """calicoctl patch node node1 -p '{"spec": {"bgp": {"routeReflectorClusterID": "0.0.0.17"}}}'""",
        ),
    ],
)
def test_a_node_is_mended_where_it_comes_from(api, step):
    assert of_rule("cluster-id-malformed", nodes(1, rr="17", api=api)).next_step == step


def test_a_name_that_kubernetes_does_not_allow_reaches_no_shell():
    odd = node("n; rm -rf $HOME", "192.0.2.1", rr="17")
    step = of_rule("cluster-id-malformed", odd).next_step
    assert shlex.split(step)[:4] == ["calicoctl", "patch", "node", "${USABLE_NAME:?Kubernetes allows no such name}"]


def test_cluster_ids_in_the_way():
    """Two clients, each with one reflector: with one cluster ID the routes do not pass, with two they do."""

    def split(second):
        return (
            node("rr1", "192.0.2.201", rr="1.1.1.1", labels={"rr": "1"}),
            node("rr2", "192.0.2.202", rr=second, labels={"rr": "2"}),
            node("a", "192.0.2.1", labels={"side": "1"}),
            node("b", "192.0.2.2", labels={"side": "2"}),
            peer("one", node_selector="side == '1'", peer_selector="rr == '1'"),
            peer("two", node_selector="side == '2'", peer_selector="rr == '2'"),
            peer("join", node_selector="has(rr)", peer_selector="has(rr)"),
            NO_MESH,
        )

    assert said(*split("1.1.1.1")) == {"reflectors-not-joined": "error", "single-reflector": "warning"}
    assert said(*split("2.2.2.2")) == {"single-reflector": "warning"}
    assert "one cluster ID" in of_rule("reflectors-not-joined", *split("1.1.1.1")).message


def test_the_mesh_makes_up_for_reflectors_that_are_not_joined():
    quoted = peer(node_selector="!has(route-reflector)", peer_selector="has(route-reflector)")
    assert said(nodes(4), reflectors(2), quoted) == {}


def test_a_label_without_cluster_id_is_an_error_where_nobody_reflects():
    labelled = [node(f"rr{i}", f"192.0.2.20{i}", labels={"route-reflector": "true"}) for i in (1, 2)]
    clients = peer(node_selector="!has(route-reflector)", peer_selector="has(route-reflector)")
    found = said(nodes(3), labelled, NO_MESH, clients)
    assert found == {"reflector-label-without-cluster-id": "error"}


def test_reflectors_towards_another_as_need_no_cluster_id():
    """Over eBGP everything is passed on."""
    spine = [node(f"s{i}", f"192.0.2.20{i}", asn=65000, labels={"reflector": "yes"}) for i in (1, 2)]
    leaf = [node(f"l{i}", f"192.0.2.{i}", asn=65000 + i) for i in (1, 2, 3)]
    clients = peer(node_selector="!has(reflector)", peer_selector="has(reflector)")
    assert said(spine, leaf, NO_MESH, clients) == {}


def test_a_refused_file_names_the_nodes():
    shared = [node("a", "192.0.2.1"), node("b", "192.0.2.1"), node("c", "192.0.2.3")]
    finding = of_rule("node-address-twice", shared)
    assert "BIRD refuses the configuration of c" in finding.message
    assert "bird-refuses" not in rules(shared)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ((node("a", "192.0.2.1", asn=0), node("b", "192.0.2.2", asn=65001)), "`local as 0`: the node's asNumber is 0"),
        ((node("a", "192.0.2.1", "2001:db8::1"), peer(peer_ip="fe80::1", as_number=65001)), "is a link-local address"),
    ],
)
def test_a_refusal_says_what_bird_does_not_take(parts, why):
    finding = of_rule("bird-refuses", *parts)
    (said_of,) = [line for line in (finding.message, *finding.evidence) if "configuration of a:" in line]
    assert why in said_of


def test_an_as_number_of_0_is_told_as_the_nodes_own_and_as_the_far_ends():
    finding = of_rule("bird-refuses", node("a", "192.0.2.8", asn=0), node("b", "192.0.2.9", asn=65001), nodes(1))
    said_of = [line for line in (finding.message, *finding.evidence) if "configuration of" in line]
    assert [line.partition("configuration of ")[2] for line in said_of] == [
        "b, node1: `as 0`: the asNumber of a is 0",
        "a: `local as 0`: the node's asNumber is 0",
    ]


def test_a_peer_without_as_number_stops_the_nodes_that_get_it_and_no_other():
    """A node has no peer of a family of which it has no address (confd, client.go), so no file of it is refused."""
    four, six = node("four", "192.0.2.1"), node("six", None, "2001:db8::3")
    both = node("both", "192.0.2.2", "2001:db8::2")
    finding = of_rule("peer-without-as", four, both, six, tor(as_number=None))
    assert "on both, four stays" in finding.message
    finding = of_rule("peer-without-as", four, both, six, tor(peer_ip="2001:db8:ffff::1", as_number=None))
    assert "on both, six stays" in finding.message
    assert "peer-without-as" not in rules(six, tor(as_number=None))


def test_a_reflector_without_peers_is_shown_the_selectors_that_might_have_matched_it():
    parts = (
        nodes(3),
        node("rr", "192.0.2.9", rr="1.1.1.1", labels={"zone": "a"}),
        node("b", "192.0.2.10", labels={"zone": "b"}),
        peer("by-label", node="node1", peer_selector="zone == 'b'"),
        peer("by-address", node="node1", peer_ip="198.51.100.1", as_number=65001),
    )
    found = of_rule("cluster-id-without-peers", *parts)
    assert found.evidence == ("labels of rr: zone=a", "BGPPeer by-label: peerSelector zone == 'b'")


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"peer_ip": "192.0.2.2:1790"}, True),
        ({"peer_ip": "192.0.2.2"}, False),
        # A peerSelector takes the place of the peerIP.
        ({"peer_ip": "192.0.2.2:1790", "peer_selector": "all()"}, False),
        ({"peer_selector": "all()"}, False),
    ],
)
def test_a_port_counts_where_the_peer_ip_does(fields, is_told):
    assert ("peer-port-mismatch" in rules(nodes(2), peer(node="node1", as_number=64512, **fields))) is is_told


def test_addresses_that_autodetection_found_wrongly_are_told_once():
    bridge = node("a", "172.17.0.1", internal=["192.0.2.1"])
    pod = node("b", "10.244.1.1", internal=["192.0.2.2"])
    right = node("c", "192.0.2.3", internal=["192.0.2.3"])
    assert said(bridge, pod, right, pool("10.244.0.0/16")) == {
        "node-address-of-bridge": "error",
        "node-address-in-pool": "warning",
    }


def test_order_is_worst_first_and_does_not_depend_on_files():
    parts = (nodes(3), node("bare"), config("typo"), peer(peer_ip="192.0.2.9"), peer("two", peer_ip="192.0.2.8"))
    found = findings(*parts)
    assert [f.severity.rank for f in found] == sorted(f.severity.rank for f in found)
    backwards = resources(*parts).model_copy(update={"nodes": tuple(reversed(resources(*parts).nodes))})
    assert lint(backwards).findings == found


def test_exceptions_are_set_aside_with_their_reason():
    accepted = Config(ignore=(Ignore(rule="peer-without-as", reason="NET-1", subject="BGPPeer a"),))
    both = resources(nodes(1), peer("a", peer_ip="192.0.2.9"), peer("b", peer_ip="192.0.2.8"))
    report = lint(both, config=accepted)
    assert [str(f.subject) for f in report.findings] == ["BGPPeer b"]
    assert [(str(i.finding.subject), i.reason) for i in report.ignored] == [("BGPPeer a", "NET-1")]
    assert report.exit_code() == 1


def test_a_report_comes_back_from_json():
    report = lint(resources(nodes(3), peer(peer_ip="192.0.2.9"), NO_MESH))
    assert LintReport.model_validate_json(report.model_dump_json()) == report
    assert report.verdict is Verdict.UNHEALTHY


def test_a_moved_resource_keeps_the_id_of_its_finding():
    from dataclasses import replace

    from calico_bgp.model.place import Place

    one = peer(peer_ip="192.0.2.9")
    moved = replace(one, place=Place("other.yaml", 99))
    assert of_rule("peer-without-as", one).id == of_rule("peer-without-as", moved).id


def test_custom_rules_and_the_audits_way_in():
    both = resources(nodes(3), peer(peer_ip="192.0.2.9"))
    cluster = of_resources(both)
    assert lint_findings(cluster) == list(lint(both).findings)
    only = [rule for rule in LINT_RULES if rule.id == "router-id-needed"]
    assert lint_findings(cluster, only) == []


@pytest.mark.parametrize("rule", CASES)
def test_messages_and_next_steps_are_fit_to_be_shown(rule):
    """A sentence without a full stop; no step that a report would break apart in the wrong place."""
    for about, *_ in CASES[rule]:
        for finding in findings(*about):
            assert finding.message
            assert not finding.message.endswith(".")
            assert "None" not in finding.message
            for step in re.split(r"; |, (?=then )", finding.next_step or ""):
                assert step.count("`") % 2 == 0
                for program in re.findall(r"(?:calicoctl|kubectl) .*", step):
                    assert shlex.split(program)
                assert "None" not in step
            if finding.severity is not Severity.INFO:
                assert finding.next_step


def test_the_evidence_of_an_address_in_a_pool_names_no_address_outside():
    parts = (node("n1", "10.244.0.5", "2001:db8::1"), node("n2", "192.0.2.2"), pool("10.244.0.0/16"))
    assert of_rule("node-address-in-pool", *parts).evidence == ("n1: 10.244.0.5",)
