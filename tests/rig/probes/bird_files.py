"""The whole bird.cfg of a node of a probed cluster, as confd of v3.33 writes it; text only.

Other than there: short timers, and of two nodes one dials only. Two that start at one instant and dial at the same
second would end each other's sessions for a while. IPIP is left out: what makes BIRD write its routes stands in
Calico's fork alone, and from v3.33 Felix writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from calico_bgp.expect.version import NEWEST
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import CalicoNode
from calico_bgp.model.routes.bgp_filter import Direction
from calico_bgp.report.resources.expected_bird import bird_block
from calico_bgp.routes.policy.export import ExportPolicy
from calico_bgp.routes.policy.route import LARGEST_PREFERENCE, NORMAL_PRIORITY
from tests.rig.probes.clusters import Prefix, ProbedCluster
from tests.rig.probes.faults import FaultKind
from tests.rig.probes.shapes import GATEWAYS, SWITCH_AS, rack_of
from tests.rig.routes.bird_filters import PRIORITIES, export_rules, filter_calls, filter_functions

_TIMERS = """\
  connect delay time 1;     # Calico writes 2.
  connect retry time 1;     # 5.
  error wait time 1,2;      # 5,30.
"""

_HEAD = """\
router id {router_id};
{functions}
filter calico_kernel_programming {{
  if (source ~ [ RTS_BGP ]) then {{
    if (!defined(krt_metric)) then {{ krt_metric = {largest} - bgp_local_pref; }}
    if (krt_metric < {normal}) then {{ preference = 200; }}
  }}
{kernel_rejects}  accept;
}}
protocol static {{
{static}}}
protocol kernel {{
  learn;
  persist;
  scan time 2;
  import all;
  export filter calico_kernel_programming;
  graceful restart;
  merge paths on;
}}
protocol device {{ scan time 2; }}
protocol direct {{ interface -"cali*", -"kube-ipvs*", "*"; }}
template bgp bgp_template {{
  multihop;
  gateway recursive;
  add paths on;
  graceful restart;
{timers}}}
"""

#: What comes before every import from v3.32 on ends with this: a route of a migrating pod is preferred.
_TAKE_PRIORITY = f"if (bgp_local_pref > {LARGEST_PREFERENCE - NORMAL_PRIORITY - 1}) then {{ preference = 200; }}"

#: The blocks that iBGP peers have from Felix anyway are not announced to them (rule 3).
_TUNNELS = 'if ((defined(ifname))&&((ifname ~ "*.cali")||(ifname ~ "*.calico")||(ifname ~ "tunl0"))) then { reject; }'


def router_id(node: CalicoNode, number: int) -> str:
    """Calico's: the IPv4 address, else one made of the name."""
    return str(node.ipv4) if node.ipv4 is not None else f"0.0.1.{number}"


def node_config(cluster: ProbedCluster, name: str, family: Family) -> str:
    """bird.cfg or bird6.cfg.

    Args:
        cluster: The cluster.
        name: The node's.
        family: Of the daemon.
    """
    node = cluster.nodes[name]
    functions = PRIORITIES + "".join(filter_functions(each, family) for each in cluster.resources.bgp_filters)
    vxlan = [pool.cidr for pool in cluster.resources.ip_pools if pool.vxlan_mode and _is_of(pool.cidr, family)]
    head = _HEAD.format(
        router_id=router_id(node, list(cluster.nodes).index(name) + 1),
        functions=functions + export_rules(_policy(cluster, name, family)),
        largest=LARGEST_PREFERENCE,
        normal=NORMAL_PRIORITY,
        kernel_rejects="".join(f"  if (net ~ {pool}) then {{ reject; }}\n" for pool in vxlan),
        static="".join(f"  route {block} blackhole;\n" for block in _static(cluster, name, family)),
        timers=_TIMERS,
    )
    return head + "".join(_protocol(cluster, peer) for peer in cluster.peers(name, family))


def _is_of(cidr: str, family: Family) -> bool:
    return (":" in cidr) is (family is Family.IPV6)


def _static(cluster: ProbedCluster, name: str, family: Family) -> Iterator[Prefix]:
    yield from cluster.blocks(name, family)
    for fault in cluster.faults_at(name, family):
        if fault.kind is FaultKind.BLOCK_TWICE:
            yield cluster.blocks(fault.other, family)[0]


def _policy(cluster: ProbedCluster, name: str, family: Family) -> ExportPolicy:
    pools = [pool for pool in cluster.resources.ip_pools if _is_of(pool.cidr, family)]
    return ExportPolicy(
        (NEWEST.major, NEWEST.minor),
        0,
        blocks=tuple(_static(cluster, name, family)),
        pools=tuple(ip_network(pool.cidr) for pool in pools if not pool.disable_bgp_export),
        unexported=tuple(ip_network(pool.cidr) for pool in pools if pool.disable_bgp_export),
    )


def _protocol(cluster: ProbedCluster, peer: ExpectedPeer) -> str:
    is_internal = peer.local_as == peer.peer_as
    waits = peer.far_node is not None and peer.node > peer.far_node
    lines = ["  ttl security off;", f"  source address {cluster.nodes[peer.node].address(peer.family)};"]
    lines += ["  passive on;"] if waits else []
    incoming, outgoing = (_calls(cluster, peer, direction) for direction in Direction)
    own = f"    {_TUNNELS}\n" if is_internal else ""
    by_hand = ""
    for fault in cluster.faults_at(peer.node, peer.family):
        if fault.other == peer.far_node:
            if fault.kind is FaultKind.IMPORT_LIMIT:
                lines.append("  import limit 1 action block;")
            elif fault.kind is FaultKind.EXPORT_LIMIT:
                lines.append("  export limit 1 action block;")
            elif fault.kind is FaultKind.IMPORT_REJECTED:
                by_hand = f"    if (net ~ {cluster.blocks(fault.other, peer.family)[0]}) then {{ reject; }}\n"
    lines.append(f"  import filter {{\n{by_hand}{incoming}    {_TAKE_PRIORITY}\n    accept;\n  }};")
    lines.append(f"  export filter {{\n    set_priority();\n{outgoing}{own}    calico_export();\n    reject;\n  }};")
    head = bird_block(peer)[:-2].replace("  passive on;\n", "")
    head = head.replace(f"bgp {peer.name} {{", f"bgp {peer.name} from bgp_template {{")
    return head + "\n".join(lines) + "\n}\n"


def _calls(cluster: ProbedCluster, peer: ExpectedPeer, direction: Direction) -> str:
    by_name = {each.name: each for each in cluster.resources.bgp_filters}
    made_by = {each.name: each for each in cluster.resources.bgp_peers}
    names = next((made_by[b.name].filters for b in peer.because if b.name in made_by), ())
    return filter_calls(
        (by_name[name] for name in names), direction, peer.family, same_as=peer.local_as == peer.peer_as
    )


_SWITCH = """\
router id {router_id};
protocol kernel {{ scan time 2; import none; export all; }}
protocol device {{ scan time 2; }}
protocol direct {{ interface "*"; }}
"""

_SWITCH_PEER = """\
protocol bgp {name} {{
  local as {own_as};
  neighbor {address} as {peer_as};
  source address {own};
  multihop;
  gateway recursive;
  next hop self;
  passive on;
  import all;
  export where source ~ [ RTS_BGP ];
  add paths on;
}}
"""


def switch_config(cluster: ProbedCluster, family: Family) -> str:
    """The switch's: it takes all, and tells all that it has by BGP."""
    text = _SWITCH.format(router_id=GATEWAYS["a"][Family.IPV4])
    for name in cluster.nodes:
        for peer in cluster.peers(name, family):
            if peer.far_node is None:
                text += _SWITCH_PEER.format(
                    name=f"to_{name}",
                    own_as=SWITCH_AS,
                    address=cluster.nodes[name].address(family),
                    peer_as=peer.local_as,
                    own=GATEWAYS[rack_of(cluster.nodes[name])][family],
                )
    return text
