"""`python -m benchmarks causes`: the audit of a broken cluster with causes and fixes, against the audit without them.

The corpora are snapshots in memory in which most of a cluster is broken at once: an incident is when people wait.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.harness import Target, compare
from benchmarks.reasoning.whatif import mesh, reflected
from calico_bgp.auditing.engine import audit
from calico_bgp.expect.engine import expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.reports.report import Report
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAIN, WITH = "audit without causes", "audit with causes and fixes"
#: What ends a session: (error class, message), or None while it stands.
Trouble = Callable[[str, str | None], tuple[ErrorClass, str] | None]


def snapshot(resources: Resources, trouble: Trouble, dead: Collection[str] = ()) -> Snapshot:
    """What a gathering gives of a cluster in which BIRD does not run on some nodes, and some sessions are down."""
    asked = expect(resources).peers
    readings = []
    for node in resources.nodes:
        state = DaemonState.NOT_RUNNING if node.name in dead else DaemonState.RUNNING
        idle = Daemon(family=Family.IPV6, state=DaemonState.RUNNING)
        peers = () if node.name in dead else asked[node.name]
        status = NodeStatus(
            felix_running=True,
            daemons=(Daemon(family=Family.IPV4, state=state), idle),
            peers=tuple(_row(peer, trouble(node.name, peer.far_node)) for peer in peers),
        )
        readings.append(NodeReading(host=node.name, node=node.name, status=status, taken_at=NOW, clock=NOW))
    hosts = tuple(Host(name=node.name, node=node.name) for node in resources.nodes)
    return Snapshot(hosts=hosts, taken_at=NOW, readings=tuple(readings), resources=resources)


def _row(peer: ExpectedPeer, error: tuple[ErrorClass, str] | None) -> Peer:
    return Peer(
        family=peer.family,
        address=peer.address,
        address_text=str(peer.address),
        port=peer.name_port,
        peer_type=peer.peer_type,
        protocol_state="up" if error is None else "start",
        bgp_state=BGPState.ESTABLISHED if error is None else BGPState.ACTIVE,
        since="2026-11-01",
        info="Established" if error is None else f"Active {error[0]}: {error[1]}",
        error=None if error is None else PeerError(*error),
    )


def judged(title: str, broken: Snapshot, *, kinds: set[str], rounds: int) -> bool:
    """One cluster: the ratio, after it is certain that the causes are right."""
    assert {cause.kind for cause in audit(broken).causes} == kinds

    def findings(report: Report) -> list[str]:
        return [finding.id for finding in report.findings]

    return compare(
        title,
        {PLAIN: lambda: audit(broken, cause_families=()), WITH: lambda: audit(broken)},
        equal={PLAIN: findings, WITH: findings},
        targets=(Target(WITH, PLAIN, at_most=4),),
        rounds=rounds,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks causes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=5_000)
    parser.add_argument("--mesh", type=int, default=200)
    options = parser.parse_args(arguments)
    full = mesh(options.mesh)
    near = {node.name for node in full.nodes[: options.mesh * 2 // 5]}
    many = reflected(options.nodes)
    dead = {node.name for node in many.nodes[100:300]}
    lost = many.model_copy(update={"nodes": (replace(many.nodes[0], cluster_id=None), *many.nodes[1:])})
    met = [
        judged(
            f"mesh of {options.mesh}, cut in two",
            snapshot(full, lambda a, b: (ErrorClass.BGP, "Hold timer expired") if (a in near) != (b in near) else None),
            kinds={"partition"},
            rounds=options.rounds,
        ),
        judged(
            f"{options.nodes} nodes, 4 reflectors, BIRD dead on {len(dead)}",
            snapshot(many, lambda _, b: (ErrorClass.SOCKET, "Connection refused") if b in dead else None, dead),
            kinds={"bird-down"},
            rounds=options.rounds,
        ),
        judged(
            f"{options.nodes} nodes, 4 reflectors, one without its cluster ID",
            snapshot(lost, lambda _, __: None),
            kinds={"reflector-lost-cluster-id"},
            rounds=options.rounds,
        ),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
