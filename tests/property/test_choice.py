"""Laws of the choice of causes: the fewest that explain all, what is certain first, always the same."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.choice import choose
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject

findings = st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=5)


@st.composite
def some_candidates(draw, confidences=tuple(Confidence), most=9):
    made = draw(st.lists(st.tuples(findings, st.sampled_from(confidences)), max_size=most))
    return [
        Candidate(
            kind="kind",
            subjects=(NodeSubject(node=f"node{number}"),),
            title=Words("x"),
            explanation="",
            confidence=confidence,
            explains=explains,
        )
        for number, (explains, confidence) in enumerate(made)
    ]


def explained(candidates):
    return frozenset().union(*(candidate.explains for candidate in candidates))


@given(some_candidates())
def test_all_is_explained_that_can_be(candidates):
    assert explained(choose(candidates)) == explained(candidates)


@given(some_candidates(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_changes_nothing(candidates, random):
    shuffled = random.sample(candidates, len(candidates))
    assert choose(shuffled) == choose(candidates)


@given(some_candidates(confidences=(Confidence.LIKELY, Confidence.POSSIBLE)))
def test_no_fewer_would_do(candidates):
    chosen = choose(candidates)
    for size in range(len(chosen)):
        assert not any(explained(some) == explained(candidates) for some in combinations(candidates, size))


@given(some_candidates(confidences=(Confidence.LIKELY, Confidence.POSSIBLE)))
def test_of_equally_few_none_is_surer(candidates):
    def doubt(some):
        return sum(candidate.confidence.rank for candidate in some)

    chosen = choose(candidates)
    rivals = (s for s in combinations(candidates, len(chosen)) if explained(s) == explained(candidates))
    assert all(doubt(chosen) <= doubt(rival) for rival in rivals)


@given(some_candidates())
def test_no_guess_takes_the_place_of_what_is_certain(candidates):
    certain = [candidate for candidate in candidates if candidate.confidence is Confidence.CERTAIN]
    chosen = choose(candidates)
    assert [candidate for candidate in chosen if candidate in certain] == choose(certain)
    settled = explained(certain)
    assert all(candidate.explains - settled for candidate in chosen if candidate not in certain)


@given(some_candidates(most=40))
def test_many_are_explained_as_well(candidates):
    """More candidates than are tried in every combination: greedily, but none is left out and none is in vain."""
    chosen = choose(candidates)
    assert explained(chosen) == explained(candidates)
    assert len(set(map(str, (candidate.subjects for candidate in chosen)))) == len(chosen)
