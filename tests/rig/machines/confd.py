"""Writes bird.cfg and bird6.cfg as Calico's confd does (confd/etc/calico/confd/templates/bird.cfg.template).

Other than there: short timers, so that a test need not wait minutes. Pools are without encapsulation: BIRD writes the
routes to other nodes into the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from tests.rig.machines.plan import Neighbour, NodePlan

POOLS = {4: "10.65.0.0/16", 6: "fd65::/48"}

TEMPLATE = """\
# As Calico's confd writes it, with other timers.
router id {router_id};
graceful restart wait 5;  # The rig's: 240 is the default.

filter calico_export_to_bgp_peers {{
  if ( net = {block} ) then accept;  # calico_aggr
  if ( net ~ {block} ) then reject;
  if ( net ~ {pool} ) then accept;
  reject;
}}

protocol static {{
  # IP blocks for this host.
  route {block} blackhole;
}}

protocol kernel {{
  learn;
  persist;
  scan time 2;
  import all;
  export all;
  graceful restart;
  merge paths on;
}}

protocol device {{
  debug {{ states }};
  scan time 2;
}}

protocol direct {{
  debug {{ states }};
  interface -"cali*", -"kube-ipvs*", "*";
}}

template bgp bgp_template {{
  debug {{ states }};
  description "Connection to BGP peer";
  local as {as_number};
  multihop;
  gateway recursive;
  import all;
  export filter calico_export_to_bgp_peers;
  add paths on;
  graceful restart;
  graceful restart time 5;  # The rig's: 120 is the default.
  connect delay time {delay};     # The rig's: Calico writes 2. Where both ends dial they differ (see plan.py).
  connect retry time 2;     # The rig's: Calico writes 5.
  error wait time 1,2;      # The rig's: Calico writes 5,30.
  hold time 9;              # The rig's: 240 is the default. A cut shows after at most 9 seconds.
  startup hold time 9;      # The rig's: 240 is the default.
}}
"""

PROTOCOL = """
# For peer {node}
protocol bgp {name} from bgp_template {{
  ttl security off;
  neighbor {address} as {as_number};
  source address {own};  # The local address we use for the TCP connection
{options}}}
"""


def protocol_name(neighbour: Neighbour, address: IPv4Address | IPv6Address) -> str:
    """BIRD's name of a peer, `Mesh_192_0_2_12`: the address with `_` for every `.` or `:`."""
    return f"{neighbour.kind}_{str(address).replace('.', '_').replace(':', '_')}"


def bird_config(
    plan: NodePlan, nodes: Mapping[str, NodePlan], version: int, *, expected_as: Mapping[str, int] | None = None
) -> str:
    """The configuration of one daemon.

    Args:
        plan: The node.
        nodes: All nodes, by name.
        version: 4 for bird, 6 for bird6.
        expected_as: Which AS this node takes a neighbour to have, where that is not the truth: the fault "wrong AS".
    """
    own = _address(plan, version)
    block = f"10.65.{plan.number}.0/26" if version == 4 else f"fd65:0:0:{plan.number}::/122"
    text = TEMPLATE.format(
        router_id=plan.ipv4, pool=POOLS[version], block=block, as_number=plan.as_number, delay=plan.connect_delay
    )
    for neighbour in plan.neighbours:
        other = nodes[neighbour.node]
        address = _address(other, version)
        options = ""
        if neighbour.client and plan.cluster_id is not None:
            options += f"  rr client;\n  rr cluster id {plan.cluster_id};\n"
        # Compared as text, as confd's template does.
        if neighbour.kind == "Mesh" and str(address) > str(own):
            options += "  passive on;  # Mesh is unidirectional, peer will connect to us.\n"
        text += PROTOCOL.format(
            node=neighbour.node,
            name=protocol_name(neighbour, address),
            address=address,
            as_number=(expected_as or {}).get(neighbour.node, other.as_number),
            own=own,
            options=options,
        )
    return text


def _address(plan: NodePlan, version: int) -> IPv4Address | IPv6Address:
    return plan.ipv4 if version == 4 else plan.ipv6
