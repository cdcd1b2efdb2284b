"""The network between two groups of nodes is cut: which sessions are cut with it, and what explains a single one."""

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.cuts import cuts
from calico_bgp.causes.network.hosts import link_cut
from calico_bgp.causes.network.silence import shared_places
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import UP, gathered, table
from tests.unit.causes.several.two_things import HELD, showing

NODES = 6


def broken(*faults, shown=None):
    """A mesh in which something is cut, with the first few of its findings about sessions that are down."""
    snapshot = snapshot_of(build_cluster(nodes=NODES, topology=Topology.MESH), *faults)
    findings = [finding for finding in audit(snapshot).findings if finding.rule == "session-not-established"]
    return Case(observe(snapshot), tuple(findings[:shown]))


def test_a_cut_has_all_sessions_between_the_groups():
    case = broken("partition")
    (cut,) = cuts(case)
    assert cut.is_whole
    assert cut.group | cut.others == {f"node{number}" for number in range(1, NODES + 1)}
    assert {frozenset((key.a, key.b)) for key in cut.keys} == {frozenset((a, b)) for a in cut.group for b in cut.others}


def test_what_a_cut_explains_with_others_is_no_matter_of_a_single_link():
    case = broken("partition")
    assert len(case.findings) > 1
    assert list(link_cut(case)) == []


def test_a_finding_that_alone_is_left_may_be_a_single_link():
    case = broken("partition", shown=1)
    (finding,) = case.findings
    assert {frozenset({finding.id})} == {candidate.explains for candidate in link_cut(case) if candidate.explains}


def test_a_single_link_is_no_cut():
    case = broken("link-cut:node5,node1")
    assert cuts(case) == ()
    (candidate,) = link_cut(case)
    assert [str(subject) for subject in candidate.subjects] == ["node1 <-> node5 (IPv4)"]


def test_two_clients_that_reach_no_reflector_are_cut_off_with_these():
    silent = {"n1": HELD, "n2": HELD}
    seen = showing(n1={"n2": UP, "n3": HELD, "n4": HELD}, n2={"n1": UP, "n3": HELD, "n4": HELD}, n3=silent, n4=silent)
    (cut,) = cuts(Case(observe(seen), ()))
    assert (cut.group, cut.others, len(cut.keys)) == ({"n1", "n2"}, {"n3", "n4"}, 4)
    alone = showing(n1={"n2": UP, "n3": HELD}, n2={"n1": UP, "n3": HELD}, n3=silent)
    assert cuts(Case(observe(alone), ())) == ()


def test_hosts_of_one_network_share_it_and_not_the_address_of_their_bridges():
    addresses = {"a": "10.0.0.1 172.17.0.1", "b": "10.0.0.2 172.17.0.1", "c": "10.0.1.3", "d": "10.0.2.4"}
    seen = gathered({name: table(name) for name in addresses}, addresses=addresses)
    assert list(shared_places(Case(observe(seen), ()))) == [("network 10.0.0.0/24", {"a", "b"})]
