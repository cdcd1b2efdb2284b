"""What the lab prints is what calicoctl and birdc print, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.lab.printing.go_table import WRAP_AT, Layout, _wrapped, format_table
from calico_bgp.lab.printing.protocols import FamilyTable
from calico_bgp.lab.printing.render import render_node_status, render_show_protocols
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.status.node import parse_node_status

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
#: Not the tables of a node: a refusal, and ssh's own failure.
NO_STATUS = {"nonroot/node1.stdout.txt", "link_down_t15/node3.stdout.txt"}
STATUSES = [
    path for path in sorted(CAPTURES.glob("v3.3?/*/*.stdout.txt")) if f"{path.parent.name}/{path.name}" not in NO_STATUS
]


@pytest.mark.parametrize("path", STATUSES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_parsed_capture_prints_as_it_was(path):
    text = path.read_bytes().decode()
    stderr = path.with_name(path.name.replace("stdout", "stderr"))
    errors = stderr.read_text() if stderr.exists() else ""
    status = parse_node_status(text + errors, source=path.name)
    printed = render_node_status(status, Layout(path.parts[-3]))
    if "\r\n" in text:  # a pseudo-terminal
        printed = printed._replace(stdout=printed.stdout.replace("\n", "\r\n"))
    assert printed.stdout == text
    assert printed.stderr == errors
    assert printed.exit_code == (1 if errors else 0)


def test_all_captures_are_there():
    assert len(STATUSES) > 100


@given(st.lists(st.text("abcdefgh.", min_size=1, max_size=40), min_size=1, max_size=12))
def test_wrapping_loses_nothing_and_fits(words):
    text = " ".join(words)
    lines = _wrapped(text)
    limit = max(WRAP_AT, *(len(word) for word in words))
    assert " ".join(lines) == text
    assert all(len(line) <= limit for line in lines)
    if len(text) <= WRAP_AT:
        assert lines == [text]


@given(
    st.lists(st.tuples(st.text("ab c1.", max_size=50), st.text("xyz 2", max_size=50)), min_size=1, max_size=5),
    st.sampled_from(list(Layout)),
)
def test_all_lines_of_a_table_are_equally_long(rows, layout):
    lines = format_table(("ONE", "TWO"), rows, layout).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_the_bare_socket_numbers_its_lines():
    text = render_show_protocols(FamilyTable(Family.IPV4, DaemonState.RUNNING, (), "12:00:00"), numbered=True)
    lines = text.splitlines()
    assert lines[0] == "0001 BIRD v0.3.3+birdv1.6.8 ready."
    assert lines[1].startswith("2002-name ")
    assert lines[2].startswith("1002-static1 ")
    assert lines[3].startswith(" kernel1 ")
    assert lines[-1] == "0000 "


@pytest.mark.parametrize("state", [DaemonState.NOT_RUNNING, DaemonState.UNREACHABLE])
def test_nothing_answers_without_a_socket(state):
    assert render_show_protocols(FamilyTable(Family.IPV4, state)) == ""
