"""All rules of the lint, in the order in which a report lists findings of one severity; a file per family."""

from __future__ import annotations

from calico_bgp.rules.lint_context import LintContext
from calico_bgp.rules.resources import (
    addresses,
    as_numbers,
    cluster_ids,
    configurations,
    mesh,
    missing_addresses,
    peer_fields,
    redundancy,
    reflectors,
    selectors,
    sessions,
    tags,
    twice,
)
from calico_bgp.rules.rule import Rule

LINT_RULES: tuple[Rule[LintContext], ...] = (
    mesh.nodes_not_joined,
    mesh.node_without_peers,
    selectors.selector_syntax,
    selectors.selector_matches_nothing,
    selectors.selector_on_removed_label,
    tags.yaml_tag,
    reflectors.client_without_reflector,
    reflectors.reflectors_not_joined,
    cluster_ids.cluster_id_without_peers,
    cluster_ids.reflector_label_without_cluster_id,
    cluster_ids.cluster_id_malformed,
    as_numbers.peer_without_as,
    as_numbers.as_number_mismatch,
    as_numbers.own_as_in_mesh,
    sessions.bird_refuses,
    sessions.one_sided_peering,
    sessions.peer_port_mismatch,
    twice.same_session_twice,
    twice.neighbour_twice,
    peer_fields.fields_exclude_each_other,
    peer_fields.peer_skipped,
    peer_fields.peer_ip_not_canonical,
    peer_fields.peer_of_missing_node,
    peer_fields.field_without_effect,
    addresses.node_address_twice,
    missing_addresses.node_without_address,
    addresses.node_address_of_bridge,
    addresses.node_address_in_pool,
    addresses.node_address_not_internal,
    missing_addresses.annotation_ignored,
    missing_addresses.family_on_some_nodes,
    redundancy.single_reflector,
    redundancy.reflectors_in_one_zone,
    mesh.mesh_over_100_nodes,
    configurations.configuration_ignored,
    configurations.configuration_of_missing_node,
    configurations.configuration_without_effect,
    configurations.crd_v1_by_hand,
    mesh.mesh_beside_reflectors,
    redundancy.reflectors_on_control_plane,
    cluster_ids.reflector_cluster_ids,
    missing_addresses.router_id_needed,
)

LINT_BY_ID: dict[str, Rule[LintContext]] = {rule.id: rule for rule in LINT_RULES}
