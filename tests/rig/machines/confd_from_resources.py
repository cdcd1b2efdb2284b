"""bird.cfg and bird6.cfg of a node out of Calico's resources, as confd writes them. Text only.

The protocols are those of `calico-bgp expect --format bird`; what stands around them is confd.py's, with its timers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from calico_bgp.expect.engine import expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter
from calico_bgp.prefixes import prefixes_of
from calico_bgp.report.resources.expected_bird import expected_to_bird
from calico_bgp.routes.policy.export import ExportPolicy
from calico_bgp.upstream import DEFAULT_AS
from tests.rig.machines.confd import POOLS, TEMPLATE
from tests.rig.machines.datastore import Datastore
from tests.rig.routes.bird_filters import PRIORITIES, export_rules, filter_functions, session_filters

FAMILIES = {4: Family.IPV4, 6: Family.IPV6}
#: A router ID for a node that has none in Calico; confd's template needs one, too.
_NO_ROUTER_ID = "0.0.0.1"


def expected_protocols(store: Datastore, node: str) -> dict[int, tuple[ExpectedPeer, ...]]:
    """The peers of a node, by family."""
    peers = _asked(store.resources(), node)
    return {v: tuple(peer for peer in peers if peer.family is family) for v, family in FAMILIES.items()}


@lru_cache(maxsize=256)
def _asked(resources: Resources, node: str) -> tuple[ExpectedPeer, ...]:
    """Who waits for sessions asks many times a second."""
    return expect(resources, only={node}).peers.get(node, ())


def listen_port(resources: Resources, node: str) -> int | None:
    """Where its BIRD listens, None for BGP's own port."""
    general = resources.global_config
    return resources.listen_ports.get(node) or (None if general is None else general.listen_port)


def block_of(number: int, version: int) -> str:
    """The block of addresses that a node announces, as BIRD writes it."""
    return f"10.65.{number}.0/26" if version == 4 else f"fd65:0:0:{number}::/122"


def bird_config(
    store: Datastore,
    node: str,
    number: int,
    version: int,
    *,
    router_id: str | None = None,
    as_number: int | None = None,
) -> str:
    """The configuration of one daemon.

    Args:
        store: The resources.
        node: Whose.
        number: 1..99; its block follows from it, and how long it waits before it dials: see plan.py, connect_delay.
        version: 4 for bird, 6 for bird6.
        router_id: CALICO_ROUTER_ID; the node's IPv4 when None.
        as_number: AS, where the environment of calico-node sets it besides the resources.
    """
    resources = store.resources()
    family = FAMILIES[version]
    mine = resources.nodes_by_name[node]
    expectation = expect(resources, only={node})
    peers = expectation.peers.get(node, ())
    head = TEMPLATE.format(
        router_id=router_id or mine.ipv4 or _NO_ROUTER_ID,
        pool=POOLS[version],
        block=block_of(number, version),
        as_number=as_number or mine.as_number or resources.as_number or DEFAULT_AS,
        delay=1 if all(peer.name.startswith("Mesh") for peer in peers if peer.family is family) else min(number, 3),
    )
    port = listen_port(resources, node)
    head = f"listen bgp port {port};\n{head}" if port else head
    text = "".join(expected_to_bird(expectation, [family]))
    if as_number is not None:
        text = re.sub(r"^  local as \d+;$", f"  local as {as_number};", text, flags=re.MULTILINE)
    passwords = {p.name: _password(store, p) for p in peers}
    filters = {p.name: _filters(resources, p) for p in peers if p.family is family}
    named = {one.name: one for of_peer in filters.values() for one in of_peer}
    if named:
        own, pool = prefixes_of([block_of(number, version)]), prefixes_of([POOLS[version]])
        head += PRIORITIES + export_rules(ExportPolicy((3, 33), DEFAULT_AS, blocks=own, pools=pool))
        head += "".join(filter_functions(one, family) for one in named.values())
    same_as = {p.name: p.local_as == p.peer_as for p in peers}

    def begin(match: re.Match[str]) -> str:
        source = mine.address(family)
        lines = [f"protocol bgp {match[1]} from bgp_template {{", "  ttl security off;"]
        lines += [f"  source address {source};"] if source is not None else []
        lines += [f'  password "{passwords[match[1]]}";'] if passwords.get(match[1]) else []
        if filters.get(match[1]):
            lines.append(session_filters(filters[match[1]], family, same_as=same_as[match[1]]).rstrip())
        return "\n".join(lines)

    return head + "\n" + re.sub(r"^protocol bgp (\w+) \{$", begin, text, flags=re.MULTILINE)


def _filters(resources: Resources, peer: ExpectedPeer) -> tuple[BGPFilter, ...]:
    """The BGPFilters that the peer's BGPPeer names, in that order; those that are not there confd leaves out."""
    made_by = peer.because[0]
    by_name = {one.name: one for one in resources.bgp_filters}
    names = next((one.filters for one in resources.bgp_peers if one.name == made_by.name), ())
    return tuple(by_name[name] for name in names if name in by_name) if made_by.kind == "BGPPeer" else ()


def _password(store: Datastore, peer: ExpectedPeer) -> str | None:
    """A BGPPeer's password, or the mesh's (confd/pkg/backends/calico/bgp_processor.go)."""
    made_by = peer.because[0]
    found = store.get(made_by.kind, made_by.name) or {}
    field = "password" if made_by.kind == "BGPPeer" else "nodeMeshPassword"
    return store.password(found.get("spec", {}).get(field))


def external_config(address: str, as_number: int, speakers: dict[str, int], *, announces: bool = True) -> str:
    """A top-of-rack switch that peers with nodes, by IPv4.

    Args:
        address: Its own.
        as_number: Its own.
        speakers: Address of a node → its AS.
        announces: Whether it tells the nodes of its own network, and of what they told it.
    """
    head = TEMPLATE.format(router_id=address, pool=POOLS[4], block="10.65.200.0/26", as_number=as_number, delay=2)
    head = head if announces else head.replace("export filter calico_export_to_bgp_peers;", "export none;")
    return head + "".join(
        f"protocol bgp node_{place} from bgp_template {{\n  neighbor {node} as {their_as};\n"
        f"  source address {address};\n}}\n"
        for place, (node, their_as) in enumerate(speakers.items())
    )
