"""Which rules of a BGPFilter take all that a later one matches: against every prefix of a small tree."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from itertools import product

import pytest

from calico_bgp.model.routes.bgp_filter import Direction, FilterAction, FilterRule, MatchOperator, PrefixLength
from calico_bgp.routes.policy.shadow import covers, shadowed_by

IN, EQUAL = MatchOperator.IN, MatchOperator.EQUAL
PLAIN = FilterRule(FilterAction.REJECT)
#: Every prefix that lies within it, and the two around it.
TREE = [p for length in range(27, 33) for p in ip_network("10.0.0.0/27").subnets(new_prefix=length)]
CIDRS = ["10.0.0.0/28", "10.0.0.0/30", "10.0.0.4/30", "10.0.0.4/32"]
LENGTHS = [None, *(PrefixLength(*limits) for limits in ((30, None), (None, 30), (29, 31), (None, None)))]
RULES = [
    *(replace(PLAIN, cidr=cidr, operator=IN, prefix_length=limits) for cidr, limits in product(CIDRS, LENGTHS)),
    *(replace(PLAIN, cidr=c, operator=MatchOperator.NOT_IN, prefix_length=x) for c in CIDRS for x in LENGTHS[:2]),
    *(replace(PLAIN, cidr=c, operator=o) for c in CIDRS for o in (EQUAL, MatchOperator.NOT_EQUAL)),
    # BIRD never finds a prefix equal to a set of prefixes.
    *(replace(PLAIN, cidr=CIDRS[0], operator=o, prefix_length=LENGTHS[1]) for o in (EQUAL, MatchOperator.NOT_EQUAL)),
    PLAIN,
]


def matched(rule):
    """The prefixes of the tree that a rule matches."""
    if rule.cidr is None:
        return set(TREE)
    cidr, limits = ip_network(rule.cidr), rule.prefix_length
    if rule.operator in (EQUAL, MatchOperator.NOT_EQUAL):
        found = set() if limits else {cidr}
    else:
        low, high = (limits.min or 0, limits.max or 32) if limits else (0, 32)
        found = {prefix for prefix in TREE if prefix.subnet_of(cidr) and low <= prefix.prefixlen <= high}
    return found if rule.operator in (IN, EQUAL) else set(TREE) - found


def test_a_rule_covers_another_where_no_prefix_says_otherwise():
    all_matched = [matched(rule) for rule in RULES]
    for (earlier, takes), (later, wants) in product(zip(RULES, all_matched, strict=True), repeat=2):
        if covers(earlier, later, Direction.EXPORT):
            assert wants <= takes, (earlier, later)
        elif earlier.operator is IN and later.operator in (IN, EQUAL) and later.prefix_length != LENGTHS[1]:
            # Of these it is known for certain; a range that is empty counts as something.
            assert not wants <= takes or not wants, (earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later", "at_export"),
    [
        ({}, {"peer_type": "iBGP"}, True),
        ({"peer_type": "iBGP"}, {"peer_type": "iBGP"}, True),
        ({"peer_type": "iBGP"}, {"peer_type": "eBGP"}, False),
        ({"peer_type": "iBGP"}, {}, False),
        ({"remote_peers_only": True}, {"remote_peers_only": True}, True),
        ({"remote_peers_only": True}, {}, False),  # at import all came over BGP
        ({"interface": "*"}, {}, True),
        ({"interface": "eth0"}, {"interface": "eth0"}, True),
        ({"interface": "eth*"}, {"interface": "eth0"}, False),  # not compared as patterns
        ({"interface": "eth0"}, {}, False),
        ({"community": (1, 2)}, {"community": (1, 2)}, True),
        ({"community": (1, 2)}, {}, False),
        ({"as_path_prefix": (1,)}, {"as_path_prefix": (1, 2)}, True),
        ({"as_path_prefix": (1, 2)}, {"as_path_prefix": (1,)}, False),
        ({"priority": 512}, {"priority": 512}, True),
        ({"priority": 512}, {}, False),
        # Not equal to what lies elsewhere, and not in it.
        ({"cidr": "11.0.0.0/8", "operator": MatchOperator.NOT_IN}, {"cidr": "10.0.0.0/8", "operator": IN}, True),
        ({"cidr": "11.0.0.0/8", "operator": MatchOperator.NOT_EQUAL}, {"cidr": "10.0.0.0/8", "operator": IN}, True),
        ({"cidr": "fd00::/8", "operator": MatchOperator.NOT_IN}, {"cidr": "10.0.0.0/8", "operator": IN}, True),
        ({"cidr": "fd00::/8", "operator": IN}, {"cidr": "10.0.0.0/8", "operator": IN}, False),
        ({"cidr": "11.0.0.0/8", "operator": EQUAL}, {"cidr": "10.0.0.0/8", "operator": IN}, False),
        ({"cidr": "0.0.0.0/0", "operator": IN}, {"cidr": "0.0.0.0/0", "operator": EQUAL}, True),
        *(
            ({"cidr": cidr, "operator": MatchOperator.NOT_IN}, {"cidr": cidr, "operator": MatchOperator.NOT_IN}, True)
            for cidr in ("10.0.0.0/8", "10.0.0.0")
        ),
        # BIRD fails at an address without a length, and rejects whatever it was.
        ({"cidr": "10.0.0.0/8", "operator": IN}, {"cidr": "10.0.0.0", "operator": IN}, False),
        # No prefix, with which BIRD refuses its file.
        ({"cidr": "10.0.0.0/8", "operator": IN}, {"cidr": "10.0.0.1/8", "operator": IN}, False),
        ({"cidr": "10.0.0.0", "operator": IN}, {"cidr": "10.0.0.0/8", "operator": IN}, False),
    ],
)
def test_each_condition_is_compared(earlier, later, at_export):
    one, other = replace(PLAIN, **earlier), replace(PLAIN, **later)
    assert covers(one, other, Direction.EXPORT) is at_export
    assert covers(one, other, Direction.IMPORT) is (at_export or "remote_peers_only" in earlier)


def test_the_first_of_several_that_cover_a_rule_is_named():
    narrow, wide = (replace(PLAIN, cidr=cidr, operator=IN) for cidr in ("10.1.0.0/16", "10.0.0.0/8"))
    rules = (narrow, wide, PLAIN, narrow, wide)
    assert [shadowed_by(rules, number, Direction.EXPORT) for number in range(1, 6)] == [None, None, None, 1, 2]
