"""All rules, in the order in which a report lists findings of one severity. A rule stands in the file of its family."""

from __future__ import annotations

from calico_bgp.auditing.rule import Context, Rule
from calico_bgp.auditing.rules import (
    addresses,
    cluster,
    configuration,
    families,
    flaps,
<<<<<<< HEAD
    names,
    nodes,
=======
    nodes,
    pods,
>>>>>>> 1565e0f (Name a calico-node pod that does not run or is missing, and a right to exec that lacks; print the roles)
    reflectors,
    sessions,
)

RULES: tuple[Rule[Context], ...] = (
    cluster.no_peers_anywhere,
    cluster.no_working_reflector,
    cluster.partitioned,
    configuration.configuration_behind,
    nodes.isolated_node,
    nodes.daemon_not_running,
    nodes.daemon_unreachable,
    nodes.felix_not_running,
    pods.pod_not_running,
    pods.pod_missing,
    pods.exec_forbidden,
    nodes.node_unreadable,
    nodes.answer_incomplete,
    names.node_name_twice,
    configuration.node_not_listed,
    configuration.not_a_node,
    sessions.external_peer_down,
    addresses.mesh_peer_down,
    sessions.session_not_established,
    sessions.one_sided_session,
    sessions.peer_missing,
    reflectors.reflector_missing_client,
    addresses.duplicate_address,
    addresses.own_address_peer,
    cluster.fewer_than_two_reflectors,
    configuration.reflector_role_lost,
    reflectors.client_single_reflector,
    reflectors.reflectors_not_peered,
    reflectors.client_with_non_reflector,
    reflectors.wrong_peer_type,
    sessions.unexpected_peer,
    addresses.duplicate_peer,
    sessions.graceful_restart,
    flaps.recently_changed,
    families.family_without_peers,
    cluster.mixed_mesh_and_reflectors,
    cluster.mesh_too_large,
    addresses.unknown_peers,
    cluster.roles_unclear,
    reflectors.reflectors_as_node_specific,
    names.host_listed_twice,
    configuration.resources_questionable,
    families.family_not_running,
    cluster.no_bgp,
)

BY_ID: dict[str, Rule[Context]] = {rule.id: rule for rule in RULES}
