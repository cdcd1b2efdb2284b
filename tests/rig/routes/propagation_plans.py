"""Clusters of 4 to 12 nodes from seeds, as Calico's resources: shapes that people build, and some they should not.

Values only; nothing here starts anything or knows who learns whose routes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from itertools import combinations, pairwise

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.report.resources.expected_bird import bird_block
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession
from tests.rig.machines.crowd import Speaker

ONE, OTHER = "244.0.0.1", "244.0.0.2"

#: A shape: nodes, BGPPeers, and whether the mesh is on.
Built = tuple[list[CalicoNode], list[BGPPeer], bool]


@dataclass(frozen=True)
class Plan:
    """One cluster, as Calico configures it, with some sessions cut.

    Attributes:
        name: Its shape and seed.
        number: 1..250, unique in a crowd: all addresses follow from it.
        resources: Calico's resources.
        cut: The sessions that are not there.
        add_paths: Whether the nodes speak add-paths.
    """

    name: str
    number: int
    resources: Resources
    cut: frozenset[frozenset[str]]
    add_paths: bool

    @property
    def expectation(self) -> Expectation:
        """What Calico would configure."""
        return expect(self.resources)

    @property
    def network(self) -> Network:
        """What is to be computed from it."""
        network = expected_network(self.expectation, Family.IPV4).without(pairs=[tuple(pair) for pair in self.cut])
        assert (network.possible, network.externals) == (None, ())
        if self.add_paths:
            return network
        sessions = (
            BGPSession(*(end._replace(settings=end.settings._replace(add_paths=False)) for end in session))
            for session in network.sessions
        )
        return replace(network, sessions=tuple(sessions))

    def speakers(self) -> Iterable[Speaker]:
        """Its BIRDs, with the peers that make a session."""
        standing = {frozenset((a.node, b.node)) for a, b in self.network.sessions}
        for name, peers in self.expectation.peers.items():
            mine = [peer for peer in peers if frozenset((name, str(peer.far_node))) in standing]
            address = self.resources.nodes_by_name[name].ipv4
            assert isinstance(address, IPv4Address)
            protocols = "".join(map(self._protocol, mine))
            yield Speaker(f"{self.number}-{name}", address, self.block(name), protocols)

    def _protocol(self, peer: ExpectedPeer) -> str:
        more = "  add paths on;\n" if self.add_paths else ""
        if peer.node > str(peer.far_node):
            # One end dials, whatever Calico says: two that dial at one instant take turns in refusing each other.
            more += "  passive on;\n"
        head, rest = bird_block(peer)[:-2], "}\n"
        head = head.replace("  passive on;\n", "")
        return head.replace(f"bgp {peer.name} {{", f"bgp {peer.name} from calico {{") + more + rest

    def block(self, name: str) -> str:
        """The block of a node."""
        return f"10.65.{self.number}.{int(name[1:])}/32"


def plans() -> tuple[Plan, ...]:
    """All of them."""
    found = []
    for shape in SHAPES:
        for seed in range(4):
            rng = random.Random(f"{shape.__name__} {seed}")
            number = len(found) + 1
            nodes, peers, mesh = shape(rng, number)
            config = BGPConfiguration(name="default", node_to_node_mesh_enabled=mesh)
            resources = Resources(nodes=tuple(nodes), bgp_peers=tuple(peers), bgp_configurations=(config,))
            plan = Plan(f"{shape.__name__} {seed}", number, resources, frozenset(), add_paths=seed != 3)
            pairs = sorted(tuple(sorted((a.node, b.node))) for a, b in plan.network.sessions)
            cuts = rng.sample(pairs, min(len(pairs), rng.choice([0, 1, 2, 4]) if seed else 0))
            found.append(replace(plan, cut=frozenset(map(frozenset, cuts))))
    return tuple(found)


def _nodes(rng: random.Random, number: int, *, most: int = 12) -> list[CalicoNode]:
    count = rng.randint(4, most)
    # In a mixed order, so that router IDs do not follow the names.
    last = rng.sample(range(1, 250), count)
    return [
        CalicoNode(name=f"n{n}", labels=(("name", f"n{n}"),), ipv4=IPv4Address(f"10.9.{number}.{last[n - 1]}"))
        for n in range(1, count + 1)
    ]


def _reflecting(nodes: list[CalicoNode], ids: Iterable[str]) -> None:
    for index, cluster_id in enumerate(ids):
        nodes[index] = replace(nodes[index], cluster_id=cluster_id)


def _link(near: CalicoNode, far: CalicoNode, **fields: object) -> BGPPeer:
    """A BGPPeer by selector between two nodes."""
    return BGPPeer(name=f"{near.name}-{far.name}", node=near.name, peer_selector=f"name == '{far.name}'", **fields)


def _dial(near: CalicoNode, far: CalicoNode, **fields: object) -> BGPPeer:
    """A BGPPeer by address between two nodes."""
    number = 64512 if far.as_number is None else far.as_number
    return BGPPeer(name=f"{near.name}-{far.name}-ip", node=near.name, peer_ip=str(far.ipv4), as_number=number, **fields)


def mesh(rng: random.Random, number: int) -> Built:
    return _nodes(rng, number), [], True


def mesh_of_racks(rng: random.Random, number: int) -> Built:
    """Nodes of several AS numbers, all in one explicit mesh."""
    nodes = [replace(node, as_number=rng.choice([64512, 64513, 64514])) for node in _nodes(rng, number, most=6)]
    return nodes, [_link(a, b) for a, b in combinations(nodes, 2)], False


def two_reflectors(rng: random.Random, number: int) -> Built:
    """Clients on both, in one cluster or two."""
    nodes = _nodes(rng, number)
    _reflecting(nodes, [ONE, rng.choice([ONE, OTHER])])
    return nodes, [_link(nodes[0], nodes[1])] + [_link(c, r) for c in nodes[2:] for r in nodes[:2]], False


def clients_on_one_each_in_one_cluster(rng: random.Random, number: int) -> Built:
    nodes = _nodes(rng, number)
    _reflecting(nodes, [ONE, ONE])
    return nodes, [_link(nodes[0], nodes[1])] + [_link(c, rng.choice(nodes[:2])) for c in nodes[2:]], False


def clients_on_one_each_in_two_clusters(rng: random.Random, number: int) -> Built:
    nodes = _nodes(rng, number)
    _reflecting(nodes, [ONE, OTHER, rng.choice([ONE, OTHER, "244.0.0.3"])])
    links = [_link(a, b) for a, b in combinations(nodes[:3], 2)]
    return nodes, links + [_link(c, rng.choice(nodes[:3])) for c in nodes[3:]], False


def reflectors_that_do_not_peer(rng: random.Random, number: int) -> Built:
    nodes = _nodes(rng, number)
    _reflecting(nodes, [ONE, rng.choice([ONE, OTHER])])
    both = rng.choice(nodes[2:])
    served = [(c, r) for c in nodes[2:] for r in nodes[:2] if c is both or rng.random() < 0.5]
    return nodes, [_link(c, r) for c, r in served], False


def reflectors_by_address(rng: random.Random, number: int) -> Built:
    """Reflectors of one cluster that name each other by `peerIP`, one way or both."""
    nodes = _nodes(rng, number)
    _reflecting(nodes, [ONE, ONE])
    joined = [_dial(nodes[0], nodes[1])] + ([_dial(nodes[1], nodes[0])] if rng.random() < 0.5 else [])
    return nodes, joined + [_link(c, rng.choice(nodes[:2])) for c in nodes[2:]], False


def chain(rng: random.Random, number: int) -> Built:
    """A line, some of whose nodes reflect or have another AS."""
    nodes = _nodes(rng, number, most=8)
    nodes = [replace(node, as_number=rng.choice([None, None, 64513])) for node in nodes]
    nodes = [replace(node, cluster_id=rng.choice([None, None, ONE, OTHER])) for node in nodes]
    return nodes, [_link(a, b) for a, b in pairwise(nodes)], False


def anything(rng: random.Random, number: int) -> Built:
    """Every knob turned at random."""
    nodes = [
        replace(node, as_number=rng.choice([None, None, 64513]), cluster_id=rng.choice([None, ONE, ONE, OTHER]))
        for node in _nodes(rng, number, most=7)
    ]
    peers = []
    for a, b in combinations(nodes, 2):
        if rng.random() < 0.5:
            mode = rng.choice([None, None, "Self", "Keep"])
            near, far = rng.choice([(a, b), (b, a)])
            if rng.random() < 0.5:
                peers.append(_link(near, far, next_hop_mode=mode))
            else:
                allowed = rng.choice([None, 1])
                peers.append(_dial(near, far, next_hop_mode=mode, num_allowed_local_as_numbers=allowed))
    return nodes, peers, False


SHAPES: tuple[Callable[[random.Random, int], Built], ...] = (
    mesh,
    mesh_of_racks,
    two_reflectors,
    clients_on_one_each_in_one_cluster,
    clients_on_one_each_in_two_clusters,
    reflectors_that_do_not_peer,
    reflectors_by_address,
    chain,
    anything,
)
