"""Every removal that the risks rank is what one gets by working the smaller network out anew, and none is forgotten."""

from itertools import combinations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.whatif.risks import Removal, reflectors_of, risks
from tests.property.routes.networks import networks


def worked_out_anew(network, removed):
    """(pairs lost, pairs doubtful) among those that remain."""
    before, after = reachability(network), reachability(network.without(nodes=removed))
    lost = doubtful = 0
    for learner in after.nodes:
        for origin in after.nodes:
            now, then = before.learns(learner, origin), after.learns(learner, origin)
            lost += now is Answer.YES and then is Answer.NO
            doubtful += (now, then) in {(Answer.YES, Answer.PERHAPS), (Answer.PERHAPS, Answer.NO)}
    return lost, doubtful


@given(networks(nodes=(2, 6), add_paths=st.sampled_from([True, True, True, False])), st.data())
@settings(max_examples=120, deadline=None)
def test_every_removal_is_as_if_worked_out_anew(network, data):
    names = [speaker.name for speaker in network.speakers]
    zone_of = {name: data.draw(st.sampled_from("abc")) for name in names}
    zones = {zone: [name for name in names if zone_of[name] == zone] for zone in "abc"}
    removals = {(Removal.NODE, (name,)) for name in names}
    removals |= {(Removal.REFLECTORS, pair) for pair in combinations(reflectors_of(network), 2)}
    removals |= {(Removal.ZONE, tuple(sorted(members))) for members in zones.values() if members}

    found = risks(network, zones)
    ranked = {(risk.removal, risk.nodes): (risk.lost, risk.doubtful) for risk in found.ranking}
    anew = {removal: worked_out_anew(network, removal[1]) for removal in removals}
    assert ranked == {removal: effect for removal, effect in anew.items() if effect != (0, 0)}
    assert sum(found.tried.values()) == len(removals)
    event("something hurts" if ranked else "nothing hurts")
