"""BGPFilters, and Calico's own export rules, as the functions of BIRD 1.6 that confd makes of them. Text only.

Written from what confd/pkg/resource/template/template_funcs.go and the templates from v3.32 on do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterRule,
    MatchOperator,
    Operation,
    PrependASPath,
)
from calico_bgp.routes.policy.export import ExportPolicy
from calico_bgp.routes.policy.route import LARGEST_PREFERENCE, NORMAL_PRIORITY

_SIGNS = {MatchOperator.EQUAL: "=", MatchOperator.NOT_EQUAL: "!=", MatchOperator.IN: "~", MatchOperator.NOT_IN: "!~"}
_LONGEST_NAME = 45


def function_name(name: str, direction: Direction, family: Family) -> str:
    """How the function of a filter is called, in quotes: BIRD's names have at most 64 characters."""
    if len(name) > _LONGEST_NAME:
        name = f"{name[:28]}_{sha256(name.encode()).hexdigest()[:16].upper()}"
    return f"'bgp_{name}_{direction}FilterV{4 if family is Family.IPV4 else 6}'"


def filter_functions(bgp_filter: BGPFilter, family: Family) -> str:
    """The functions of a filter for one family: one a direction that has rules."""
    return "".join(
        f"function {function_name(bgp_filter.name, direction, family)}({_parameter(rules)}) {{\n"
        + "".join(f"  {_statement(rule, family)}\n" for rule in rules)
        + "}\n"
        for direction in Direction
        if (rules := bgp_filter.rules(direction, family))
    )


def _tells_peers_apart(rules: Iterable[FilterRule]) -> bool:
    return any(rule.peer_type is not None for rule in rules)


def _parameter(rules: Iterable[FilterRule]) -> str:
    return "bool is_same_as" if _tells_peers_apart(rules) else ""


def filter_calls(filters: Iterable[BGPFilter], direction: Direction, family: Family, *, same_as: bool) -> str:
    """The calls of a peer's filters, in order."""
    calls = []
    for bgp_filter in filters:
        if rules := bgp_filter.rules(direction, family):
            argument = str(same_as).lower() if _tells_peers_apart(rules) else ""
            calls.append(f"    {function_name(bgp_filter.name, direction, family)}({argument});\n")
    return "".join(calls)


def _statement(rule: FilterRule, family: Family) -> str:
    conditions = "&&".join(_conditions(rule, family))
    action = f"{rule.action.lower()};"
    if rule.operations:
        action = " ".join((*(text for operation in rule.operations for text in _changes(operation)), action))
    text = f"if ({conditions}) then {{ {action} }}" if conditions else action
    if rule.peer_type is None:
        return text
    return f"if ({'' if rule.peer_type == 'iBGP' else '!'}is_same_as) then {{ {text} }}"


def _conditions(rule: FilterRule, family: Family) -> Iterator[str]:
    if rule.cidr is not None and rule.operator is not None:
        yield f"(net {_SIGNS[rule.operator]} {_prefix(rule, family)})"
    if rule.remote_peers_only:
        yield "((defined(source))&&(source ~ [ RTS_BGP ]))"
    if rule.interface is not None:
        yield f'((defined(ifname))&&(ifname ~ "{rule.interface}"))'
    if rule.community is not None:
        yield f"({_tuple(rule.community)} ~ {_list_of(rule.community)})"
    if rule.as_path_prefix:
        yield f"(bgp_path ~ [= {' '.join(map(str, rule.as_path_prefix))} * =])"
    if rule.priority is not None:
        yield f"(bgp_local_pref = {LARGEST_PREFERENCE - rule.priority})"


def _prefix(rule: FilterRule, family: Family) -> str:
    lengths = rule.prefix_length
    if lengths is None:
        return str(rule.cidr)
    mask = int(str(rule.cidr).partition("/")[2])
    longest = 32 if family is Family.IPV4 else 128
    lowest = mask if lengths.min is None else max(mask, lengths.min)
    highest = longest if lengths.max is None else min(longest, lengths.max)
    return f"[ {rule.cidr}{{{lowest},{highest}}} ]"


def _changes(operation: Operation) -> Iterator[str]:
    if isinstance(operation, AddCommunity):
        yield f"{_list_of(operation.value)}.add({_tuple(operation.value)});"
    elif isinstance(operation, PrependASPath):
        for number in reversed(operation.prefix):
            yield f"bgp_path.prepend({number});"
    else:
        yield f"bgp_local_pref = {LARGEST_PREFERENCE - operation.value};"


def _tuple(community: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, community))})"


def _list_of(community: tuple[int, ...]) -> str:
    return "bgp_community" if len(community) == 2 else "bgp_large_community"


def session_filters(
    filters: Iterable[BGPFilter], family: Family, *, same_as: bool, export: str = "calico_export"
) -> str:
    """`import filter` and `export filter` of a protocol, from v3.32 on."""
    listed = tuple(filters)
    incoming, outgoing = (filter_calls(listed, d, family, same_as=same_as) for d in Direction)
    return (
        f"  import filter {{\n{incoming}    accept;\n  }};\n"
        f"  export filter {{\n    set_priority();\n{outgoing}    {export}();\n    reject;\n  }};\n"
    )


#: What goes before every filter at export from v3.32 on.
PRIORITIES = f"""\
function set_priority() {{
  if (source ~ [ RTS_BGP ]) then {{ krt_metric = {LARGEST_PREFERENCE} - bgp_local_pref; }}
  else {{
    if (!defined(krt_metric)) then {{ krt_metric = {NORMAL_PRIORITY}; }}
    bgp_local_pref = {LARGEST_PREFERENCE} - krt_metric;
  }}
}}
"""


def export_rules(policy: ExportPolicy, name: str = "calico_export") -> str:
    """Calico's own export rules that concern blocks, in order."""
    lines = [f"  if (net ~ {pool}) then {{ reject; }}" for pool in policy.unexported]
    for block in policy.blocks:
        lines.append(f"  if (net = {block}) then {{ accept; }}")
        lines.append(
            f"  if ((net ~ {block})&&(defined(krt_metric))&&(krt_metric < {NORMAL_PRIORITY})) then {{ accept; }}"
        )
        lines.append(f"  if (net ~ {block}) then {{ reject; }}")
    lines += [f"  if (net ~ {pool}) then {{ accept; }}" for pool in policy.pools]
    return f"function {name}() {{\n" + "\n".join(lines) + "\n  reject;\n}\n"
