"""What BGPFilters do with pods' routes: never more than is the same for every block of every pool."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool
from calico_bgp.model.routes.bgp_filter import (
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
)
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.policy.bgp_filter import decide
from calico_bgp.routes.policy.pod_routes import Passage, pod_routes_through
from calico_bgp.routes.policy.route import Route, Source
from tests.clusters import cluster, config, node, peer

POOLS = (IPPool("pods", "10.244.0.0/24", block_size=26), IPPool("more", "10.246.0.0/25", block_size=26))
BLOCKS = [block for pool in POOLS for block in ip_network(pool.cidr).subnets(new_prefix=26)]
CIDRS = ("10.244.0.0/24", "10.244.0.0/16", "10.244.0.64/26", "10.244.0.0/25", "10.244.0.7/32", "10.246.0.0/25")
OTHER = ("10.0.0.0/8", "0.0.0.0/0", "192.168.0.0/16", "10.246.0.0/26", "10.244.0.0")


def rules():
    lengths = st.none() | st.integers(0, 32)
    return st.builds(
        FilterRule,
        action=st.sampled_from(FilterAction),
        cidr=st.none() | st.sampled_from(CIDRS + OTHER),
        operator=st.sampled_from(MatchOperator),
        prefix_length=st.none() | st.builds(PrefixLength, lengths, lengths),
        remote_peers_only=st.booleans(),
        interface=st.sampled_from((None, None, "*", "eth0", "cali*")),
        peer_type=st.sampled_from((None, None, "iBGP", "eBGP")),
        community=st.sampled_from((None, None, (65000, 1))),
        priority=st.sampled_from((None, None, 1024)),
    )


@given(st.lists(st.lists(rules(), max_size=4), max_size=2), st.sampled_from(Direction), st.booleans())
def test_what_is_claimed_holds_for_every_block(lists, direction, same_as):
    filters = tuple(BGPFilter(f"f{n}", tuple(own), tuple(own)) for n, own in enumerate(lists))
    claimed = pod_routes_through(filters, direction, Family.IPV4, POOLS, same_as=same_as)
    sources = (Source.BGP,) if direction is Direction.IMPORT else (Source.STATIC, Source.BGP)
    for block in BLOCKS:
        for source in sources:
            for communities in ((), ((65000, 1),)):
                interface = "" if source is Source.STATIC else "eth0"
                route = Route(block, source, interface, communities=communities).with_priority(1024)
                decision = decide(filters, direction, Family.IPV4, route, same_as=same_as)
                accepted = decision is None or decision.accepted
                assert claimed is not (Passage.CLOSED if accepted else Passage.OPEN)


ACCEPT, REJECT = FilterAction.ACCEPT, FilterAction.REJECT
OUTSIDE = FilterRule(REJECT, "192.168.0.0/16", MatchOperator.IN)
SINGLE = FilterRule(REJECT, "10.244.0.0/16", MatchOperator.IN, PrefixLength(min=32))
PODS = FilterRule(ACCEPT, "10.244.0.0/16", MatchOperator.IN)


@pytest.mark.parametrize(
    ("rules", "passage"),
    [
        ((), Passage.OPEN),
        ((OUTSIDE,), Passage.OPEN),
        ((SINGLE,), Passage.OPEN),  # addresses, not blocks
        ((FilterRule(REJECT, "10.244.0.0/16", MatchOperator.IN, PrefixLength(max=25)),), Passage.UNKNOWN),  # podCIDRs
        ((FilterRule(REJECT),), Passage.CLOSED),
        ((FilterRule(ACCEPT), FilterRule(REJECT)), Passage.OPEN),
        ((PODS, FilterRule(REJECT)), Passage.UNKNOWN),  # not the other pool's
        ((PODS, FilterRule(ACCEPT, "10.246.0.0/16", MatchOperator.IN), FilterRule(REJECT)), Passage.OPEN),
        ((FilterRule(REJECT, "10.244.0.64/26", MatchOperator.EQUAL),), Passage.UNKNOWN),  # one block of one node
        ((FilterRule(REJECT, community=(65000, 1)),), Passage.UNKNOWN),
        ((FilterRule(REJECT, peer_type="eBGP"),), Passage.OPEN),
    ],
)
def test_what_becomes_of_the_pods_routes(rules, passage):
    filters = (BGPFilter("f", import_v4=rules),)
    assert pod_routes_through(filters, Direction.IMPORT, Family.IPV4, POOLS, same_as=True) is passage
    assert pod_routes_through(filters, Direction.EXPORT, Family.IPV4, POOLS, same_as=True) is Passage.OPEN
    assert pod_routes_through(filters, Direction.IMPORT, Family.IPV6, POOLS, same_as=True) is Passage.OPEN


def test_a_filter_with_which_bird_refuses_its_file_leaves_everything_open():
    filters = (BGPFilter("f", import_v4=(FilterRule(REJECT, "10.0.0.1/8", MatchOperator.IN),)),)
    for direction in Direction:
        passage = pod_routes_through(filters, direction, Family.IPV4, POOLS, same_as=True)
        assert passage is Passage.UNKNOWN  # the old file goes on, and what stood in it nobody knows


def test_a_pool_that_is_no_prefix_leaves_its_routes_open():
    filters = (BGPFilter("f", import_v4=(OUTSIDE,)),)
    pools = (*POOLS, IPPool("odd", "10.300.0.0/16"))
    assert pod_routes_through(filters, Direction.IMPORT, Family.IPV4, pools, same_as=True) is Passage.UNKNOWN


def test_without_pools_nothing_is_known_of_prefixes():
    filters = (BGPFilter("f", import_v4=(OUTSIDE,)),)
    assert pod_routes_through(filters, Direction.IMPORT, Family.IPV4, (), same_as=True) is Passage.UNKNOWN


FILTER = """
apiVersion: projectcalico.org/v3
kind: BGPFilter
metadata: {name: guard}
spec:
  importV4:
  - {action: Reject, matchOperator: In, cidr: %s}
"""


def doubts(*texts):
    """What is not certain of a mesh of two nodes with BGPPeers that have the filter."""
    nodes = [node(f"n{n}", f"10.0.0.{n}") for n in (1, 2)]
    peers = [peer("all", node_selector="all()", peer_selector="all()", filters=("guard",))]
    pools = (IPPool("pods", "10.244.0.0/16"),)
    read = parse_resources(tuple((f"{n}.yaml", text) for n, text in enumerate(texts)))
    made = cluster(*nodes, *peers, config(mesh=False)).model_copy(
        update={"ip_pools": pools, "bgp_filters": read.bgp_filters}
    )
    network = expected_network(expect(made), Family.IPV4, doubts_filters=True)
    return [text for text in network.assumptions if "BGPFilter" in text], network.possible is not None


def test_a_session_is_certain_where_its_filters_let_all_pods_through():
    assert doubts(FILTER % "192.168.0.0/16") == ([], False)


@pytest.mark.parametrize(
    "texts",
    [
        (),  # it is named, and its object was not given
        (FILTER % "10.244.0.0/16",),
        (FILTER % "192.168.0.0/16", FILTER % "192.169.0.0/16"),  # two of one name that differ
        (FILTER.replace("Reject", "Later") % "192.168.0.0/16",),  # of a Calico that is not known yet
        # Another one, with which BIRD refuses its file on every node.
        (FILTER % "192.168.0.0/16", FILTER.replace("guard", "other") % "192.168.0.1/16"),
    ],
)
def test_else_what_comes_over_it_is_perhaps(texts):
    said, is_doubtful = doubts(*texts)
    assert said == ["BGPFilter guard may keep the pods' routes back; a route over such a session counts as perhaps"]
    assert is_doubtful


def test_a_filter_that_is_not_understood_is_counted_and_no_error():
    read = parse_resources((("f.yaml", FILTER.replace("Reject", "Later") % "10.0.0.0/8"),))
    assert [(skipped.kind, skipped.number) for skipped in read.skipped] == [("BGPFilter", 1)]
    assert read.bgp_filters == ()
