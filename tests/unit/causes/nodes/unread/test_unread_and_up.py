"""Two nodes that were not read: the two addresses of the mesh that nobody else has are theirs."""

from __future__ import annotations

import pytest

from calico_bgp.causes.nodes.unread_and_up import unread_and_up
from calico_bgp.model.reading import Stage
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Verdict
from tests.unit.auditing.tables import UP, gathered, read, table, told
from tests.unit.causes.asked import case_of
from tests.unit.causes.asked import told as told_of

DOWN = "Connect Socket: Operation timed out"
READ = {"node1": "192.0.2.1", "node2": "192.0.2.2"}


def report(*others, unread=("node3", "node4"), kind="node-to-node mesh"):
    """Two nodes of a mesh, and what both show of other addresses."""
    tables = {
        name: table(
            name,
            *(f"{far} {UP}" for far in READ.values() if far != own),
            *(f"{kind}= {other}" for other in others),
        )
        for name, own in READ.items()
    }
    return read(tables, addresses=READ, unread=unread)


def test_their_bgp_works():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}")
    assert told(made) == [("node-unreadable-only", ["node3", "node4"])]
    assert made.causes[0].confidence is Confidence.LIKELY
    assert made.verdict is Verdict.UNKNOWN, "what they show themselves nobody sees"


def test_one_that_is_down_may_be_either_ones():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {DOWN}")
    assert ("node-unreadable-only", ["node3", "node4"]) not in told(made)


def test_more_addresses_than_nodes_may_be_others():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}", f"192.0.2.5 {UP}")
    assert told(made) == []


def test_peers_outside_the_mesh_may_be_switches():
    made = report(f"192.0.2.3 {UP}", f"192.0.2.4 {UP}", kind="node specific")
    assert ("node-unreadable-only", ["node3", "node4"]) not in told(made)


def test_without_any_address_nothing_is_said():
    bare = {name: table(name) for name in READ}
    made = read(bare, addresses=READ, unread=("node3", "node4"))
    assert "node-unreadable-only" not in dict(told(made))


def failing(made, *failures):
    """The failures of the nodes that were not read, in their order, are these: (stage, hint)."""
    changed = [
        failure.model_copy(update={"stage": stage, "hint": hint})
        for failure, (stage, hint) in zip(made.failures, failures, strict=True)
    ]
    return made.model_copy(update={"failures": tuple(changed)})


def shown(*others, unread=("node3", "node4"), only_first=()):
    """The same as a snapshot; of `only_first` node1 alone has rows."""
    tables = {
        name: table(
            name,
            *(f"{far} {UP}" for far in READ.values() if far != own),
            *(other for other in others if name == "node1" or other not in only_first),
        )
        for name, own in READ.items()
    }
    return gathered(tables, addresses=READ, unread=unread)


BOTH_UP = (f"192.0.2.3 {UP}", f"192.0.2.4 {UP}")
SILENT, ANSWERED = (Stage.CONNECT, None), (Stage.COMMAND, None)


@pytest.mark.parametrize(
    ("failures", "so_far"),
    [
        ((ANSWERED, ANSWERED), "but"),
        # Nothing was heard of one of them: its host may have gone off within the hold time.
        ((SILENT, ANSWERED), "so far"),
        ((SILENT, SILENT), "so far"),
    ],
)
def test_one_of_which_nothing_was_heard_may_have_just_gone_off(failures, so_far):
    (candidate,) = unread_and_up(case_of(failing(shown(*BOTH_UP), *failures)))
    assert candidate.title.values["so_far"] == so_far
    assert ("less than four minutes ago" in candidate.explanation) is (so_far == "so far")
    assert candidate.title.values["told"] == ("192.0.2.3, 192.0.2.4, which must be theirs, are Established at 2 nodes")
    assert [line.partition(":")[0] for line in candidate.evidence] == ["node3", "node4"]


@pytest.mark.parametrize(
    ("hints", "summary"),
    [
        (("allow sudo",) * 3, "allow sudo"),
        (("allow sudo", "allow sudo", "start sshd"), "fix the ways to node3, node4, node5"),
        (("allow sudo", "start sshd", "allow sudo"), "fix the ways to node3, node4, node5"),
        ((None,) * 3, "fix the ways to node3, node4, node5"),
    ],
)
def test_what_helps_all_of_them_is_one_fix(hints, summary):
    made = shown(*BOTH_UP, f"192.0.2.5 {UP}", unread=("node3", "node4", "node5"))
    made = failing(made, *((Stage.COMMAND, hint) for hint in hints))
    (candidate,) = unread_and_up(case_of(made))
    assert [fix.summary for fix in candidate.fixes] == [summary]


def test_an_address_that_is_up_at_one_node_and_down_at_the_other_is_not_up():
    rows = {"node1": (f"192.0.2.2 {UP}", *BOTH_UP), "node2": (f"192.0.2.1 {UP}", BOTH_UP[0], f"192.0.2.4 {DOWN}")}
    made = gathered({name: table(name, *own) for name, own in rows.items()}, addresses=READ, unread=("node3", "node4"))
    assert list(unread_and_up(case_of(made))) == []


def test_by_how_many_nodes_they_are_shown():
    made = shown(*BOTH_UP, only_first=BOTH_UP)
    (candidate,) = unread_and_up(case_of(made))
    assert str(candidate.title.values["told"]).endswith("are Established at 1 node")


@pytest.mark.parametrize("families", [1, 2])
def test_of_each_family_there_are_as_many_addresses_as_nodes(families):
    """Over IPv6 there is one less than nodes: whose it is nobody knows."""
    ipv6 = {"node1": ["2001:db8::2"], "node2": ["2001:db8::1"]}
    tables = {
        name: table(
            name,
            *(f"{far} {UP}" for far in READ.values() if far != own),
            *BOTH_UP,
            ipv6=[f"{address} {UP}" for address in (*ipv6[name], "2001:db8::3")] if families == 2 else (),
        )
        for name, own in READ.items()
    }
    both = {name: f"{own} 2001:db8::{name[-1]}" if families == 2 else own for name, own in READ.items()}
    made = gathered(tables, addresses=both, unread=("node3", "node4"))
    assert told_of(unread_and_up(case_of(made))) == (
        [] if families == 2 else [("node-unreadable-only", ["node3", "node4"])]
    )


def test_of_one_node_alone_another_family_of_causes_tells():
    made = shown(f"192.0.2.3 {UP}", unread=("node3",))
    assert list(unread_and_up(case_of(made))) == []
