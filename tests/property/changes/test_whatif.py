"""Laws of the what-if, on random small clusters and random changes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.changes.change import RemoveNode, SetClusterID, SetLabel, SetMesh, apply
from calico_bgp.changes.peer_changes import peer_changes
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.whatif.question import what_if_resources
from calico_bgp.whatif.verdict import Safety

ADDRESSES = ["192.0.2.9", "192.0.2.10", "192.0.2.2", "192.0.2.100", "192.0.2.50", "192.0.2.51"]
NAMES = [f"n{number}" for number in range(1, 7)]
CLUSTER_IDS = st.sampled_from([None, None, "244.0.0.1", "244.0.0.2"])
SELECTORS = st.sampled_from([None, "all()", "has(rr)", "!has(rr)", "zone == 'a'"])


@st.composite
def clusters(draw):
    nodes = []
    for name, address in list(zip(NAMES, ADDRESSES, strict=True))[: draw(st.integers(2, 6))]:
        cluster_id = draw(CLUSTER_IDS)
        labels = {"zone": draw(st.sampled_from("ab"))} | ({"rr": "true"} if cluster_id and draw(st.booleans()) else {})
        own_as = draw(st.sampled_from([None, None, None, 64513]))
        pairs = tuple(sorted(labels.items()))
        nodes.append(
            CalicoNode(
                name=name, labels=pairs, ipv4=ip_address(address), ipv6=None, as_number=own_as, cluster_id=cluster_id
            )
        )
    peers = []
    for number in range(draw(st.integers(0, 3))):
        near = {"node": draw(st.sampled_from(NAMES))} if draw(st.booleans()) else {"node_selector": draw(SELECTORS)}
        far = draw(st.sampled_from([None, *ADDRESSES, "203.0.113.1"]))
        end = {"peer_selector": "has(rr)"} if far is None else {"peer_ip": far, "as_number": 64512}
        peers.append(BGPPeer(name=f"p{number}", **near, **end))
    config = BGPConfiguration(name="default", node_to_node_mesh_enabled=draw(st.booleans()))
    return Resources(nodes=tuple(nodes), bgp_peers=tuple(peers), bgp_configurations=(config,))


@st.composite
def changed(draw):
    """Resources, and changes that fit them."""
    resources = draw(clusters())
    names = [node.name for node in resources.nodes]
    changes = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(names))
        change = draw(
            st.sampled_from(
                [
                    RemoveNode(name),
                    SetClusterID(name, draw(CLUSTER_IDS)),
                    SetLabel(name, "rr", "true"),
                    SetMesh(draw(st.booleans())),
                ]
            )
        )
        if isinstance(change, RemoveNode):
            names.remove(name)
        changes.append(change)
        if not names:
            break
    return resources, changes


def family(answer):
    (found,) = answer.families
    return found


def number(losses):
    return sum(loss.group.pairs for loss in losses)


def pairs_of(group):
    """Every pair that the group speaks of; where it is cut off from everyone, also some that were no pairs before."""
    found = {(one, other) for one in group.learners for other in group.origins if one != other}
    return found | {(other, one) for one, other in found} if group.mutual else found


@given(clusters())
def test_no_change_is_nothing(resources):
    assert apply(resources, []) == resources
    answer = what_if_resources(resources, [])
    found = family(answer)
    assert (found.lost, found.meanwhile, found.gained, answer.peers) == ((), (), 0, ())
    assert answer.safety is (Safety.CANNOT_TELL if answer.unknown or found.doubts else Safety.SAFE)
    assert not any(failure.is_new for failure in found.next_failures)


@given(changed())
def test_what_is_lost_is_what_reachability_says_from_scratch(given_change):
    resources, changes = given_change
    later = apply(resources, changes)
    before = reachability(expected_network(expect(resources), Family.IPV4))
    network = expected_network(expect(later), Family.IPV4)
    there = {str(node.ipv4) for node in later.nodes}
    dead = {str(node.ipv4) for node in resources.nodes} - there
    after = reachability(replace(network, externals=tuple(e for e in network.externals if e.far not in dead)))
    remaining = [node.name for node in later.nodes]
    lost, doubtful, kept = set(), set(), set()
    for one in remaining:
        for other in remaining:
            if one == other:
                continue
            was, will = before.learns(one, other), after.learns(one, other)
            if was is Answer.YES and will is Answer.NO:
                lost.add((one, other))
            elif was is not Answer.NO and Answer.PERHAPS in {was, will}:
                doubtful.add((one, other))
            elif was is Answer.YES:
                kept.add((one, other))
    found = family(what_if_resources(resources, changes))
    assert found.nodes == tuple(remaining)
    assert number(found.lost) == len(lost)
    told = set().union(*(pairs_of(loss.group) for loss in found.lost))
    assert lost <= told
    assert not told & kept
    lonely = {name for loss in found.lost if loss.group.everyone for name in loss.group.learners}
    doubtful = {pair for pair in doubtful if lonely.isdisjoint(pair)}
    assert doubtful <= set().union(*(pairs_of(doubt.group) for doubt in (*found.doubts, *found.meanwhile)))


@given(clusters(), st.data())
@settings(deadline=None)
def test_peers_that_go_with_nodes_are_those_of_every_node(resources, data):
    names = [node.name for node in resources.nodes]
    removed = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names) - 1, unique=True))
    changes = [RemoveNode(name) for name in removed]
    before, after = expect(resources), expect(apply(resources, changes))
    assert what_if_resources(resources, changes).peers == peer_changes(before, after, removed)


@given(changed())
def test_no_pair_of_a_removed_node_is_told(given_change):
    resources, changes = given_change
    removed = {change.node for change in changes if isinstance(change, RemoveNode)}
    found = family(what_if_resources(resources, changes))
    told = [loss.group for loss in (*found.lost, *found.meanwhile)] + [doubt.group for doubt in found.doubts]
    named = {name for group in told for name in (*group.learners, *group.origins)}
    named |= {name for failure in found.next_failures for name in failure.nodes}
    assert not named & removed


@given(changed(), st.permutations([f"other{number}" for number in range(1, 7)]))
def test_names_mean_nothing(given_change, names):
    resources, changes = given_change
    new = dict(zip(NAMES, names, strict=True))
    nodes = sorted((replace(node, name=new[node.name]) for node in resources.nodes), key=lambda node: node.name)
    peers = tuple(replace(peer, node=new.get(peer.node)) for peer in resources.bgp_peers)
    renamed = resources.model_copy(update={"nodes": tuple(nodes), "bgp_peers": peers})
    same = [replace(change, node=new[change.node]) if hasattr(change, "node") else change for change in changes]
    one, other = what_if_resources(resources, changes), what_if_resources(renamed, same)
    assert one.safety is other.safety
    for kind in ("lost", "meanwhile", "doubts"):
        mine, theirs = getattr(family(one), kind), getattr(family(other), kind)
        told = {(new[a], new[b]) for found in mine for a, b in pairs_of(found.group)}
        assert told == {pair for found in theirs for pair in pairs_of(found.group)}
        assert number(mine) == number(theirs)
    assert {new[name] for failure in family(one).next_failures for name in failure.nodes} == {
        name for failure in family(other).next_failures for name in failure.nodes
    }


@given(changed())
def test_what_is_lost_for_good_is_not_told_as_lost_in_between(given_change):
    found = family(what_if_resources(*given_change))
    assert number(found.lost) + number(found.meanwhile) + found.cut_already <= found.pairs


@given(changed())
def test_safe_is_only_said_where_nothing_is_lost_or_unknown(given_change):
    answer = what_if_resources(*given_change)
    found = family(answer)
    assert (answer.safety is Safety.SAFE) == (not (found.lost or found.meanwhile or found.doubts or answer.unknown))
