"""Clusters in which two things happen, for tests of families of causes. Nothing that judges may enter it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address

from calico_bgp.expect.engine import expect
from calico_bgp.model.reading import NodeStatus
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.running_birds import Birds
from tests.unit.auditing.tables import UP, cluster, gathered, node, table

HELD, TIMED_OUT = "Active BGP Error: Hold timer expired", "Active Socket: Operation timed out"
UNREACHABLE, FORBIDDEN = "Active Socket: No route to host", "Active Socket: Permission denied"
REFUSED, CLOSED = "Active Socket: Connection refused", "Active Socket: Connection closed"
WAITS, STOPPED = "Passive", "Idle Received: Administrative shutdown"

Said = Mapping[tuple[str, str], str | None]


def mesh(
    size: int,
    *said: Said,
    more: Mapping[str, Iterable[str]] | None = None,
    unread: Iterable[str] = (),
    ipv6: Said | None = None,
) -> Snapshot:
    """A mesh n1, n2, ... that was read.

    Args:
        size: How many.
        said: (node, far end) → what it shows there, None for no row; of all others that the session is up.
        more: Node → other rows.
        unread: Those of which nobody answers.
        ipv6: What they show over IPv6, as over IPv4; None where they have no address of it.
    """
    names = [f"n{n}" for n in range(1, size + 1)]
    tables = {
        one: table(
            one,
            *_rows(one, names, "192.0.2.", said),
            *(more or {}).get(one, ()),
            ipv6=() if ipv6 is None else _rows(one, names, "2001:db8::", [ipv6]),
        )
        for one in names
        if one not in set(unread)
    }
    pattern = "192.0.2.{0}" if ipv6 is None else "192.0.2.{0} 2001:db8::{0}"
    return gathered(tables, addresses={name: pattern.format(name[1:]) for name in tables}, unread=unread)


def _rows(near: str, names: Iterable[str], network: str, said: Iterable[Said]) -> list[str]:
    shown = {pair: info for part in said for pair, info in part.items()}
    infos = {far: shown.get((near, far), UP) for far in names if far != near}
    return [f"{network}{far[1:]} {info}" for far, info in infos.items() if info is not None]


def showing(**rows: Mapping[str, str]) -> Snapshot:
    """Nodes n1, n2, ... that were read: node → far end → what it shows there."""
    tables = {
        name: table(name, *(f"192.0.2.{far[1:]} {info}" for far, info in infos.items()), kind="global")
        for name, infos in rows.items()
    }
    return gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in tables})


def both(one: str, *others: str, info: str = HELD) -> Said:
    """Neither end has the session."""
    return {pair: info for other in others for pair in ((one, other), (other, one))}


def one_way(one: str, *others: str, info: str = TIMED_OUT, far: str | None = WAITS) -> Said:
    """The one dials the others in vain, who say another thing."""
    return {(one, other): info for other in others} | {(other, one): far for other in others}


def lacks(name: str, *others: str, info: str = CLOSED) -> Said:
    """The one shows no rows of the others, who say another thing."""
    return {(name, other): None for other in others} | {(other, name): info for other in others}


OTHERS = ("n2", "n3", "n4", "n5", "n6")


def waits_for(name: str, *others: str) -> Said:
    """The others dial the one in vain."""
    return {(other, name): TIMED_OUT for other in others} | {(name, other): WAITS for other in others}


OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def nodes(*numbers: int, **fields: object) -> list[CalicoNode]:
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


def numbered(*numbers: int) -> Resources:
    """A mesh."""
    return cluster(*nodes(*numbers))


MESH = numbered(1, 2, 3, 4, 5, 6)
REFLECTORS, CLIENTS = nodes(1, 2, labels="rr", cluster_id="1.1.1.1"), nodes(3, 4, 5, 6)
REFLECTED = cluster(*REFLECTORS, *CLIENTS, PEER, OFF)


def by_address(*peer_ips: str) -> Resources:
    """Reflectors that all have as peers by BGPPeers a, b, ... with these addresses."""
    peers = [BGPPeer(name=name, peer_ip=ip, as_number=64512) for name, ip in zip("ab", peer_ips, strict=True)]
    return cluster(*REFLECTORS, *CLIENTS, *peers, OFF)


def with_peer(resources: Resources, **fields: object) -> Resources:
    """With a BGPPeer more, that stands before all others."""
    return resources.model_copy(update={"bgp_peers": (BGPPeer(name="a", **fields), *resources.bgp_peers)})


def as_asked(resources: Resources) -> Snapshot:
    """Nodes that run what the resources ask for, all of it Established."""
    peers = expect(resources).peers
    tables = {name: table(name, *(f"{p.peer_type}= {p.address} {UP}" for p in own)) for name, own in peers.items()}
    return gathered(tables, resources=resources)


def at_other_addresses(resources: Resources, *, on_hosts: bool = False, **addresses: str) -> Birds:
    """Calico has these addresses of some nodes; their hosts have them as well, or what they had."""
    changed = {name: replace(resources.nodes_by_name[name], ipv4=ip_address(text)) for name, text in addresses.items()}
    made = resources.model_copy(update={"nodes": tuple(changed.get(each.name, each) for each in resources.nodes)})
    return Birds(made, hosts={} if on_hosts else {name: (f"192.0.2.{name[1:]}",) for name in addresses})


def exchanged_and_wrong(one: str, other: str, wrong: str) -> Birds:
    """A mesh in which two have each other's addresses, and one an address of nobody."""
    own = {name: MESH.nodes_by_name[name].ipv4 for name in (one, other, wrong)}
    given = {one: own[other], other: own[one], wrong: ip_address("198.51.100.9")}
    made = [replace(each, ipv4=given.get(each.name, each.ipv4)) for each in MESH.nodes]
    return Birds(cluster(*made), hosts={name: (str(address),) for name, address in own.items()})


def with_another_ipv6(name: str) -> Birds:
    """A mesh of both families, of which a host's own address is another than the one that Calico has."""
    made = [replace(each, ipv6=ip_address(f"2001:db8::{each.name[1:]}"), ipv6_prefix=64) for each in MESH.nodes]
    hosts = {each.name: (str(each.ipv4), str(each.ipv6) + ("3" if each.name == name else "")) for each in made}
    return Birds(cluster(*made), hosts=hosts)


def exchanged_over_ipv6(one: str, other: str) -> Birds:
    """A mesh of both families."""
    made = [replace(each, ipv6=ip_address(f"2001:db8::{each.name[1:]}"), ipv6_prefix=64) for each in MESH.nodes]
    hosts = {each.name: (str(each.ipv4), str(each.ipv6)) for each in made}
    far = {one: other, other: one}
    swapped = [replace(each, ipv6=ip_address(hosts[far.get(each.name, each.name)][1])) for each in made]
    return Birds(cluster(*swapped), hosts=hosts)


def printing(made: Snapshot, **texts: str) -> Snapshot:
    """calicoctl prints something else on these nodes."""

    def status(name: str) -> NodeStatus:
        return parse_pasted(f"root@{name}:~# calicoctl node status\n{texts[name]}\n")[0]

    readings = [
        reading.model_copy(update={"status": status(reading.node)}) if reading.node in texts else reading
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings)})


def with_resources(made: Snapshot, *things: CalicoNode | BGPPeer | BGPConfiguration) -> Snapshot:
    """Read together with them."""
    return made.model_copy(update={"resources": cluster(*things)})


def read_at_bgp_addresses(made: Snapshot) -> Snapshot:
    """SSH reached each node at the address that BGP has."""
    readings = [reading.model_copy(update={"ssh_address": reading.addresses[0]}) for reading in made.readings]
    return made.model_copy(update={"readings": tuple(readings)})


def without_session(made: Snapshot, *names: str) -> Snapshot:
    """Neither of two nodes has the other as a peer."""
    addresses = {address for reading in made.readings if reading.node in names for address in reading.addresses}
    readings = [
        reading.model_copy(
            update={
                "status": reading.status.model_copy(
                    update={"peers": tuple(row for row in reading.status.peers if row.address not in addresses)}
                )
            }
        )
        if reading.node in names
        else reading
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings)})


def _bird_of_ipv4(says: str) -> str:
    return f"Calico process is running.\n\nIPv4 BGP status\n{says}\n\nIPv6 BGP status\nNo IPv6 peers found.\n"


NO_FELIX = "Calico process is not running."
HANGS = _bird_of_ipv4("Error querying BIRD: read unix @->/var/run/bird.ctl: i/o timeout")
NO_SOCKET = _bird_of_ipv4("Error querying BIRD: unable to connect to BIRDv4 socket: connection refused")
SWITCH, OTHER, NAT = "global= 198.51.100.1", "global= 198.51.100.2", "198.51.100.3"
