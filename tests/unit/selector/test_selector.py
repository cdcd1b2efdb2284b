"""Calico's selector language: what parses to what, what matches, and what an error says."""

from __future__ import annotations

import sys

import pytest

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import labels_of
from tests.selector_printer import print_selector

LABELS = {"rack": "r1", "has": "x", "in": "x", "zone/a.b-c_d": "z", "empty": "", "long": "prefix-middle-suffix"}


@pytest.mark.parametrize(
    ("text", "canonical", "matching"),
    [
        ("", "all()", True),
        (" \t ", "all()", True),
        ("all()", "all()", True),
        ("all( )", "all()", True),
        ("global()", "global()", True),
        ("has(rack)", "has(rack)", True),
        ("has( rack\t)", "has(rack)", True),
        ("has(other)", "has(other)", False),
        ("!has(other)", "!has(other)", True),
        ("! has(rack)", "!has(rack)", False),
        ("!!has(rack)", "has(rack)", True),
        ("!(!has(rack))", "!(!has(rack))", True),
        ("rack == 'r1'", "rack == 'r1'", True),
        ('rack=="r1"', "rack == 'r1'", True),
        ("rack == 'R1'", "rack == 'R1'", False),
        ("Rack == 'r1'", "Rack == 'r1'", False),
        ("rack != 'r1'", "rack != 'r1'", False),
        ("absent != 'r1'", "absent != 'r1'", True),
        ("absent == ''", "absent == ''", False),
        ("empty == ''", "empty == ''", True),
        ("rack in {'r2', 'r1'}", "rack in {'r1', 'r2'}", True),
        ("rack in {'r2','r2',}", "rack in {'r2'}", False),
        ("rack in {}", "rack in {}", False),
        ("rack not in {'r2'}", "rack not in {'r2'}", True),
        ("rack notin {'r1'}", "rack not in {'r1'}", False),
        ("rack not\tin {}", "rack not in {}", True),
        ("absent not in {'r1'}", "absent not in {'r1'}", True),
        ("absent in {'r1'}", "absent in {'r1'}", False),
        ("long contains 'mid'", "long contains 'mid'", True),
        ("long contains'q'", "long contains 'q'", False),
        ("long starts with 'prefix'", "long starts with 'prefix'", True),
        ("long startswith 'suffix'", "long starts with 'suffix'", False),
        ("long ends with 'suffix'", "long ends with 'suffix'", True),
        ("long endswith 'prefix'", "long ends with 'prefix'", False),
        ("absent contains ''", "absent contains ''", False),
        ("has == 'x'", "has == 'x'", True),
        ("in in {'x'}", "in in {'x'}", True),
        ("zone/a.b-c_d == 'z'", "zone/a.b-c_d == 'z'", True),
        ("rack == 'it\"s'", "rack == 'it\"s'", False),
        ('rack == "it\'s"', 'rack == "it\'s"', False),
        ("has(rack) || has(x) && has(y)", "has(rack) || has(x) && has(y)", True),
        ("(has(rack) || has(x)) && has(y)", "(has(rack) || has(x)) && has(y)", False),
        ("!has(x) && !has(y)", "!has(x) && !has(y)", True),
        ("!(has(x) && has(rack))", "!(has(x) && has(rack))", True),
        ("((has(rack)))", "has(rack)", True),
        ("has(a) && (has(b) && has(c))", "has(a) && (has(b) && has(c))", False),
        ("has(rack) || (has(b) || has(c))", "has(rack) || (has(b) || has(c))", True),
        ("(has(a) && has(b)) || has(rack)", "has(a) && has(b) || has(rack)", True),
    ],
)
def test_what_it_means(text, canonical, matching):
    selector = parse_selector(text)
    assert print_selector(selector) == canonical
    assert matches(selector, LABELS) is matching


@pytest.mark.parametrize(
    ("text", "column", "message", "expected"),
    [
        ("rack", 4, "a label alone is no test", "rack == 'value'"),
        ("rack && has(x)", 5, "a label alone is no test", "has(rack)"),
        ("rack == r1", 8, "a value must be in quotes", "'r1'"),
        ("rack = 'r1'", 5, "a single =", "`==`"),
        ("has(a) & has(b)", 7, "a single &", "`&&`"),
        ("has(a) | has(b)", 7, "a single |", "`||`"),
        ("'r1' == rack", 0, "a text cannot stand first", "the label first"),
        ("rack == zone", 8, "a value must be in quotes", "'zone'"),
        ("rack == 'r1", 8, "does not end", "a closing '"),
        ("rack == \"r1'", 8, "does not end", 'a closing "'),
        ("in ''", 3, "a label alone is no test", "an operator"),
        ("rack in 'r1'", 8, "followed by no set", "{'a', 'b'}"),
        ("rack in {'r1'", 13, "not closed", "`}`"),
        ("rack in {'r1' 'r2'}", 14, "not closed", "comma"),
        ("rack in {,}", 9, "not closed", "`}`"),
        ("rack in {r1}", 9, "a value must be in quotes", "'r1'"),
        ("has (rack)", 4, "a label alone is no test", ""),
        ("all ()", 4, "a label alone is no test", ""),
        ("has()", 4, "has() names no label", "has(rack)"),
        ("has(rack", 8, "has( is not closed", "`)`"),
        ("all(x)", 4, "all( is not closed", "`)`"),
        ("(has(a)", 0, "this `(` is not closed", "`)`"),
        ("has(a))", 6, "closes nothing", ""),
        ("has(a) has(b)", 7, "should end here", "&&, || or the end"),
        ("has(a) and has(b)", 7, "`and` is no operator", "`&&`"),
        ("has(a) and rack == 'b'", 7, "`and` is no operator", "`&&`"),
        ("has(a) OR rack == 'b'", 7, "`OR` is no operator", "`||`"),
        ("has(a) &&", 9, "ends too early", "a test"),
        ("!", 1, "ends too early", "a test"),
        ("()", 1, "cannot stand here", "a test"),
        ("has(a)\n&& has(b)", 6, "a line break cannot stand here", ""),
        ("rack\n== 'r1'", 4, "a line break cannot stand here", "on one line"),
        ("r\u00e4ck == 'x'", 1, "the character U+00E4 cannot stand here", "letters a-z"),
        ("rack\u00a0== 'x'", 4, "the character U+00A0 cannot stand here", "space and tab"),
        ("rack == \u2018r1\u2019", 8, "a curly quote", "a straight quote"),
        ("has(a) && %", 10, "the character `%` cannot stand here", ""),
        ("has(a) and !has(b)", 7, "`and` is no operator", "`&&`"),
        ("has(a) or (has(b))", 7, "`or` is no operator", "`||`"),
        ("not has(a)", 0, "`not` is no operator", "`!`"),
        ("not (has(a))", 0, "`not` is no operator", "`!`"),
        ("rack contains r1", 14, "a value must be in quotes", "'r1'"),
        ("rack != ||", 8, "`!=` is followed by no value", "in quotes"),
        ("rack not   in ('r1')", 14, "`not in` is followed by no set", "{'a', 'b'}"),
        ("rack in {'r1', ||", 15, "the set is not closed", "`}`"),
        ("a b", 2, "a label must be followed by an operator", "=="),
        ("rack starts 'x'", 5, "a label must be followed by an operator", "starts with"),
        ("a" * 513 + " == 'x'", 0, "a label of 513 characters", "at most 512"),
    ],
)
def test_what_an_error_says(text, column, message, expected):
    with pytest.raises(SelectorSyntaxError) as caught:
        parse_selector(text)
    assert (caught.value.column, message in caught.value.message) == (column, True)
    assert expected in (caught.value.expected or "")


def test_the_caret_stands_below_the_place():
    with pytest.raises(SelectorSyntaxError) as caught:
        parse_selector("rack == r1")
    assert str(caught.value) == ("selector: a value must be in quotes\n    rack == r1\n            ^\n  expected 'r1'")


def test_a_label_of_512_characters_is_legal():
    assert labels_of(parse_selector("a" * 512 + " == 'x'")) == {"a" * 512}


def test_the_labels_of_a_selector():
    assert labels_of(parse_selector("has(a) && (b == 'x' || !(c in {'y'})) || all()")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "has(a)" + ")" * 100_000,
        "!" * 100_000 + "has(a)",
        "!(" * 100_000 + "has(a)" + ")" * 100_000,
        "(has(a) && " * 50_000 + "has(b)" + ")" * 50_000,
        " || ".join(["has(a)"] * 100_000),
    ],
    ids=["parentheses", "nots", "nested nots", "nested ands", "flat"],
)
def test_no_depth_is_too_deep(text):
    selector = parse_selector(text)
    printed = print_selector(selector)
    again = parse_selector(printed)
    assert again == selector
    assert hash(again) == hash(selector)
    assert isinstance(matches(selector, {"a": ""}), bool)


@pytest.mark.parametrize("text", ["(" * 100_000, "!" * 100_000, "has(a) && " * 50_000, "((has(a)) " * 50_000])
def test_what_is_deep_and_wrong_is_an_error(text):
    with pytest.raises(SelectorSyntaxError):
        parse_selector(text)


def _work(text):
    """How many calls it takes to do everything with a selector."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        selector = parse_selector(text)
        print_selector(selector)
        matches(selector, {"a": ""})
        labels_of(selector)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("(", "has(a)", ")"),
        ("!", "has(a)", ""),
        ("!(", "has(a)", ")"),
        ("(has(a) && ", "has(a)", ")"),
        ("has(a) || ", "has(a)", ""),
        ("\t ", "has(a)", " \t"),
        ("has(a) || a in {'x'} && ", "has(a)", ""),
    ],
)
def test_work_grows_with_the_length(before, middle, after):
    once, four_times = (_work(before * depth + middle + after * depth) for depth in (1_000, 4_000))
    assert four_times < 4.1 * once
