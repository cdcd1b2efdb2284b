"""All families of causes, in the order in which they are asked, and the kinds that they declare.

A family that does not stand in this list is never asked.
"""

from __future__ import annotations

from calico_bgp.causes.addresses import duplicates, missing, names, nodes, router_ids, stale, strangers
from calico_bgp.causes.cause import CauseFamily, CauseKind, kinds_of
from calico_bgp.causes.network import firewalls, groups, hosts, out_of_sight, partial_cuts, ports
from calico_bgp.causes.nodes import daemons, disabled, emptied, everywhere, felix, hanging, machines, pods, young
from calico_bgp.causes.peering import (
    agreement,
    configuration,
    external,
    external_sessions,
    filters,
    one_sided,
    passwords,
    unfollowed,
    unlike_node,
)
from calico_bgp.causes.reflectors import among, departed, layouts, roles, selectors, stray
from calico_bgp.causes.routes import arrival, blocks, by_hand, kernel, left_behind, limits, own, programming

CAUSE_FAMILIES: tuple[CauseFamily, ...] = (
    roles.lost_cluster_id,
    stray.stray_cluster_id,
    roles.lost_label,
    selectors.stale_selector,
    selectors.selects_no_reflector,
    roles.lost_by_tables,
    departed.reinstalled,
    departed.removed,
    departed.none_left,
    departed.none_left_by_tables,
    layouts.no_peers_configured,
    layouts.unselected,
    layouts.apart,
    among.pods_on_reflectors,
    filters.filter_rejects_routes,
    filters.pool_not_exported,
    own.own_protocol_down,
    limits.import_limit_hit,
    limits.export_limit_hit,
    arrival.next_hop_unresolved,
    by_hand.filter_by_hand,
    by_hand.filter_at_export,
    blocks.block_twice,
    left_behind.pool_deleted,
    left_behind.deleted_node_announces,
    programming.programmed_by_nobody,
    kernel.kernel_behind_bird,
    programming.programmed_twice,
    strangers.node_left,
    configuration.confd_stuck,
    configuration.lacks_several,
    unfollowed.lacked_by_all,
    configuration.refused_configuration,
    one_sided.one_sided,
    disabled.disabled_peer,
    disabled.disabled_everywhere,
    emptied.no_peers,
    emptied.half_there,
    nodes.wrong_address,
    nodes.wrong_by_tables,
    missing.address_missing,
    duplicates.left_over_node,
    duplicates.bridge_of_several,
    duplicates.duplicate_address,
    names.duplicate_node_name,
    pods.pod_down,
    pods.pod_missing,
    pods.exec_forbidden,
    machines.node_down,
    machines.unreadable_only,
    daemons.bird_down,
    daemons.socket_gone,
    felix.felix_down,
    out_of_sight.unseen_node,
    hanging.bird_hangs,
    groups.rack_down,
    groups.partition,
    hosts.host_cut,
    hosts.link_cut,
    partial_cuts.partial_partition,
    partial_cuts.partly_cut,
    ports.port_taken,
    ports.refused_or_reset,
    ports.refused_by_all,
    firewalls.dropped,
    unlike_node.unlike_the_nodes_as,
    unlike_node.unlike_the_nodes_port,
    agreement.as_mismatch,
    router_ids.duplicate_router_id,
    passwords.password_mismatch,
    everywhere.all_down,
    stale.stale_peer_ip,
    stale.stale_node,
    external.external_peer_down,
    external_sessions.external_session_down,
    external.graceful_restart,
    external.no_bgp,
    young.young_sessions,
)

#: Name → page, of every kind that a report may name.
CAUSE_KINDS: dict[str, CauseKind] = kinds_of(CAUSE_FAMILIES)
