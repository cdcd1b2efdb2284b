"""Peers that one end does not show: disabled there, or lost, one of them or many, and what tells which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.nodes.disabled import disabled_everywhere, disabled_peer, is_shut_down, lacking_several
from calico_bgp.causes.nodes.emptied import half_there, no_peers
from calico_bgp.causes.nodes.protocols import Protocol, enable, look_at, protocols_of_mesh, wanted_protocols
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from tests.running_birds import Birds
from tests.unit.auditing.tables import GLOBAL, UP, cluster, gathered, node, table
from tests.unit.causes.asked import case_of, pairs, session, told
from tests.unit.causes.several.two_things import (
    CLOSED,
    HELD,
    MESH,
    REFUSED,
    STOPPED,
    UNREACHABLE,
    both,
    lacks,
    mesh,
    with_resources,
)

DECONFIGURED = "Idle Received: Peer de-configured"
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


def hidden(name, **says):
    """The node shows no row of these, who say this of it."""
    return {(name, far): None for far in says} | {(far, name): info for far, info in says.items()}


def shown_disabled(made, name, *others):
    """BIRD's own table on the node shows its rows for these as `down`, without an error."""
    addresses = {str(a) for reading in made.readings if reading.node in others for a in reading.addresses}
    readings = [
        reading.model_copy(
            update={
                "status": reading.status.model_copy(
                    update={
                        "peers": tuple(
                            replace(row, protocol_state="down", bgp_state=None, info="", error=None)
                            if str(row.address) in addresses
                            else row
                            for row in reading.status.peers
                        )
                    }
                )
            }
        )
        if reading.node == name
        else reading
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings)})


def single(made):
    return [(one.kind, str(one.subjects[0]), one.confidence) for one in disabled_peer(case_of(made))]


PAIR = "n3 <-> n4 (IPv4)"


@pytest.mark.parametrize(
    ("info", "resources", "expected"),
    [
        # The far end was told so when it ended.
        (STOPPED, False, [("disabled-peer", PAIR, LIKELY)]),
        (STOPPED, True, [("disabled-peer", PAIR, LIKELY)]),
        # It has dialled since.
        (CLOSED, False, [("disabled-peer", PAIR, POSSIBLE)]),
        (CLOSED, True, [("disabled-peer", PAIR, POSSIBLE)]),
        # It was told that the file has no such peer any more; by the tables alone it may be one too many.
        (DECONFIGURED, False, [("disabled-peer", PAIR, POSSIBLE)]),
        (DECONFIGURED, True, [("confd-stuck", "n3", LIKELY)]),
        # It does not even find the host: another address.
        (UNREACHABLE, False, []),
    ],
)
@pytest.mark.parametrize("first", [{}, both("n1", "n2")], ids=["alone", "behind a link"])
def test_one_peer_that_one_end_lacks(info, resources, expected, first):
    made = mesh(6, first, hidden("n3", n4=info))
    assert single(with_resources(made, *MESH.nodes) if resources else made) == expected


def test_a_peer_that_is_shown_as_disabled_is_so_for_certain():
    made = shown_disabled(mesh(6, {("n4", "n3"): CLOSED}), "n3", "n4")
    assert single(made) == [("disabled-peer", PAIR, CERTAIN)]
    (candidate,) = disabled_peer(case_of(made))
    assert (candidate.title.key, candidate.decide, len(candidate.fixes)) == ("disabled", (), 1)


@pytest.mark.parametrize(
    ("info", "key", "decide", "fixes"),
    [(STOPPED, "disabled", 1, 1), (CLOSED, "missing", 1, 2)],
    ids=["told", "not told"],
)
def test_what_to_do_where_it_is_not_shown(info, key, decide, fixes):
    (candidate,) = disabled_peer(case_of(mesh(6, hidden("n3", n4=info))))
    assert (candidate.title.key, len(candidate.decide), len(candidate.fixes)) == (key, decide, fixes)
    assert candidate.title.values["node"] == "n3"
    assert candidate.title.values["peer"] == "n4"
    assert ("shut down on purpose" in candidate.explanation) is (info == STOPPED)
    assert ("has dialled since" in candidate.explanation) is (info == CLOSED)


def test_a_peer_that_the_resources_do_not_ask_for_is_not_disabled_unless_it_is_shown_so():
    """By the resources n4 is no node: what it still dials nobody should have."""
    others = [each for each in MESH.nodes if each.name != "n4"]
    made = with_resources(mesh(6, hidden("n3", n4=CLOSED)), *others)
    assert single(made) == []
    listed = Birds(MESH, disabled=frozenset({("n3", "n4")})).snapshot()
    assert single(with_resources(listed, *others)) == [("disabled-peer", PAIR, CERTAIN)]


def test_both_ends_that_lack_each_other_are_no_peers():
    assert single(mesh(4, {("n1", "n2"): None, ("n2", "n1"): None})) == []


def test_a_switch_that_lacks_a_node_is_none_of_ours():
    assert single(mesh(4, more={"n1": [f"global= 198.51.100.1 {STOPPED}"], "n2": [f"global= 198.51.100.1 {UP}"]})) == []


def test_over_both_families_it_is_one_peer():
    said = hidden("n3", n4=STOPPED)
    (candidate,) = disabled_peer(case_of(mesh(6, said, ipv6=said)))
    assert [str(subject) for subject in candidate.subjects] == ["n3 <-> n4 (IPv4)", "n3 <-> n4 (IPv6)"]


DUAL = cluster(*(node(f"n{n}", f"192.0.2.{n}/24 2001:db8::{n}/64") for n in range(1, 7)))


def test_what_bird_lists_of_one_family_says_nothing_of_the_other():
    """BIRD of IPv4 does not know the peer; of that of IPv6 nobody asked."""
    lost = Birds(DUAL, cluster(*(each for each in DUAL.nodes if each.name != "n6")), stuck=frozenset({"n3"})).snapshot()
    (candidate,) = disabled_peer(case_of(lost))
    assert candidate.kind == "confd-stuck"
    assert "not even a disabled one" in candidate.explanation
    readings = tuple(
        reading.model_copy(update={"birds": tuple(bird for bird in reading.birds if bird.family is Family.IPV4)})
        for reading in lost.readings
    )
    for candidate in disabled_peer(case_of(lost.model_copy(update={"readings": readings}))):
        assert "not even a disabled one" not in candidate.explanation
        assert len(candidate.decide) > 0


@pytest.mark.parametrize("says_why", [True, False])
def test_a_node_that_is_new_and_that_one_other_has_not_followed(says_why):
    """Nobody asked BIRD for its list: that all of its sessions began at once tells, or what it was told."""
    lost = Birds(MESH, cluster(*MESH.nodes[:5]), stuck=frozenset({"n3"})).snapshot(details=False)
    if says_why:
        lost = with_resources(mesh(6, hidden("n3", n6=DECONFIGURED)), *MESH.nodes)
    (candidate,) = disabled_peer(case_of(lost))
    assert told([candidate]) == [("confd-stuck", ["n3"])]
    assert ("n6 was told `Peer de-configured`" in candidate.explanation) is says_why
    assert ("All other sessions of n6 began when this one should have" in candidate.explanation) is not says_why
    assert candidate.confidence is (LIKELY if says_why else POSSIBLE)
    assert len(candidate.decide) == 2


def many(made):
    return [
        (str(one.subjects[0]), one.title.key, one.title.values["peers"], one.confidence)
        for one in disabled_everywhere(case_of(made))
    ]


@pytest.mark.parametrize(
    ("says", "number"),
    [
        # Two far ends were told so, and others have dialled since: BIRD closes the connection.
        ({"n1": STOPPED, "n2": STOPPED}, 2),
        ({"n1": STOPPED, "n2": STOPPED, "n3": CLOSED}, 3),
        # One alone, or none.
        ({"n1": STOPPED, "n2": CLOSED}, None),
        ({"n1": CLOSED, "n2": CLOSED}, None),
        ({"n1": STOPPED}, None),
        # One says something else: a BIRD that has other peers listens, and refuses nobody.
        ({"n1": STOPPED, "n2": STOPPED, "n3": HELD}, None),
        ({"n1": STOPPED, "n2": STOPPED, "n3": REFUSED}, None),
    ],
)
def test_several_that_a_node_with_other_sessions_has_disabled(says, number):
    expected = [] if number is None else [("n5", "several", number, LIKELY)]
    assert many(mesh(6, hidden("n5", **says))) == expected


def test_what_the_node_shows_it_has_not_disabled():
    said = {("n5", far): "Idle" for far in ("n1", "n2")} | {(far, "n5"): STOPPED for far in ("n1", "n2")}
    assert many(mesh(6, said)) == []
    # One of three it shows: that one has another reason, and so the others may have it.
    said |= hidden("n5", n3=STOPPED, n4=STOPPED)
    assert many(mesh(7, said)) == []


def test_all_that_its_table_shows_as_disabled():
    fars = ("n1", "n2", "n3", "n4", "n6")
    said = dict.fromkeys(((far, "n5") for far in fars), CLOSED)
    assert many(shown_disabled(mesh(6, said), "n5", *fars)) == [("n5", "all", 5, CERTAIN)]
    (candidate,) = disabled_everywhere(case_of(shown_disabled(mesh(6, said), "n5", *fars)))
    assert candidate.decide == ()
    assert "shows all of them as `down`" in candidate.explanation
    # Those of one of its far ends: that is one peer.
    assert many(shown_disabled(mesh(6, {("n1", "n5"): CLOSED}), "n5", "n1")) == []


def test_all_of_a_node_whose_resources_are_known():
    fars = ("n1", "n2", "n3", "n4", "n6")
    says = dict.fromkeys(fars, STOPPED)
    made = mesh(6, hidden("n5", **says))
    assert many(with_resources(made, *MESH.nodes)) == [("n5", "all", 5, LIKELY)]
    # A BIRD without any enabled peer does not listen: who dialled since is refused.
    made = mesh(6, hidden("n5", **says | {"n6": REFUSED}))
    assert many(with_resources(made, *MESH.nodes)) == [("n5", "all", 5, LIKELY)]
    # By the tables alone the node has no peers, of which emptied.py tells.
    assert many(made) == []
    assert told(no_peers(case_of(made))) == [("disabled-peer", ["n5"])]


def test_all_of_one_family():
    says = dict.fromkeys(("n1", "n2", "n3", "n4", "n6"), STOPPED)
    made = mesh(6, ipv6=hidden("n5", **says)).model_copy(update={"resources": DUAL})
    assert many(made) == [("n5 (IPv6)", "all_of", 5, LIKELY)]
    made = mesh(6, hidden("n5", **says), ipv6=hidden("n5", **says)).model_copy(update={"resources": DUAL})
    assert many(made) == [("n5", "all", 10, LIKELY)]


def test_a_device_whose_sessions_were_shut_down_has_no_pod():
    switch = {name: [f"global= 198.51.100.1 {STOPPED}"] for name in ("n1", "n2", "n3")}
    assert many(mesh(3, more=switch)) == []
    assert is_shut_down(case_of(mesh(6, hidden("n5", n1=STOPPED, n2=STOPPED))), "n5")
    assert not is_shut_down(case_of(mesh(6)), "n5")


def test_a_peer_of_unknown_name_is_to_be_found_first():
    """n2 has n5 by a BGPPeer: what BIRD on n5 calls it nobody knows, and so not all of them."""
    rows = {
        "n1": [f"192.0.2.2 {UP}", f"192.0.2.5 {STOPPED}"],
        "n2": [f"192.0.2.1 {UP}", f"{GLOBAL}= 192.0.2.5 {STOPPED}"],
        "n5": [f"192.0.2.6 {UP}"],
        "n6": [f"192.0.2.5 {UP}"],
    }
    addresses = {name: f"192.0.2.{name[1:]}" for name in rows}
    made = gathered({name: table(name, *own) for name, own in rows.items()}, addresses=addresses)
    (candidate,) = disabled_everywhere(case_of(made))
    assert [step.what for step in candidate.fixes[0].steps] == [
        "find the name of the disabled peer, then enable NAME likewise"
    ]
    rows["n2"] = [f"192.0.2.1 {UP}", f"192.0.2.5 {STOPPED}"]
    made = gathered({name: table(name, *own) for name, own in rows.items()}, addresses=addresses)
    (candidate,) = disabled_everywhere(case_of(made))
    assert [step.what for step in candidate.fixes[0].steps] == [
        "enable Mesh_192_0_2_1 again (IPv4)",
        "enable Mesh_192_0_2_2 again (IPv4)",
    ]


def test_the_name_of_a_peer_has_the_address_of_its_family():
    said = hidden("n3", n4=CLOSED)
    case = case_of(mesh(6, said, ipv6=said))
    v4, v6 = (session("n3", "n4", family) for family in Family)
    names = [Protocol(Family.IPV4, "Mesh_192_0_2_4"), Protocol(Family.IPV6, "Mesh_2001_db8__4")]
    assert protocols_of_mesh(case, "n4", [v4]) == names[:1]
    assert protocols_of_mesh(case, "n4", [v6]) == names[1:]
    assert protocols_of_mesh(case, "n4", [v6, v4]) == names
    # The end that shows no row says nothing of it.
    assert protocols_of_mesh(case, "n3", [v4]) == []


def test_what_the_resources_ask_of_an_end():
    case = case_of(mesh(6).model_copy(update={"resources": DUAL}))
    v4, v6 = (session("n3", "n4", family) for family in Family)
    assert wanted_protocols(case, "n3", [v6, v4]) == [
        Protocol(Family.IPV4, "Mesh_192_0_2_4"),
        Protocol(Family.IPV6, "Mesh_2001_db8__4"),
    ]
    assert wanted_protocols(case, "n4", [v4]) == [Protocol(Family.IPV4, "Mesh_192_0_2_3")]
    assert wanted_protocols(case, "198.51.100.1", [v4]) == []


@pytest.mark.parametrize(
    ("number", "summary", "steps"),
    [
        (0, "enable the peer in BIRD on n3", ["find the name of the disabled peer, then enable NAME likewise"]),
        (1, "enable the peer in BIRD on n3", ["enable Mesh_a again (IPv4)"]),
        (2, "enable the 2 peers in BIRD on n3", ["enable Mesh_a again (IPv4)", "enable Mesh_b again (IPv6)"]),
    ],
)
def test_how_to_enable_them(number, summary, steps):
    case = case_of(mesh(4, ipv6={}))
    protocols = [Protocol(Family.IPV4, "Mesh_a"), Protocol(Family.IPV6, "Mesh_b")][:number]
    keys = frozenset({session("n3", "n4", Family.IPV4), session("n3", "n4", Family.IPV6)})
    fix = enable(case, "n3", keys, protocols)
    assert (fix.summary, [step.what for step in fix.steps]) == (summary, steps)
    looked = look_at(case, "n3", keys, protocols)
    assert "bird6.ctl" not in looked.command
    assert "bird6.ctl" not in str(fix.steps[0].kubectl)
    assert looked.outcomes[0].sees.startswith("Mesh_a is there" if number else "the peer is there")


def test_several_that_a_node_does_not_show_are_no_single_peers():
    made = mesh(6, lacks("n5", "n1", "n2", "n3"))
    case = case_of(made)
    assert {name: pairs(keys) for name, keys in lacking_several(case).items()} == {
        "n5": {("n1", "n5"), ("n2", "n5"), ("n3", "n5")}
    }
    assert list(disabled_peer(case)) == []
    assert told(half_there(case)) == [("confd-stuck", ["n5"])]
    # One alone is a single peer, and so are those of which the far end says why.
    assert lacking_several(case_of(mesh(6, lacks("n5", "n1")))) == {}
    assert lacking_several(case_of(mesh(6, lacks("n5", "n1", "n2", info=STOPPED)))) == {}
    assert lacking_several(case_of(mesh(6, lacks("n5", "n1", "n2", info=UNREACHABLE)))) == {}
    # What the resources ask for is known.
    assert lacking_several(case_of(with_resources(made, *MESH.nodes))) == {}


def test_a_node_that_shows_some_of_its_peers():
    (candidate,) = half_there(case_of(mesh(6, lacks("n5", "n2", "n1"))))
    assert (candidate.title.values["number"], candidate.title.values["peers"]) == (2, ["n1", "n2"])
    # One that shows none at all is another matter.
    assert list(half_there(case_of(mesh(6, lacks("n5", "n1", "n2", "n3", "n4", "n6"))))) == []


EVERYBODY = ("n1", "n2", "n3", "n4", "n6")


@pytest.mark.parametrize(
    ("says", "kind", "key", "confidence"),
    [
        ([STOPPED], "disabled-peer", "all_there", LIKELY),
        ([STOPPED, CLOSED], "disabled-peer", "all_there", LIKELY),
        ([DECONFIGURED], "confd-stuck", "no_peer", LIKELY),
        ([DECONFIGURED, STOPPED], "confd-stuck", "no_peer", LIKELY),
        ([CLOSED], "confd-stuck", "no_peer", POSSIBLE),
    ],
)
def test_a_node_without_any_peer(says, kind, key, confidence):
    made = mesh(6, hidden("n5", **{far: says[place % len(says)] for place, far in enumerate(EVERYBODY)}))
    case = case_of(made)
    (candidate,) = no_peers(case)
    assert told([candidate]) == [(kind, ["n5"])]
    assert (candidate.title.key, candidate.confidence) == (key, confidence)
    assert candidate.title.values["family"] == ""
    assert case.of_node("n5", "isolated-node") <= candidate.explains
    assert ("confd writes the file anew" in candidate.fixes[0].summary) is (DECONFIGURED in says)
    # With resources it is known what it should have.
    assert list(no_peers(case_of(with_resources(made, *MESH.nodes)))) == []


def test_a_node_without_any_peer_over_ipv6_alone():
    (candidate,) = no_peers(case_of(mesh(6, ipv6=hidden("n5", **dict.fromkeys(EVERYBODY, CLOSED)))))
    assert told([candidate]) == [("confd-stuck", ["n5 (IPv6)"])]
    assert candidate.title.values["family"] == " over IPv6"
    assert "bird6.ctl" in candidate.decide[0].command


def test_one_that_is_cut_off_stands_before_one_without_peers():
    """n1 shows its peers and reaches none; n5 shows none."""
    made = mesh(7, both("n1", "n2", "n3", "n4", "n6", "n7"), lacks("n5", "n1", "n2", "n3", "n4", "n6", "n7"))
    assert [finding.rule for finding in audit(made).findings].count("isolated-node") == 2
    assert ("confd-stuck", ["n5"]) in told(no_peers(case_of(made)))
