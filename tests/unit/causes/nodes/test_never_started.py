"""calico-node that never started: Felix does not run and the Node has no address; bird6 without a router ID."""

from __future__ import annotations

from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, cluster, commands, node, pasted, read, table, told

STOPPED = "root@node3:~# calicoctl node status\nCalico process is not running.\n"
OTHERS = {"node1": table("node1", f"192.0.2.2 {UP}"), "node2": table("node2", f"192.0.2.1 {UP}")}


def report(address, text=STOPPED):
    """Two nodes that are well, and node3 with this address in its Node."""
    nodes = (node("node1", "192.0.2.1/24"), node("node2", "192.0.2.2/24"), node("node3", address, "192.0.2.3"))
    return read(OTHERS | {"node3": text}, resources=cluster(*nodes))


def test_no_address_is_written_for_a_calico_node_that_does_not_run():
    made = report(None)
    assert told(made) == [("calico-node-down", ["node3"])]
    assert "has no BGP address" in made.causes[0].title
    assert made.causes[0].routes_lost == 4
    assert commands(made)[0].startswith("kubectl delete pods")


def test_where_it_runs_the_address_is_what_is_missing():
    running = (
        "root@node3:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n"
    )
    assert told(report(None, running + "\nIPv6 BGP status\nNo IPv6 peers found.\n")) == [("address-missing", ["node3"])]


def test_whether_its_bird_runs_is_not_known_where_nobody_shows_it():
    made = pasted(*OTHERS.values(), STOPPED)
    assert told(made) == [("felix-down", ["node3"])]
    assert made.causes[0].routes_lost is None
    assert "whether its BIRD runs nobody here shows" in (made.causes[0].costs or "")


def no_bird6(name):
    """What calicoctl prints where BIRD of IPv4 has no peer and that of IPv6 does not run."""
    return (
        f"root@{name}:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n\n"
        "INFO: BIRDv6 process: 'bird6' is not running.\n"
    )


def test_nodes_with_ipv6_alone_need_a_router_id():
    nodes = (node(f"node{n}", f"2001:db8::{n}/64") for n in (1, 2, 3))
    made = pasted(*(no_bird6(f"node{n}") for n in (1, 2, 3)), resources=cluster(*nodes))
    assert told(made) == [("bird-down", ["cluster (IPv6)"])]
    assert made.causes[0].confidence is Confidence.CERTAIN
    assert commands(made) == ["kubectl set env daemonset/calico-node -n kube-system CALICO_ROUTER_ID=hash"]
    assert {finding.id for finding in made.findings if finding.severity != "info"} <= set(made.causes[0].findings)


def test_of_nodes_that_were_not_read_nothing_is_said():
    nodes = [node(f"node{n}", f"2001:db8::{n}/64") for n in (1, 2, 3)]
    for read_nodes, said in (((1, 2, 3), "runs on no node, and"), ((1, 2), "runs on no node that was read, and")):
        made = pasted(*(no_bird6(f"node{n}") for n in read_nodes), resources=cluster(*nodes))
        assert said in made.causes[0].title


def test_where_the_nodes_have_ipv4_that_is_not_what_is_wrong():
    nodes = (node(f"node{n}", f"192.0.2.{n}/24 2001:db8::{n}/64") for n in (1, 2, 3))
    made = pasted(*(no_bird6(f"node{n}") for n in (1, 2, 3)), resources=cluster(*nodes))
    assert ("bird-down", ["cluster (IPv6)"]) not in told(made)


def test_hosts_with_ipv4_addresses_are_of_no_cluster_of_ipv6_alone():
    made = read({f"node{n}": no_bird6(f"node{n}") for n in (1, 2)}, addresses={"node1": "192.0.2.1"})
    assert told(made) == [("no-reflector-left", ["cluster"])]


def test_by_tables_alone_it_is_possible():
    made = pasted(*(no_bird6(f"node{n}") for n in (1, 2, 3)))
    assert told(made) == [("bird-down", ["cluster (IPv6)"])]
    assert made.causes[0].confidence is Confidence.POSSIBLE
