"""What will stand and what is left in between, session by session; nodes that go while something else changes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.changes.change import ApplyResources, RemoveNode, SetClusterID, SetFields, SetMesh, apply
from calico_bgp.changes.surviving import Fate
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, ResourceKind, Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule
from calico_bgp.whatif.question import what_if_resources
from calico_bgp.whatif.scenario import _as_observed, _between, from_resources
from calico_bgp.whatif.unchanged import Unchanged
from tests.clusters import cluster, config, node, peer
from tests.hand_made_networks import network, session, switch
from tests.unit.whatif.test_question import seen


def net(certain, possible=None, outward="", names="abcdef"):
    """Sessions as `ab ac`; of these and of what is possible a tuple each. Switches of the nodes in `outward`."""
    sessions = [session(*pair) for pair in certain.split()]
    more = None if possible is None else tuple(session(*pair) for pair in possible.split())
    return network(names, sessions, possible=more, externals=tuple(map(switch, outward)))


def pairs(sessions):
    return None if sessions is None else " ".join(one.node + other.node for one, other in sessions)


@pytest.mark.parametrize(
    ("will", "was", "now", "removed", "expected"),
    [
        # What is down stays down, also where it was only possible.
        (("ab ac ad",), ("ab ac ad",), ("ab ad",), "", ("ab ad", None)),
        (("ab ac ad",), ("ab", "ab ac"), ("ab ad",), "", ("ab ad", None)),
        # What is new comes up.
        (("ab ac ad",), ("ab",), ("ab",), "", ("ab ac ad", None)),
        (("ab", "ab ac ad"), ("ab", "ab ac"), ("ab",), "", ("ab", "ab ad")),
        # What perhaps stands perhaps will.
        (("ab ac ad",), ("ab ac ad",), ("ab ad", "ab ac ad"), "", ("ab ad", "ab ac ad")),
        (("ab", "ab ac"), ("ab", "ab ac"), ("ab ac",), "", ("ab", "ab ac")),
        # What stands though nobody asks for it may go on: not with a node that goes, and not what the change takes.
        (("ab",), ("ab",), ("ab bc", "ab bc cd"), "", ("ab", "ab bc cd")),
        (("ab",), ("ab",), ("cd ab bc",), "", ("ab", "ab cd bc")),
        (("ab",), ("ab",), ("ab bc cd de",), "c", ("ab", "ab de")),
        (("ab",), ("ab ac", "ab ac ad"), ("ab ac ad",), "", ("ab", None)),
        # Twice is once.
        (("ab",), ("ab",), ("bc", "bc bc"), "", ("", "bc")),
    ],
)
def test_what_will_stand_given_what_stands(will, was, now, removed, expected):
    found = _as_observed(net(*will), net(*was), net(*now), set(removed))
    assert (pairs(found.sessions), pairs(found.possible)) == expected


def test_who_will_speak_given_who_speaks():
    """Nodes that only a table shows are still there, and not those that go."""
    found = _as_observed(net("ab", names="abn"), net("ab", names="abx"), net("ab", names="abxyz"), {"z"})
    assert [speaker.name for speaker in found.speakers] == ["a", "b", "n", "y"]


def test_which_peers_outside_will_stand():
    """a's is down now; b's is there; c's is new; d's stands and goes."""
    found = _as_observed(net("ab", outward="abc"), net("ab", outward="abd"), net("ab", outward="bd"), ())
    assert [each.near.node for each in found.externals] == ["b", "c"]


class Fates:
    """The fate of each session, by its two letters."""

    def __init__(self, **fates):
        self._fates = fates

    def fate(self, family, one):
        return self._fates.get(one.a.node + one.b.node, Fate.STAYS)

    def external_fate(self, family, one):
        return self._fates.get(one.near.node, Fate.STAYS)


@pytest.mark.parametrize(
    ("will", "now", "was", "certain", "possible"),
    [
        (("ab ac ad",), ("ab ac",), ("ab ac",), "ab ac", None),  # ad has to come up
        (("ab au ar",), ("ab au ar",), ("ab au ar",), "ab", "ab au"),
        # What the resources do not ask for has no protocol that could change.
        (("ab au ar",), ("ab au ar",), ("ab",), "ab au ar", None),
        (("ab au ar",), ("ab au ar",), ("ab", "ab au ar"), "ab", "ab au"),
        # What perhaps stands.
        (("ab ac",), ("ab", "ab ac"), ("ab ac",), "ab ac", None),
        (("ab", "ab ac ar"), ("ab ac ar",), ("ab ac ar",), "ab", "ab ac"),
        (("ar",), ("ar",), ("ar",), "", None),
    ],
)
def test_what_runs_on_in_between(will, now, was, certain, possible):
    names = "abcdru"
    change = Fates(au=Fate.UNSURE, ar=Fate.RESTARTS)
    found = _between(net(*will, names=names), net(*now, names=names), net(*was, names=names), change)
    assert (pairs(found.sessions), pairs(found.possible)) == (certain, possible)


def test_where_all_runs_on_it_is_the_very_network():
    """Sessions of classes stay such, of which there may be half a million."""
    will = net("ab ac", "ab ac ad", outward="a")
    assert _between(will, will, will, Fates()) is will
    for other in (Fates(ac=Fate.UNSURE), Fates(ad=Fate.RESTARTS), Fates(a=Fate.RESTARTS)):
        assert _between(will, will, will, other) is not will


def test_which_peers_outside_run_on():
    """b starts again, of c it is not known; d's is not there yet; e's is configured otherwise."""
    will = net("ab", outward="abcde")
    (first, *others) = net("ab", outward="eabc").externals
    changed = first._replace(near=first.near._replace(settings=first.near.settings._replace(peer_as=65001)))
    now = replace(net("ab"), externals=(changed, *others))
    found = _between(will, now, will, Fates(b=Fate.RESTARTS, c=Fate.UNSURE))
    assert [each.near.node for each in found.externals] == ["a", "c"]


#: Two reflectors and two clients, and a node that goes without anybody missing it.
REFLECTED = cluster(
    *(node(f"r{n}", f"10.0.0.{n}", labels="rr", cluster_id="1.1.1.1") for n in (1, 2)),
    *(node(f"c{n}", f"10.0.1.{n}") for n in (1, 2, 3)),
    peer("p", node_selector="!has(rr)", peer_selector="has(rr)"),
    config(mesh=False),
).model_copy(update={"ip_pools": (IPPool("pods", "10.244.0.0/16"),)})
MESH = cluster(*(node(f"n{n}", f"10.0.0.{n}") for n in (1, 2, 3)), config(mesh=True))


def set_peer(**fields):
    return SetFields(ResourceKind.BGP_PEER, "p", tuple(fields.items()))


def numbers(answer):
    """Pairs lost afterwards and meanwhile, over IPv4."""
    (family,) = [each for each in answer.families if each.family is Family.IPV4]
    return sum(loss.group.pairs for loss in family.lost), sum(loss.group.pairs for loss in family.meanwhile)


HIDDEN = ApplyResources(Resources(ip_pools=(IPPool("pods", "10.244.0.0/16", disable_bgp_export=True),)), "-")
REJECTS = BGPFilter("f", export_v4=(FilterRule(FilterAction.REJECT),))
FILTERED = ApplyResources(
    Resources(bgp_filters=(REJECTS,), bgp_peers=(replace(REFLECTED.bgp_peers[0], filters=("f",)),)), "-"
)


@pytest.mark.parametrize(
    ("before", "gone", "change", "expected"),
    [
        # A client with nothing else, and with each kind of change beside it. r1 and r2 have not each other.
        (REFLECTED, "c3", None, (0, 0)),
        (REFLECTED, "c3", set_peer(has_password=True), (0, 10)),
        (REFLECTED, "c3", set_peer(ttl_security=1), (0, 10)),
        (REFLECTED, "c3", HIDDEN, (10, 0)),
        (REFLECTED, "c3", FILTERED, (10, 0)),
        (REFLECTED, "c3", SetClusterID("r1", "2.2.2.2"), (0, 4)),
        (MESH, "n3", None, (0, 0)),
        (MESH, "n3", SetFields(ResourceKind.BGP_CONFIGURATION, "default", (("has_node_mesh_password", True),)), (0, 2)),
        (MESH, "n3", SetMesh(on=False), (2, 0)),
        (MESH, "n3", SetFields(ResourceKind.NODE, "n1", (("ipv4", ip_address("10.0.0.9")),)), (0, 2)),
    ],
)
def test_a_node_goes_and_something_else_changes_as_well(before, gone, change, expected):
    changes = [RemoveNode(gone), *([] if change is None else [change])]
    assert numbers(what_if_resources(before, changes)) == expected
    assert numbers(what_if_resources(before, changes[::-1])) == expected


def test_a_filter_that_comes_to_reject_counts_though_its_bgppeer_stays():
    open_filter = replace(REJECTS, export_v4=(FilterRule(FilterAction.ACCEPT),))
    peers = (replace(REFLECTED.bgp_peers[0], filters=("f",)),)
    before = REFLECTED.model_copy(update={"bgp_filters": (open_filter,), "bgp_peers": peers})
    changes = [RemoveNode("c3"), ApplyResources(Resources(bgp_filters=(REJECTS,)), "-")]
    assert numbers(what_if_resources(before, changes)) == (10, 0)


@pytest.mark.parametrize("with_resources", [True, False])
@pytest.mark.parametrize("families", [(Family.IPV4,), (Family.IPV6,), tuple(Family)])
def test_the_families_that_somebody_speaks_are_judged(families, with_resources):
    lab = build_cluster(4, reflectors=1, families=families)
    resources = lab_resources(lab) if with_resources else None
    answer = seen(lab, RemoveNode("node1"), resources=resources)
    assert [family.family for family in answer.families] == list(families)
    assert all(family.lost for family in answer.families)
    assert all(family.nodes == ("node2", "node3", "node4") for family in answer.families)
    told = what_if_resources(lab_resources(lab), [RemoveNode("node1")])
    assert [family.family for family in told.families] == list(families)


@pytest.mark.parametrize("gone", ["r1", "r2"])
def test_of_addresses_that_bgppeers_have_those_of_removed_nodes_are_dead_and_others_not(gone):
    """The clients have both reflectors and a switch by address: the switch is there as before."""
    by_address = [
        peer(name, node_selector="!has(rr)", peer_ip=address, as_number=number)
        for name, address, number in (("a", "10.0.0.1", 64512), ("b", "10.0.0.2", 64512), ("c", "192.0.2.1", 65001))
    ]
    resources = REFLECTED.model_copy(update={"bgp_peers": tuple(by_address)})
    # Something else changes as well, so that all is worked out anew.
    changes = [RemoveNode(gone), SetFields(ResourceKind.BGP_PEER, "c", (("has_password", True),))]
    after = expect(apply(resources, changes))
    (ipv4,) = from_resources(Unchanged(expect(resources)), after, {gone})
    assert {one.far for one in ipv4.after.externals} == {"192.0.2.1"}
    assert len(ipv4.after.externals) == 3
    assert ipv4.nodes == tuple(name for name in ("c1", "c2", "c3", "r1", "r2") if name != gone)
    assert ipv4.between.externals == ()
