from calico_bgp.report.routes.pair_lines import pair_blocks
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from tests.hand_made_networks import mesh, network, reflected, session, switch


def words(net, answer=Answer.NO, **options):
    return [block.words(answer) for block in pair_blocks(reachability(net), answer, **options)]


def test_two_groups_that_lost_each_other_are_one_line():
    net = network("abcdef", [*mesh("abc").sessions, *mesh("def").sessions])
    assert words(net) == ["a, b, c and d, e, f do not learn each other's routes"]


def test_nodes_that_lost_one_another():
    assert words(reflected({"r1": ""}, joined=True)) == []
    net = network(["r1", "c1", "c2", "c3"], [session(c, "r1") for c in ("c1", "c2", "c3")])
    assert words(net) == ["c[1-3] do not learn each other's routes"]


def test_every_pair_is_in_exactly_one_block():
    net = reflected({"r1": "c1 c2 c3", "r2": "c3 c4", "r3": "c5"})
    reach = reachability(net)
    told = []
    for block in pair_blocks(reach, Answer.NO):
        pairs = [(a, b) for a in block.learners for b in block.origins if a != b]
        told += pairs + ([(b, a) for a, b in pairs] if block.mutual else [])
    assert sorted(told) == sorted(reach.pairs(Answer.NO))


def test_one_way_only():
    # Of two reflectors with one cluster ID, r1 takes r2 for its client and drops what r2 reflects; r2 takes r1's in.
    sessions = [session("r1", "a", cluster="x"), session("r2", "b", cluster="x"), session("r1", "r2", cluster="x")]
    assert words(network(["a", "b", "r1", "r2"], sessions)) == [
        "a, r1 do not learn the routes of b",
        "b does not learn the routes of a",
    ]


def test_perhaps():
    net = network("ab", [], externals=(switch("a"), switch("b")))
    assert words(net) == []
    assert words(net, Answer.PERHAPS) == ["a, b perhaps learn each other's routes"]


def test_an_example_is_a_pair_of_the_block():
    reach = reachability(mesh("abc", cut=[("a", "b")]))
    for block in pair_blocks(reach, Answer.NO):
        learner, origin = block.example
        assert learner != origin
        assert reach.learns(learner, origin) is Answer.NO


def test_nodes_that_are_told_elsewhere_are_left_out():
    net = network("abcd", mesh("abc", cut=[("a", "b")]).sessions)
    assert words(net, leave_out=["d"]) == ["a, b do not learn each other's routes"]
