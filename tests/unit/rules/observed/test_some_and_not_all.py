"""Where some of several rows, families or nodes are so and others are not: what rules of the audit say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, Stage
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BlockAffinity
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import NOW
from tests.unit.auditing.tables import GLOBAL, NODE, UP, cluster, gathered, node, table
from tests.unit.causes.several.two_things import HELD, exchanged_over_ipv6, mesh, printing
from tests.unit.rules.observed.message_examples import MESSAGE_EXAMPLES
from tests.unit.rules.observed.route_examples import with_all_resources
from tests.unit.rules.observed.rule_examples import EXAMPLES
from tests.unit.rules.observed.rule_snapshots import of_nodes, pod, through_kubernetes, with_reading, with_row
from tests.with_routes import change_protocols, with_routes


def told(made: Snapshot, rule: str) -> list[str]:
    return [str(finding.subject) for finding in audit(made).findings if finding.rule == rule]


def reflected(*down: str) -> Snapshot:
    """Two clients of three reflectors that have no sessions with each other; those of some reflectors are down."""
    clients, reflectors = {"c1": "192.0.2.1", "c2": "192.0.2.2"}, {f"r{n}": f"192.0.2.20{n}" for n in (1, 2, 3)}
    infos = {name: HELD if name in down else UP for name in reflectors}
    tables = {
        name: table(name, *(f"{far} {infos[reflector]}" for reflector, far in reflectors.items()), kind=GLOBAL)
        for name in clients
    } | {name: table(name, *(f"{far} {infos[name]}" for far in clients.values()), kind=GLOBAL) for name in reflectors}
    return gathered(tables, addresses=clients | reflectors, reflectors=reflectors)


def without_bird_of_ipv6(made: Snapshot, place: int, state: DaemonState) -> Snapshot:
    status = made.readings[place].status
    daemons = tuple(replace(one, state=state) if one.family is Family.IPV6 else one for one in status.daemons)
    return with_reading(made, place, status=status.model_copy(update={"daemons": daemons}))


# Reflectors that do not peer, beside one of which something else is told


def test_a_reflector_without_bird_before_two_that_lack_each_other():
    gone = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"
    assert told(printing(reflected(), r1=gone), "reflectors-not-peered") == ["r2 <-> r3 (IPv4)"]


def test_a_reflector_that_is_isolated_before_two_that_lack_each_other():
    made = reflected("r1")
    assert told(made, "isolated-node") == ["r1"]
    assert told(made, "reflectors-not-peered") == ["r2 <-> r3 (IPv4)"]


def test_one_of_two_reflectors_shows_that_they_do_not_peer():
    made = reflected()
    (gone,) = [reading for reading in made.readings if reading.node == "r3"]
    failure = GatherFailure(host=gone.host, node=gone.node, stage=Stage.CONNECT, message="nothing answers")
    readings = tuple(reading for reading in made.readings if reading is not gone)
    unread = made.model_copy(update={"readings": readings, "failures": (failure,)})
    assert told(unread, "reflectors-not-peered") == ["r1 <-> r2 (IPv4)", "r1 <-> r3 (IPv4)", "r2 <-> r3 (IPv4)"]


# Rows of several kinds


def test_an_address_that_the_mesh_and_a_bgp_peer_name_is_an_external_peer():
    made = mesh(
        4, more={"n1": [f"192.0.2.99 {HELD}"], "n2": [f"global= 192.0.2.99 {HELD}"], "n3": [f"192.0.2.99 {HELD}"]}
    )
    assert told(made, "external-peer-down") == ["192.0.2.99"]
    assert told(made, "mesh-peer-down") == []


def test_a_switch_beside_peers_of_no_known_shape():
    made = EXAMPLES["roles-unclear"].made()
    switched = with_row(made, address=ip_address("198.51.100.9"), address_text="198.51.100.9")
    assert told(switched, "roles-unclear") == told(made, "roles-unclear") == ["cluster"]


def test_a_container_that_ended_while_one_of_its_sessions_is_still_up():
    made = through_kubernetes(pod(running=False))
    status = made.readings[0].status
    rows = tuple(
        row if row.is_established else replace(row, protocol_state="up", bgp_state=BGPState.ESTABLISHED, error=None)
        for row in status.peers
    )
    up = with_reading(made, 0, status=status.model_copy(update={"peers": rows}))
    found = {
        name: next(finding.severity for finding in audit(one).findings if finding.rule == "pod-not-running")
        for name, one in {"all down": made, "one up": up}.items()
    }
    assert found == {"all down": Severity.ERROR, "one up": Severity.WARNING}


def test_a_switch_of_which_one_node_has_routes_gives_something():
    switched = build_cluster(4, topology=Topology.MESH, switch=True)
    made = with_routes(switched, "tor-silent")
    assert told(made, "external-peer-gives-nothing") == ["192.0.2.1 (IPv4)"]
    assert told(change_protocols(made, 1, "Global_192_0_2_1", imported=4), "external-peer-gives-nothing") == []


def test_a_node_alone_is_none_of_the_groups_into_which_nodes_fall():
    fars = {"n1": 2, "n2": 1, "n3": 4, "n4": 3}
    tables = {name: table(name, f"192.0.2.{far} {UP}", kind=NODE) for name, far in fars.items()} | {"n5": table("n5")}
    made = gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in tables})
    (found,) = [finding for finding in audit(made).findings if finding.rule == "partitioned"]
    assert found.message == "the nodes fall into 2 groups that do not peer with each other over IPv4"
    assert told(made, "isolated-node") == ["n5"]


# Rows of several ages


def three_minutes_ago(*pairs: tuple[int, int], unknown: tuple[tuple[int, int], ...] = ()) -> Snapshot:
    """A mesh of six; the row of one place for the other changed then, or nobody knows when."""
    made = of_nodes(6)
    since = f"{NOW - timedelta(minutes=3):%H:%M:%S}"
    place_of = {reading.addresses[0]: place for place, reading in enumerate(made.readings)}
    for place, reading in enumerate(made.readings):
        changed = dict.fromkeys(pairs, since) | dict.fromkeys(unknown)
        rows = tuple(
            replace(row, since=changed.get((place, place_of[row.address]), row.since)) for row in reading.status.peers
        )
        made = with_reading(made, place, status=reading.status.model_copy(update={"peers": rows}))
    return made


def test_a_session_is_as_young_as_its_younger_end():
    assert told(three_minutes_ago((0, 1)), "recently-changed") == ["node1 <-> node2 (IPv4)"]


@pytest.mark.parametrize("unknown", [(), ((0, 2), (2, 0))])
def test_a_node_that_restarted_of_which_the_age_of_one_session_is_not_known(unknown):
    pairs = [pair for far in range(1, 6) for pair in ((0, far), (far, 0))]
    assert told(three_minutes_ago(*pairs, unknown=unknown), "recently-changed") == ["node1"]


# Families of which one is known or used


def test_a_family_that_one_node_alone_has_before_one_that_it_lacks():
    """n1 has IPv4 only, the others IPv6 only."""
    others = {f"n{n}": f"2001:db8::{n}" for n in (2, 3, 4)}
    tables = {
        name: table(name, ipv6=[f"{far} {UP}" for other, far in others.items() if other != name]) for name in others
    }
    made = gathered(
        {"n1": table("n1")} | tables,
        addresses={"n1": "192.0.2.1 2001:db8::1"} | others,
        resources=cluster(node("n1", "192.0.2.1"), *(node(name, address) for name, address in others.items())),
    )
    assert told(made, "family-without-peers") == ["n1 (IPv6)"]


@pytest.mark.parametrize(("state", "subjects"), [(DaemonState.RUNNING, ["cluster"]), (DaemonState.UNKNOWN, [])])
def test_nodes_without_peers_of_which_one_did_not_say_so_for_ipv6(state, subjects):
    made = gathered({name: table(name) for name in ("n1", "n2")})
    assert told(without_bird_of_ipv6(made, 1, state), "no-peers-anywhere") == subjects


@pytest.mark.parametrize("state", [DaemonState.RUNNING, DaemonState.NOT_RUNNING])
def test_a_node_without_peers_whose_other_bird_does_not_run(state):
    addresses = {f"n{n}": f"192.0.2.{n} 2001:db8::{n}" for n in (1, 2, 3, 4)}
    fars = {name: [n for n in (1, 2, 3) if f"n{n}" != name] for name in addresses if name != "n4"}
    tables = {
        name: table(name, *(f"192.0.2.{n} {UP}" for n in some), ipv6=[f"2001:db8::{n} {UP}" for n in some], kind=NODE)
        for name, some in fars.items()
    }
    made = gathered(tables | {"n4": table("n4")}, addresses=addresses)
    assert told(without_bird_of_ipv6(made, 3, state), "isolated-node") == ["n4"]


def test_of_a_host_of_two_families_the_addresses_of_the_one_that_is_wrong_are_named():
    found = [
        finding
        for finding in audit(exchanged_over_ipv6("n2", "n4").snapshot()).findings
        if finding.rule == "address-at-other-node"
    ]
    assert [(str(finding.subject), finding.message.rpartition("itself has ")[2]) for finding in found] == [
        ("n2 (IPv6)", "2001:db8::2"),
        ("n4 (IPv6)", "2001:db8::4"),
    ]


def test_of_a_family_that_a_node_does_not_mention_only_its_own_message_is_shown():
    made = MESSAGE_EXAMPLES["answer-incomplete", "bird-unknown"]()
    status = made.readings[0].status
    daemons = (
        *(replace(one, message="BIRDv4 is well") for one in status.daemons),
        Daemon(Family.IPV6, DaemonState.UNKNOWN, message="of BIRDv6 nothing came"),
    )
    found = audit(with_reading(made, 0, status=status.model_copy(update={"daemons": daemons}))).findings
    assert [f.evidence for f in found if f.rule == "answer-incomplete"] == [("of BIRDv6 nothing came",)]


@pytest.mark.parametrize("hint", [None, "look whether its host is up"])
def test_what_to_do_for_a_node_that_could_not_be_read_is_said_where_it_is_known(hint):
    made = of_nodes(3)
    failure = GatherFailure(host="node3", node="node3", stage=Stage.CONNECT, message="nothing answers", hint=hint)
    unread = made.model_copy(update={"readings": made.readings[:2], "failures": (failure,)})
    (found,) = [f for f in audit(unread).findings if f.rule == "node-unreadable"]
    assert (found.next_step, len(found.next_steps)) == (hint, int(hint is not None))


@pytest.mark.parametrize(("block", "subjects"), [("10.244.0.64/26", ["node9 (IPv4)"]), ("10.244.9.64/26", [])])
def test_a_block_of_a_gone_node_counts_where_a_table_holds_it(block, subjects):
    held = with_all_resources(block_affinities=(BlockAffinity(name="a", node="node9", cidr=block),))
    assert told(held, "routes-to-gone-node") == subjects


@pytest.mark.parametrize(("limit", "subjects"), [(3, ["cluster"]), (4, [])])
def test_a_mesh_of_just_as_many_nodes_as_are_advised(monkeypatch, limit, subjects):
    monkeypatch.setattr("calico_bgp.rules.observed.cluster.MESH_ADVISED_UP_TO", limit)
    assert told(of_nodes(4), "mesh-too-large") == subjects


def test_a_client_with_one_reflector_whose_address_nobody_knows():
    """Three clients of two reflectors; which address is whose is known of the reflectors alone."""
    reflectors = {"r1": "192.0.2.201", "r2": "192.0.2.202"}
    clients = {f"c{n}": f"192.0.2.{n}" for n in (1, 2, 3)}
    rows = {name: (HELD if name == "c1" else UP, UP) for name in clients}
    tables = {
        name: table(name, *(f"{far} {info}" for far, info in zip(reflectors.values(), infos, strict=True)), kind=GLOBAL)
        for name, infos in rows.items()
    } | {
        name: table(name, *(f"{far} {rows[client][place]}" for client, far in clients.items()), kind=NODE)
        for place, name in enumerate(reflectors)
    }
    made = gathered(tables, addresses=reflectors, reflectors=reflectors)
    assert told(made, "client-single-reflector") == ["c1 (IPv4)"]
