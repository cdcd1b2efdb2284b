"""BIRD that does not run, or whose socket is gone, and Felix: what the node says, what its peers say, and the cost."""

from __future__ import annotations

import pytest

from calico_bgp.causes.nodes.daemons import bird_down, socket_gone
from calico_bgp.causes.nodes.felix import felix_down
from calico_bgp.causes.nodes.hanging import bird_hangs
from calico_bgp.model.reading import Silent, Stage
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, gathered, table
from tests.unit.causes.asked import case_of, pairs, told
from tests.unit.causes.several.two_things import (
    HANGS,
    HELD,
    NO_FELIX,
    NO_SOCKET,
    REFUSED,
    mesh,
    nodes,
    printing,
    with_resources,
)

BIRD_IS_DEAD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"
BIRD6_IS_DEAD = (
    "Calico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n\n"
    "INFO: BIRDv6 process: 'bird6' is not running.\n"
)


def rules(case, candidate):
    return {finding.rule for finding in case.findings if finding.id in candidate.explains}


def to(name, *others, info=REFUSED):
    """What the others say of a node."""
    return {(other, name): info for other in others}


def without_owner(*addresses, dead=("n3", "n4"), text=BIRD_IS_DEAD, ipv6=()):
    """n1 and n2 have each other and are refused at these addresses; on others, of unknown address, no BIRD runs."""
    tables = {
        f"n{n}": table(
            f"n{n}",
            f"192.0.2.{3 - n} {UP}",
            *(f"{address} {REFUSED}" for address in addresses),
            ipv6=[f"2001:db8::{3 - n} {UP}", *(f"{address} {REFUSED}" for address in ipv6)] if ipv6 else (),
        )
        for n in (1, 2)
    }
    tables |= {name: table(name) for name in dead}
    own = {f"n{n}": f"192.0.2.{n} 2001:db8::{n}" if ipv6 else f"192.0.2.{n}" for n in (1, 2)}
    return case_of(printing(gathered(tables, addresses=own), **dict.fromkeys(dead, text)))


def test_the_node_itself_says_that_no_bird_runs():
    case = case_of(printing(mesh(4, to("n3", "n1", "n2", "n4")), n3=BIRD_IS_DEAD))
    (candidate,) = bird_down(case)
    assert told([candidate]) == [("bird-down", ["n3"])]
    assert candidate.confidence is Confidence.CERTAIN
    assert candidate.title.values["family"] == ""
    assert pairs(candidate.keys) == {("n1", "n3"), ("n2", "n3"), ("n3", "n4")}
    assert candidate.costs is None


def test_addresses_that_are_nobody_s_else_are_shared_among_the_dead():
    """There are two of each: the sessions of an address are counted once, and both stand in the evidence of both."""
    case = without_owner("192.0.2.3", "192.0.2.4")
    one, other = bird_down(case)
    assert told([one, other]) == [("bird-down", ["n3"]), ("bird-down", ["n4"])]
    assert (pairs(one.keys), pairs(other.keys)) == (
        {("192.0.2.3", "n1"), ("192.0.2.3", "n2")},
        {("192.0.2.4", "n1"), ("192.0.2.4", "n2")},
    )
    for candidate in (one, other):
        assert candidate.costs is None
        assert [line.partition(",")[0] for line in candidate.evidence[-2:]] == ["192.0.2.3", "192.0.2.4"]
        assert "mesh-peer-down" in rules(case, candidate)


BIRD4_IS_DEAD = (
    "Calico process is running.\n\nINFO: BIRDv4 process: 'bird' is not running.\n\n"
    "IPv6 BGP status\nNo IPv6 peers found.\n"
)


def test_those_of_the_other_family_share_nothing():
    """On n3 and n5 no BIRD for IPv4 runs, on n4 and n6 none for IPv6; two addresses of each are nobody's."""
    tables = {
        f"n{n}": table(
            f"n{n}",
            f"192.0.2.{3 - n} {UP}",
            *(f"192.0.2.{far} {REFUSED}" for far in (3, 5)),
            ipv6=[f"2001:db8::{3 - n} {UP}", *(f"2001:db8::{far} {REFUSED}" for far in (4, 6))],
        )
        for n in (1, 2)
    }
    texts = {"n3": BIRD4_IS_DEAD, "n4": BIRD6_IS_DEAD, "n5": BIRD4_IS_DEAD, "n6": BIRD6_IS_DEAD}
    tables |= {name: table(name) for name in texts}
    own = {f"n{n}": f"192.0.2.{n} 2001:db8::{n}" for n in (1, 2)}
    own |= {"n3": "2001:db8::3", "n5": "2001:db8::5", "n4": "192.0.2.4", "n6": "192.0.2.6"}
    candidates = list(bird_down(case_of(printing(gathered(tables, addresses=own), **texts))))
    found = {str(one.subjects[0]): {name for pair in pairs(one.keys) for name in pair} for one in candidates}
    assert found == {
        "n3 (IPv4)": {"192.0.2.3", "n1", "n2"},
        "n5 (IPv4)": {"192.0.2.5", "n1", "n2"},
        "n4 (IPv6)": {"2001:db8::4", "n1", "n2"},
        "n6 (IPv6)": {"2001:db8::6", "n1", "n2"},
    }


def test_where_there_is_one_address_the_other_node_costs_nothing_that_is_known():
    one, other = bird_down(without_owner("192.0.2.3"))
    assert (len(one.keys), one.costs) == (2, None)
    assert (len(other.keys), other.costs) == (0, "no route that is known of: no session there is missed")


def test_of_one_family_only_its_addresses_count():
    """BIRD for IPv6 does not run; the address of IPv4 that nobody has tells of another node."""
    case = without_owner("192.0.2.9", text=BIRD6_IS_DEAD, ipv6=["2001:db8::9", "2001:db8::8"])
    candidates = list(bird_down(case))
    assert told(candidates) == [("bird-down", ["n3 (IPv6)"]), ("bird-down", ["n4 (IPv6)"])]
    for candidate in candidates:
        assert candidate.title.values["family"] == " for IPv6"
        assert {key.family.label for key in candidate.keys} == {"IPv6"}
        assert not any("192.0.2.9" in line for line in candidate.evidence)


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        (to("n4", "n1", "n2", "n3"), True),
        (to("n4", "n1") | to("n4", "n2", "n3", info=HELD), True),
        # A host that is off refuses nothing.
        (to("n4", "n1", "n2", "n3", info=HELD), False),
        # With one it has a session: its BIRD runs.
        (to("n4", "n1", "n2"), False),
        ({}, False),
    ],
)
def test_peers_that_are_refused_by_one_that_was_not_read(said, is_told):
    case = case_of(with_resources(mesh(4, said, unread=["n4"]), *nodes(1, 2, 3, 4)))
    candidates = list(bird_down(case))
    assert told(candidates) == ([("bird-down", ["n4"])] if is_told else [])
    for candidate in candidates:
        assert candidate.confidence is Confidence.LIKELY
        assert case.of_node("n4", "node-unreadable") <= candidate.explains
        assert len(candidate.keys) == 3
    read = case_of(mesh(4, said))
    assert list(bird_down(read)) == [], "it says itself that it runs"


@pytest.mark.parametrize(
    ("said", "works", "keys"),
    [
        ({}, ", and BIRD goes on: 3 peers show it Established", 0),
        # Some are down: nobody says that it goes on, and these may have another reason.
        (to("n4", "n1", info=HELD), "", 0),
        # All are down: it hangs, or has ended.
        (to("n4", "n1", "n2", "n3", info=HELD), "", 3),
    ],
)
def test_a_socket_that_is_gone(said, works, keys):
    case = case_of(printing(mesh(4, said), n4=NO_SOCKET))
    (candidate,) = socket_gone(case)
    assert told([candidate]) == [("socket-gone", ["n4 (IPv4)"])]
    assert (candidate.title.values["works"], candidate.title.values["family"]) == (works, " (IPv4)")
    assert len(candidate.keys) == keys
    assert (candidate.routes_lost, candidate.costs is None) == ((0, False) if works else (None, True))
    assert ("so routes still flow" in candidate.explanation) is bool(works)
    assert ("session-not-established" in rules(case, candidate) or "isolated-node" in rules(case, candidate)) is bool(
        keys
    )
    assert any("connection refused" in line for line in candidate.evidence)


def test_sockets_of_both_families_are_one_cause():
    halves = "\n\n".join(
        f"IPv{version} BGP status\nError querying BIRD: unable to connect to BIRDv{version} socket: connection refused"
        for version in (4, 6)
    )
    made = printing(mesh(4, ipv6={}), n4=f"Calico process is running.\n\n{halves}\n")
    (candidate,) = socket_gone(case_of(made))
    assert told([candidate]) == [("socket-gone", ["n4"])]
    assert candidate.title.values["family"] == ""


def test_one_that_hangs_is_no_socket_that_is_gone_and_ends_not_the_look_at_the_next():
    made = printing(mesh(4), n2=HANGS, n3=NO_SOCKET)
    assert told(socket_gone(case_of(made))) == [("socket-gone", ["n3 (IPv4)"])]
    assert told(bird_hangs(case_of(made))) == [("bird-hangs", ["n2 (IPv4)"])]


def hung(said, *, silent):
    made = mesh(4, said, unread=["n4"])
    failures = [failure.model_copy(update={"stage": Stage.TIMEOUT, "silent": silent}) for failure in made.failures]
    made = made.model_copy(update={"failures": tuple(failures)})
    return case_of(with_resources(made, *nodes(1, 2, 3, 4)))


def test_which_bird_hangs():
    """By what calicoctl says there, or by what kept us waiting; one that was read whole does neither."""
    assert list(bird_hangs(case_of(mesh(4)))) == []
    assert told(bird_hangs(hung({}, silent=Silent.BIRD))) == [("bird-hangs", ["n4"])]
    assert list(bird_hangs(hung({}, silent=Silent.HOST))) == []
    assert list(bird_hangs(hung({}, silent=None))) == []


def test_what_a_bird_that_hangs_costs():
    case = case_of(printing(mesh(4), n4=HANGS))
    (up,) = bird_hangs(case)
    assert (up.routes_lost, up.keys) == (0, frozenset())
    assert str(up.costs).startswith("none yet")
    assert rules(case, up) >= {"daemon-unreachable"}
    case = case_of(printing(mesh(4, to("n4", "n1", "n2", "n3", info=HELD)), n4=HANGS))
    (down,) = bird_hangs(case)
    assert (down.routes_lost, down.costs, len(down.keys)) == (None, None, 3)
    assert down.title.values["still"] == "; 3 sessions with it are down"
    # Without any session that is known of nothing is said of them.
    (alone,) = bird_hangs(case_of(printing(gathered({"n1": table("n1")}), n1=HANGS)))
    assert alone.title.values["still"] == ""


@pytest.mark.parametrize(
    ("said", "kind", "bird"),
    [
        ({}, "felix-down", ", BIRD goes on (3 peers show it Established)"),
        (to("n4", "n1"), "felix-down", ", BIRD goes on (2 peers show it Established)"),
        # Nobody has a session, and one is refused: the whole pod is down.
        (to("n4", "n1") | to("n4", "n2", "n3", info=HELD), "calico-node-down", None),
        (to("n4", "n1", "n2", "n3", info=HELD), "felix-down", ""),
    ],
)
def test_felix_alone_or_the_whole_pod(said, kind, bird):
    case = case_of(printing(mesh(4, said), n4=NO_FELIX))
    (candidate,) = felix_down(case)
    assert told([candidate]) == [(kind, ["n4"])]
    assert candidate.title.values.get("bird") == bird
    assert len(candidate.keys) == (3 if kind == "calico-node-down" else 0)
    if kind == "felix-down":
        assert candidate.routes_lost == (0 if bird else None)
        assert ("whether its BIRD runs nobody here shows" in str(candidate.costs)) is not bool(bird)
    else:
        assert case.of_node("n4", "isolated-node") <= candidate.explains


def test_where_no_session_is_known_of_felix_is_all_that_is_told():
    (candidate,) = felix_down(case_of(printing(gathered({"n1": table("n1")}), n1=NO_FELIX)))
    assert told([candidate]) == [("felix-down", ["n1"])]
