"""A rule of the audit that has nothing to say about the first of several things still looks at those behind it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.resources import BlockAffinity, IPPool
from tests.unit.auditing.tables import GLOBAL, NODE, UP, cluster, gathered, node, table
from tests.unit.rules.observed.route_examples import troubled, without
from tests.unit.rules.observed.rule_snapshots import (
    MESH,
    REFLECTORS,
    four,
    listed_again,
    pod,
    seen,
    through_kubernetes,
    with_node,
    with_reading,
)  # fmt: skip
from tests.with_routes import change_table, with_routes

DUAL = build_cluster(4, topology=Topology.MESH, families=tuple(Family))
DUAL_CLIENTS = build_cluster(5, families=tuple(Family))


def subjects(snapshot, rule):
    return [str(finding.subject) for finding in audit(snapshot).findings if finding.rule == rule]


# Where only IPv6 has the fault


def in_ipv6_only(sound, faulty):
    """The cluster with IPv4 as it is in the one, and IPv6 as in the other."""
    made = sound
    for place, (one, other) in enumerate(zip(sound.readings, faulty.readings, strict=True)):
        made = with_reading(
            made, place, tables=_of_both(one.tables, other.tables), birds=_of_both(one.birds, other.birds)
        )
    return made


def _of_both(ones, others):
    return (
        *(one for one in ones if one.family is Family.IPV4),
        *(one for one in others if one.family is Family.IPV6),
    )


@pytest.mark.parametrize(
    ("trouble", "rule", "subject"),
    [
        (Trouble(own_lost=frozenset({"node3"})), "own-routes-lost", "node3 (IPv6)"),
        (Trouble(kept_back=frozenset({"node3"})), "routes-not-announced", "node3 (IPv6)"),
        (Trouble(limits=frozenset({("node3", "node1")})), "routes-not-accepted", "node3 (IPv6)"),
        (Trouble(kernel_behind=frozenset({"node4"})), "kernel-behind", "node4 (IPv6)"),
        (Trouble(written_twice=frozenset({"node2"})), "routes-programmed-twice", "node2 (IPv6)"),
        (Trouble(plain=frozenset({"node2"})), "graceful-restart-lacking", "node2 (IPv6)"),
        (Trouble(shared_blocks=(("node1", "node4"),)), "block-announced-twice", "cluster (IPv6)"),
    ],
)
def test_of_ipv6_where_ipv4_is_sound(trouble, rule, subject):
    sound = with_routes(DUAL)
    assert subjects(sound, rule) == []
    assert subjects(in_ipv6_only(sound, with_routes(DUAL, trouble=trouble)), rule) == [subject]


def test_routes_that_do_not_arrive_over_ipv6():
    made = with_routes(DUAL_CLIENTS)
    first, second = made.readings[-1].tables
    gone = without(ip_network("fd00:10:244::c0/122"))
    lacking = replace(second, bird=gone(second.bird), kernel=gone(second.kernel))
    assert subjects(with_reading(made, 4, tables=(first, lacking)), "routes-not-arriving") == ["cluster (IPv6)"]


def test_a_block_in_no_pool_of_ipv6_where_no_pool_of_ipv4_is_known():
    elsewhere = (IPPool(name="pods", cidr="fd00:99::/48"),)
    own = (BlockAffinity(name="a", node="node1", cidr="fd00:10:244::40/122"),)
    resources = lab_resources(DUAL).model_copy(update={"ip_pools": elsewhere, "block_affinities": own})
    made = with_routes(DUAL).model_copy(update={"resources": resources})
    assert subjects(made, "blocks-outside-pools") == ["node1 (IPv6)"]


def test_peers_of_no_node_over_ipv6():
    tables = {
        name: table(name, f"192.0.2.{other} {UP}", kind=NODE, ipv6=[f"global= 2001:db8::99 {UP}"])
        for name, other in (("n1", 2), ("n2", 1))
    }
    made = gathered(tables, addresses={"n1": "192.0.2.1 2001:db8::1", "n2": "192.0.2.2 2001:db8::2"})
    assert subjects(made, "unknown-peers") == ["cluster (IPv6)"]


# Of several troubles in one family


@pytest.mark.parametrize(
    ("trouble", "found"),
    [
        # What stops for another reason stands before.
        (
            {"kernel_behind": frozenset({"node1"}), "kept_back": frozenset({"node3"})},
            {"kernel-behind": ["node1 (IPv4)"], "routes-not-announced": ["node3 (IPv4)"]},
        ),
        # A node without its own blocks announces none, for another reason.
        (
            {"own_lost": frozenset({"node1"}), "kept_back": frozenset({"node3"})},
            {"own-routes-lost": ["node1 (IPv4)"], "routes-not-announced": ["node3 (IPv4)"]},
        ),
        # A node that tells nobody anything has a finding of its own.
        (
            {"kept_back": frozenset({"node1"}), "mute": frozenset({("node2", "node3")})},
            {"routes-not-announced": ["node1 (IPv4)", "node2 (IPv4)"], "nothing-exported": ["node2 <-> node3 (IPv4)"]},
        ),
    ],
)
def test_of_two_troubles_with_routes(trouble, found):
    made = troubled(**trouble)
    assert {rule: subjects(made, rule) for rule in found} == found


def test_stale_routes_behind_a_node_whose_bird_was_not_read_whole():
    def more(routes):
        route = next(route for route in routes if route.protocol == 12 and route.type == "unicast")
        return (*routes, route._replace(prefix=ip_network("10.244.200.0/26")))

    made = change_table(change_table(troubled(), 0, bird=None), 1, kernel=more)
    assert subjects(made, "kernel-routes-stale") == ["node2 (IPv4)"]


# Of several nodes and sessions


def test_a_second_peer_at_the_far_end():
    made = four()
    rows = made.readings[1].status.peers
    again = replace(rows[0], protocol_state="start", bgp_state=BGPState.IDLE, info="Idle")
    made = with_reading(made, 1, status=made.readings[1].status.model_copy(update={"peers": (*rows, again)}))
    assert subjects(made, "duplicate-peer") == ["node1 <-> node2 (IPv4)"]


def test_an_address_of_two_nodes_beside_one_that_the_resources_show():
    own = {"a": "192.0.2.1", "b": "192.0.2.1", "c": "192.0.2.9", "d": "192.0.2.9", "e": "192.0.2.5"}
    tables = {name: table(name, f"192.0.2.5 {UP}") for name in "abcd"}
    tables["e"] = table("e", f"192.0.2.1 {UP}", f"192.0.2.9 {UP}")
    resources = cluster(*(node(name, own[name]) for name in "abe"))
    made = gathered(tables, addresses=own)
    assert subjects(made, "duplicate-address") == ["192.0.2.1", "192.0.2.9"]
    assert subjects(made.model_copy(update={"resources": resources}), "duplicate-address") == ["192.0.2.9"]


def test_a_reflector_without_its_role_behind_a_node_that_is_none():
    made = seen(REFLECTORS, "reflector-removed:node1", "reinstalled:node2", resources=True)
    assert subjects(made, "reflector-role-lost") == ["node2"]


def test_a_pod_that_does_not_run_behind_a_node_that_has_none():
    second = replace(pod(running=False), name="calico-node-b", node="node2")
    made = through_kubernetes(None, second, failed=2)
    assert subjects(made, "pod-missing") == ["node1"]
    assert subjects(made, "pod-not-running") == ["node2"]


def test_a_session_that_is_down_behind_one_that_an_end_lacks():
    made = seen(MESH, "disabled-peer:node1,node2", "link-cut:node1,node5")
    assert "node1 <-> node2 (IPv4)" in subjects(made, "one-sided-session")
    assert "node1 <-> node5 (IPv4)" in subjects(made, "session-not-established")


def test_a_host_that_is_another_node_behind_one_whose_name_two_have():
    made = with_node(four(), node1="node8", node2="node9")
    made = listed_again(made, addresses=(ip_address("192.0.2.77"),))
    assert subjects(made, "node-name-twice") == ["node1"]
    assert subjects(made, "node-contradicts-inventory") == ["node2"]


def test_a_row_for_an_own_address_among_others():
    made = four()
    first, *others = made.readings[0].status.peers
    own = made.readings[0].addresses[0]
    rows = (replace(first, address=own, address_text=str(own)), first, *others)
    made = with_reading(made, 0, status=made.readings[0].status.model_copy(update={"peers": rows}))
    assert subjects(made, "own-address-peer") == [str(own)]


def test_one_reflector_that_lacks_another_behind_two_that_peer():
    """Every client has all three; r1 and r2 have each other, neither has r3."""
    clients = {f"c{n}": f"192.0.2.{n}" for n in (1, 2)}
    reflectors = {f"r{n}": f"192.0.2.20{n}" for n in (1, 2, 3)}
    peers = {name: [] for name in clients | reflectors}
    pairs = [(client, reflector) for client in clients for reflector in reflectors] + [("r1", "r2")]
    for one, other in pairs:
        peers[one].append((clients | reflectors)[other])
        peers[other].append((clients | reflectors)[one])
    tables = {name: table(name, *(f"{far} {UP}" for far in fars), kind=GLOBAL) for name, fars in peers.items()}
    made = gathered(tables, addresses=clients | reflectors, reflectors=reflectors)
    assert subjects(made, "reflectors-not-peered") == ["r1 <-> r3 (IPv4)", "r2 <-> r3 (IPv4)"]


# Of several peers that nothing asks for, and rows of another type


def in_a_mesh(number, *, strangers=None, as_global=None):
    """A mesh of so many nodes with their resources.

    Args:
        number: How many.
        strangers: Node → the address of a peer that nothing asks for.
        as_global: Node → the nodes that it shows as global.
    """
    names = {f"n{n}": f"192.0.2.{n}" for n in range(1, number + 1)}
    tables = {}
    for name in names:
        kinds = {far: "global= " if far in (as_global or {}).get(name, ()) else "" for far in names if far != name}
        rows = [f"{kind}{names[far]} {UP}" for far, kind in kinds.items()]
        rows += [f"global= {strangers[name]} {UP}"] if name in (strangers or {}) else []
        tables[name] = table(name, *rows)
    return gathered(tables, addresses=names, resources=cluster(*(node(*each) for each in names.items())))


def test_a_peer_that_several_have_too_many_behind_one_of_a_single_node():
    made = in_a_mesh(7, strangers={"n1": "192.0.2.90", "n2": "192.0.2.95", "n3": "192.0.2.95"})
    assert subjects(made, "unexpected-peer") == ["192.0.2.90 <-> n1 (IPv4)", "192.0.2.95"]


def test_one_row_of_another_type_behind_a_node_that_has_two():
    made = in_a_mesh(5, as_global={"n1": ("n3", "n4"), "n2": ("n5",)})
    assert subjects(made, "wrong-peer-type") == ["n2 <-> n5 (IPv4)"]
    assert subjects(made, "configuration-behind") == ["n1"]


def test_a_client_that_a_reflector_lacks_behind_one_whose_bird_does_not_run():
    made = seen(REFLECTORS, "reinstalled:node1", "bird-down:node3")
    told = subjects(made, "reflector-missing-client")
    assert "node1 <-> node3 (IPv4)" not in told
    assert "node1 <-> node4 (IPv4)" in told


def test_nodes_fall_apart_over_ipv6_where_over_ipv4_a_peer_outside_may_join_them():
    pairs = {"n1": 2, "n2": 1, "n3": 4, "n4": 3}
    tables = {
        name: table(name, f"192.0.2.99 {UP}", kind=NODE, ipv6=[f"node specific= 2001:db8::{far} {UP}"])
        for name, far in pairs.items()
    }
    made = gathered(tables, addresses={name: f"192.0.2.{name[1]} 2001:db8::{name[1]}" for name in pairs})
    assert subjects(made, "partitioned") == ["cluster (IPv6)"]


def test_peers_of_no_node_over_ipv6_where_the_one_over_ipv4_may_be_of_a_node_that_was_not_read():
    tables = {
        name: table(
            name,
            f"192.0.2.{other} {UP}",
            f"192.0.2.77 {UP}",
            kind=NODE,
            ipv6=[f"global= 2001:db8::{far} {UP}" for far in (98, 99)],
        )
        for name, other in (("n1", 2), ("n2", 1))
    }
    own = {"n1": "192.0.2.1 2001:db8::1", "n2": "192.0.2.2 2001:db8::2"}
    assert subjects(gathered(tables, addresses=own, unread=["n3"]), "unknown-peers") == ["cluster (IPv6)"]
