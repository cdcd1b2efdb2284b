"""The rig's BIRD functions of BGPFilters, in the form that confd gives them (template_funcs.go)."""

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    Direction,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
    PrependASPath,
    SetPriority,
)
from tests.rig.routes.bird_filters import filter_calls, filter_functions, function_name

ACCEPT, REJECT = FilterAction.ACCEPT, FilterAction.REJECT
EVERYTHING = FilterRule(
    ACCEPT,
    "10.65.0.0/16",
    MatchOperator.IN,
    PrefixLength(20, 28),
    remote_peers_only=True,
    interface="bond?",
    peer_type="eBGP",
    community=(64500, 7),
    as_path_prefix=(64500, 64501),
    priority=512,
    operations=(AddCommunity((64500, 8, 9)), PrependASPath((64502, 64503)), SetPriority(256)),
)


def test_a_rule_with_everything():
    made = BGPFilter("edge", export_v4=(EVERYTHING, FilterRule(REJECT)))
    assert filter_functions(made, Family.IPV4) == (
        "function 'bgp_edge_exportFilterV4'(bool is_same_as) {\n"
        "  if (!is_same_as) then { if ((net ~ [ 10.65.0.0/16{20,28} ])&&((defined(source))&&(source ~ [ RTS_BGP ]))"
        '&&((defined(ifname))&&(ifname ~ "bond?"))&&((64500, 7) ~ bgp_community)&&(bgp_path ~ [= 64500 64501 * =])'
        "&&(bgp_local_pref = 2147483135)) then { bgp_large_community.add((64500, 8, 9)); bgp_path.prepend(64503); "
        "bgp_path.prepend(64502); bgp_local_pref = 2147483391; accept; } }\n"
        "  reject;\n"
        "}\n"
    )
    assert filter_functions(made, Family.IPV6) == ""
    assert filter_calls([made], Direction.EXPORT, Family.IPV4, same_as=False) == (
        "    'bgp_edge_exportFilterV4'(false);\n"
    )
    assert filter_calls([made], Direction.IMPORT, Family.IPV4, same_as=False) == ""


def test_the_operators_of_both_families():
    rules = tuple(FilterRule(REJECT, "fd65::/48", operator) for operator in MatchOperator)
    made = BGPFilter("edge", import_v6=rules)
    assert filter_functions(made, Family.IPV6) == (
        "function 'bgp_edge_importFilterV6'() {\n"
        "  if ((net = fd65::/48)) then { reject; }\n"
        "  if ((net != fd65::/48)) then { reject; }\n"
        "  if ((net ~ fd65::/48)) then { reject; }\n"
        "  if ((net !~ fd65::/48)) then { reject; }\n"
        "}\n"
    )
    assert filter_calls([made], Direction.IMPORT, Family.IPV6, same_as=True) == "    'bgp_edge_importFilterV6'();\n"


def test_a_name_that_is_too_long_is_cut_and_hashed():
    long = "x" * 46
    name = function_name(long, Direction.IMPORT, Family.IPV4)
    assert len(name.strip("'")) == 64
    assert name.startswith(f"'bgp_{'x' * 28}_")
    assert function_name("x" * 45, Direction.IMPORT, Family.IPV4) == f"'bgp_{'x' * 45}_importFilterV4'"
