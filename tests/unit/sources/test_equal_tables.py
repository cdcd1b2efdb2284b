"""Nodes that send hashes are judged as if each had sent all of its routes: over faults of every kind that rules see."""

import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.routing.blocks import block_of
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.full import looked_at
from calico_bgp.report.routes.held_text import routes_to_text
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.tables import node_tables
from calico_bgp.sources import rounds
from tests.asked_twice import AskedTwice

NODES = 12
CLUSTERS = {
    "reflectors": build_cluster(NODES),
    "mesh": build_cluster(NODES, topology=Topology.MESH),
    "a switch": build_cluster(NODES, switch=True),
    "both families": build_cluster(NODES, topology=Topology.MESH, families=tuple(Family)),
}
NAMES = [f"node{number}" for number in range(1, NODES + 1)]
BLOCKS = [str(block_of(number, Family.IPV4)) for number in range(NODES)]


@pytest.fixture(autouse=True)
def every_node_counts(monkeypatch):
    """As in a large cluster: nothing is few enough to be asked at once."""
    monkeypatch.setattr(rounds, "_FEW", 0)
    monkeypatch.setattr(rounds, "_PART", 4)


def _lines(is_kernel, change):
    """An edit of all lines of a table that belong to one block; of BIRD's also the lines below."""

    def edit_of(block):
        def edit(table):
            if table.is_kernel is not is_kernel:
                return table
            parts = re.split(r"\n(?=\S)", table.text)
            parts = [change(part) if part.startswith(f"{block} ") else part for part in parts]
            return replace(table, text="\n".join(part for part in parts if part is not None))

        return edit

    return edit_of


def _whole(change, *, is_kernel=None):
    return lambda _: (
        lambda table: table if is_kernel is not None and table.is_kernel is not is_kernel else change(table)
    )


def _to(text):
    """Another gateway in all routes of a part."""
    return lambda part: re.sub(r"via [0-9.]+", f"via {text}", part)


EDITS = {
    "BIRD lacks a block": _lines(False, lambda part: None),
    "BIRD has one path of it": _lines(False, lambda part: part.partition("\n  ")[0] + "\n"),
    "its next hop is not resolved": _lines(False, lambda part: re.sub(r"\(100/\d+\)", "(100/-)", part)),
    "it is unreachable": _lines(False, lambda part: re.sub(r"via \S+ on \S+", "unreachable", part)),
    "another's route is in the kernel": _lines(False, lambda part: part.replace("] * ", "] ! ")),
    "no path is best": _lines(False, lambda part: part.replace("] * ", "] ")),
    "another announces it": _lines(False, lambda part: re.sub(r"originator_id: \S+", "originator_id: 10.0.0.9", part)),
    "BIRD leads elsewhere": _lines(False, _to("192.0.2.253")),
    "it has a community": _lines(False, lambda part: f"{part}\n\tBGP.community: (65535,65281)"),
    "the kernel lacks it": _lines(True, lambda part: None),
    "the kernel leads elsewhere": _lines(True, _to("192.0.2.253")),
    "Felix wrote it as well": _lines(True, lambda part: f"{part}\n{part.split()[0]} via 192.0.2.1 dev eth0 proto 80"),
    "the kernel prohibits it": _lines(True, lambda part: f"prohibit {part.split()[0]} proto static"),
    "the kernel has several ways": _lines(
        True,
        lambda part: (
            f"{part.split()[0]} proto bird \n\tnexthop via 192.0.2.1 dev eth0 weight 1 \n\tnexthop via "
            "192.0.2.253 dev eth0 weight 1 "
        ),
    ),
    "the kernel's metric": _lines(True, lambda part: f"{part.rstrip()} metric 7 "),
    "a stale route": _whole(
        lambda table: replace(table, text=f"{table.text}10.244.99.0/26 via 192.0.2.1 dev eth0 proto bird \n"),
        is_kernel=True,
    ),
    "WireGuard": _whole(lambda table: replace(table, text=table.text.replace("dev eth0", "dev wireguard.cali"))),
    "another interface": _whole(lambda table: replace(table, text=table.text.replace("eth0", "ens192"))),
    "a route of pods through a gateway": _whole(
        lambda table: replace(table, text=f"{table.text}10.244.77.7 via 169.254.1.1 dev cali7 \n"), is_kernel=True
    ),
    "BIRD's table was cut": _whole(lambda table: replace(table, exit_code=124), is_kernel=False),
    "the kernel's was cut": _whole(lambda table: replace(table, exit_code=124), is_kernel=True),
    "no table of BIRD": _whole(lambda table: None, is_kernel=False),
    "no table of the kernel": _whole(lambda table: None, is_kernel=True),
    "an odd line": _whole(lambda table: replace(table, text=f"{table.text}10.0.0.0/8 odd\n")),
    "a service range": _whole(
        lambda table: replace(table, text=f"{table.text}10.96.0.0/12       blackhole [static1 09:00:00] * (200)\n"),
        is_kernel=False,
    ),
}


def judged(snapshot):
    """All that is made of the tables: who lacks what, and where it stops; and the audit's findings."""
    report = audit(snapshot)
    observed = observed_of(observe(snapshot))
    return (
        {
            family: replace(found, nodes=tuple(replace(node, same_as=None) for node in found.nodes), sent_whole=())
            for family, found in observed.items()
        },
        [(f.rule, f.message, f.evidence) for f in report.findings],
        [c.kind for c in report.causes],
        report.verdict,
        [
            one.model_copy(
                update={"observed": one.observed and one.observed.model_copy(update={"by_hash": 0, "sent_whole": ()})}
            )
            for one in report.reachability
        ],
    )


troubles = st.builds(
    Trouble,
    own_lost=st.frozensets(st.sampled_from(NAMES), max_size=1),
    kept_back=st.frozensets(st.sampled_from(NAMES), max_size=1),
    limits=st.frozensets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2),
    kernel_behind=st.frozensets(st.sampled_from(NAMES), max_size=1),
)
edits = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(EDITS)), st.sampled_from(BLOCKS)), max_size=4)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(CLUSTERS)), troubles, edits, st.permutations(NAMES), st.booleans())
def test_hashes_are_judged_as_whole_tables(shape, trouble, changed, order, everywhere):
    cluster = CLUSTERS[shape]
    by_node = {}
    for name, edit, block in changed:
        for one in NAMES if everywhere else (name,):
            by_node.setdefault(one, []).append(EDITS[edit](block))
    whole = AskedTwice(cluster, trouble, by_node, hashed=False).snapshot(order)
    hashed = AskedTwice(cluster, trouble, by_node).snapshot(order)
    assert judged(hashed) == judged(whole)
    # A snapshot that was written and read again is the same, and its tables are those of the node itself.
    again = Snapshot.model_validate_json(hashed.model_dump_json())
    assert again.model_dump_json() == hashed.model_dump_json()
    for family in Family:
        found, expected = (node_tables(observe(snapshot), family) for snapshot in (again, whole))
        assert found.keys() == expected.keys()
        for name, tables in found.items():
            for given_, wanted in ((tables.paths, expected[name].paths), (tables.kernel, expected[name].kernel)):
                assert {p: sorted(map(repr, r)) for p, r in given_.items()} == {
                    p: sorted(map(repr, r)) for p, r in wanted.items()
                }
            assert tables.number_of_paths == expected[name].number_of_paths


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_a_fault_at_one_node_is_judged_as_in_its_whole_tables(edit):
    by_node = {"node7": [EDITS[edit](BLOCKS[4])]}
    whole = AskedTwice(CLUSTERS["mesh"], None, by_node, hashed=False).snapshot()
    nodes = AskedTwice(CLUSTERS["mesh"], None, by_node)
    assert judged(nodes.snapshot()) == judged(whole)
    assert {name for names in nodes.asked_again for name in names} <= {"node7"}


@pytest.mark.parametrize("shape", sorted(CLUSTERS))
def test_healthy_nodes_of_one_role_are_equal(shape):
    nodes = AskedTwice(CLUSTERS[shape])
    snapshot = nodes.snapshot()
    lone = [r.host for r in snapshot.readings if r.tables[0].same_as is None]
    assert len(lone) <= 6
    seen = audit(snapshot).reachability[0].observed
    assert seen is not None
    assert (seen.pairs, seen.pairs_missing, seen.kernels) == (NODES * (NODES - 1), 0, NODES)
    assert seen.by_hash == NODES - len(lone)


def test_only_a_node_that_lacks_a_route_is_asked_again():
    nodes = AskedTwice(CLUSTERS["mesh"], None, {"node7": [EDITS["the kernel lacks it"](BLOCKS[1])]})
    found = observed_of(observe(nodes.snapshot()))[Family.IPV4]
    assert nodes.asked_again == [["node7"]]
    assert [(m.learner, m.origin, m.blocks) for m in found.missing] == [("node7", "node2", (ip_network(BLOCKS[1]),))]


def test_who_sends_whole_tables_in_the_place_of_a_hash_is_named():
    edits = {name: [EDITS["WireGuard"](None)] for name in ("node10", "node7")}
    snapshot = AskedTwice(CLUSTERS["mesh"], None, edits).snapshot()
    report = audit(snapshot)
    assert report.reachability[0].observed.sent_whole == ("node7", "node10")
    assert ("sent whole", "the tables of 2 nodes, no hash of them: node7, node10") in list(looked_at(report))
    assert "2 nodes sent whole tables and no hash of them: node7, node10" in routes_to_text(
        list(observed_of(observe(snapshot)).values())
    )
    # Of a small cluster nobody asks for hashes.
    plain = AskedTwice(CLUSTERS["mesh"], None, edits, hashed=False).snapshot()
    assert audit(plain).reachability[0].observed.sent_whole == ()


def test_the_last_whole_table_of_a_kind_explains_those_for_which_it_was_taken():
    nodes = AskedTwice(build_cluster(6, topology=Topology.MESH))
    # In so small a network the commonest ways of node6 are others than those of node1, which node2 and node3 are like.
    snapshot = nodes.snapshot(["node1", "node6", "node2", "node3", "node4", "node5"])
    assert nodes.asked_again == []
    assert [one.host for one in snapshot.readings if one.tables[0].same_as is None] == ["node1", "node6"]


def test_a_node_that_says_nothing_the_second_time_is_not_known():
    by_node = {"node7": [EDITS["the kernel lacks it"](BLOCKS[1])]}
    snapshot = AskedTwice(CLUSTERS["mesh"], None, by_node, silent_again=["node7"]).snapshot()
    found = observed_of(observe(snapshot))[Family.IPV4]
    assert found.missing == ()
    assert found.unknown == NODES - 1
    (node,) = (one for one in found.nodes if one.node == "node7")
    assert node.why_unknown is not None
    assert "it gave no answer" in node.why_unknown
    assert snapshot.readings[6].tables[0].bird_is_whole is False
    seen = audit(snapshot).reachability[0].observed
    assert seen is not None
    assert (seen.pairs, seen.pairs_unknown) == ((NODES - 1) ** 2, NODES - 1)


def test_two_halves_that_lack_one_another_are_two_classes():
    """A partition: nothing is alike all over, and still few are asked again."""
    cluster = build_cluster(60, topology=Topology.MESH)
    names = [node.name for node in cluster.nodes]
    far = {name: names[30:] if name in names[:30] else names[:30] for name in names}
    by_node = {
        name: [
            EDITS[edit](str(block_of(names.index(other), Family.IPV4)))
            for other in far[name]
            for edit in ("BIRD lacks a block", "the kernel lacks it")
        ]
        for name in names
    }
    nodes = AskedTwice(cluster, None, by_node)
    found = observed_of(observe(nodes.snapshot()))[Family.IPV4]
    assert len(found.missing) == 2 * 30 * 30
    assert sum(map(len, nodes.asked_again)) <= 16


def test_a_snapshot_that_lacks_the_node_that_others_are_like_knows_less_and_says_so():
    snapshot = AskedTwice(CLUSTERS["mesh"]).snapshot()
    cut = snapshot.model_copy(update={"hosts": snapshot.hosts[2:], "readings": snapshot.readings[2:]})
    found = observed_of(observe(cut))[Family.IPV4]
    assert found.missing == ()
    assert found.arrive == 0
    assert all("node1" in (node.why_unknown or "") for node in found.nodes)
