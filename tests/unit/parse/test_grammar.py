"""The fast path: both templates are simple enough for it, and others go to stock textfsm."""

from __future__ import annotations

import pytest

from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.grammar import Grammar, grammar
from calico_bgp.parse.pasted.hosts.prompt import read_command_line

CELLS = ("ADDRESS", "PEER_TYPE", "STATE", "SINCE", "INFO")


@pytest.mark.parametrize("name", ["calicoctl_node_status.textfsm", "bird_show_protocols.textfsm"])
def test_our_templates_are_simple(name):
    assert grammar(name).is_fast


def test_the_row_is_the_first_rule():
    assert grammar("calicoctl_node_status.textfsm").first_rule(CELLS) is not None
    assert grammar("calicoctl_node_status.textfsm").first_rule(CELLS[:4]) is None


@pytest.mark.parametrize(
    "template",
    [
        "Value Filldown A (\\w+)\n\nStart\n  ^${A}$$ -> Record\n",
        "Value A (\\w+)\n\nStart\n  ^${A}$$ -> Record Other\n\nOther\n  ^${A}$$ -> Record\n",
        "Value A (\\w+)\n\nStart\n  ^${A} -> Continue\n  ^\\w+$$ -> Record\n",
        "Value A (\\w+)\n\nStart\n  ^${A}$$\n",
        "Value A (\\w+)\n\nStart\n  ^${A}(x)?$$ -> Record\n",
    ],
    ids=["option", "two states", "continue", "captures without record", "unnamed group"],
)
def test_other_templates_are_left_to_textfsm(template):
    other = Grammar(template)
    assert not other.is_fast
    assert other.first_rule(("A",)) is None
    assert other.read("hello") == other.read_with_textfsm("hello") == {"A": "hello"}


def test_lines():
    assert split_lines("a\nb\r\nc\rd\r\r\ne\u2028f\x0bg") == ["a", "b", "c", "d", "e\u2028f\x0bg"]


@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        ("plain  ", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("[1;32mup[0m", "up"),
        ("[root@node1 ~]#", "[root@node1 ~]#"),
        ("a\tb\u00a0c", "a b c"),
        ("a\x00b\x07\u202ec\u200b", "abc"),
        ("\ud800", "\ufffd"),
        ("│ a ║", "| a |"),
        ("├──┼──┤", "+--+--+"),
    ],
)
def test_clean_line(line, cleaned):
    assert clean_line(line) == cleaned


@pytest.mark.parametrize(
    "line",
    [
        "",
        "calicoctl get nodes",
        "we ran calicoctl node status",
        "root@node1:~# ls",
        "root@a:~# calicoctl node status" + "x" * 400,
    ],
)
def test_no_command_line(line):
    assert read_command_line(line) is None
