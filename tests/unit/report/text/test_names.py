import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.names import SHORT, compress_names, short_names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["db"], "db"),
        (["node2", "node1"], "node1, node2"),
        ([f"node{i:02}" for i in range(1, 18)], "node[01-17]"),
        (["node01", "node02", "node03", "node07"], "node[01-03,07]"),
        (["node8", "node9", "node10"], "node[8-10]"),
        (["node07", "node7", "node8", "node9"], "node07, node[7-9]"),
        ([f"node{i}.dc1" for i in range(3)], "node[0-2].dc1"),
        (["dc1-n1", "dc1-n2", "dc1-n3", "edge"], "dc1-n[1-3], edge"),
        (["192.0.2.11", "192.0.2.12", "192.0.2.13"], "192.0.2.[11-13]"),
        (["node1", "node1"], "node1"),
        (["a\x1b[31m1", "a2"], "a1, a2"),
    ],
)
def test_compress(names, expected):
    assert compress_names(names) == expected


def test_a_limit_counts_names_not_entries():
    names = ["a", "b", *(f"node{i}" for i in range(100))]
    assert compress_names(names, limit=2) == "a, b and 100 more"
    assert compress_names(names, limit=3) == "a, b, node[0-99]"


def expand(text: str) -> list[str]:
    """The inverse, for names of letters and digits only."""
    import re

    result = []
    for entry in re.findall(r"[^, \[]+(?:\[[^\]]*\][^, ]*)?", text):
        before, bracket, rest = entry.partition("[")
        if not bracket:
            result.append(entry)
            continue
        ranges, _, after = rest.partition("]")
        for run in ranges.split(","):
            first, _, last = run.partition("-")
            width = len(first)
            result += [f"{before}{i:0{width}}{after}" for i in range(int(first), int(last or first) + 1)]
    return result


@given(st.lists(st.from_regex(r"[a-c]{1,2}(0?[0-9]|1[0-9])[a-c]?", fullmatch=True), unique=True, max_size=12))
def test_nothing_is_lost_and_nothing_is_added(names):
    assert sorted(expand(compress_names(names))) == sorted(names)


def test_natural_order():
    assert sorted(["n10", "n9", "n1", "m"], key=natural_key) == ["m", "n1", "n9", "n10"]


@given(st.lists(st.from_regex(r"[a-c]{0,2}[0-9]{0,4}[a-c]?[0-9]{0,2}", fullmatch=True), unique=True, max_size=8))
def test_natural_order_is_that_of_the_numbers(names):
    def by_number(name):
        return [(int(part or 0), part) if i % 2 else (0, part) for i, part in enumerate(re.split("([0-9]+)", name))]

    assert sorted(names, key=natural_key) == sorted(names, key=by_number)


def test_a_number_that_python_makes_no_int_of():
    long = "n1" + "0" * 5000
    assert sorted([long + "0", long, "n9"], key=natural_key) == ["n9", long, long + "0"]
    assert compress_names([long, "n9"]).startswith("n9, n1000")


def test_short_names_bound_what_a_limit_on_entries_does_not():
    odd = [f"node{number}" for number in range(1, 1200, 2)]
    assert short_names(odd) == "600 nodes such as node1, node3, node5"
    assert short_names(odd, most=None) == compress_names(odd)
    assert short_names(odd[:3]) == "node[1,3,5]"
    assert short_names(["x" * SHORT, "y" * SHORT]) == f"{'x' * SHORT}, {'y' * SHORT}"


def test_what_is_no_node_is_not_called_one():
    sessions = [f"node{number} <-> node{number + 7}" for number in range(1, 90, 7)]
    assert short_names(sessions, noun="session").startswith("13 sessions such as node1 <-> node8, ")
    addresses = [f"192.0.2.{number}" for number in range(1, 250, 2)]
    assert short_names(addresses, noun="address").startswith("125 addresses such as 192.0.2.1, ")
