"""What BGPFilters do with pods' routes: never more than is the same for every block of every pool."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
)
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.holding.block_kinds import pool_blocks
from calico_bgp.routes.network.holding.circumstances import circumstances_of
from calico_bgp.routes.policy.bgp_filter import decide
from calico_bgp.routes.policy.export import ExportPolicy, decide_export
from calico_bgp.routes.policy.judgement import (
    NO_POOL,
    Blocks,
    Circumstances,
    Holder,
    Judgement,
    Outcome,
    SessionAS,
    Step,
)
from calico_bgp.routes.policy.pod_routes import PodRoutes
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


def judge(filters, step, pools=POOLS, blocks=None, *, same_as=True, resources=None):
    """What becomes of the blocks of the pools, or of some blocks."""
    resources = resources or Resources(ip_pools=tuple(pools), bgp_filters=tuple(filters))
    judging = PodRoutes(Family.IPV4, circumstances_of(resources, Family.IPV4, NEWEST))
    session = SessionAS(64512, 64512 if same_as else 64513)
    asked = pool_blocks(pools, Family.IPV4) if blocks is None else blocks
    found = {judging.judge(tuple(filters), step, each, session).outcome for each in asked}
    return found.pop() if len(found) == 1 else Outcome.UNKNOWN


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(rules(), max_size=4), max_size=2), st.sampled_from(Step), st.booleans(), st.booleans())
def test_what_is_claimed_holds_for_every_block(lists, step, same_as, is_open):
    filters = tuple(BGPFilter(f"f{n}", tuple(own), tuple(own)) for n, own in enumerate(lists))
    # With a switch beside it nothing is known of communities and priorities.
    switch = (peer("tor", peer_ip="192.0.2.1", as_number=65000),) if is_open else ()
    resources = cluster(*switch).model_copy(update={"ip_pools": POOLS, "bgp_filters": filters})
    policy = ExportPolicy((3, 33), 64512, pools=tuple(ip_network(pool.cidr) for pool in POOLS))
    is_own = step is Step.OWN
    overall = judge(filters, step, same_as=same_as, resources=resources)
    for block in BLOCKS:
        claimed = judge(filters, step, blocks=[Blocks(block, 26)], same_as=same_as, resources=resources)
        for communities in ((), ((65000, 1),)) if is_open and not is_own else ((),):
            for priority in (1024, 512) if is_open and not is_own else (1024,):
                source = Source.STATIC if is_own else Source.BGP
                route = Route(block, source, "" if is_own else "eth0", communities=communities).with_priority(priority)
                if step is Step.INCOMING:
                    decision = decide(filters, Direction.IMPORT, Family.IPV4, route, same_as=same_as)
                    accepted = decision is None or decision.accepted
                else:
                    at = replace(policy, blocks=(block,)) if is_own else policy
                    accepted = decide_export(at, filters, Family.IPV4, route, same_as=same_as).accepted
                wrong = Outcome.REJECTED if accepted else Outcome.PASSES
                assert claimed is not wrong
                assert overall is not wrong


ACCEPT, REJECT = FilterAction.ACCEPT, FilterAction.REJECT
OUTSIDE = FilterRule(REJECT, "192.168.0.0/16", MatchOperator.IN)
SINGLE = FilterRule(REJECT, "10.244.0.0/16", MatchOperator.IN, PrefixLength(min=32))
PODS = FilterRule(ACCEPT, "10.244.0.0/16", MatchOperator.IN)


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ((), Outcome.PASSES),
        ((OUTSIDE,), Outcome.PASSES),
        ((SINGLE,), Outcome.PASSES),  # addresses, not blocks
        ((FilterRule(REJECT, "10.244.0.0/16", MatchOperator.IN, PrefixLength(max=25)),), Outcome.UNKNOWN),  # podCIDRs
        ((FilterRule(REJECT),), Outcome.REJECTED),
        ((FilterRule(ACCEPT), FilterRule(REJECT)), Outcome.PASSES),
        ((PODS, FilterRule(REJECT)), Outcome.UNKNOWN),  # not the other pool's
        ((PODS, FilterRule(ACCEPT, "10.246.0.0/16", MatchOperator.IN), FilterRule(REJECT)), Outcome.PASSES),
        ((FilterRule(REJECT, "10.244.0.64/26", MatchOperator.EQUAL),), Outcome.UNKNOWN),  # one block of one node
        ((FilterRule(REJECT, interface="eth0"),), Outcome.UNKNOWN),
        ((FilterRule(REJECT, peer_type="eBGP"),), Outcome.PASSES),
    ],
)
def test_what_becomes_of_the_pods_routes(rules, outcome):
    filters = (BGPFilter("f", import_v4=rules),)
    assert judge(filters, Step.INCOMING) is outcome
    assert judge(filters, Step.OWN) is Outcome.PASSES
    assert judge(filters, Step.LEARNED) is Outcome.PASSES


@pytest.mark.parametrize(
    ("rule", "own", "learned"),
    [
        (FilterRule(REJECT, remote_peers_only=True), Outcome.PASSES, Outcome.REJECTED),
        (FilterRule(REJECT, interface="eth*"), Outcome.PASSES, Outcome.UNKNOWN),
        (FilterRule(REJECT, interface="*"), Outcome.REJECTED, Outcome.REJECTED),
        (FilterRule(REJECT, community=(65000, 1)), Outcome.PASSES, Outcome.PASSES),  # nobody adds any
        (FilterRule(REJECT, as_path_prefix=(64512,)), Outcome.PASSES, Outcome.PASSES),  # all is iBGP
        (FilterRule(REJECT, priority=1024), Outcome.REJECTED, Outcome.REJECTED),
        (FilterRule(REJECT, priority=512), Outcome.PASSES, Outcome.PASSES),
    ],
)
def test_what_only_a_route_shows_is_known_where_nothing_can_change_it(rule, own, learned):
    filters = (BGPFilter("f", export_v4=(rule,)),)
    assert judge(filters, Step.OWN) is own
    assert judge(filters, Step.LEARNED) is learned


BLOCK, ADDRESS = Blocks(ip_network("10.244.0.64/26"), 26), Blocks(ip_network("10.244.0.7/32"), 32)
OTHERS = Blocks(ip_network("10.250.0.0/16"), 26)
PREFIXES = tuple(ip_network(pool.cidr) for pool in POOLS)
HIDDEN = (("far", ip_network("10.1.0.0/16")), ("pods", PREFIXES[0]))
CLOSED = {"without_communities": True, "one_as": True, "one_priority": True}
PASSES, REJECTED, UNKNOWN = Judgement(Outcome.PASSES), Outcome.REJECTED, Outcome.UNKNOWN
POOL, NEEDS_A_POOL = Holder("IPPool", "pods"), Holder(NO_POOL, "")
HELD_IN_PART = "Calico's export rules, where no IPPool holds the block"


def by(number, outcome=REJECTED):
    """What a rule of the filter does."""
    return Judgement(outcome, Holder("BGPFilter", "f", "exportV4", number))


PERHAPS = by(1, UNKNOWN)
ONE_BLOCK = FilterRule(REJECT, "10.244.0.64/26", MatchOperator.EQUAL)


@pytest.mark.parametrize(
    ("blocks", "known", "rules", "own", "learned"),
    [
        # Calico's own rules.
        (BLOCK, {"unexported": HIDDEN}, (), (REJECTED, POOL), (REJECTED, POOL)),
        (None, {"unexported": HIDDEN[1:]}, (), (UNKNOWN, POOL), (UNKNOWN, POOL)),
        (Blocks(ip_network("10.244.0.0/16"), 26), {"unexported": HIDDEN}, (), (UNKNOWN, POOL), (UNKNOWN, POOL)),
        (BLOCK, {"unexported": HIDDEN[:1]}, (), PASSES, (REJECTED, NEEDS_A_POOL)),
        (BLOCK, {}, (), PASSES, PASSES),
        (BLOCK, {"pools": PREFIXES}, (), PASSES, PASSES),
        (None, {"pools": PREFIXES}, (), PASSES, PASSES),
        (OTHERS, {"pools": PREFIXES}, (), PASSES, (REJECTED, NEEDS_A_POOL)),
        (Blocks(ip_network("10.244.0.0/16"), 26), {"pools": PREFIXES}, (), PASSES, (UNKNOWN, HELD_IN_PART)),
        # A filter before them: what it takes for certain, they do not see.
        (BLOCK, {"unexported": HIDDEN}, (FilterRule(ACCEPT),), PASSES, PASSES),
        (OTHERS, {"pools": PREFIXES}, (PODS, FilterRule(REJECT)), by(2), by(2)),
        (None, {"unexported": HIDDEN}, (ONE_BLOCK,), PERHAPS, PERHAPS),
        (Blocks(PREFIXES[0], 26), {}, (ONE_BLOCK, FilterRule(REJECT)), by(1), by(1)),
        (Blocks(PREFIXES[0], 26), {}, (ONE_BLOCK, FilterRule(ACCEPT)), PERHAPS, PERHAPS),
        (Blocks(PREFIXES[0], 26), {}, (ONE_BLOCK,), PERHAPS, PERHAPS),
        (
            Blocks(ip_network("10.250.0.0/16"), 26),
            {"pools": PREFIXES},
            (FilterRule(ACCEPT, "10.250.1.0/26", MatchOperator.EQUAL),),
            PASSES,
            (UNKNOWN, NEEDS_A_POOL),
        ),
        # An address without a length: BIRD fails, and rejects.
        (BLOCK, {}, (FilterRule(ACCEPT, "10.244.0.64", MatchOperator.IN),), by(1), by(1)),
        (BLOCK, {}, (FilterRule(ACCEPT, "10.244.0.64", MatchOperator.EQUAL),), PASSES, PASSES),
        # The interface of an own block is none, that of a single address is its pod's.
        (BLOCK, CLOSED, (FilterRule(REJECT, interface="eth0"),), PASSES, PERHAPS),
        (ADDRESS, CLOSED, (FilterRule(REJECT, interface="eth0"),), PERHAPS, PERHAPS),
        (None, CLOSED, (FilterRule(REJECT, interface="eth0"),), PERHAPS, PERHAPS),
        # Priorities.
        (BLOCK, CLOSED, (FilterRule(REJECT, priority=1024),), by(1), by(1)),
        (BLOCK, CLOSED, (FilterRule(REJECT, priority=512),), PASSES, PASSES),
        (BLOCK, {"one_as": True}, (FilterRule(REJECT, priority=1024),), by(1), PERHAPS),
        (BLOCK, {"one_priority": True}, (FilterRule(REJECT, priority=1024),), by(1), PERHAPS),
        (ADDRESS, CLOSED, (FilterRule(REJECT, priority=512),), PERHAPS, PASSES),
        (None, CLOSED, (FilterRule(REJECT, priority=512),), PERHAPS, PERHAPS),
        (BLOCK, {"release": (3, 31)}, (FilterRule(REJECT, priority=512),), PERHAPS, PERHAPS),
        # BIRD announces it a second time, with the priority 0.
        *(
            (blocks, CLOSED | {"copied": PREFIXES}, (FilterRule(REJECT, priority=priority),), own, PERHAPS)
            for blocks in (BLOCK, Blocks(ip_network("10.244.0.0/16"), 26))
            for priority, own in ((0, PERHAPS), (1024, PERHAPS), (512, PASSES))
        ),
        (OTHERS, CLOSED | {"copied": PREFIXES}, (FilterRule(REJECT, priority=1024),), by(1), by(1)),
        # Communities and paths.
        (BLOCK, CLOSED, (FilterRule(REJECT, community=(65000, 1)),), PASSES, PASSES),
        (BLOCK, {}, (FilterRule(REJECT, community=(65000, 1)),), PASSES, PERHAPS),
        (BLOCK, CLOSED, (FilterRule(REJECT, as_path_prefix=(64512,)),), PASSES, PASSES),
        (BLOCK, {}, (FilterRule(REJECT, as_path_prefix=(64512,)),), PASSES, PERHAPS),
        (ADDRESS, {}, (FilterRule(REJECT, community=(65000, 1)),), PASSES, PERHAPS),
        (ADDRESS, {}, (FilterRule(REJECT, remote_peers_only=True),), PASSES, by(1)),
        # One condition more, which is not met, or not known.
        (BLOCK, CLOSED, (FilterRule(REJECT, interface="*", priority=512),), PASSES, PASSES),
        (BLOCK, {}, (FilterRule(REJECT, interface="*", community=(65000, 1)),), PASSES, PERHAPS),
    ],
)
def test_what_becomes_of_blocks_and_which_rule_it_is(blocks, known, rules, own, learned):
    judging = PodRoutes(Family.IPV4, Circumstances(**{"release": (3, 33)} | known))
    filters = (BGPFilter("f", export_v4=rules),)
    session = SessionAS(64512, 64512)
    assert judging.judge(filters, Step.OWN, blocks, session) == own
    assert judging.judge(filters, Step.LEARNED, blocks, session) == learned
    # Calico has no rules for what comes in.
    assert judging.judge((), Step.INCOMING, blocks, session) == PASSES


@pytest.mark.parametrize(
    ("rule", "own", "learned"),
    [
        (FilterRule(REJECT, as_path_prefix=(64512,)), by(1), PERHAPS),
        (FilterRule(REJECT, as_path_prefix=(64512, 64512)), PASSES, PERHAPS),
        (FilterRule(REJECT, as_path_prefix=(64513,)), PASSES, PERHAPS),
        (FilterRule(REJECT, peer_type="eBGP"), by(1), by(1)),
        (FilterRule(REJECT, peer_type="iBGP"), PASSES, PASSES),
    ],
)
def test_towards_another_as(rule, own, learned):
    judging = PodRoutes(Family.IPV4, Circumstances((3, 33), **CLOSED))
    filters, session = (BGPFilter("f", export_v4=(rule,)),), SessionAS(64512, 64513)
    assert judging.judge(filters, Step.OWN, BLOCK, session) == own
    assert judging.judge(filters, Step.LEARNED, BLOCK, session) == learned


@pytest.mark.parametrize(
    ("since", "rule"),
    [
        ((3, 32), FilterRule(REJECT, peer_type="iBGP")),
        ((3, 32), FilterRule(REJECT, peer_type="eBGP")),  # which says more without it
        ((3, 32), FilterRule(REJECT, community=(65000, 1))),
        ((3, 32), FilterRule(REJECT, as_path_prefix=(64512,))),
        ((3, 32), FilterRule(REJECT, priority=512)),
        ((3, 32), FilterRule(REJECT, priority=0)),
        ((3, 29), FilterRule(REJECT, "10.244.0.64/26", MatchOperator.IN, PrefixLength(min=27))),
        ((3, 29), FilterRule(REJECT, "10.244.0.64/26", MatchOperator.IN, PrefixLength(max=26))),
        ((3, 27), FilterRule(REJECT, remote_peers_only=True)),
        ((3, 27), FilterRule(REJECT, interface="eth0")),
    ],
)
def test_what_an_older_api_server_drops_leaves_a_rule_open(since, rule):
    session, filters = SessionAS(64512, 64512), (BGPFilter("f", export_v4=(rule,)),)
    new, old = (
        PodRoutes(Family.IPV4, Circumstances(release, **CLOSED)).judge(filters, Step.OWN, BLOCK, session)
        for release in (since, (3, since[1] - 1))
    )
    assert old == PERHAPS
    assert new.outcome is not UNKNOWN


def test_a_community_that_another_filter_adds_may_be_there():
    rule = FilterRule(REJECT, community=(65000, 1))
    adding = BGPFilter("a", export_v4=(FilterRule(ACCEPT, operations=(AddCommunity((65000, 1)),)),))
    resources = Resources(ip_pools=POOLS, bgp_filters=(adding,))
    assert judge((BGPFilter("f", import_v4=(rule,)),), Step.INCOMING, resources=resources) is Outcome.UNKNOWN


def test_a_filter_with_which_bird_refuses_its_file_leaves_everything_open():
    filters = (BGPFilter("f", import_v4=(FilterRule(REJECT, "10.0.0.1/8", MatchOperator.IN),)),)
    for step in Step:
        assert judge(filters, step) is Outcome.UNKNOWN  # the old file goes on, and what stood in it nobody knows


def test_a_pool_that_is_no_prefix_leaves_its_routes_open():
    filters = (BGPFilter("f", import_v4=(OUTSIDE,)),)
    pools = (*POOLS, IPPool("odd", "10.300.0.0/16"))
    assert judge(filters, Step.INCOMING, pools) is Outcome.UNKNOWN


def test_without_pools_nothing_is_known_of_prefixes():
    filters = (BGPFilter("f", import_v4=(OUTSIDE,)),)
    assert judge(filters, Step.INCOMING, ()) is Outcome.UNKNOWN


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
    network = expected_network(expect(made), Family.IPV4)
    return [text for text in network.assumptions if "BGPFilter" in text], network.possible is not None


def test_a_session_is_certain_where_its_filters_let_all_pods_through():
    assert doubts(FILTER % "192.168.0.0/16") == ([], False)


NOT_GIVEN = "BGPFilter guard, which was not given"


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        ((), NOT_GIVEN),
        ((FILTER % "10.244.0.64/26",), "rule 1 of BGPFilter guard (importV4)"),
        ((FILTER % "192.168.0.0/16", FILTER % "192.169.0.0/16"), NOT_GIVEN),  # two of one name that differ
        ((FILTER.replace("Reject", "Later") % "192.168.0.0/16",), NOT_GIVEN),  # of a Calico that is not known yet
        # Another one, with which BIRD refuses its file on every node.
        (
            (FILTER % "192.168.0.0/16", FILTER.replace("guard", "other") % "192.168.0.1/16"),
            "BGPFilter guard, while BIRD refuses its configuration",
        ),
    ],
)
def test_else_what_comes_over_it_is_perhaps(texts, what):
    said, is_doubtful = doubts(*texts)
    known = f"whether pods' routes pass {what} is not known; a route over such a session counts as perhaps"
    assert said == [known]
    assert is_doubtful


def test_a_filter_that_is_not_understood_is_counted_and_no_error():
    read = parse_resources((("f.yaml", FILTER.replace("Reject", "Later") % "10.0.0.0/8"),))
    assert [(skipped.kind, skipped.number) for skipped in read.skipped] == [("BGPFilter", 1)]
    assert read.bgp_filters == ()
