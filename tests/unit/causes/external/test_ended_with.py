"""What a switch said last is told in its words; that it is shut down is no peer that somebody disabled in a BIRD."""

from __future__ import annotations

import pytest

from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import GLOBAL, UP, cluster, commands, node, pasted, table, told

SWITCH = "198.51.100.1"
NODES = {1: "192.0.2.1", 2: "192.0.2.2", 3: "192.0.2.3"}
RESOURCES = cluster(
    *(node(f"node{number}", address) for number, address in NODES.items()),
    BGPPeer(name="tor", peer_ip=SWITCH, as_number=65001),
)


def report(said, *numbers, others=UP, resources=RESOURCES):
    """A mesh of three nodes and their switch, of which these nodes show this, and the others that."""
    tables = (
        table(
            f"node{own}",
            *(f"{address} {UP}" for number, address in NODES.items() if number != own),
            f"{GLOBAL}= {SWITCH} {said if own in numbers else others}",
        )
        for own in NODES
    )
    return pasted(*tables, resources=resources)


@pytest.mark.parametrize("resources", [RESOURCES, None])
def test_a_switch_that_is_shut_down_is_no_node_whose_peers_are_disabled(resources):
    made = report("Active Received: Administrative shutdown", 1, 2, 3, resources=resources)
    assert told(made) == [("external-peer-down", [SWITCH])]
    assert "it shut the sessions down on purpose" in made.causes[0].title
    assert commands(made) == []


@pytest.mark.parametrize(
    ("said", "story"),
    [
        ("Active Received: Maximum number of prefixes reached", "it ended the sessions with Maximum number of"),
        ("Idle BGP Error: Required capability missing", "the nodes ended the sessions with Required capability"),
        # An end that waits keeps what was said long ago.
        ("Passive Received: Administrative reset", "it does not answer"),
        ("Active BGP Error: Hold timer expired", "it does not answer"),
    ],
)
def test_the_last_word_is_told(said, story):
    assert story in report(said, 1, 2, 3).causes[0].title


def test_what_it_said_to_some_is_not_said_of_all():
    made = report("Active Received: Out of Resources", 1, others="Active Socket: Connection timed out")
    assert "it ended 1 of the 3 sessions with Out of Resources" in made.causes[0].title


def test_some_sessions_that_it_ended_have_its_word():
    made = report("Active Received: Connection collision resolution", 2, 3)
    assert [cause.kind for cause in made.causes] == ["external-session-down"]
    assert "another speaker on these nodes, such as MetalLB" in made.causes[0].title
    assert "nothing comes back" not in made.causes[0].title


def test_an_error_that_is_not_known_is_told_as_well():
    made = report("Active Received: Out of Resources", 3)
    assert "with Out of Resources" in made.causes[0].title


def test_a_node_out_of_sight_that_was_shut_down_in_order_is_named():
    tables = (
        table(
            f"node{own}",
            *(f"{address} {UP}" for number, address in NODES.items() if number != own),
            "192.0.2.4 Passive Received: Administrative shutdown",
        )
        for own in NODES
    )
    made = pasted(*tables)
    assert told(made) == [("node-down", ["192.0.2.4"])]
