"""What a BGPFilter means, written plainly from its description, for comparison. It shares no code with routes.policy.

Prefixes are texts of bits here, so that no library decides what lies within what.
"""

from __future__ import annotations

from ipaddress import ip_network

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    PrependASPath,
)
from calico_bgp.model.routes.bgp_filter import MatchOperator as Op
from calico_bgp.routes.policy.route import Route, Source

ERROR = "error"


def bits(prefix: object) -> str:
    """A prefix as its leading bits."""
    network = ip_network(str(prefix))
    return format(int(network.network_address), f"0{network.max_prefixlen}b")[: network.prefixlen]


def prefix_condition(rule: FilterRule, route: Route) -> bool | str:
    """Whether the prefix fits; ERROR where BIRD cannot tell."""
    if rule.cidr is None:
        return True
    if "/" not in rule.cidr:
        return ERROR if rule.operator in (Op.IN, Op.NOT_IN) else rule.operator is Op.NOT_EQUAL
    if rule.operator in (Op.EQUAL, Op.NOT_EQUAL):
        is_equal = rule.prefix_length is None and bits(rule.cidr) == bits(route.prefix)
        return is_equal is (rule.operator is Op.EQUAL)
    own, asked = bits(route.prefix), bits(rule.cidr)
    lowest, highest = len(asked), route.prefix.max_prefixlen
    if rule.prefix_length is not None:
        lowest = max(lowest, rule.prefix_length.min or 0)
        highest = highest if rule.prefix_length.max is None else min(highest, rule.prefix_length.max)
    is_in = own.startswith(asked) and lowest <= len(own) <= highest
    return is_in is (rule.operator is Op.IN)


def fits(pattern: str, name: str) -> bool:
    """A shell pattern of `*` and `?`."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return fits(pattern[1:], name) or (bool(name) and fits(pattern, name[1:]))
    return bool(name) and pattern[0] in ("?", name[0]) and fits(pattern[1:], name[1:])


def outcome(
    filters: tuple[BGPFilter, ...], direction: Direction, family: Family, route: Route, *, same_as: bool
) -> tuple[bool, str, int, tuple[int, ...], int, frozenset[tuple[int, ...]]] | None:
    """(accepted, filter, rule, AS path, local preference, communities); None where no rule decides."""
    for each in filters:
        lists = (each.import_v4, each.export_v4, each.import_v6, each.export_v6)
        rules = lists[(family is Family.IPV6) * 2 + (direction is Direction.EXPORT)]
        for number, rule in enumerate(rules, 1):
            if rule.peer_type == ("eBGP" if same_as else "iBGP"):
                continue
            prefix = prefix_condition(rule, route)
            path, preference, communities = route.as_path, route.local_pref, set(route.communities)
            if prefix == ERROR:
                return False, each.name, number, path, preference, frozenset(communities)
            conditions = [
                prefix,
                route.source is Source.BGP or not rule.remote_peers_only,
                rule.interface is None or fits(rule.interface, route.interface),
                rule.community is None or rule.community in communities,
                list(path[: len(rule.as_path_prefix)]) == list(rule.as_path_prefix),
                rule.priority is None or preference == 2147483647 - rule.priority,
            ]
            if not all(conditions):
                continue
            if rule.action is FilterAction.REJECT:
                return False, each.name, number, path, preference, frozenset(communities)
            for operation in rule.operations:
                if isinstance(operation, AddCommunity):
                    communities.add(operation.value)
                elif isinstance(operation, PrependASPath):
                    for as_number in reversed(operation.prefix):
                        path = (as_number, *path)
                else:
                    preference = 2147483647 - operation.value
            return True, each.name, number, path, preference, frozenset(communities)
    return None
