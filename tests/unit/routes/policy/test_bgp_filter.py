"""BGPFilters, against what BIRD 1.6.8 did with them (tests/fixtures/routes/filters: tried on real BIRDs)."""

import json
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction, FilterAction, FilterRule
from calico_bgp.parse.resources.bgp_filter import bgp_filter
from calico_bgp.parse.resources.fields import Resource
from calico_bgp.parse.resources.items import items_of
from calico_bgp.parse.resources.raw import Text
from calico_bgp.routes.policy.bgp_filter import decide, never_or_always, refused_by_bird
from calico_bgp.routes.policy.export import ExportPolicy, decide_export
from calico_bgp.routes.policy.route import DEFAULT_PREFERENCE, Route, Source

FIXTURES = Path("tests/fixtures/routes/filters")
CASES = json.loads((FIXTURES / "cases.json").read_text())
OWN = json.loads((FIXTURES / "own_rules.json").read_text())
SOURCES = {
    "own block": Source.STATIC,
    "static route": Source.STATIC,
    "direct route": Source.DIRECT,
    "kernel route": Source.KERNEL,
}
PEER_AS = 64517


def read(spec, name="f"):
    """A filter out of its spec, as kubectl prints it."""
    document = {
        "apiVersion": "projectcalico.org/v3", "kind": "BGPFilter", "metadata": {"name": name}, "spec": spec,
    }  # fmt: skip
    text = Text("f.json", json.dumps(document))
    (item,) = items_of(text)
    resource = Resource(item.raw, item.kind, item.api_version, item.place, text)
    value = bgp_filter(resource)
    return value, text.problems.found


def filter_of(spec):
    value, problems = read(spec)
    assert problems == []
    return value


def communities_of(case):
    texts = (*case.get("communities", ()), *case.get("large_communities", ()))
    return tuple(tuple(map(int, text.split(":"))) for text in texts)


def shown(communities, size):
    separator = "," if size == 2 else ", "
    return " ".join(f"({separator.join(map(str, c))})" for c in communities if len(c) == size)


def attributes(route):
    """As the fixtures have them."""
    found = {"as_path": " ".join(map(str, route.as_path)), "local_pref": str(route.local_pref)}
    if text := shown(route.communities, 2):
        found["community"] = text
    if text := shown(route.communities, 3):
        found["large_community"] = text
    return found


@pytest.mark.parametrize(
    "case", CASES["cases"], ids=lambda case: f"{case['golden'].partition('/')[2]}-{case['direction']}-{case['prefix']}"
)
def test_a_route_as_bird_judged_it(case):
    bgp = filter_of(CASES["filters"][case["golden"].partition("/")[2]])
    same_as = case["peer"] == "iBGP"
    if case["direction"] == "import":
        sent = case["sent"]
        path = tuple(sent.get("as_path_prepended", ()))
        # A peer of another AS prepends in its own export filter, after BIRD has put the AS before the path.
        path = path if same_as else (*path, PEER_AS)
        route = Route(ip_network(case["prefix"]), interface="eth0", as_path=path, communities=communities_of(sent))
        decision = decide((bgp,), Direction.IMPORT, Family.IPV4, route, same_as=same_as)
        accepted = decision is None or decision.accepted
        assert accepted is (case["verdict"] == "accept")
        if accepted:
            assert attributes(decision.route if decision else route) == case["held"]
        return
    route = Route(
        ip_network(case["prefix"]),
        source=SOURCES[case["source"]],
        interface=case.get("interface", ""),
        metric=case.get("metric"),
        communities=communities_of(case),
    )
    blocks = (route.prefix,) if case["source"] == "own block" else ()
    policy = ExportPolicy(release=(3, 33), local_as=CASES["local_as"], blocks=blocks)
    decision = decide_export(policy, (bgp,), Family.IPV4, route, same_as=same_as)
    assert decision.accepted is (case["verdict"] == "accept"), decision.because
    if decision.accepted:
        # BGP carries no local preference to another AS.
        arrived = decision.route if same_as else replace(decision.route, local_pref=DEFAULT_PREFERENCE)
        assert attributes(arrived) == case["received"]


THEN = {"Reject": FilterAction.REJECT, "Accept": FilterAction.ACCEPT}


def route_of(text):
    """`10.244.1.9/32 dev cali1`, `66.0.0.0/24 via eth0`, `192.0.2.0/24 dev eth0 (direct)`, `... blackhole`."""
    prefix, _, rest = text.partition(" ")
    words = rest.replace("(", " ").replace(")", " ").split()
    interface = next((word for word in words if word.startswith(("cali", "eth"))), "")
    source = Source.DIRECT if "direct" in words else Source.STATIC if "blackhole" in words else Source.KERNEL
    return Route(ip_network(prefix), source=source, interface=interface)


@pytest.mark.parametrize("case", [case for case in OWN if "rule" in case], ids=lambda case: str(case["rule"])[:60])
def test_a_rule_that_bird_takes_unexpectedly(case):
    rule = filter_of({"importV4": [case["rule"]]}).import_v4[0]
    rules = (rule, *(FilterRule(THEN[word]) for word in [case["then"]] if word in THEN))
    bgp = BGPFilter("f", import_v4=rules, export_v4=rules)
    for word in ("accept", "reject"):
        for text in case[word]:
            if case["direction"] == "import":
                route = Route(ip_network(text.partition(" ")[0]), interface="eth0")
                decision = decide((bgp,), Direction.IMPORT, Family.IPV4, route, same_as=True)
                accepted = decision is None or decision.accepted
            else:
                route = route_of(text)
                if "by Calico" in text:  # it came over BGP, and no pool holds it
                    route = replace(route, source=Source.KERNEL)
                blocks = (route.prefix,) if "own block" in text else ()
                policy = ExportPolicy(release=(3, 33), local_as=64512, blocks=blocks)
                accepted = decide_export(policy, (bgp,), Family.IPV4, route, same_as=True).accepted
            assert accepted is (word == "accept"), text


@pytest.mark.parametrize("rule", OWN[-1]["refused"], ids=lambda rule: rule["error"])
def test_a_rule_with_which_bird_refuses_its_file(rule):
    spec = {name: value for name, value in rule.items() if name != "error"} | {"action": "Accept"}
    ((place, number, why),) = refused_by_bird(filter_of({"exportV4": [{"action": "Accept"}, spec]}))
    assert (place, number) == ("exportV4", 2)
    assert why


def test_a_rule_without_any_meaning_is_known():
    spec = {"action": "Accept", "cidr": "10.0.0.0/8", "prefixLength": {"max": 24}}
    equal, other = (
        filter_of({"importV4": [{**spec, "matchOperator": operator}]}).import_v4[0]
        for operator in ("Equal", "NotEqual")
    )
    assert (never_or_always(equal), never_or_always(other)) == (False, True)
    plain = filter_of({"importV4": [{"action": "Accept", "cidr": "10.0.0.0/8", "matchOperator": "Equal"}]})
    assert never_or_always(plain.import_v4[0]) is None


def test_filters_without_rules_for_the_direction_are_skipped():
    empty, last = (
        BGPFilter("a", export_v4=(FilterRule(FilterAction.REJECT),)),
        BGPFilter("b", import_v4=(FilterRule(FilterAction.REJECT),)),
    )
    route = Route(ip_network("10.0.0.0/8"))
    decision = decide((empty, last), Direction.IMPORT, Family.IPV4, route, same_as=True)
    assert (decision.filter, decision.accepted) == ("b", False)
    assert decide((empty, last), Direction.IMPORT, Family.IPV6, route, same_as=True) is None


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ({}, "spec.importV4[0].action is missing"),
        ({"action": "Allow"}, "spec.importV4[0].action is 'Allow'"),
        ({"action": "Accept", "matchOperator": "Within"}, "matchOperator is 'Within'"),
        ({"action": "Accept", "communities": {"values": ["65000"]}}, "is no community"),
        ({"action": "Accept", "communities": {"values": ["1:2", "1:3"]}}, "has 2 values"),
        ({"action": "Accept", "source": "Kernel"}, "source is not known"),
        ({"action": "Accept", "asPathPrefix": [True]}, "asPathPrefix[0] is no AS number"),
        ({"action": "Accept", "operations": [{}]}, "names 0 operations"),
        ({"action": "Accept", "prefixLength": {"max": 33}}, "max is the number 33"),
    ],
)
def test_what_the_api_refuses_is_told(rule, wrong):
    _, problems = read({"importV4": [rule]})
    assert any(wrong in problem.message for problem in problems), [problem.message for problem in problems]
