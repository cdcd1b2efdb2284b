"""The numbers and the lists that findings tell, in full: what a small fault in the counting would change."""

import re
from dataclasses import replace
from ipaddress import ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.pods import forbidden_pods
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesState, NodePod, PodKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import IPPool
from calico_bgp.model.routes.observed import Apart, SingleAddress
from calico_bgp.rules.observed.held_routes.singles import _draft
from tests.unit.auditing.tables import UP, cluster, node, pasted, table
from tests.unit.rules.observed.message_examples import MESSAGE_EXAMPLES, no_bgp, peer_to
from tests.unit.rules.observed.route_examples import affinity, pool, with_all_resources
from tests.unit.rules.observed.rule_snapshots import of_nodes


def only(snapshot, rule):
    (finding,) = [each for each in audit(snapshot).findings if each.rule == rule]
    return finding


def test_the_sessions_of_a_mesh_that_is_too_large():
    said = "the mesh has 101 nodes and 5,050 sessions; above 100 reflectors are advised"
    assert only(of_nodes(101), "mesh-too-large").message == said


def test_where_most_nodes_are_behind_all_resources_are_to_be_got_anew():
    finding = only(MESSAGE_EXAMPLES["configuration-behind", "most-nodes"](), "configuration-behind")
    assert finding.next_step == f"get the resources anew and compare: {LOOK_AT_RESOURCES_LINE}"


def test_a_block_that_one_of_several_pools_holds_is_not_outside():
    pools = (*pool("10.243.0.0/16"), *pool("10.244.0.0/16"))
    report = audit(with_all_resources(ip_pools=pools, block_affinities=affinity("node1")))
    assert not [finding for finding in report.findings if finding.rule == "blocks-outside-pools"]


def test_commands_are_forbidden_only_in_pods_whose_bird_runs():
    runs = NodePod(PodKind.CALICO_NODE, "calico-system", "calico-node-x", "n1", phase="Running", running=True)
    ended = replace(runs, name="calico-node-y", node="n2", running=False)
    assert forbidden_pods(KubernetesState(pods=(runs, ended))) == ([runs], [])


def test_of_the_nodes_that_lack_a_peer_the_first_five_are_shown():
    names = [f"n{number}" for number in range(1, 7)]
    resources = cluster(*(node(name, f"192.0.2.{name[1]}/24") for name in names), peer_to())
    rows = {name: [f"192.0.2.{other[1]} {UP}" for other in names if other != name] for name in names}
    report = pasted(*(table(name, *rows[name]) for name in names), resources=resources)
    (finding,) = [each for each in report.findings if each.rule == "peer-missing"]
    assert finding.message.startswith("none of the 6 nodes has 192.0.2.254 as a peer")
    shown = [line for line in finding.evidence if "shows no row" in line]
    assert shown == [f"{name} shows no row for it" for name in names[:5]]


def test_the_first_five_pools_that_need_bird_are_named():
    pools = [IPPool(name=f"pool{number}", cidr=f"10.{number}.0.0/16") for number in range(7)]
    (finding,) = audit(no_bgp(resources=cluster(node("node1"), *pools))).findings
    first = [f"pool{number}" for number in range(5)]
    assert [line.split()[1].strip(",") for line in finding.evidence] == first
    assert re.findall(r"pool\d", finding.message) == first


def test_a_lone_node_without_peers_is_a_warning_only_where_others_may_be_missing():
    """A paste is of whatever was pasted; an inventory says that there is no other."""
    made = MESSAGE_EXAMPLES["no-peers-anywhere", "only-node"]()
    listed = made.model_copy(update={"hosts": (Host(name="n1", node="n1"),)})
    found = [only(snapshot, "no-peers-anywhere").severity for snapshot in (made, listed)]
    assert found == [Severity.WARNING, Severity.INFO]


@pytest.mark.parametrize(("number", "last"), [(8, "10.244.9.7/32 in a block of node2"), (10, "and 2 more")])
def test_of_many_single_addresses_the_first_eight_are_shown(number, last):
    addresses = [
        SingleAddress("node1", ip_network(f"10.244.9.{place}/32"), Apart.BORROWED, "node2") for place in range(number)
    ]
    evidence = _draft("node1", Family.IPV4, ("borrowed", None), addresses).evidence
    assert evidence[0] == "10.244.9.0/32 in a block of node2"
    assert evidence[-1] == last
    assert sum("10.244.9." in line for line in evidence) == 8
