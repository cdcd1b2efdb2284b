"""Makes the snapshots of rule_examples.py out of simulated clusters. Nothing that judges may enter it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from ipaddress import ip_address
from typing import Any

from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesState, NodePod, PodKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading, Stage
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, IPPool
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.unit.auditing.conftest import NOW, snapshot_of
from tests.unit.auditing.tables import NODE, UP, cluster, node, table

MESH, REFLECTORS = Topology.MESH, Topology.REFLECTORS


def seen(topology: Topology, *faults: str, resources: bool = False, reflectors: int = 2, **fields: Any) -> Snapshot:
    """Six nodes over both families and their switch, with these faults."""
    built = build_cluster(6, topology=topology, families=tuple(Family), switch=True, reflectors=reflectors)
    made = snapshot_of(built, *faults, roles=True, **fields)
    if resources:
        given = lab_resources(built, [parse_fault(text, built) for text in faults])
        made = made.model_copy(update={"resources": given})
    return made


@cache
def of_nodes(number: int, **config: Any) -> Snapshot:
    """A mesh of so many nodes in which all is well; made once, for that of 101 takes a second."""
    return snapshot_of(build_cluster(number, **{"topology": MESH, **config}))


four = partial(of_nodes, 4)


def plain(*faults: str, **config: Any) -> Snapshot:
    """Six nodes with two reflectors and no switch."""
    return snapshot_of(build_cluster(6, **config), *faults, roles=True)


def with_reading(made: Snapshot, place: int, **fields: Any) -> Snapshot:
    readings = list(made.readings)
    readings[place] = readings[place].model_copy(update=fields)
    return made.model_copy(update={"readings": tuple(readings)})


def with_ids(*router_ids: str) -> Snapshot:
    """Four nodes behind two reflectors, whose BIRDs say that they have these router IDs."""
    made = snapshot_of(build_cluster(4))
    for place, router_id in enumerate(router_ids):
        made = with_reading(made, place, birds=(BirdReading(family=Family.IPV4, router_id=router_id),))
    return made


def with_status(made: Snapshot, **fields: Any) -> Snapshot:
    """The first node's status changed."""
    return with_reading(made, 0, status=made.readings[0].status.model_copy(update=fields))


def with_row(made: Snapshot, **fields: Any) -> Snapshot:
    """The first node with one row more, made of its first one."""
    rows = made.readings[0].status.peers
    return with_status(made, peers=(*rows, replace(rows[0], **fields)))


def own_row(made: Snapshot) -> Snapshot:
    own = made.readings[0].addresses[0]
    return with_row(made, address=own, address_text=str(own))


def unlisted(made: Snapshot) -> Snapshot:
    """The last node is neither in the inventory nor read."""
    return made.model_copy(update={"hosts": made.hosts[:-1], "readings": made.readings[:-1]})


def young(minutes: int) -> Snapshot:
    """Both rows of one session of four nodes changed so many minutes ago."""
    made = four()
    addresses = [reading.addresses[0] for reading in made.readings[:2]]
    since = f"{NOW - timedelta(minutes=minutes):%H:%M:%S}"
    for place, far in enumerate(reversed(addresses)):
        status = made.readings[place].status
        rows = tuple(replace(row, since=since) if row.address == far else row for row in status.peers)
        made = with_reading(made, place, status=status.model_copy(update={"peers": rows}))
    return made


def at_other_host(*, own: bool = True) -> Snapshot:
    """Four nodes, where the second one's host lists the first one's address; the first one's does so, too, or not."""
    built = build_cluster(4, topology=MESH)
    made = snapshot_of(built).model_copy(update={"resources": lab_resources(built, [])})
    first, second = built.nodes[0].ipv4, built.nodes[1].ipv4
    made = with_reading(made, 0, addresses=(first,) if own else (ip_address("192.0.2.99"),))
    return with_reading(made, 1, addresses=(first, second))


def with_node(made: Snapshot, **nodes: str) -> Snapshot:
    """The hosts of these nodes have another `node=` in the inventory."""
    machine = {reading.host: reading.node for reading in made.readings}
    hosts = tuple(replace(host, node=nodes.get(machine[host.label] or "", host.node)) for host in made.hosts)
    return made.model_copy(update={"hosts": hosts})


def listed_again(made: Snapshot, **fields: Any) -> Snapshot:
    """The first machine stands in the inventory once more; `fields` are what another machine would say there."""
    again = replace(made.hosts[0], name="again.example", node=None)
    read = made.readings[0].model_copy(update={"host": again.label, **fields})
    return made.model_copy(update={"hosts": (*made.hosts, again), "readings": (*made.readings, read)})


def through_kubernetes(*pods: NodePod | None, allowed: bool = True, failed: int = 1) -> Snapshot:
    """Four nodes with their resources, the first `failed` unread and down, with these pods; the others' pods run."""
    built = build_cluster(4, topology=MESH)
    made = snapshot_of(built, *(f"bird-down:{node.name}" for node in built.nodes[:failed]))
    names = [node.name for node in built.nodes]
    unread = names[:failed]
    running = [
        NodePod(PodKind.CALICO_NODE, "calico-system", f"calico-node-{name}", name, running=True)
        for name in names[len(pods) :]
    ]
    return made.model_copy(
        update={
            "readings": tuple(reading for reading in made.readings if reading.node not in unread),
            "failures": tuple(
                GatherFailure(host=host.label, node=host.node, stage=Stage.COMMAND, message="no answer")
                for host in made.hosts
                if host.node in unread
            ),
            "resources": lab_resources(built, []),
            "kubernetes": KubernetesState(
                pods=(*(pod for pod in pods if pod is not None), *running), exec_forbidden=not allowed
            ),
        }
    )


def pod(*, running: bool, backend: str = "bird") -> NodePod:
    """The pod of node1."""
    reason = None if running else "CrashLoopBackOff"
    return NodePod(
        PodKind.CALICO_NODE, "calico-system", "calico-node-a", "node1", running=running, reason=reason, backend=backend
    )


def restarted(why: str) -> Snapshot:
    """Four nodes with their pods, of which the first began four minutes ago, after a run of an hour that ended so."""
    more = {"restarts": 7, "started_at": NOW - timedelta(minutes=4), "last_ended": why, "last_ran": 3600}
    return through_kubernetes(replace(pod(running=True), **more), failed=0)


def reflecting(variant: Variant) -> Snapshot:
    """Six nodes with two reflectors whose BGPPeer is of this kind."""
    return snapshot_of(build_cluster(6, variant=variant), roles=True)


def with_resources(*, reflectors: int) -> Snapshot:
    """Six nodes with so many reflectors, and their resources."""
    built = build_cluster(6, reflectors=reflectors)
    return snapshot_of(built, roles=True).model_copy(update={"resources": lab_resources(built, [])})


def without_ipv6(made: Snapshot) -> Snapshot:
    """BIRD for IPv6 runs nowhere."""
    for place, reading in enumerate(made.readings):
        daemons = tuple(
            replace(daemon, state=DaemonState.NOT_RUNNING) if daemon.family is Family.IPV6 else daemon
            for daemon in reading.status.daemons
        )
        made = with_reading(made, place, status=reading.status.model_copy(update={"daemons": daemons}))
    return made


def with_pool(**fields: object) -> Snapshot:
    """Nodes a, b and c in a mesh, with an IPPool."""
    made = chained("ab", "bc", "ac")
    assert made.resources is not None
    pool = IPPool("pods", "10.244.0.0/16", **fields)  # type: ignore[arg-type]
    return made.model_copy(update={"resources": made.resources.model_copy(update={"ip_pools": (pool,)})})


def chained(*pairs: str) -> Snapshot:
    """Nodes a, b and c that are no reflectors, each pair joined by a BGPPeer of its own; all sessions are up."""
    addresses = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3"}
    rows: dict[str, list[str]] = {name: [] for name in addresses}
    for one, other in pairs:
        rows[one].append(f"{addresses[other]} {UP}")
        rows[other].append(f"{addresses[one]} {UP}")
    readings = [
        NodeReading(
            host=name, node=name, status=parse_pasted(table(name, *rows[name], kind=NODE))[0], addresses=(address,)
        )
        for name, address in addresses.items()
    ]
    resources = cluster(
        *(node(name, f"{address}/24", labels=f"name={name}") for name, address in addresses.items()),
        *(
            BGPPeer(name=f"{one}-{other}", node_selector=f"name == '{one}'", peer_selector=f"name == '{other}'")
            for one, other in pairs
        ),
        BGPConfiguration(name="default", node_to_node_mesh_enabled=False),
    )
    hosts = tuple(Host(name=name, node=name) for name in addresses)
    return Snapshot(hosts=hosts, readings=tuple(readings), resources=resources)
