"""Resources that join the nodes wrongly: certain causes, with what they cost, and fixes that are tried in the model."""

import json
import shlex
from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.reflectors.layouts import apart
from calico_bgp.changes.change import ApplyResources, SetClusterID, SetLabel, SetMesh, apply
from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, Resources
from calico_bgp.parse.resources.reader import parse_resources
from tests.unit.auditing.tables import UP, cluster, commands, gathered, node, table, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
RR = "route-reflector=true"


def as_asked(resources: Resources, *, only: tuple[str, ...] = ()):
    """The audit of nodes that run just what the resources ask for, all of it Established."""
    return audit(seen_as_asked(resources, only=only))


def seen_as_asked(resources: Resources, *, only: tuple[str, ...] = ()):
    """What is gathered of them."""
    peers = expect(resources).peers
    tables = {}
    for name, mine in peers.items():
        if only and name not in only:
            continue
        rows = {
            version: [f"{peer.peer_type}= {peer.address} {UP}" for peer in mine if peer.address.version == version]
            for version in (4, 6)
        }
        tables[name] = table(name, *rows[4], ipv6=rows[6])
    return gathered(tables, resources=resources)


def nodes(*, labels=None, ids=None, number=6, version=4):
    """Six nodes, of which the first two reflect."""
    network = {4: "192.0.2.{}/24", 6: "2001:db8::{}/64"}[version]
    reflect = {1: (RR, "244.0.0.1"), 2: (RR, "244.0.0.1")}
    found = []
    for n in range(1, number + 1):
        label, cluster_id = reflect.get(n, ("", None))
        label = (labels or {}).get(n, label)
        cluster_id = (ids or {}).get(n, cluster_id)
        found.append(
            node(
                f"n{n}",
                network.format(n),
                labels=f"role={'rr' if n < 3 else 'worker'} {label}".strip(),
                cluster_id=cluster_id,
            )
        )
    return found


def joining(near="all()", far="has(route-reflector)", name="rr"):
    return BGPPeer(name=name, node_selector=near, peer_selector=far)


def the_cause(report, kind, *about):
    assert [found[0] for found in told(report)] == [kind]
    (cause,) = report.causes
    assert cause.confidence is Confidence.CERTAIN
    assert set(about) <= set(map(str, cause.subjects))
    assert cause.costs is not None
    assert "lost because of it" in cause.costs
    assert cause.fixes
    assert all(fix.tried is not None for fix in cause.fixes)
    assert report.verdict == "unhealthy"
    assert report.unexplained == ()
    return cause


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("number", [2, 3, 6])
def test_the_mesh_is_off_and_there_is_no_bgp_peer(version, number):
    plain = nodes(labels={1: "", 2: ""}, ids={1: None, 2: None}, number=number, version=version)
    cause = the_cause(as_asked(cluster(*plain, OFF)), "no-peers-configured")
    assert "nodeToNodeMeshEnabled" in (cause.fixes[0].steps[0].kubectl or "")
    assert cause.fixes[0].steps[0].calicoctl


@pytest.mark.parametrize(
    "near", ["has(workr)", "role == 'wroker'", "role == 'workers'", "rule == 'worker'", "has(rak)"]
)
def test_a_node_selector_that_matches_nothing(near):
    cause = the_cause(as_asked(cluster(*nodes(), OFF, joining(near))), "selector-matches-nothing", "BGPPeer rr")
    assert near in cause.title
    assert "brings back" in (cause.fixes[0].tried or "")


def test_the_label_that_was_probably_meant_comes_before_all_nodes():
    report = as_asked(cluster(*nodes(), OFF, joining("role == 'wroker'")))
    assert "role == 'worker'" in commands(report)[0].replace("'\"'\"'", "'")


@pytest.mark.parametrize(
    "near", ["has(route-reflector)", "role == 'rr'", "role != 'worker'", "route-reflector == 'true'"]
)
def test_a_node_selector_that_matches_the_wrong_nodes(near):
    cause = the_cause(as_asked(cluster(*nodes(), OFF, joining(near))), "selector-matches-wrong-nodes", "BGPPeer rr")
    assert "n3" in cause.title


@pytest.mark.parametrize("lacking", [{6}, {5, 6}, {3}])
@pytest.mark.parametrize("key", ["bgp-client", "rack"])
def test_a_node_without_the_label_that_its_peers_need(lacking, key):
    labels = {n: (RR + f" {key}=a" if n < 3 else "" if n in lacking else f"{key}=a") for n in range(1, 7)}
    report = as_asked(cluster(*nodes(labels=labels), OFF, joining(f"has({key})")))
    cause = the_cause(report, "node-lost-label", *(f"n{n}" for n in lacking))
    found = commands(report)
    assert sorted(command for command in found if command.startswith("kubectl label node")) == [
        f"kubectl label node n{n} {key}=a --overwrite" for n in sorted(lacking)
    ]
    assert not {f"n{n}" for n in range(1, 7) if n not in lacking} & set(map(str, cause.subjects))


@pytest.mark.parametrize(
    ("first", "bad"),
    [("role == 'rr'", ""), ("!has(bad)", "bad=1")],
    ids=["whose value is no slip", "that no label makes match"],
)
def test_a_bgp_peer_that_is_not_for_the_node_ends_not_the_look_at_the_next(first, bad):
    labels = {n: (RR if n < 3 else "") + (" client=a" if n < 6 else f" {bad}") for n in range(1, 7)}
    report = as_asked(cluster(*nodes(labels=labels), OFF, joining(first, name="a"), joining("has(client)")))
    the_cause(report, "node-lost-label", "n6")
    assert commands(report)[0] == "kubectl label node n6 client=a --overwrite"


def racks(*, ids=("244.0.0.1", "244.0.0.2"), size=3, reflectors=1, more=()):
    """Two racks, each with reflectors of its own."""
    found = []
    for place, rack in enumerate("ab"):
        for n in range(size + reflectors):
            reflects = n < reflectors
            label = f"rack={rack} {RR}" if reflects else f"rack={rack}"
            address = f"192.0.2.{place * 50 + n + 1}/24"
            found.append(node(f"{rack}{n}", address, labels=label, cluster_id=ids[place] if reflects else None))
    peers = [joining(f"rack == '{rack}'", f"rack == '{rack}' && has(route-reflector)", f"rack-{rack}") for rack in "ab"]
    return cluster(*found, OFF, *peers, *more)


@pytest.mark.parametrize("reflectors", [1, 2])
@pytest.mark.parametrize("size", [2, 4])
def test_racks_that_are_not_joined(reflectors, size):
    report = as_asked(racks(size=size, reflectors=reflectors))
    cause = the_cause(report, "reflectors-not-joined", "a0", "b0")
    assert "Their cluster IDs are equal, too" not in cause.explanation
    assert not any("ClusterID" in command for command in commands(report))
    assert all("apply -f -" in command for command in commands(report))


@pytest.mark.parametrize(
    ("second", "joins"), [("rr-b", "tier in {'rr-a', 'rr-b'}"), ("worker", "has(route-reflector)")]
)
def test_reflectors_of_which_no_single_value_tells_are_joined_by_all_their_values(second, joins):
    """All nodes have the label; where a client shares a value, nothing tells the reflectors, which get one."""
    tiers = {"a0": "rr-a", "b0": second}
    found = [
        node(
            f"{rack}{n}",
            f"192.0.2.{place * 50 + n + 1}/24",
            labels=f"rack={rack} tier={tiers.get(f'{rack}{n}', 'worker')}",
            cluster_id=f"244.0.0.{place + 1}" if n == 0 else None,
        )
        for place, rack in enumerate("ab")
        for n in range(3)
    ]
    peers = [
        BGPPeer(
            name=f"rack-{rack}", node_selector=f"rack == '{rack}'", peer_ip=f"192.0.2.{place * 50 + 1}", as_number=64512
        )
        for place, rack in enumerate("ab")
    ]
    report = as_asked(cluster(*found, OFF, *peers))
    said = commands(report) if report.causes else []
    created = [shlex.split(command) for command in said if "reflectors-among-themselves" in command]
    specs = [json.loads(words[2])["spec"] for words in created if words[0] == "printf"]
    assert {spec["peerSelector"] for spec in specs} == {joins}


@pytest.mark.parametrize("reflectors", [1, 2])
def test_racks_of_equal_ids_that_are_not_joined_get_both(reflectors):
    report = as_asked(racks(ids=("244.0.0.1", "244.0.0.1"), reflectors=reflectors))
    cause = the_cause(report, "reflectors-not-joined", "a0", "b0")
    assert "Their cluster IDs are equal, too: joined, they would still hand on nothing" in cause.explanation
    found = commands(report)
    assert any("RouteReflectorClusterID=244.0.0.2" in command for command in found)
    assert any("apply -f -" in command for command in found)


@pytest.mark.parametrize("reflectors", [1, 2])
def test_reflectors_of_equal_ids_that_do_not_share_their_clients(reflectors):
    among = joining("has(route-reflector)", "has(route-reflector)", "among")
    report = as_asked(racks(ids=("244.0.0.9", "244.0.0.9"), reflectors=reflectors, more=[among]))
    the_cause(report, "reflectors-equal-ids", "a0", "b0")
    assert not any("apply" in command for command in commands(report))


def test_one_of_three_racks_that_nothing_joins():
    """Two are joined: what the third lacks is no other cluster ID."""
    found = [
        node(
            f"{rack}{n}",
            f"192.0.2.{50 * place + n + 1}/24",
            labels=f"rack={rack} {RR if n == 0 else ''}".strip(),
            cluster_id=f"244.0.0.{place + 1}" if n == 0 else None,
        )
        for place, rack in enumerate("abc")
        for n in range(3)
    ]
    racks_of = [joining(f"rack == '{rack}'", f"rack == '{rack}' && has(route-reflector)", rack) for rack in "abc"]
    two = "has(route-reflector) && rack != 'c'"
    cause = the_cause(as_asked(cluster(*found, OFF, *racks_of, joining(two, two, "two"))), "reflectors-not-joined")
    assert cause.title == "the route reflectors a0, b0, c0 serve different nodes and do not peer with each other"
    assert "Their cluster IDs are equal" not in cause.explanation


@pytest.mark.parametrize("ids", [("244.0.0.1", "244.0.0.2")])
def test_racks_that_are_joined_are_right(ids):
    among = joining("has(route-reflector)", "has(route-reflector)", "among")
    assert told(as_asked(racks(ids=ids, more=[among]))) == []


def test_equal_ids_that_share_all_clients_are_right():
    assert told(as_asked(cluster(*nodes(), OFF, joining()))) == []


def test_reflectors_of_the_same_nodes_are_no_groups():
    """What reflectors that share all clients lack of each other is another cause's, however it is found."""
    seen = seen_as_asked(cluster(*nodes(), OFF, joining("!has(route-reflector)")))
    case = Case(observe(seen), audit(seen).findings)
    (finding,) = case.findings
    assert list(apart(replace(case, findings=(replace(finding, rule="nodes-not-joined"),)))) == []


def test_a_reflector_without_its_label_that_has_clients_all_the_same_lost_nothing():
    """Another BGPPeer joins everyone with everyone, so that it serves the clients as before."""
    everyone = joining("all()", "all()", "every")
    assert told(as_asked(cluster(*nodes(labels={1: ""}), OFF, joining(), everyone))) == []


@pytest.mark.parametrize("elsewhere", [3, 6])
def test_a_label_that_sits_on_another_node(elsewhere):
    """n1 has the cluster ID, and another node its label."""
    labels = {1: "", elsewhere: RR}
    report = as_asked(cluster(*nodes(labels=labels), OFF, joining()))
    assert told(report) == [("reflector-lost-label", ["n1"])]
    found = commands(report)
    assert "kubectl label node n1 route-reflector=true --overwrite" in found
    assert f"kubectl label node n{elsewhere} route-reflector-" in found


def carried_out(resources, report):
    """The resources after the first fix's kubectl commands."""
    for step in report.causes[0].fixes[0].steps:
        words = shlex.split(step.kubectl)
        if words[:2] == ["kubectl", "label"]:
            key, _, value = words[4].partition("=")
            resources = apply(resources, [SetLabel(words[3], key, value)])
        elif words[:2] == ["kubectl", "annotate"]:
            resources = apply(resources, [SetClusterID(words[3], words[4].partition("=")[2])])
        elif words[:2] == ["kubectl", "patch"] and words[3] == "default":
            resources = apply(resources, [SetMesh(on=json.loads(words[-1])["spec"]["nodeToNodeMeshEnabled"])])
        else:
            text = words[-1] if words[1] == "patch" else words[2]
            body = json.loads(text)
            if words[1] == "patch":
                (old,) = [peer for peer in resources.bgp_peers if peer.name == words[3]]
                body |= {
                    "apiVersion": "projectcalico.org/v3",
                    "kind": "BGPPeer",
                    "metadata": {"name": old.name},
                    "spec": {"nodeSelector": old.node_selector, "peerSelector": old.peer_selector} | body["spec"],
                }
            resources = apply(resources, [ApplyResources(parse_resources([("x", json.dumps(body))]), "x")])
    return resources


@pytest.mark.parametrize(
    "broken",
    [
        cluster(*nodes(labels={1: "", 2: ""}, ids={1: None, 2: None}), OFF),
        cluster(*nodes(), OFF, joining("role == 'wroker'")),
        cluster(*nodes(), OFF, joining("has(route-reflector)")),
        racks(),
        racks(ids=("244.0.0.1", "244.0.0.1")),
        racks(
            ids=("244.0.0.1", "244.0.0.1"),
            more=[joining(RR.split("=", maxsplit=1)[0] + " == 'true'", name="among", far="has(route-reflector)")],
        ),
    ],
)
def test_the_printed_commands_make_it_whole(broken):
    fixed = carried_out(broken, as_asked(broken))
    report = as_asked(fixed)
    assert told(report) == []
    # A nodeSelector of the clients joins these alone: the reflectors' own pods were apart before, by design.
    assert report.verdict != "unhealthy"
