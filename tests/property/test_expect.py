"""Laws of the expected peers, on random small clusters; and confd by the letter, which must say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.expect.engine import Expectation, expect, expected_peers
from calico_bgp.expect.refusals import refusals
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.expected import ExpectedPeer, PeerPass
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from tests.confd_by_the_letter import BirdPeer, Confd

#: A machine that is busy is no failure.
UNHURRIED = settings(deadline=None)
NUMBERS = range(1, 6)
# As text "10.0.0.9" > "10.0.0.10", and the fourth and fifth node have one address in some clusters.
IPV4 = ["10.0.0.9", "10.0.0.10", "10.0.0.2", "10.0.0.100", "10.0.0.100"]
IPV6 = ["fd00::9", "fd00::10", "fd00:a::1", "fd00::a", "fd00::a"]
PORTS = st.sampled_from([None, 0, 179, 1790])
AS_NUMBERS = st.sampled_from([None, 64512, 65001])
SELECTORS = st.sampled_from(["all()", "has(a)", "!has(a)", "a == 'x' || has(b)", "has(b)", "a in {'y'}", " ", "a = ="])
VERSIONS = st.sampled_from([(3, 16), (3, 21), (3, 22), (3, 23), (3, 29), (3, 30), (3, 31), (3, 32), (3, 33)])
NEW = st.sampled_from([(3, 31), (3, 32), (3, 33)])

#: What `peerIP` may be: nodes' addresses in several spellings, routers, and what is none.
HOSTS = [*IPV4[:4], *IPV6[:4], "FD00::9", "fd00:0:0::10", "198.51.100.1", "2001:db8::1", "::ffff:10.0.0.9"]
PEER_IPS = st.one_of(
    st.sampled_from(HOSTS),
    st.builds(
        lambda host, port: f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        st.sampled_from(HOSTS),
        st.sampled_from([0, 179, 1790, 65535]),
    ),
    st.sampled_from(["tor1", "10.0.0.9:", "10.0.0.9:x", "[fd00::9]", "10.0.0.09"]),
)


@st.composite
def nodes(draw: st.DrawFn, *, alone: bool) -> tuple[CalicoNode, ...]:
    """A few nodes; `alone`: every address is one node's."""
    chosen = draw(st.lists(st.sampled_from(NUMBERS[:4] if alone else NUMBERS), unique=True, max_size=5))
    found = []
    for number in chosen:
        labels = draw(st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")))
        families = draw(st.sampled_from(["46", "46", "4", "6", ""]))
        found.append(
            CalicoNode(
                name=f"node{number}",
                labels=tuple(sorted(labels.items())),
                ipv4=ip_address(IPV4[number - 1]) if "4" in families else None,
                ipv6=ip_address(IPV6[number - 1]) if "6" in families else None,
                as_number=draw(AS_NUMBERS),
                cluster_id=draw(st.sampled_from([None, None, "244.0.0.1", "244.0.0.2"])),
            )
        )
    return tuple(found)


@st.composite
def bgp_peers(draw: st.DrawFn, *, by: str = "any") -> tuple[BGPPeer, ...]:
    """A few BGPPeers; `by`: `any`, or `selector` for those that peerSelector makes and that are reversed."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        near = draw(st.sampled_from(["", "", "node", "selector", "both"]))
        far = "selector" if by == "selector" else draw(st.sampled_from(["ip", "ip", "selector", "both", "pods", ""]))
        found.append(
            BGPPeer(
                name=f"peer{number}",
                node=draw(st.sampled_from(["node1", "node2", "node9"])) if near in {"node", "both"} else None,
                node_selector=draw(SELECTORS) if near in {"selector", "both"} else None,
                peer_ip=draw(PEER_IPS) if far in {"ip", "both"} else None,
                peer_selector=draw(SELECTORS) if far in {"selector", "both"} else None,
                local_workload_selector="app == 'x'" if far == "pods" else None,
                as_number=draw(AS_NUMBERS),
                local_as_number=draw(st.sampled_from([None, None, 65001])),
                reverse_peering=None if by == "selector" else draw(st.sampled_from([None, "Auto", "Manual"])),
                keep_original_next_hop=draw(st.booleans()),
                next_hop_mode=draw(st.sampled_from([None, "Auto", "Self", "Keep"])),
                num_allowed_local_as_numbers=draw(st.sampled_from([None, 0, 2])),
                reachable_by=draw(st.sampled_from([None, None, None, "10.0.0.254", "fd00::fe", "gw"])),
            )
        )
    return tuple(found)


@st.composite
def configurations(draw: st.DrawFn) -> tuple[BGPConfiguration, ...]:
    """The global one, and those of nodes; some are Calico's to ignore."""
    found = []
    if draw(st.booleans()):
        mesh = draw(st.sampled_from([None, True, False, False]))
        number = draw(st.sampled_from([None, 65001]))
        found.append(BGPConfiguration("default", number, mesh, draw(PORTS)))
    for name in draw(st.sets(st.sampled_from(["node.node1", "node.node2", "node.node9", "node3", "Default"]))):
        found.append(BGPConfiguration(name, 65009, False, draw(PORTS)))
    return tuple(found)


def clusters(*, alone: bool = True, by: str = "any") -> st.SearchStrategy[Resources]:
    """Small clusters."""
    return st.builds(
        Resources, nodes=nodes(alone=alone), bgp_peers=bgp_peers(by=by), bgp_configurations=configurations()
    )


def all_peers(expectation: Expectation) -> Iterator[tuple[CalicoNode, ExpectedPeer]]:
    for node in expectation.resources.nodes:
        for peer in expectation.peers[node.name]:
            yield node, peer


# -- confd ------------------------------------------------------------------------------------------------------------


def as_confd(peer: ExpectedPeer) -> BirdPeer:
    return BirdPeer(
        peer.name,
        str(peer.address),
        peer.port or 0,
        peer.local_as,
        peer.peer_as,
        peer.passive,
        peer.reflector_client,
        peer.cluster_id or "",
        peer.next_hop or "",
        peer.allowed_local_as,
    )


def by_confd(resources: Resources, version: tuple[int, int]) -> dict[tuple[str, Family], list[BirdPeer]]:
    confd = Confd(resources, version)
    return {
        (node.name, family): confd.bird_config(node.name, 4 if family is Family.IPV4 else 6)
        for node in resources.nodes
        for family in Family
    }


def in_order(resources: Resources, *, backwards: bool = False) -> Resources:
    """As confd may come across them: what is not determined shows in what changes between the two."""
    peers = sorted(resources.bgp_peers, key=lambda peer: peer.name, reverse=backwards)
    names = sorted(resources.nodes, key=lambda node: node.name)
    return resources.model_copy(update={"bgp_peers": tuple(peers), "nodes": tuple(names)})


def undetermined(expectation: Expectation, node: str) -> set[tuple[str, int]]:
    """Addresses and ports of a node's conflicts."""
    return {(str(c.address), c.port or 0) for c in expectation.conflicts if c.node in {None, node}}


@settings(UNHURRIED, max_examples=300)
@given(clusters(alone=False), VERSIONS)
def test_confd_by_the_letter_writes_the_same(resources: Resources, version: tuple[int, int]) -> None:
    found = expect(resources, version=CalicoVersion(*version))
    wanted = by_confd(in_order(resources), version)
    for (node, family), protocols in wanted.items():
        ours = sorted(as_confd(peer) for peer in found.peers[node] if peer.family is family)
        assert [peer.name for peer in ours] == [peer.name for peer in protocols]
        skipped = undetermined(found, node)
        assert [peer for peer in ours if (peer.ip, peer.port) not in skipped] == [
            peer for peer in protocols if (peer.ip, peer.port) not in skipped
        ]


@UNHURRIED
@given(clusters(), VERSIONS)
def test_what_depends_on_the_order_of_the_bgppeers_is_reported_as_a_conflict(
    resources: Resources, version: tuple[int, int]
) -> None:
    found = expect(resources, version=CalicoVersion(*version))
    one = by_confd(in_order(resources), version)
    other = by_confd(in_order(resources, backwards=True), version)
    for (node, family), protocols in one.items():
        differing = set(protocols) ^ set(other[node, family])
        assert {(peer.ip, peer.port) for peer in differing} <= undetermined(found, node)


# -- laws -------------------------------------------------------------------------------------------------------------


@UNHURRIED
@given(clusters(by="selector"), VERSIONS)
def test_every_session_that_selectors_make_has_both_ends(resources: Resources, version: tuple[int, int]) -> None:
    found = expect(resources, version=CalicoVersion(*version))
    listens = {p.far_node: p.port for _, p in all_peers(found)}
    for node, peer in all_peers(found):
        assert peer.far_node is not None
        back = [p for p in found.peers[peer.far_node] if p.address == node.address(peer.family)]
        assert back, f"{peer.far_node} does not know {node.name}"
        assert {p.port for p in back} == {listens[node.name]}


@UNHURRIED
@given(clusters(), VERSIONS)
def test_manual_makes_no_reverse(resources: Resources, version: tuple[int, int]) -> None:
    manual = tuple(replace(peer, reverse_peering="Manual") for peer in resources.bgp_peers)
    found = expect(resources.model_copy(update={"bgp_peers": manual}), version=CalicoVersion(*version))
    reversed_ones = [p for _, p in all_peers(found) for b in p.because if b.made_by is PeerPass.REVERSE]
    if version >= (3, 31):
        assert reversed_ones == []


@UNHURRIED
@given(clusters(alone=False), VERSIONS)
def test_no_node_peers_with_itself(resources: Resources, version: tuple[int, int]) -> None:
    for node, peer in all_peers(expect(resources, version=CalicoVersion(*version))):
        assert peer.node == node.name
        assert peer.address != node.address(peer.family)
        assert node.address(peer.family) is not None


@UNHURRIED
@given(clusters(), NEW)
def test_a_node_with_a_cluster_id_has_no_mesh_peer_and_is_nobodys(
    resources: Resources, version: tuple[int, int]
) -> None:
    reflectors = {node.name for node in resources.nodes if node.cluster_id}
    for node, peer in all_peers(expect(resources, version=CalicoVersion(*version))):
        if peer.peer_type is PeerType.MESH:
            assert not {node.name, peer.far_node} & reflectors
        if peer.reflector_client:
            assert node.name in reflectors


@UNHURRIED
@given(clusters(), NEW)
def test_of_two_ends_of_a_mesh_session_one_dials(resources: Resources, version: tuple[int, int]) -> None:
    found = expect(resources, version=CalicoVersion(*version))
    pairs = Counter(
        (peer.family, *sorted((node.name, str(peer.far_node))))
        for node, peer in all_peers(found)
        if peer.peer_type is PeerType.MESH and not peer.passive
    )
    sessions = {
        (peer.family, *sorted((node.name, str(peer.far_node))))
        for node, peer in all_peers(found)
        if peer.peer_type is PeerType.MESH
    }
    assert pairs == dict.fromkeys(sessions, 1)


@UNHURRIED
@given(clusters(alone=False), NEW)
def test_a_label_that_no_selector_asks_for_changes_nothing(resources: Resources, version: tuple[int, int]) -> None:
    labelled = tuple(replace(node, labels=(*node.labels, ("zone", "z1"))) for node in resources.nodes)
    other = resources.model_copy(update={"nodes": labelled})
    chosen = CalicoVersion(*version)
    assert expected_peers(other, version=chosen) == expected_peers(resources, version=chosen)


@UNHURRIED
@given(clusters(), NEW, st.randoms(use_true_random=False))
def test_the_order_of_the_documents_changes_nothing(resources: Resources, version: tuple[int, int], random) -> None:
    def shuffled(things):
        return tuple(random.sample(things, len(things)))

    other = resources.model_copy(
        update={
            "nodes": shuffled(resources.nodes),
            "bgp_peers": shuffled(resources.bgp_peers),
            "bgp_configurations": shuffled(resources.bgp_configurations),
        }
    )
    one, two = (expect(each, version=CalicoVersion(*version)) for each in (resources, other))
    assert list(one.peers.items()) == list(two.peers.items())
    for field in ("conflicts", "overlaps", "refusals", "skipped", "workloads"):
        assert getattr(one, field) == getattr(two, field)
    assert [(s.peer, s.near, s.forward, s.far, s.backward) for s in one.selected] == [
        (s.peer, s.near, s.forward, s.far, s.backward) for s in two.selected
    ]
    assert [bad[:2] for bad in one.bad_selectors] == [bad[:2] for bad in two.bad_selectors]


@UNHURRIED
@given(clusters(alone=False), NEW, st.sets(st.sampled_from([f"node{number}" for number in NUMBERS])))
def test_some_nodes_are_as_in_the_whole(resources: Resources, version: tuple[int, int], only: set[str]) -> None:
    whole = expect(resources, version=CalicoVersion(*version))
    part = expect(resources, version=CalicoVersion(*version), only=only)
    assert part.peers == {name: peers for name, peers in whole.peers.items() if name in only}
    for field in ("overlaps", "refusals"):
        assert list(getattr(part, field)) == [each for each in getattr(whole, field) if each.node in only]
    assert set(part.conflicts) == {c for c in whole.conflicts if c.node is None or c.node in only}


@UNHURRIED
@given(clusters(), NEW)
def test_peers_are_complete_sorted_and_say_why(resources: Resources, version: tuple[int, int]) -> None:
    found = expect(resources, version=CalicoVersion(*version))
    names = {peer.name for peer in resources.bgp_peers}
    owners = {address: node.name for node in resources.nodes for address in (node.ipv4, node.ipv6) if address}
    assert set(found.peers) == {node.name for node in resources.nodes}
    for peers in found.peers.values():
        assert list(peers) == sorted(peers, key=lambda peer: (list(Family).index(peer.family), peer.name))
        assert len({peer.name for peer in peers}) == len(peers)
        for peer in peers:
            assert peer.far_node == owners.get(peer.address)
            assert peer.because
            assert all(b.kind == "BGPConfiguration" or b.name in names for b in peer.because)
            assert (peer.family is Family.IPV4) == (peer.address.version == 4)


def with_odd_values(resources: Resources, without_as: set[str], odd: dict[str, str]) -> Resources:
    """The cluster with AS numbers of 0, and with addresses that BIRD does not take for a neighbour's."""

    def changed(node: CalicoNode) -> CalicoNode:
        address = odd.get(node.name)
        fields = {} if address is None else {"ipv6" if ":" in address else "ipv4": ip_address(address)}
        return replace(node, **fields, **({"as_number": 0} if node.name in without_as else {}))

    return resources.model_copy(update={"nodes": tuple(map(changed, resources.nodes))})


@settings(UNHURRIED, max_examples=200)
@given(
    clusters(alone=False),
    VERSIONS,
    st.sets(st.sampled_from([f"node{number}" for number in NUMBERS]), max_size=2),
    st.dictionaries(
        st.sampled_from([f"node{number}" for number in NUMBERS]),
        st.sampled_from(["0.0.0.0", "fe80::1", "::", "169.254.1.1"]),
        max_size=2,
    ),
)
def test_trouble_is_what_it_is_among_all_peers(
    resources: Resources, version: tuple[int, int], without_as: set[str], odd: dict[str, str]
) -> None:
    """Most mesh peers are left out where trouble is looked for: none of those that are any may be."""
    found = expect(with_odd_values(resources, without_as, odd), version=CalicoVersion(*version))
    refused, twice = [], set()
    for name, peers in found.peers.items():
        assert found.peers.has_any(name) == bool(peers)
        for family in Family:
            of_family = [peer for peer in peers if peer.family is family]
            refused += refusals(of_family, without_as)
            neighbours: dict[tuple[object, int], list[ExpectedPeer]] = {}
            for peer in of_family:
                neighbours.setdefault((peer.address, peer.port or 179), []).append(peer)
            twice |= {
                (name, family, tuple(sorted(peer.name for peer in alike)))
                for alike in neighbours.values()
                if len(alike) > 1 and any(peer.peer_type is not PeerType.MESH for peer in alike)
            }
    assert list(found.refusals) == refused
    assert {(overlap.node, overlap.family, overlap.names) for overlap in found.overlaps} == twice
