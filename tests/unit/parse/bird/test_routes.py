"""BIRD's routes as it printed them: none is lost, and each cell is where it belongs."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest

from calico_bgp.model.routes.bird_route import BirdRoute, Destination, NextHop, RouteCount
from calico_bgp.parse.bird.routes import GRAMMAR, parse_bird_routes
from calico_bgp.parse.cleaning import clean_line

FIXTURES = Path("tests/fixtures/routes")
TABLES = sorted(path for path in FIXTURES.rglob("*show_route*") if ".ip_" not in path.name)
#: Answers that are no tables, and how they end: (is_answer, is_down).
OTHERS = {
    "export_down": (False, True),
    "export_not_up": (False, True),
    "export_Node_192_0_2_10": (False, True),
    "filtered": (False, False),
    "bad_protocol": (False, False),
    "bad_table": (False, False),
}


def read(name) -> tuple[BirdRoute, ...]:
    answer = parse_bird_routes((FIXTURES / name).read_text())
    assert answer.complete
    return answer.routes


def one(routes, prefix, protocol):
    (found,) = [route for route in routes if (str(route.prefix), route.protocol) == (prefix, protocol)]
    return found


def test_the_template_is_read_line_by_line():
    assert GRAMMAR.is_fast


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_line_is_understood(path):
    text = path.read_text()
    answer = parse_bird_routes(text)
    assert answer.unrecognised == ()
    # A path is what names its protocol in brackets; its attributes have none.
    paths = [line for line in text.splitlines() if re.search(r" \[\w+ \S+( from \S+)?\]", line)]
    assert len(answer.routes) == len(paths)
    if not paths and answer.counted is None and "not in table" not in text:
        ends = {name: how for name, how in OTHERS.items() if name in path.name}
        assert (answer.is_answer, answer.is_down) in ends.values()
    else:
        assert answer.is_answer
        assert answer.complete


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_textfsm_itself_reads_it_the_same(path):
    for line in map(clean_line, path.read_text().splitlines()):
        assert GRAMMAR.read(line) == GRAMMAR.read_with_textfsm(line)


def test_the_socket_says_what_birdc_says():
    for kind in ("show_route", "show_route_all"):
        assert read(f"v3.33/a.socket.{kind}.txt") == read(f"v3.33/a.{kind}.txt")


def test_the_short_answer_is_the_long_one_without_attributes():
    short = [
        route._replace(type=None, bgp=None, kernel_source=None, kernel_metric=None)
        for route in read("v3.33/a.show_route_all.txt")
    ]
    assert list(read("v3.33/a.show_route.txt")) == short


def test_the_count_is_the_number_of_paths_and_networks():
    routes = read("v3.33/a.show_route.txt")
    counted = parse_bird_routes((FIXTURES / "v3.33/a.show_route_count.txt").read_text()).counted
    assert counted == RouteCount(len(routes), len(routes), len({route.prefix for route in routes}))


def test_a_reflected_path():
    """`via` is the client, `from` the reflector."""
    routes = read("recovering/a.show_route.txt")
    found = [route for route in routes if route.from_peer == IPv4Address("192.0.2.10")]
    assert {(route.protocol, route.gateway) for route in found} == {
        ("Node_192_0_2_10", IPv4Address("192.0.2.12")),
        ("Node_192_0_2_10", IPv4Address("192.0.2.13")),
    }
    long = [route for route in read("v3.33/b.show_route_net_all.txt") if route.from_peer is not None]
    assert [(route.type, route.bgp.originator_id, route.bgp.cluster_list) for route in long] == [
        ("BGP", "192.0.2.11", ("244.0.0.1",)),
        ("BGP", "192.0.2.13", ("244.0.0.1",)),
    ]


def test_an_own_block_and_a_pod():
    routes = read("misc/b.kernel_all.txt")
    assert [(str(r.prefix), r.destination, r.interface, r.kernel_source, r.kernel_metric) for r in routes] == [
        ("10.244.1.70/32", Destination.INTERFACE, "cali0002", 3, 1024),
        ("172.29.0.0/16", Destination.UNREACHABLE, None, 4, 0),
        ("172.28.0.0/16", Destination.PROHIBITED, None, 4, 0),
    ]
    block = one(read("v3.33/a.show_route.txt"), "198.51.100.0/28", "static1")
    assert (block.destination, block.preference, block.is_best) == (Destination.BLACKHOLE, 200, True)


def test_the_networks_further_paths_have_its_prefix():
    routes = [r for r in read("misc/b6.show_route_all.txt") if r.prefix == ip_network("fd00:10:96::/112")]
    assert [(route.protocol, route.is_best) for route in routes] == [
        ("static1", True),
        ("Mesh_2001_db8__13", False),
        ("Mesh_2001_db8__11", False),
    ]
    assert routes[1].bgp.next_hops == (IPv6Address("2001:db8::13"),)


def test_several_ways():
    (found,) = [r for r in read("misc/b.ecmp.show_route_export_kernel1_all.txt") if r.next_hops]
    assert found.destination is Destination.MULTIPATH
    assert found.next_hops == tuple(NextHop(IPv4Address(f"192.0.2.{n}"), "eth0", 1) for n in (11, 13))
    assert found.type == "BGP"


def test_a_path_that_the_kernel_did_not_take():
    """Felix holds the same prefix at the same metric (v3.31)."""
    (lost,) = [route for route in read("duplicate/era31.x.show_route.txt") if route.not_in_kernel]
    assert lost.is_best


def test_communities_of_both_sizes():
    found = {r.bgp.communities for r in read("filters/large_community.node.show_route_all.txt") if r.bgp}
    assert ((65000, 100, 200), (65001, 300, 400)) in found
    found = {r.bgp.communities for r in read("filters/communities_and_operations.peer.show_route_all.txt") if r.bgp}
    assert ((65000, 42), (65001, 200)) in found


def test_an_empty_table_on_the_socket_is_an_answer():
    answer = parse_bird_routes("0001 BIRD 1.6.8 ready.\n0016 Access restricted\n0000 \n")
    assert (answer.is_answer, answer.complete, answer.routes) == (True, True, ())
    # Of birdc an empty table and no answer look the same.
    assert not parse_bird_routes("BIRD 1.6.8 ready.\n").is_answer


@pytest.mark.parametrize("kind", ["show_route", "show_route_all"])
def test_an_answer_that_stops_anywhere_is_never_whole(kind):
    text = (FIXTURES / f"v3.33/a.socket.{kind}.txt").read_text()
    whole = read(f"v3.33/a.socket.{kind}.txt")
    for end in range(0, len(text) - len("0000 \n"), 97):
        answer = parse_bird_routes(text[:end])
        assert not answer.complete
        # What it has is right, but for what the last path still lacked.
        assert answer.routes[:-1] == whole[: max(0, len(answer.routes) - 1)]


@pytest.mark.parametrize(
    "line",
    [
        "10.0.0.999/24      via 192.0.2.1 on eth0 [Mesh_1 21:16:23] * (100/0) [i]",
        "10.0.0.0/24        over 192.0.2.1 [Mesh_1 21:16:23] * (100/0) [i]",
        "                   via 192.0.2.1 on eth0 [Mesh_1 21:16:23] (100/0) [i]",
        "\tBGP.origin: IGP",
        "\tvia 192.0.2.1 on eth0 weight 1",
        "something else",
    ],
)
def test_what_is_not_understood_is_kept_and_the_answer_is_not_whole(line):
    answer = parse_bird_routes(f"BIRD 1.6.8 ready.\n{line}\n")
    assert [clean_line(line)] == [unknown.text for unknown in answer.unrecognised]
    assert not answer.complete
