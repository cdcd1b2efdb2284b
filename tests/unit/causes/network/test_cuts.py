"""The network between two groups of nodes is cut: which sessions are cut with it, and what explains a single one."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.cuts import cuts
from calico_bgp.causes.network.hosts import link_cut
from calico_bgp.causes.network.silence import shared_places
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import UP, gathered, node, table
from tests.unit.causes.asked import case_of
from tests.unit.causes.several.two_things import HELD, both, mesh, showing, with_resources

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


def racks(**of):
    """A mesh of seven whose Nodes say in which rack they are; each argument is a rack with its nodes."""
    rack_of = {name: rack for rack, names in of.items() for name in names.split()}
    labels = {f"n{n}": f"example.org/rack={rack_of.get(f'n{n}', 'main')}" for n in range(1, 8)}
    return [node(name, f"192.0.2.{name[1:]}/24", labels=text) for name, text in labels.items()]


def groups(made):
    return [(sorted(cut.group), sorted(cut.others), len(cut.keys), cut.is_whole) for cut in cuts(case_of(made))]


def apart(*names):
    """These reach nobody, and nobody them."""
    return [both(name, *(f"n{n}" for n in range(1, 8) if f"n{n}" != name)) for name in names]


MAIN = ["n1", "n2", "n3", "n4", "n5"]


def test_nodes_that_reach_nobody_are_cut_off_together_where_they_share_a_rack():
    made = mesh(7, *apart("n6", "n7"))
    assert groups(with_resources(made, *racks(b="n6 n7"))) == [(["n6", "n7"], MAIN, 10, False)]
    # One in a rack of its own, or one more in the same rack that is not cut off.
    assert groups(with_resources(made, *racks(b="n6", c="n7"))) == []
    assert groups(with_resources(made, *racks(b="n5 n6 n7"))) == []


def test_who_reaches_one_other_is_not_one_of_those_that_reach_nobody():
    """n4 and n5 have each other; n6 and n7 nobody: two groups, of which the rack of all four is none."""
    inner = {("n4", "n5"): UP, ("n5", "n4"): UP}
    made = mesh(7, *apart("n4", "n5", "n6", "n7"), inner)
    rest = ["n1", "n2", "n3"]
    assert groups(with_resources(made, *racks(b="n4 n5 n6 n7"))) == [(["n4", "n5"], rest, 10, False)]
    assert groups(with_resources(made, *racks(b="n4 n5", c="n6 n7"))) == [
        (["n4", "n5"], rest, 10, False),
        (["n6", "n7"], rest, 10, False),
    ]


def test_of_a_group_of_which_nobody_was_read_nothing_is_known():
    halves = [(a, b) for a in ("n1", "n2", "n3", "n4") for b in ("n5", "n6", "n7")]
    said = dict.fromkeys((*halves, *(pair[::-1] for pair in halves)), HELD)
    smaller, larger = ["n5", "n6", "n7"], ["n1", "n2", "n3", "n4"]
    for unread, is_told in (([], True), (["n6", "n7"], True), (smaller, False), (larger, False)):
        made = with_resources(mesh(7, said, unread=unread), *racks())
        assert groups(made) == ([(smaller, larger, 12, True)] if is_told else [])


def test_groups_that_do_not_peer_with_each_other_are_not_cut():
    """Two pairs side by side; what one of them does not reach is a single node, whose network is cut."""
    one, other = {"n1": {"n2": UP}, "n2": {"n1": UP}}, {"n3": {"n4": UP, "n5": HELD}, "n4": {"n3": UP, "n5": HELD}}
    assert groups(showing(**one, **other, n5={"n3": HELD, "n4": HELD})) == []


def test_the_others_of_two_groups_are_not_all():
    two = [(f"n{a}", f"n{b}") for one in ((1, 2, 3), (4, 5), (6, 7)) for a in one for b in range(1, 8) if b not in one]
    assert groups(mesh(7, dict.fromkeys(two, HELD))) == [
        (["n4", "n5"], ["n1", "n2", "n3"], 10, False),
        (["n6", "n7"], ["n1", "n2", "n3"], 10, False),
    ]


@pytest.mark.parametrize(
    ("clients", "reflectors", "more", "is_cut"),
    [
        (("n1", "n2"), ("n8", "n9"), {}, True),
        (("n1", "n2"), ("n8",), {}, False),
        # A node that none of them peers with is up elsewhere: these are not all.
        (("n1", "n2"), ("n8", "n9"), {"n3": {"n4": UP}, "n4": {"n3": UP}}, False),
        # The two that are cut off do not reach each other either.
        (("n1", "n2"), ("n8", "n9"), {"n8": {"n9": HELD}, "n9": {"n8": HELD}}, False),
    ],
)
def test_all_clients_of_one_group_of_reflectors(clients, reflectors, more, is_cut):
    rows = {name: {far: UP for far in clients if far != name} | dict.fromkeys(reflectors, HELD) for name in clients}
    rows |= {name: dict.fromkeys(clients, HELD) for name in reflectors}
    rows = {name: rows.get(name, {}) | more.get(name, {}) for name in (*rows, *(more.keys() - rows.keys()))}
    assert [cut[:2] for cut in groups(showing(**rows))] == ([(sorted(clients), sorted(reflectors))] if is_cut else [])


def test_what_all_hosts_have_hides_not_where_each_lies():
    """So many bridges that the address of the network is hardly ever looked at first."""
    bridges = " ".join(f"172.17.{n}.1" for n in range(40))
    addresses = {"a": f"10.0.0.1 {bridges}", "b": f"10.0.0.2 {bridges}", "c": f"10.0.1.3 {bridges}"}
    seen = gathered({name: table(name) for name in addresses}, addresses=addresses)
    assert list(shared_places(Case(observe(seen), ()))) == [("network 10.0.0.0/24", {"a", "b"})]
