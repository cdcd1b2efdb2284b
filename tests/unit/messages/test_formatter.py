"""Templates and their values as sentences, and one sentence for several."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from calico_bgp.messages.formatter import fill_in, outline, parts_of, render
from calico_bgp.messages.merging import likeness, merged, names_of, sets_of_names
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import ClusterSubject


def message(template, **values):
    return Message(template, tuple(values.items()))


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x}", "node1", "node1"),
        ("{x}", None, ""),
        ("{x}", 1234, "1234"),
        ("{x:,}", 1234, "1,234"),
        ("{x}", ("a", "b"), "a, b"),
        ("{x}", tuple("abcdefg"), "a, b, c, d, e and 2 more"),
        ("{x:all}", tuple("abcdefg"), "a, b, c, d, e, f, g"),
        ("{x:and}", ("a",), "a"),
        ("{x:and}", ("a", "b", "c"), "a, b and c"),
        ("{x:or}", ("a", "b"), "a or b"),
        ("{x:and}", (), ""),
        ("{x:and}", "IPv4", "IPv4"),
        ("{x:same}", "Bad peer AS", "Bad peer AS"),
        ("{x:count node}", 1, "1 node"),
        ("{x:count node}", 0, "0 nodes"),
        ("{x:count address}", 3, "3 addresses"),
        ("{x:count node}", ("a", "b"), "2 nodes"),
        ("{x:every node}", 1, "the one node"),
        ("{x:every node}", 2, "both nodes"),
        ("{x:every address}", 1200, "all 1,200 addresses"),
        ("{x:every its peer}", 1, "its one peer"),
        ("{x:every its peer}", 2, "both its peers"),
        ("{x:every its peer}", 3, "all its 3 peers"),
        ("{x:every} are down", 2, "both are down"),
        ("{x:every} are down", 3, "all 3 are down"),
        ("{x:has|have}", 1, "has"),
        ("{x:has|have}", 2, "have"),
        ("{x:has|have}", ("a",), "has"),
        ("{x:has|have}", ("a", "b"), "have"),
        ("{x:has|have}", "a", "has"),
        ("{x:expects its|expect their}", ("a", "b"), "expect their"),
        ("{x!r}", "a\x1bb", r"'a\x1bb'"),
        ("{x}", "{y} %s {0}", "{y} %s {0}"),
        ('{{"spec": {x}}}', "1", '{"spec": 1}'),
    ],
)
def test_forms(template, value, text):
    assert render(message(template, x=value)) == text


def test_a_message_within_a_message():
    why = message("{near} ended it", near="a")
    assert render(message("{near} and {far}: {why}", near="a", far="b", why=why)) == "a and b: a ended it"


def test_a_value_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        fill_in("{x} and {y}", {"x": "a"})


def test_a_template_is_read_in_one_pass():
    assert len(parts_of("{x} " * 10_000)) == 10_001


def test_json_gives_the_same_message_back():
    adapter = TypeAdapter(Message)
    said = message("{a} {b} {c} {d}", a="x", b=3, c=("y", "z"), d=message("{e}", e=None))
    text = adapter.dump_json(said)
    assert text == (
        b'{"template":"{a} {b} {c} {d}","values":{"a":"x","b":3,"c":["y","z"],"d":{"template":"{e}",'
        b'"values":{"e":null}}}}'
    )
    assert adapter.validate_json(text) == said


def test_an_outline_names_the_places():
    assert outline("{nodes:count node} {nodes:has|have} {x!r}, {y:same}") == "{nodes} nodes have {x}, {y}"
    assert outline("{node} {node:has|have}") == "{node} has"


# Likeness


def test_messages_that_differ_in_values_are_alike():
    assert likeness(message("{x}: {n}", x="a", n=1)) == likeness(message("{x}: {n}", x="b", n=7))


@pytest.mark.parametrize(
    "other",
    [
        message("{x} is {y:same}!", x="a", y="up"),
        message("{x} is {y:same}", x="a", y="down"),
        message("{x} is {y:same}", x="up", y="down"),
    ],
)
def test_another_template_or_a_fixed_value_tells_them_apart(other):
    assert likeness(message("{x} is {y:same}", x="a", y="up")) != likeness(other)


def test_which_values_are_equal_counts():
    def ended(who):
        return message("{near} and {far}: {why}", near="a", far="b", why=message("{who} ended it", who=who))

    assert likeness(ended("a")) != likeness(ended("b"))


def test_a_piece_that_is_missing_tells_them_apart():
    assert likeness(message("{x}{y}", x="a", y=None)) != likeness(message("{x}{y}", x="a", y=message("!")))


# Merging


def shorten(names):
    return "/".join(sorted(names))


def test_what_differs_becomes_a_list_and_verbs_follow():
    said = [message("{x} {x:says|say} AS {n} of {y}", x=x, n=n, y="n1") for x, n in (("p1", "65001"), ("p2", "65100"))]
    assert merged(said, shorten) == "p1/p2 say AS 65001/65100 of n1"


def test_numbers_are_a_range_and_families_a_pair():
    said = [message("{n:count peer} over {f:and}", n=n, f=f) for n, f in ((7, "IPv6"), (1, "IPv4"))]
    assert merged(said, shorten) == "1-7 peers over IPv4 and IPv6"


def test_lists_are_put_together():
    said = [message("{x} {x:has|have}", x=x) for x in (("a",), ("b", "c"), ("a", "c"))]
    assert merged(said, shorten) == "a/b/c have"


def test_messages_within_are_merged_too():
    said = [message("{x}: {why}", x=x, why=message("{x} ended it", x=x)) for x in "ab"]
    assert merged(said, shorten) == "a/b: a/b ended it"


def test_equal_messages_stay_as_they_are():
    said = message("{x} {x:has|have}", x=("a", "b", "c"))
    assert merged([said, said], shorten) == "a, b, c have"


def test_the_names_that_a_finding_says():
    said = message("{near} and {others}: {why}", near="a", others=("b", "c"), why=message("{who}", who="d"))
    finding = Finding(
        id="1", rule="r", severity=Severity.ERROR, subject=ClusterSubject(), message=render(said), said=said
    )
    assert names_of(finding) == {"a", "b", "c", "d"}
    assert names_of(replace(finding, said=None)) == frozenset()


def test_the_names_of_each_place():
    said = [message("{near} {far} {n} {why}", near="a", far=x, n=1, why=message("{x}", x=x)) for x in "bc"]
    assert list(sets_of_names(said)) == [{"a"}, {"b", "c"}, set(), {"b", "c"}]
