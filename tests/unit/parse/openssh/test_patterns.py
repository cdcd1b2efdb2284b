"""OpenSSH's patterns: a law against a plain definition, and the time that the worst of them take."""

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.parse.openssh.patterns import matches_patterns


@cache
def by_definition(name: str, pattern: str) -> bool:
    """match.c, match_pattern, character by character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return by_definition(name, pattern[1:]) or (bool(name) and by_definition(name[1:], pattern))
    return bool(name) and pattern[0] in ("?", name[0]) and by_definition(name[1:], pattern[1:])


@given(st.text("ab.", max_size=8), st.text("ab.*?", max_size=8))
def test_it_is_what_the_definition_says(name, pattern):
    assert matches_patterns(name, [pattern]) is by_definition(name, pattern)


@given(
    st.text("ab", max_size=6), st.lists(st.text("ab*?", max_size=4).flatmap(lambda p: st.sampled_from([p, "!" + p])))
)
def test_a_negated_pattern_excludes(name, patterns):
    refused = any(by_definition(name, p[1:]) for p in patterns if p.startswith("!"))
    taken = any(by_definition(name, p) for p in patterns if not p.startswith("!"))
    assert matches_patterns(name, patterns) is (taken and not refused)


@pytest.mark.parametrize(
    "pattern",
    ["*?" * 300 + "X", "*a" * 400 + "X", "*a?" * 200 + "X", "?" * 500 + "*" + "a" * 500 + "X", "*?" * 100_000 + "X"],
)
def test_hostile_patterns_cost_nothing(pattern):
    name = "a" * 1000
    began = time.process_time()
    assert not matches_patterns(name, [pattern])
    assert time.process_time() - began < 0.1


def test_a_name_longer_than_any_host_has():
    assert matches_patterns("a" * 200_000, ["*"])
    assert not matches_patterns("a" * 200_000, ["a*"])
