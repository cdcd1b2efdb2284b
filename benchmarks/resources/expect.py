"""`python -m benchmarks expect`: expected peers of whole clusters, against confd's own loops transcribed (tests/).

confd works out one node's peers on each node; who asks for all of them with its loops walks all records for every node.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from benchmarks.harness import Target, compare
from calico_bgp.expect.engine import expected_peers
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources

OURS, LETTER = "calico_bgp", "confd's loops, node by node"
_FIRST = IPv4Address("10.0.0.1")


def mesh(nodes: int) -> Resources:
    """A full mesh."""
    return Resources(nodes=tuple(CalicoNode(f"node{n:05}", ipv4=_FIRST + n) for n in range(nodes)))


def reflectors(nodes: int, *, reflecting: int = 4) -> Resources:
    """Nodes of which some reflect; one BGPPeer with `nodeSelector: all()`."""
    found = []
    for n in range(nodes):
        reflects = n < reflecting
        labels = (("kubernetes.io/os", "linux"), *((("route-reflector", "true"),) if reflects else ()))
        cluster_id = "244.0.0.1" if reflects else None
        found.append(CalicoNode(f"node{n:05}", labels, _FIRST + n, cluster_id=cluster_id))
    peer = BGPPeer(name="reflectors", node_selector="all()", peer_selector="has(route-reflector)")
    config = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
    return Resources(nodes=tuple(found), bgp_peers=(peer,), bgp_configurations=(config,))


#: What is judged as a whole: the cluster, the limits, and how many peers that are.
CLUSTERS: Mapping[str, tuple[Callable[[], Resources], float, float | None]] = {
    "5,000 nodes, 4 reflectors": (lambda: reflectors(5_000), 1.0, None),
    "mesh of 1,000 nodes": (lambda: mesh(1_000), 8.0, 600.0),
}


def measure(name: str) -> None:
    """In a process of its own: seconds of the whole call, and the peak of its memory with all peers held."""
    import resource

    resources = CLUSTERS[name][0]()
    began = time.perf_counter()
    peers = expected_peers(resources)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"seconds": seconds, "mib": peak, "peers": sum(map(len, peers.values()))}, sys.stdout)


def judged(name: str) -> bool:
    """One cluster against its limits."""
    _, limit, mib = CLUSTERS[name]
    command = [sys.executable, "-m", "benchmarks.resources.expect", "--measure", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    met = found["seconds"] < limit and (mib is None or found["mib"] < mib)
    limits = f"under {limit:g} s" + ("" if mib is None else f" and {mib:g} MiB")
    print(f"\n{name}: {found['peers']:,} peers, in a process of its own")
    print(f"  {'ok  ' if met else 'MISS'} {found['seconds']:.2f} s, peak {found['mib']:.0f} MiB ({limits})", flush=True)
    return met


def _letter(resources: Resources) -> dict[str, list[Any]]:
    from tests.confd_by_the_letter import Confd

    confd = Confd(resources, NEWEST)
    return {
        node.name: [peer for version in (4, 6) for peer in confd.bird_config(node.name, version)]
        for node in resources.nodes
    }


def _ours_form(peers: Mapping[str, tuple[ExpectedPeer, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: [(p.name, str(p.address), p.peer_as, p.passive, p.reflector_client) for p in each]
        for name, each in peers.items()
    }


def _their_form(peers: Mapping[str, list[Any]]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [(p.name, p.ip, p.as_number, p.passive, p.client) for p in each] for name, each in peers.items()}


def against_the_letter(title: str, resources: Resources, rounds: int, *, times_as_fast: float) -> bool:
    """A cluster that is small enough for confd's loops."""
    return compare(
        title,
        {OURS: lambda: expected_peers(resources), LETTER: lambda: _letter(resources)},
        equal={OURS: _ours_form, LETTER: _their_form},
        targets=(Target(OURS, LETTER, times_as_fast=times_as_fast),),
        rounds=rounds,
    )


def grows_with_peers(rounds: int) -> bool:
    """Four times the nodes, four times the peers, and about four times the time."""
    few, many = reflectors(1_250), reflectors(5_000)
    return compare(
        "4 reflectors: time against the number of nodes",
        {"1,250 nodes": lambda: expected_peers(few), "5,000 nodes": lambda: expected_peers(many)},
        equal={},
        targets=(Target("5,000 nodes", "1,250 nodes", at_most=6),),
        rounds=rounds,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks expect", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", metavar="CLUSTER", choices=CLUSTERS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure is not None:
        measure(options.measure)
        return 0
    met = [judged(name) for name in CLUSTERS]
    met.append(against_the_letter("500 nodes, 4 reflectors", reflectors(500), options.rounds, times_as_fast=20))
    met.append(against_the_letter("mesh of 150 nodes", mesh(150), options.rounds, times_as_fast=1))
    met.append(grows_with_peers(options.rounds))
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
