"""Every regular expression of the code takes time linear in its input, whatever that is.

What is read here comes from nodes, files and strangers. A regular expression that can try one character twice for each
character before it takes hours for a line of a megabyte.
"""

import re
from io import StringIO

import pytest
from textfsm import TextFSM

from calico_bgp._templates import template_text
from calico_bgp.messages.info.table import info_words
from tests.unit.linear_time.cost import assert_linear, repeated
from tests.unit.linear_time.regexes import Regex, all_regexes, imports_of_re
from tests.unit.linear_time.worst_inputs import MADE_OF, WORST, Worst

REGEXES = {regex.key: regex for regex in all_regexes()}
#: Their patterns come from a table of ours or from a template: see the tests below.
FROM_ELSEWHERE = {
    "messages.info.entry.InfoWords.fits",
    "messages.info.messages._pattern",
    "parse.grammar._simple_rules",
    "parse.pasted.lines.patterns.LinePattern.regex",
}
CASES = [(regex, worst) for key, regex in REGEXES.items() for worst in WORST.get(key, ())]


def test_no_regular_expression_is_missing():
    missing = REGEXES.keys() - WORST.keys() - FROM_ELSEWHERE
    assert not missing, f"no worst input in worst_inputs.py for {', '.join(sorted(missing))}"
    gone = (WORST.keys() | MADE_OF.keys()) - REGEXES.keys()
    assert not gone, f"worst_inputs.py names regular expressions that are gone: {', '.join(sorted(gone))}"
    assert all(WORST.values())


def test_every_use_of_re_is_seen():
    assert imports_of_re() == {}


@pytest.mark.parametrize(("regex", "worst"), CASES, ids=[f"{regex.key}-{worst}" for regex, worst in CASES])
def test_time_is_linear(regex: Regex, worst: Worst):
    pattern = regex.compiled(**MADE_OF.get(regex.key, {}))
    for method in regex.methods:
        assert_linear(lambda text, method=method: run(pattern, method, text), repeated(*worst))


def run(pattern: re.Pattern[str], method: str, text: str) -> None:
    match method:
        case "sub" | "subn":
            getattr(pattern, method)("", text)
        case "finditer":
            for _ in pattern.finditer(text):
                pass
        case _:
            getattr(pattern, method)(text)


ROWS = ("calicoctl_node_status.textfsm", "bird_show_protocols.textfsm")
ANSWERS = (
    "bird_show_protocols_all.textfsm",
    "bird_show_route.textfsm",
    "bird_show_status.textfsm",
    "ip_route.textfsm",
)
#: Rows, messages and answers, each nearly whole, and what they are made of.
LINES: list[Worst] = [
    (before, part, behind)
    for before in (
        "",
        "| 192.0.2.1 | ",
        "| 192.0.2.1 | global | ",
        "| 192.0.2.1 | global | up | ",
        "192.0.2.1 global ",
        "192.0.2.1 global up 00:00:00 ",
        "INFO: BIRDv4 process",
        "IPv4 BGP status ",
        "Error querying BIRD: ",
        "None of the BGP backend processes",
        "1002-",
        "Mesh_1 BGP master up ",
        "peer address",
        "BIRD ",
    )
    for part in (
        " ",
        "a",
        "a ",
        "| ",
        "|",
        ".",
        "-",
        "- ",
        "process is",
        " are runnin",
        "IPv4 BGP status",
        "calicoctl: ",
        "1-",
    )
    for behind in (" x|", "\x00")
]
#: Routes and details of protocols, likewise.
ROUTE_LINES: list[Worst] = [
    (before, part, "\x00")
    for before in (
        "",
        "1007-10.0.0.0/8 ",
        "10.0.0.0/8 via 1.1.1.1 on eth0 [",
        "10.0.0.0/8 via 1.1.1.1 on eth0 [a 1 from ",
        "10.0.0.0/8 via 1.1.1.1 on eth0 [a 1] (1",
        "1012- BGP.",
        "  Import updates: 1 ",
        "    Neighbor",
        " nexthop via 1.1.1.1 ",
    )
    for part in (" ", "1", "a", "a ", " 1", ".", "1 of ", "Aa ")
]
RULES = [
    (name, rule.regex, lines)
    for names, lines in ((ROWS, LINES), (ANSWERS, ROUTE_LINES))
    for name in names
    for rule in TextFSM(StringIO(template_text(name))).states["Start"]
]


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule[0].partition('.')[0]}-{n}" for n, rule in enumerate(RULES)])
def test_a_rule_of_a_template_is_linear(rule):
    pattern = re.compile(rule[1])
    for worst in rule[2]:
        assert_linear(pattern.match, repeated(*worst), full=40_000)


@pytest.mark.parametrize("pattern", [words.pattern for words in info_words() if words.pattern])
def test_a_pattern_of_the_table_of_texts_is_linear(pattern):
    compiled = re.compile(pattern, re.IGNORECASE)
    begins = [re.sub(r"\(\?.*|\\.*", "", pattern), ""]
    for before in begins:
        for part in ("a", " ", ": ", "1", "1.", "in x state", "x"):
            assert_linear(compiled.fullmatch, repeated(before, part, "\n"))


def test_the_measure_sees_what_is_quadratic():
    quadratic = re.compile(r"a*b")
    with pytest.raises(AssertionError, match="times what"):
        assert_linear(quadratic.search, repeated("", "a", ""))
