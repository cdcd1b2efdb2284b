"""Which `Host` lines are tried for a name: all that match it, and few others however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.parse.openssh.host_index import HostIndex
from calico_bgp.parse.openssh.patterns import matches_patterns

_PATTERN = st.text("ab.*?", max_size=5).flatmap(lambda pattern: st.sampled_from([pattern, f"!{pattern}"]))
_LINE = st.one_of(st.none(), st.lists(_PATTERN, max_size=3))


@given(st.text("ab.", max_size=6), st.lists(_LINE, max_size=6))
def test_every_line_that_matches_is_a_candidate_and_they_are_in_order(name, lines):
    candidates = HostIndex(lines).candidates(name)
    matching = [n for n, patterns in enumerate(lines) if patterns is None or matches_patterns(name, patterns)]
    assert set(matching) <= set(candidates)
    assert candidates == sorted(set(candidates))


def test_of_many_lines_few_are_tried():
    zones = [[f"*.zone{number}", f"host-{number}-*", f"alias{number}", f"rack?{number}"] for number in range(2_000)]
    index = HostIndex([["*"], *zones])
    assert index.candidates("node1.zone7") == [0, 8]
    assert index.candidates("alias1999") == [0, 2000]
    assert index.candidates("host-31-a") == [0, 32]
    # All of these begin alike: whether `rack?N` matches is for patterns.py to say.
    assert len(index.candidates("rack-5")) == 2_001
    assert index.candidates("elsewhere") == [0]
