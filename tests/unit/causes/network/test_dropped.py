"""A node's BGP port whose packets vanish: which direction, how sure, and what of it is told."""

from __future__ import annotations

import pytest

from calico_bgp.causes.network.firewalls import dropped
from calico_bgp.model.reports.cause import Confidence
from tests.unit.causes.asked import begun, case_of, pairs
from tests.unit.causes.several.two_things import (
    HELD,
    MESH,
    TIMED_OUT,
    UNREACHABLE,
    WAITS,
    both,
    mesh,
    one_way,
    read_at_bgp_addresses,
    with_resources,
)

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


def found(made):
    return list(dropped(case_of(made)))


def dialled_in_vain(name, *others, info=HELD):
    """The others dial the node and hear nothing; what it dials itself is up."""
    return {(other, name): info for other in others} | {(name, other): WAITS for other in others}


@pytest.mark.parametrize(
    ("info", "resources", "confidence", "asks_kernel"),
    [
        # The sessions stood once: no password can be why.
        (HELD, False, LIKELY, False),
        (HELD, True, LIKELY, False),
        # They never stood: by the tables alone it may be a password, of which the kernel's log tells.
        (TIMED_OUT, False, POSSIBLE, True),
        (TIMED_OUT, True, LIKELY, False),
        # Nobody says any error.
        ("Active", False, POSSIBLE, True),
        ("Active", True, POSSIBLE, False),
    ],
)
def test_how_sure_it_is(info, resources, confidence, asks_kernel):
    made = mesh(5, dialled_in_vain("n3", "n4", "n5", info=info))
    (candidate,) = found(with_resources(made, *MESH.nodes) if resources else made)
    assert candidate.confidence is confidence
    assert [str(subject) for subject in candidate.subjects] == ["n3"]
    assert pairs(candidate.keys) == {("n3", "n4"), ("n3", "n5")}
    assert len(candidate.decide) == (3 if asks_kernel else 2)


@pytest.mark.parametrize(
    ("said", "key", "summary", "asked"),
    [
        # They are dialled in vain from outside: a peer asks for the port of the node.
        (dialled_in_vain("n3", "n4", "n5"), "to", "to n3 from every peer", ("n4", "nc -vz -w 3 192.0.2.3 179")),
        # It dials in vain: the node asks for the port of a peer.
        (one_way("n3", "n1", "n2", info=HELD), "from", "from n3 to every peer", ("n3", "nc -vz -w 3 192.0.2.1 179")),
    ],
)
def test_the_direction(said, key, summary, asked):
    (candidate,) = found(mesh(5, said))
    assert candidate.title.key == key
    assert summary in candidate.fixes[0].summary
    assert (candidate.decide[1].on, candidate.decide[1].command.rpartition(": ")[2]) == asked


@pytest.mark.parametrize(
    "said",
    [
        # One session only.
        dialled_in_vain("n3", "n4"),
        # One of those that it dials is silent as well, and one of those in which it is dialled is up.
        dialled_in_vain("n3", "n4", "n5") | one_way("n3", "n1", info=HELD),
        # Of those that others dial two are silent and one is up: no firewall lets one through.
        dialled_in_vain("n2", "n4", "n5") | {("n2", "n3"): "Established"},
        # Of those that it dials itself likewise.
        one_way("n3", "n1", info=HELD) | one_way("n4", "n1", "n2", info=HELD),
        # The kernel says that there is no way: the network is cut.
        dialled_in_vain("n3", "n4", "n5", "n6", info=UNREACHABLE),
    ],
)
def test_what_is_no_firewall_of_the_node(said):
    assert [one for one in found(mesh(6, said)) if one.subjects[0].node in ("n2", "n3", "n4")] == []


OTHERS = ("n1", "n2", "n4", "n5")


@pytest.mark.parametrize(
    ("info", "at_bgp_address", "confidence"),
    [
        # SSH reaches the address that BGP does not: the network is not cut, and yet it may be all that goes there.
        (HELD, True, POSSIBLE),
        # Read over another network nobody knows; host-network-cut tells of it.
        (HELD, False, None),
        # Without any error it never stood, and nobody may have the peer.
        ("Active", True, None),
    ],
)
def test_a_node_that_reaches_nobody(info, at_bgp_address, confidence):
    made = mesh(5, both("n3", *OTHERS, info=info))
    found_here = found(read_at_bgp_addresses(made) if at_bgp_address else made)
    assert [(one.confidence, one.title.key) for one in found_here] == ([(confidence, "to")] if confidence else [])


def test_that_the_node_has_no_session_is_explained_beside_one_with_a_fault_of_its_own():
    """n5 has another AS number than all others think, so that nobody has a session with it."""
    of_n5 = {
        pair: "Idle BGP Error: Bad peer AS"
        for far in ("n1", "n2", "n3", "n4", "n6")
        for pair in (("n5", far), (far, "n5"))
    }
    case = case_of(read_at_bgp_addresses(mesh(6, both("n3", "n1", "n2", "n4", "n6"), of_n5)))
    isolated = case.of_node("n3", "isolated-node")
    assert isolated
    (candidate,) = dropped(case)
    assert ("n3", "n5") not in pairs(candidate.keys)
    assert isolated <= candidate.explains


def test_what_the_node_says_of_another_fault_stays_open():
    """Over IPv4 it has no session: three are dialled in vain, and two far ends have another AS number."""
    bad_as = {pair: "Idle BGP Error: Bad peer AS" for far in ("n1", "n2") for pair in (("n3", far), (far, "n3"))}
    made = mesh(5, dialled_in_vain("n3", "n4", "n5") | bad_as, ipv6=dialled_in_vain("n3", "n4", "n5"))
    case = case_of(made)
    isolated = case.of_node("n3", "isolated-node")
    assert isolated
    (candidate,) = dropped(case)
    assert len(candidate.keys) == 4
    assert candidate.explains.isdisjoint(isolated)


def test_a_node_that_was_not_read_says_not_what_it_dials():
    assert found(mesh(5, {(far, "n3"): HELD for far in ("n4", "n5")}, unread=["n3"])) == []


@pytest.mark.parametrize(("ipv6", "words"), [(None, ""), ({}, " over IPv4")])
def test_the_family_is_named_where_the_cluster_has_both(ipv6, words):
    (candidate,) = found(mesh(5, dialled_in_vain("n3", "n4", "n5"), ipv6=ipv6))
    assert candidate.title.values["family"] == words


@pytest.mark.parametrize(("since", "is_told"), [("11:59:30", False), ("09:01:02", True)])
def test_what_began_a_moment_ago_may_still_come_up(since, is_told):
    """No end says an error, and the resources rule a password out."""
    made = begun(mesh(5, dialled_in_vain("n3", "n4", "n5", info="Active")), since)
    assert bool(found(with_resources(made, *MESH.nodes))) is is_told
    # Those that say an error are no beginners.
    made = begun(mesh(5, dialled_in_vain("n3", "n4", "n5")), since)
    assert len(found(with_resources(made, *MESH.nodes))) == 1
