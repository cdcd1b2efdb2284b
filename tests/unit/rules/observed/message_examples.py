"""An example of each message of a rule of the audit that the rule's own example does not show.

The tests of it are in tests/unit/rules/test_messages.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reading import UnrecognisedLine
from calico_bgp.model.resources import BGPPeer, IPPool, Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import NOW, snapshot_of
from tests.unit.auditing.tables import UP, cluster, gathered, node, paste_of, table
from tests.unit.rules.observed.route_examples import MORE as ROUTE_EXAMPLES
from tests.unit.rules.observed.rule_snapshots import (
    MESH,
    REFLECTORS,
    four,
    listed_again,
    plain,
    pod,
    seen,
    through_kubernetes,
    with_node,
    with_pool,
    with_reading,
    with_resources,
    with_status,
)
from tests.with_routes import with_routes

NAMES = {f"n{number}": f"192.0.2.{number}" for number in range(1, 5)}
REFUSED = "Active Socket: Connection refused"
TOR = "192.0.2.254"


def nodes_of(*names: str, peers: tuple[BGPPeer, ...] = (), ipv6: tuple[str, ...] = ()) -> Resources:
    """Resources of a mesh of these nodes."""
    return cluster(
        *(node(name, f"{NAMES[name]}/24" + (f" 2001:db8::{name[1]}/64" if name in ipv6 else "")) for name in names),
        *peers,
    )


def filtered() -> Snapshot:
    """Nodes that a BGPPeer joins, through a filter that rejects all that a peer sends."""
    made = with_pool()
    assert made.resources is not None
    guard = BGPFilter("guard", import_v4=(FilterRule(FilterAction.REJECT),))
    peers = tuple(replace(peer, filters=("guard",)) for peer in made.resources.bgp_peers)
    return made.model_copy(
        update={"resources": made.resources.model_copy(update={"bgp_peers": peers, "bgp_filters": (guard,)})}
    )


def pool_deleted() -> Snapshot:
    """Reflectors whose clients' blocks lie in no IPPool any more."""
    clients = build_cluster(4)
    resources = lab_resources(clients, [parse_fault("pool-deleted", clients)])
    return snapshot_of(clients).model_copy(update={"resources": resources})


def meshed(
    *names: str, without: dict[str, str] | None = None, more: dict[str, str] | None = None, **fields: object
) -> Snapshot:
    """A mesh that was read.

    Args:
        without: Node -> the node that it lacks, `all` for all of them.
        more: Node -> rows that it shows besides, with a comma between.
        fields: As `gathered` takes them; a node in `unread` has no table.
    """
    unread = set(fields.get("unread") or ())
    lacks = without or {}
    tables = {
        name: table(
            name,
            *(f"{NAMES[far]} {UP}" for far in names if far != name and lacks.get(name) not in {far, "all"}),
            *filter(None, (more or {}).get(name, "").split(",")),
        )
        for name in names
        if name not in unread
    }
    return gathered(tables, **({"addresses": NAMES} | fields))


def peers_disabled() -> Snapshot:
    """A mesh in which all peers of node4 are disabled, as its BIRD lists them."""
    made = build_cluster(4, topology=MESH)
    resources = lab_resources(made, [parse_fault("disabled-peer:node4", made)])
    return with_routes(made, "disabled-peer:node4").model_copy(update={"resources": resources})


def peer_to(address: str = TOR) -> BGPPeer:
    """A global BGPPeer outside the cluster."""
    return BGPPeer(name="tor", peer_ip=address, as_number=65001)


def cut_over_ipv6() -> Snapshot:
    """A mesh in which no session of n1 over IPv6 is up."""
    numbers = range(1, 5)
    tables = {
        f"n{near}": table(
            f"n{near}",
            *(f"192.0.2.{far} {UP}" for far in numbers if far != near),
            ipv6=[f"2001:db8::{far} {REFUSED if 1 in {near, far} else UP}" for far in numbers if far != near],
        )
        for near in numbers
    }
    return gathered(tables, addresses={f"n{n}": f"192.0.2.{n} 2001:db8::{n}" for n in numbers})


def forbidden_in_one_namespace() -> Snapshot:
    """Four nodes, the first unread; the user may run commands in the namespace of the others' pods."""
    made = through_kubernetes(replace(pod(running=True), namespace="closed"), allowed=False)
    assert made.kubernetes is not None
    state = made.kubernetes.model_copy(update={"forbidden_namespaces": ("closed",)})
    return made.model_copy(update={"kubernetes": state})


def restarted_node() -> Snapshot:
    """Both ends of every session of node1 changed nine minutes ago, among six nodes."""
    made = snapshot_of(build_cluster(6, topology=MESH))
    since = f"{NOW - timedelta(minutes=9):%H:%M:%S}"
    address = made.readings[0].addresses[0]
    for place, reading in enumerate(made.readings):
        rows = (replace(r, since=since) if place == 0 or r.address == address else r for r in reading.status.peers)
        made = with_reading(made, place, status=reading.status.model_copy(update={"peers": tuple(rows)}))
    return made


def first_row(made: Snapshot, place: int, peer_type: PeerType) -> Snapshot:
    """One reading's first row is of another type."""
    status = made.readings[place].status
    rows = (replace(status.peers[0], peer_type=peer_type), *status.peers[1:])
    return with_reading(made, place, status=status.model_copy(update={"peers": rows}))


def without_half() -> Snapshot:
    """The first node says nothing of IPv6, nor does another table show it there."""
    made = snapshot_of(build_cluster(4, topology=MESH, families=tuple(Family)))
    own = {str(address) for address in made.readings[0].addresses}
    for place, reading in enumerate(made.readings):
        rows = tuple(
            row
            for row in reading.status.peers
            if row.family is Family.IPV4 or (place > 0 and row.address_text not in own)
        )
        update: dict[str, object] = {"peers": rows}
        if place == 0:
            update["daemons"] = tuple(d for d in reading.status.daemons if d.family is Family.IPV4)
        made = with_reading(made, place, status=reading.status.model_copy(update=update))
    return made


def no_bgp(number: int = 4, resources: Resources | None = None, *, limited: bool = False) -> Snapshot:
    made = snapshot_of(build_cluster(number, topology=Topology.NO_BGP))
    return made.model_copy(update={"resources": resources, "limited": limited})


def pool_without_tunnel() -> Resources:
    return cluster(node("node1"), IPPool(name="bare", cidr="10.0.0.0/16"))


def twice_more() -> Snapshot:
    made = listed_again(four())
    again = replace(made.hosts[-1], name="third.example")
    reading = made.readings[-1].model_copy(update={"host": again.label})
    return made.model_copy(update={"hosts": (*made.hosts, again), "readings": (*made.readings, reading)})


def pasted_clients() -> Snapshot:
    """Reflector rr and three clients without names, of which it shows two."""
    clients = [table(None, f"global= 10.0.0.9 {UP}") for _ in range(3)]
    rows = [f"node specific= 10.0.0.{number} {UP}" for number in (1, 2)]
    return paste_of(table("rr", *rows), *clients)


def without_address(made, name):
    """The Node of that name has no BGP address: no calico-node ever wrote one."""
    resources = made.resources
    nodes = tuple(replace(one, ipv4=None, ipv6=None) if one.name == name else one for one in resources.nodes)
    return made.model_copy(update={"resources": resources.model_copy(update={"nodes": nodes})})


#: (rule, key) → a snapshot of which the rule says it.
MESSAGE_EXAMPLES: dict[tuple[str, str], Callable[[], Snapshot]] = {
    **ROUTE_EXAMPLES,
    ("pod-missing", "never"): lambda: without_address(through_kubernetes(None), "node1"),
    ("routes-held-back", "filter"): partial(filtered),
    ("routes-held-back", "outside"): pool_deleted,
    ("no-peers-anywhere", "only-node"): lambda: paste_of(table("n1")),
    ("no-peers-anywhere", "none-read"): lambda: gathered({"n1": table("n1"), "n2": table("n2")}, unread=["n3"]),
    ("routes-missing", "others"): partial(seen, REFLECTORS, "selector-narrow", resources=True, reflectors=3),
    ("configuration-behind", "none-of-peers"): lambda: meshed(
        *NAMES, without={"n1": "all"}, resources=nodes_of(*NAMES)
    ),
    ("configuration-behind", "not-the-one"): lambda: with_status(
        meshed("n1", "n2", without={"n1": "all"}, resources=nodes_of("n1", "n2")), origin="birdc"
    ),
    ("configuration-behind", "disabled"): peers_disabled,
    ("configuration-behind", "most-nodes"): partial(seen, MESH, "duplicate-address", resources=True),
    ("isolated-node", "nobodys-peer"): lambda: meshed(
        "n1", "n2", "n3", without={"n1": "n3", "n2": "n3"}, unread=["n3"], resources=nodes_of("n1", "n2", "n3")
    ),
    ("isolated-node", "no-peers"): lambda: meshed("n1", "n2", "n3", without={"n1": "n3", "n2": "n3", "n3": "all"}),
    ("isolated-node", "over-family"): cut_over_ipv6,
    ("isolated-node", "only-session-down"): lambda: gathered(
        {"n2": table("n2", f"{NAMES['n1']} {REFUSED}")}, unread=["n1"], resources=nodes_of("n1", "n2")
    ),
    ("daemon-not-running", "family"): partial(seen, MESH, "bird4-down"),
    ("daemon-unreachable", "family"): partial(seen, MESH, "socket4-missing"),
    ("pod-not-running", "restarted"): lambda: through_kubernetes(replace(pod(running=False), restarts=3)),
    ("exec-forbidden", "forbidden-in"): forbidden_in_one_namespace,
    ("answer-incomplete", "not-understood"): lambda: with_status(
        four(), complete=False, unrecognised=(UnrecognisedLine(7, "| 192.0.2"),)
    ),
    ("answer-incomplete", "nothing-about-bird"): lambda: with_status(four(), daemons=(), peers=()),
    ("answer-incomplete", "bird-unknown"): without_half,
    ("not-a-node", "no-host"): lambda: gathered({"x": table("x"), "y": table("y")}, resources=nodes_of("n1", "n2")),
    ("not-a-node", "runs-bird"): lambda: meshed(
        "n1", "n2", "n3", without={"n1": "n3", "n2": "n3", "n3": "all"}, resources=nodes_of("n1", "n2")
    ),
    ("external-peer-down", "perhaps"): partial(seen, REFLECTORS, "node-down"),
    ("peer-missing", "one-lacks"): lambda: meshed(
        "n1", "n2", "n3", without={"n1": "n3"}, unread=["n3"], resources=nodes_of("n1", "n2", "n3")
    ),
    ("peer-missing", "whichever"): lambda: paste_of(table(None, f"192.0.2.1 {UP}"), resources=nodes_of(*NAMES)),
    ("peer-missing", "too-few"): lambda: meshed(
        *NAMES, without={"n4": "n3", "n3": "n4"}, addresses={name: NAMES[name] for name in ("n1", "n2")}
    ),
    ("peer-missing", "lacked-by-all"): lambda: meshed("n1", "n2", resources=nodes_of("n1", "n2", peers=(peer_to(),))),
    ("peer-missing", "lacked-by-all-read"): lambda: meshed(
        "n1", "n2", "n3", unread=["n3"], resources=nodes_of("n1", "n2", "n3", peers=(peer_to(),))
    ),
    ("peer-missing", "lacked-by-some"): lambda: meshed(
        "n1", "n2", "n3", more={"n3": f"global= {TOR} {UP}"}, resources=nodes_of("n1", "n2", "n3", peers=(peer_to(),))
    ),
    ("one-sided-session", "established"): lambda: meshed(*NAMES, without={"n1": "n2"}),
    ("fewer-than-two-reflectors", "only-reflector"): partial(with_resources, reflectors=1),
    ("unknown-peers", "external-or-forgotten"): partial(seen, MESH),
    ("reflector-missing-client", "too-few"): pasted_clients,
    ("reflector-role-lost", "no-client"): partial(seen, REFLECTORS, "lost-label", resources=True),
    ("wrong-peer-type", "unlike-other-clients"): lambda: first_row(plain(), 5, PeerType.NODE),
    ("wrong-peer-type", "not-as-asked"): lambda: first_row(
        meshed(*NAMES, resources=nodes_of(*NAMES)), 0, PeerType.GLOBAL
    ),
    ("unexpected-peer", "in-mesh"): lambda: meshed(*NAMES, more={"n1": f"global= {NAMES['n2']} start Idle"}),
    ("unexpected-peer", "of-one"): lambda: meshed(
        *NAMES, more={"n1": f"global= {TOR} {UP}"}, resources=nodes_of(*NAMES)
    ),
    ("unexpected-peer", "of-several"): lambda: meshed(
        *NAMES, more=dict.fromkeys(("n1", "n2"), f"global= {TOR} {UP}"), resources=nodes_of(*NAMES)
    ),
    ("unexpected-peer", "of-no-node"): lambda: meshed(
        *NAMES,
        without=dict.fromkeys(("n1", "n2", "n3"), "n4"),
        more=dict.fromkeys(("n1", "n2"), f"{NAMES['n4']} {REFUSED}"),
        resources=nodes_of("n1", "n2", "n3"),
    ),
    ("unexpected-peer", "up-with-no-node"): lambda: meshed(*NAMES, resources=nodes_of("n1", "n2", "n3")),
    ("recently-changed", "node"): restarted_node,
    ("family-without-peers", "no-address"): lambda: meshed(*NAMES, resources=nodes_of(*NAMES, ipv6=("n1", "n2", "n3"))),
    ("host-listed-twice", "more-often"): twice_more,
    ("node-contradicts-inventory", "other-node"): lambda: with_node(four(), node2="node3"),
    ("no-bgp", "perhaps-not-used"): partial(no_bgp, limited=True),
    ("no-bgp", "needed-by-pools"): lambda: no_bgp(resources=pool_without_tunnel()),
    ("no-bgp", "one-node"): partial(no_bgp, 1),
}
