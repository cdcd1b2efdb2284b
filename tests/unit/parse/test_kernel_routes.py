"""The kernel's routes as `ip` printed them, as text and as JSON."""

from ipaddress import IPv4Address, ip_network
from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, FELIX, KernelHop, KernelRoute
from calico_bgp.parse.cleaning import clean_line
from calico_bgp.parse.kernel_routes import GRAMMAR, parse_kernel_routes, parse_kernel_table

FIXTURES = Path("tests/fixtures/routes")
ANSWERS = sorted(FIXTURES.rglob("*.ip_*"))


def family(path):
    return Family.IPV6 if "_6_" in path.name else Family.IPV4


def read(name, **asked):
    path = FIXTURES / name
    answer = parse_kernel_routes(path.read_text(), family(path), **asked)
    assert answer.complete
    return answer.routes


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_everything_is_understood(path):
    answer = parse_kernel_routes(path.read_text(), family(path))
    assert (answer.unrecognised, answer.complete) == ((), True)
    assert answer.routes


@pytest.mark.parametrize("path", [path for path in ANSWERS if path.suffix == ".txt"], ids=lambda path: path.name)
def test_textfsm_itself_reads_it_the_same(path):
    for line in map(clean_line, path.read_text().splitlines()):
        assert GRAMMAR.read(line) == GRAMMAR.read_with_textfsm(line)


def test_text_and_json_of_one_table_are_the_same():
    """`ip -j route show proto bird` names neither protocol nor the type of unicast routes."""
    for node in ("v3.33/a", "v3.33/b", "v3.31/a", "v3.31/c"):
        text = {route for route in read(f"{node}.ip_route.txt") if route.protocol == BIRD}
        assert text == set(read(f"{node}.ip_j_route_proto_bird.json", protocol=BIRD))


def test_who_wrote_a_route():
    routes = {(str(r.prefix), r.protocol): r for r in read("v3.33/a.ip_route.txt")}
    assert routes["10.245.7.0/26", FELIX].is_onlink
    assert routes["10.245.7.0/26", FELIX].hops == (KernelHop(IPv4Address("192.0.2.12"), "tunl0"),)
    assert routes["10.244.1.3/32", BOOT].metric == 1024
    assert routes["0.0.0.0/0", BIRD].metric == 2147483547


def test_both_wrote_one_block():
    routes = [r for r in read("duplicate/era33.x.ip_j_d_route.json") if r.protocol in (BIRD, FELIX)]
    twice = {r.prefix for r in routes if r.protocol == BIRD} & {r.prefix for r in routes if r.protocol == FELIX}
    assert len(twice) == 1


def test_several_ways():
    found = [r for r in read("misc/b.ip_route.txt") if len(r.hops) > 1]
    assert [[hop.weight for hop in route.hops] for route in found] == [[1, 3]]
    (json_one,) = [r for r in read("misc/b.ecmp.ip_j_route.json", protocol=BIRD) if len(r.hops) > 1]
    assert [str(hop.gateway) for hop in json_one.hops] == ["192.0.2.11", "192.0.2.13"]


def test_busybox_and_ipv4_over_ipv6():
    text = "default via 192.0.2.1 dev eth0 \n10.244.9.0/26 via inet6 fe80::1 dev eth0  proto 12  metric 1024 \n"
    first, second = parse_kernel_routes(text, Family.IPV4).routes
    gateway = KernelHop(IPv4Address("192.0.2.1"), "eth0")
    assert first == KernelRoute(ip_network("0.0.0.0/0"), "unicast", BOOT, 0, (gateway,))
    assert (second.protocol, str(second.hops[0].gateway)) == (BIRD, "fe80::1")


@pytest.mark.parametrize(
    "text",
    [
        "[{",
        '[{"dst": 5}]',
        '[{"dst": "10.0.0.0/8", "protocol": "zebra"}]',
        '[{"dst": "10.0.0.0/8", "metric": "high"}]',
        '["10.0.0.0/8"]',
        '[{"dst": "10.0.0.1/8"}]',
        '[{"dst": "10.0.0.0/8", "nexthops": 7}]',
        '[{"dst": "10.0.0.0/8", "gateway": 5}]',
        "Error: argument",
        "10.0.0.0/8 dev eth0 proto zebra",
        "[" * 5000,
    ],
)
def test_what_is_not_understood_is_told(text):
    answer = parse_kernel_routes(text, Family.IPV4)
    assert len(answer.unrecognised) == 1
    assert not answer.complete


@pytest.mark.parametrize("text", ["", "\n", " \n"])
def test_silence_is_no_table_without_routes(text):
    assert not parse_kernel_routes(text, Family.IPV4).complete
    assert parse_kernel_routes("[ ]\n", Family.IPV4).complete


def test_what_a_filter_left_out_is_nothing():
    assert parse_kernel_routes('[{},{"dst":"10.0.0.0/8","dev":"eth0","flags":[]}]', Family.IPV4).complete


MAIN = "default via 192.0.2.254 dev eth0\n10.244.2.0/26 via 192.0.2.12 dev eth0 proto bird metric 1024\n"
RULES = """0:\tfrom all lookup local
99:\tnot from all fwmark 0x200000/0x200000 lookup 1
32766:\tfrom all lookup main
32767:\tfrom all lookup default
"""
OVER_WIREGUARD = """10.244.1.0/26 table 1 proto 80 scope link
local 10.244.0.9 table local proto kernel scope host src 10.244.0.9
10.244.7.0/26 table 7 proto 80 scope link
198.51.100.0/24 proto static scope link
"""


def table(text, family=Family.IPV4, most_lines=100):
    return parse_kernel_table(text, family, most_lines=most_lines)


def test_routes_over_wireguard_stand_in_a_table_that_a_rule_leads_to():
    """As iproute2 6 printed them of such an interface: `dev` is left out, and table 7 has no rule."""
    found = table(MAIN + RULES + OVER_WIREGUARD)
    assert (found.complete, found.has_wireguard, len(found.routes)) == (True, True, 3)
    route = found.routes[-1]
    assert (str(route.prefix), route.table, route.protocol) == ("10.244.1.0/26", "1", FELIX)
    assert route.hops == (KernelHop(None, "wireguard.cali"),)
    assert all(one.table is None for one in found.routes[:2])


def test_routes_over_wireguard_in_ipv6():
    main = "2001:db8::/64 dev eth0 proto kernel metric 256\n"
    rules = "0:\tfrom all lookup local\n99:\tnot from all fwmark 0x1/0x1 lookup 1\n32766:\tfrom all lookup main\n"
    routes = "fd00:10:244::/122 table 1 proto 80 metric 1024 pref medium\nmulticast ff00::/8 table local metric 256\n"
    found = table(main + rules + routes, Family.IPV6)
    assert found.has_wireguard
    assert [(str(one.prefix), one.table, one.hops) for one in found.routes[1:]] == [
        ("fd00:10:244::/122", "1", (KernelHop(None, "wg-v6.cali"),))
    ]


@pytest.mark.parametrize(
    "text",
    [
        MAIN,
        # Without a rule before `main`'s nobody looks into the table.
        MAIN + RULES.replace("99:", "32999:") + OVER_WIREGUARD,
        MAIN + RULES.replace(" lookup 1", "") + OVER_WIREGUARD,
        MAIN + RULES + "10.244.1.0/26 table 1 proto nobody\n",
    ],
    ids=["no-interface", "rule-behind", "no-table", "not-understood"],
)
def test_where_wireguards_table_is_not_used_or_not_understood(text):
    found = table(text)
    assert (found.has_wireguard, len(found.routes), found.complete) == (False, 2, True)


def test_a_long_text_has_no_whole_table_of_wireguard():
    found = table(MAIN + RULES + OVER_WIREGUARD, most_lines=7)
    assert (found.complete, found.has_wireguard) == (False, False)
