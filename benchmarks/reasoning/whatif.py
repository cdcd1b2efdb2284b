"""`python -m benchmarks whatif`: what every removal does to the others, against working out a few of them anew.

The removals of `risks` stand on one another: nodes that are alike are one, and a removal keeps every answer whose ways
do not lead through it. The rival makes the network without the nodes and works out who learns whom in it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from ipaddress import IPv4Address

from benchmarks.harness import Target, compare
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.network import Network
from calico_bgp.upstream import ZONE_LABEL
from calico_bgp.whatif.risks import Risks, risks, zones_of

ALL = "risks, every removal"


def mesh(nodes: int) -> Resources:
    """A full mesh in three zones."""
    return Resources(nodes=tuple(_node(number, {}) for number in range(nodes)))


def reflected(nodes: int) -> Resources:
    """Two halves with two reflectors each, which peer with one another; three zones."""
    found = []
    for number in range(nodes):
        half = "ab"[number % 2]
        labels = {"half": half}
        if number < 4:
            labels["route-reflector"] = half
        found.append(_node(number, labels, f"244.0.0.{1 + number % 2}" if number < 4 else None))
    peers = [
        BGPPeer(
            name=f"half-{half}",
            node_selector=f"half == '{half}' && !has(route-reflector)",
            peer_selector=f"route-reflector == '{half}'",
        )
        for half in "ab"
    ]
    peers.append(BGPPeer(name="reflectors", node_selector="has(route-reflector)", peer_selector="has(route-reflector)"))
    config = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
    return Resources(nodes=tuple(found), bgp_peers=tuple(peers), bgp_configurations=(config,))


def _node(number: int, labels: dict[str, str], cluster_id: str | None = None) -> CalicoNode:
    labels = {**labels, ZONE_LABEL: f"zone-{number % 3}"}
    return CalicoNode(
        name=f"node{number:05}",
        labels=tuple(sorted(labels.items())),
        ipv4=IPv4Address("10.0.0.1") + number,
        cluster_id=cluster_id,
    )


def network_of(resources: Resources) -> Network:
    return expected_network(expect(resources), Family.IPV4)


def anew(network: Network, removals: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Removal → pairs lost among those that remain; every one worked out from its own network."""
    found = {}
    for removed in removals:
        after = reachability(network.without(nodes=removed))
        number = len(after.nodes)
        # Here everyone learns everyone before, so that what is not learned afterwards is lost.
        found[removed] = number * (number - 1) - after.count(Answer.YES)
    return found


def judged(
    title: str, resources: Resources, removals: Sequence[tuple[str, ...]], *, seconds: float, rounds: int
) -> bool:
    """One cluster: the ratio, and the whole way from resources in the time that is promised."""
    network, zones = network_of(resources), zones_of(resources)
    few = f"{len(removals)} removals, each anew"

    def effects(risks: Risks) -> dict[tuple[str, ...], int]:
        assert risks.before.count(Answer.NO) == 0
        routes_lost = {risk.nodes: risk.lost for risk in risks.ranking}
        return {removed: routes_lost.get(removed, 0) for removed in removals}

    met = compare(
        title,
        {ALL: lambda: risks(network, zones), few: lambda: anew(network, removals)},
        equal={ALL: effects, few: dict},
        targets=(Target(ALL, few, at_most=1),),
        rounds=rounds,
    )
    began = time.process_time()
    risks(network_of(resources), zones_of(resources))
    taken = time.process_time() - began
    print(f"  {'ok  ' if taken < seconds else 'MISS'} from resources to risks: {taken:.2f} s (under {seconds:g} s)")
    return met and taken < seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks whatif", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--nodes", type=int, default=5_000)
    parser.add_argument("--mesh", type=int, default=300)
    options = parser.parse_args(arguments)
    first, second, third, fourth, client = (f"node{number:05}" for number in (0, 2, 1, 3, 7))
    met = [
        judged(
            f"{options.nodes} nodes, 4 reflectors",
            reflected(options.nodes),
            [(first,), (client,), (first, second), (second, third), (third, fourth)],
            seconds=5,
            rounds=options.rounds,
        ),
        judged(
            f"mesh of {options.mesh}",
            mesh(options.mesh),
            [(first,), (client,)],
            seconds=10,
            rounds=options.rounds,
        ),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
