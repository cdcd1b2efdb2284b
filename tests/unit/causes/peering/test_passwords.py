"""TCP MD5 passwords that differ: which silence is one, whose it is, how sure that is, and what is said of it."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.passwords import password_mismatch
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import UP, cluster, gathered, node, table, told

#: What an end says that never had an answer, that dialled in vain for minutes, and whose far end took a new file.
SILENT, TIMED_OUT, TOLD = "Active", "Active Socket: Operation timed out", "Passive Received: Other configuration change"
PLAIN, SECRET = (BGPConfiguration(name="default", has_node_mesh_password=has) for has in (False, True))
OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)


def between(ones, others, near=SILENT, far=SILENT):
    """What two groups say of each other: (who, of whom) → INFO."""
    pairs = [(one, other) for one in ones for other in others]
    return dict.fromkeys(pairs, near) | {(other, one): far for one, other in pairs}


def nodes(number=5, versions=(4,)):
    patterns = {4: "10.0.0.{}/24", 6: "fd00::{}/64"}
    return [node(f"n{n}", " ".join(patterns[v].format(n) for v in versions)) for n in range(1, number + 1)]


def mesh(infos, config=None, *, ipv6=None, number=5):
    """Everyone with everyone; of IPv6 what `ipv6` says, where it says anything."""
    names = range(1, number + 1)
    tables = {}
    for n in names:
        rows = [f"10.0.0.{m} {infos.get((n, m), UP)}" for m in names if m != n]
        more = [f"fd00::{m} {ipv6.get((n, m), UP)}" for m in names if m != n] if ipv6 is not None else []
        tables[f"n{n}"] = table(f"n{n}", *rows, ipv6=more)
    versions = (4,) if ipv6 is None else (4, 6)
    resources = None if config is None else cluster(*nodes(number, versions), config)
    addresses = {f"n{n}": f"10.0.0.{n}" + (f" fd00::{n}" if ipv6 is not None else "") for n in names}
    return gathered(tables, addresses=addresses, resources=resources)


def case_of(seen):
    return Case(observe(seen), audit(seen).findings)


def candidates(infos, config):
    return list(password_mismatch(case_of(mesh(infos, config))))


def kinds(seen):
    return [cause.kind for cause in audit(seen).causes]


def the_password(seen):
    report = audit(seen)
    (cause,) = report.causes
    assert cause.kind == "password-mismatch"
    assert report.unexplained == ()
    return cause


# Two nodes.


@pytest.mark.parametrize(
    ("far", "config", "confidence"),
    [
        # Without resources a firewall looks the same, and with a password in them it does not where nobody timed out.
        (SILENT, None, Confidence.POSSIBLE),
        (SILENT, SECRET, Confidence.LIKELY),
        (TIMED_OUT, SECRET, Confidence.POSSIBLE),
    ],
)
def test_two_nodes_that_never_heard_each_other(far, config, confidence):
    cause = the_password(mesh(between([1], [2], SILENT, far), config))
    assert cause.confidence is confidence
    firewall = "" if confidence is Confidence.LIKELY else ", or a firewall"
    assert cause.title == f"n1 and n2 do not hear each other: probably different TCP MD5 passwords{firewall}"
    assert cause.explanation.startswith("Neither end ever had an answer, and neither says an error")
    assert cause.explanation.endswith("BGPConfiguration default sets a password.") is (config is SECRET)
    assert [str(subject) for subject in cause.subjects] == ["n1 <-> n2 (IPv4)"]


@pytest.mark.parametrize("far", [SILENT, TIMED_OUT, "Active BGP Error: Hold timer expired"])
def test_no_password_differs_where_the_resources_have_none(far):
    assert kinds(mesh(between([1], [2], SILENT, far), PLAIN)) == ["link-cut"]


@pytest.mark.parametrize("infos", [(SILENT, TIMED_OUT), (TIMED_OUT, TIMED_OUT)])
def test_without_resources_an_error_makes_it_a_link(infos):
    assert kinds(mesh(between([1], [2], *infos))) == ["link-cut"]


@pytest.mark.parametrize("config", [None, SECRET])
def test_a_session_that_was_heard_before_is_no_password(config):
    held = "Active BGP Error: Hold timer expired"
    assert kinds(mesh(between([1], [2], SILENT, held), config)) == ["link-cut"]


@pytest.mark.parametrize("config", [None, PLAIN, SECRET])
def test_two_nodes_that_both_took_another_configuration(config):
    """Each told the other, so that nobody knows who has the old password; and both have heard each other before."""
    cause = the_password(mesh(between([1], [2], TOLD, TOLD), config))
    assert cause.title == "n1 and n2 do not hear each other: probably different TCP MD5 passwords"
    assert cause.confidence is Confidence.LIKELY
    assert "ever had an answer" not in cause.explanation
    assert "`Other configuration change`" in cause.explanation


def test_two_families_of_two_nodes_are_one_cause_with_both_sessions():
    cause = the_password(mesh(between([1], [2]), SECRET, ipv6=between([1], [2], SILENT, TIMED_OUT)))
    assert [str(subject) for subject in cause.subjects] == ["n1 <-> n2 (IPv4)", "n1 <-> n2 (IPv6)"]
    assert cause.confidence is Confidence.POSSIBLE


def test_one_family_that_was_heard_before_speaks_for_the_other():
    held = between([1], [2], "Active BGP Error: Hold timer expired", SILENT)
    assert kinds(mesh(between([1], [2]), SECRET, ipv6=held)) == ["link-cut"]


def test_each_pair_is_a_cause_of_its_own():
    report = mesh(between([1], [2]) | between([3], [4]), SECRET)
    pairs = [("password-mismatch", ["n1 <-> n2 (IPv4)"]), ("password-mismatch", ["n3 <-> n4 (IPv4)"])]
    assert told(audit(report)) == pairs


# One node.


def test_one_node_that_nobody_hears_has_another_password():
    cause = the_password(mesh(between([2], [1, 3, 4, 5]), SECRET))
    assert cause.title == "n2 and its 4 peers do not hear each other: probably it has another TCP MD5 password"
    assert list(map(str, cause.subjects)) == ["n2"]
    assert cause.confidence is Confidence.LIKELY
    assert cause.explanation.endswith("looks so. BGPConfiguration default sets a password.")
    assert cause.fixes[0].summary.startswith("restart calico-node on n2")


@pytest.mark.parametrize("config", [None, SECRET])
def test_one_node_that_took_another_one_alone_is_at_fault_and_no_restart_of_the_others_helps(config):
    """Told by everyone; four nodes lag behind one less likely than one has a password of its own."""
    cause = the_password(mesh(between([1], [2, 3, 4, 5], SILENT, TOLD), config))
    assert cause.title == "n1 has another TCP MD5 password than n2, n3, n4, n5"
    assert cause.fixes[0].label == "set password"


# Two groups.


@pytest.mark.parametrize(
    ("near", "far", "stale", "fresh"),
    [(TOLD, SILENT, [1, 2], [3, 4, 5]), (SILENT, TOLD, [3, 4, 5], [1, 2]), (TOLD, TIMED_OUT, [1, 2], [3, 4, 5])],
)
@pytest.mark.parametrize("config", [None, PLAIN, SECRET])
def test_the_nodes_that_were_told_have_the_old_password(near, far, stale, fresh, config):
    cause = the_password(mesh(between([1, 2], [3, 4, 5], near, far), config))
    old, new = (", ".join(f"n{n}" for n in names) for names in (stale, fresh))
    lags = "" if config is None else ": a change that did not reach all nodes"
    assert cause.title == f"{old} have another TCP MD5 password than {new}{lags}"
    assert cause.confidence is Confidence.LIKELY
    assert cause.explanation.startswith(f"{new} took another configuration")
    # Without resources one side may have no password at all: no restart gives it one.
    assert cause.fixes[0].label == ("set password" if config is None else "restart pod")


def test_one_that_did_not_follow_is_restarted():
    """All others told it so: it alone has the old one."""
    cause = the_password(mesh(between([1], [2, 3, 4, 5], TOLD, SILENT), SECRET))
    assert cause.title == "n1 has another TCP MD5 password than n2, n3, n4, n5: a change that did not reach all nodes"
    assert cause.fixes[0].summary.startswith("restart calico-node on n1,")


def test_two_groups_that_never_heard_each_other_where_there_is_a_password():
    cause = the_password(mesh(between([1, 2], [3, 4, 5]), SECRET))
    assert cause.title == "n1, n2 have another TCP MD5 password than n3, n4, n5"
    assert cause.confidence is Confidence.LIKELY
    assert cause.explanation.startswith("Neither end ever had an answer")
    assert cause.fixes[0].label == "set password"


@pytest.mark.parametrize("config", [None, PLAIN])
def test_two_groups_that_never_heard_each_other_are_a_network_that_is_cut(config):
    assert told(audit(mesh(between([1, 2], [3, 4, 5]), config))) == [("partition", ["n1", "n2"])]


@pytest.mark.parametrize("config", [None, PLAIN, SECRET])
@pytest.mark.parametrize("far", [[2], [2, 3]])
def test_a_node_with_mesh_sessions_to_both_sides_speaks_against_a_password(config, far):
    """The mesh has one password: n5 could not have a session with both."""
    assert "password-mismatch" not in kinds(mesh(between([1], far, SILENT, TOLD), config))


# Two BGPPeers, one for each end.


def by_two_peers(one_has, other_has, *, infos=(SILENT, SILENT)):
    """n1 and n2 left the mesh for a BGPPeer each; n3 and n4 peer with both and with each other."""
    apart = [
        BGPPeer(name="one", node="n1", peer_ip="10.0.0.2", as_number=64512, has_password=one_has),
        BGPPeer(name="other", node="n2", peer_ip="10.0.0.1", as_number=64512, has_password=other_has),
    ]
    others = [
        BGPPeer(name=f"to-{n}", node_selector="all()", peer_ip=f"10.0.0.{n}", as_number=64512) for n in (3, 4)
    ]  # fmt: skip
    infos = between([1], [2], *infos)
    tables = {
        f"n{n}": table(
            f"n{n}",
            *(f"node specific= 10.0.0.{m} {infos.get((n, m), UP)}" for m in range(1, 5) if m != n),
        )
        for n in range(1, 5)
    }
    return gathered(tables, resources=cluster(*nodes(4), OFF, *apart, *others))


@pytest.mark.parametrize(
    "infos", [(SILENT, SILENT), (SILENT, TIMED_OUT), (SILENT, TOLD), (TOLD, TIMED_OUT), (TOLD, TOLD)]
)
@pytest.mark.parametrize(("has", "lacks"), [("one", "other"), ("other", "one")])
def test_a_bgp_peer_with_a_password_and_one_without(has, lacks, infos):
    cause = the_password(by_two_peers(has == "one", has == "other", infos=infos))
    assert cause.confidence is Confidence.CERTAIN
    assert cause.title == (
        f"BGPPeer {has} sets a TCP MD5 password, and BGPPeer {lacks}, which makes the other end of 1 session, sets none"
    )
    assert cause.evidence[:2] == (f"BGPPeer {has}: spec.password", f"BGPPeer {lacks}: no password")
    assert list(map(str, cause.subjects)) == ["BGPPeer one", "BGPPeer other"]
    assert f"give BGPPeer {lacks} the password of BGPPeer {has}" in cause.fixes[0].summary


@pytest.mark.parametrize(
    "infos", [("Active BGP Error: Hold timer expired", SILENT), (SILENT, "Active Socket: Connection refused")]
)
def test_what_was_heard_speaks_against_two_bgp_peers(infos):
    assert "password-mismatch" not in kinds(by_two_peers(True, False, infos=infos))


def test_two_bgp_peers_that_both_have_a_password_may_have_two():
    cause = the_password(by_two_peers(True, True))
    assert cause.confidence is Confidence.LIKELY
    assert cause.explanation.endswith("BGPPeer one, BGPPeer other set a password.")


def test_sessions_by_bgp_peers_to_both_sides_speak_not_against_a_password():
    """Each BGPPeer may have one of its own: n3 and n4 have sessions with both."""
    cause = the_password(by_two_peers(True, True, infos=(SILENT, TOLD)))
    assert cause.title == "n2 has another TCP MD5 password than n1: a change that did not reach all nodes"


def test_bgp_peers_without_a_password_differ_in_none():
    assert kinds(by_two_peers(False, False)) == ["link-cut"]


# What speaks against it, and what each candidate has.


def test_a_node_with_a_mesh_session_to_one_side_only_says_nothing_of_the_other_pair():
    """n4 has n1 and n2, which so have one password; that n3, which n4 lacks, told n1 as well is then no password."""
    refused = between([3], [4], "Active Socket: Connection refused", "Active Socket: Connection refused")
    report = mesh(between([1], [2, 3], TOLD, SILENT) | refused, number=4)
    assert "password-mismatch" not in kinds(report)


def test_of_two_nodes_alone_the_one_that_was_told_has_the_old_one():
    cause = the_password(mesh(between([1], [2], SILENT, TOLD), SECRET, number=2))
    assert cause.title == "n2 has another TCP MD5 password than n1: a change that did not reach all nodes"


@pytest.mark.parametrize(
    ("infos", "config"),
    [
        (between([1], [2], SILENT, TIMED_OUT), None),
        (between([1], [2]), PLAIN),
        (between([1], [2], SILENT, "Active BGP Error: Hold timer expired"), SECRET),
    ],
)
def test_where_a_link_explains_it_no_password_is_offered_at_all(infos, config):
    assert candidates(infos, config) == []


@pytest.mark.parametrize(
    ("infos", "config", "number"),
    [
        # One node, two groups, and a pair beside another one.
        (between([1], [2, 3, 4, 5]), SECRET, 1),
        (between([1, 2], [3, 4, 5]), SECRET, 1),
        (between([1, 2], [3, 4, 5], TOLD, SILENT), SECRET, 1),
        (between([1], [2]) | between([3], [4]), SECRET, 2),
        (between([1], [2]) | between([3], [4]), None, 2),
        (between([1], [2], TOLD, TOLD) | between([3], [4]), None, 2),
    ],
)
def test_each_session_is_explained_once(infos, config, number):
    keys = [key for one in candidates(infos, config) for key in one.keys]
    assert len(candidates(infos, config)) == number
    assert len(keys) == len(set(keys)) == len(infos) / 2


def test_the_sessions_of_two_bgp_peers_are_explained_once():
    for infos in ((SILENT, SILENT), (SILENT, TOLD), (TOLD, TOLD)):
        assert len(list(password_mismatch(case_of(by_two_peers(True, False, infos=infos))))) == 1
