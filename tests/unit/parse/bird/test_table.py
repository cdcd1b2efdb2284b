"""A whole table, reduced: the same as the reader of single answers makes of it, and JSON that gives it back."""

import json
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.table import RouteTable
from calico_bgp.parse.bird import table
from calico_bgp.parse.bird.routes import parse_bird_routes
from calico_bgp.parse.bird.table import parse_bird_table, reduced
from calico_bgp.parse.kernel_routes import parse_kernel_routes, parse_kernel_table

FIXTURES = Path("tests/fixtures/routes")
TABLES = sorted(path for path in FIXTURES.rglob("*show_route*") if "count" not in path.name)
KERNELS = sorted(path for path in FIXTURES.rglob("*.ip_*route*.txt") if "_d_" not in path.name)
MOST = 100_000
JSON = TypeAdapter(RouteTable)


def shown(path):
    return f"{path.parent.name}-{path.name}"


def family_of(path):
    return Family.IPV6 if "ip_6" in path.name else Family.IPV4


@pytest.mark.parametrize("path", TABLES, ids=shown)
def test_it_is_what_the_long_way_reads(path):
    text = path.read_text()
    whole = parse_bird_routes(text)
    found = parse_bird_table(text, most_lines=MOST)
    assert found.routes == tuple(map(reduced, whole.routes))
    if whole.routes:
        assert found.is_whole is whole.complete


@pytest.mark.parametrize("path", TABLES, ids=shown)
def test_json_gives_it_back(path):
    table = RouteTable(Family.IPV4, bird=parse_bird_table(path.read_text(), most_lines=MOST).routes)
    assert JSON.validate_json(JSON.dump_json(table)) == table


@pytest.mark.parametrize("path", KERNELS, ids=shown)
def test_the_kernels_table_likewise(path):
    whole = parse_kernel_routes(path.read_text(), family_of(path))
    found = parse_kernel_table(path.read_text(), family_of(path), most_lines=MOST)
    assert found.routes == whole.routes
    assert found.complete is whole.complete
    table = RouteTable(family_of(path), kernel=found.routes)
    assert JSON.validate_json(JSON.dump_json(table)) == table


LINES = [
    *(FIXTURES / "v3.33/b.show_route.txt").read_text().splitlines(),
    "0001 BIRD 1.6.8 ready.",
    "0000 ",
    "1007-10.0.0.0/26  via 192.0.2.9 on eth0 [Mesh_9 21:16:24] * (100/0) [i]",
    "10.0.0.0/26",
    "10.0.0.0/26 is odd",
    "10.0.0.0/26  via 192.0.2.9 on eth0 [Mesh_9 21:16:24] * (100/0) [i]",
    "                   via 192.0.2.9 on eth0 [Mesh_8 2026-11-29 from 192.0.2.8] (100/0) [i]",
    "\tBGP.originator_id: 192.0.2.9",
    "\tBGP.community: (1,2) [a 10:00:00]",
    "fd00::/64 blackhole [static1 21:16:24] * (200)",
    "",
]


@given(st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from([5, MOST]))
def test_networks_are_read_apart_as_together(lines, end, most):
    text = end.join(lines)
    together = table._table([table._portion("\n".join(lines[:most]))])
    whole = together.is_whole and len(text.split(end)) <= most
    assert parse_bird_table(text, most_lines=most) == together._replace(is_whole=whole)


def test_an_empty_table_is_an_answer_and_silence_is_none():
    assert parse_bird_table("BIRD 1.6.8 ready.\n", most_lines=MOST)[1:] == (True, True)
    assert parse_bird_table("0001 BIRD 1.6.8 ready.\n0000 \n", most_lines=MOST)[1:] == (True, True)
    assert parse_bird_table("", most_lines=MOST)[1:] == (False, False)
    assert parse_bird_table("0001 BIRD 1.6.8 ready.\n", most_lines=MOST).is_whole is False
    assert parse_bird_table("sudo: a password is required\n", most_lines=MOST)[1:] == (False, False)


def test_a_line_that_nobody_understands_makes_it_a_part():
    text = (FIXTURES / "v3.33/b.show_route.txt").read_text()
    assert parse_bird_table(text, most_lines=MOST).is_whole
    for odd in (
        "what is this\n",
        "10.0.0.0/8 via nowhere on eth0 [x 1] * (100)\n",
        "10.0.0.0/99 blackhole [a 10:00] (1)\n",
    ):
        found = parse_bird_table(text + odd, most_lines=MOST)
        assert not found.is_whole
        assert found.routes


def test_too_many_lines_are_left_out_and_said():
    text = (FIXTURES / "v3.33/b.show_route.txt").read_text()
    found = parse_bird_table(text, most_lines=5)
    assert (len(found.routes), found.is_whole) == (4, False)
    lines = "10.0.0.0/24 via 192.0.2.1 dev eth0\n" * 5
    assert parse_kernel_table(lines, Family.IPV4, most_lines=3).complete is False


def test_equal_lines_of_two_nodes_are_one_object():
    one = parse_bird_table(
        "BIRD x ready.\n10.0.0.0/26  via 192.0.2.9 on eth0 [Mesh_9 21:16:24] * (100/0) [i]\n", most_lines=9
    )
    two = parse_bird_table(
        "BIRD x ready.\n10.0.0.0/26  via 192.0.2.9 on eth0 [Mesh_9 2026-11-29] * (100/0) [i]\n", most_lines=9
    )
    assert one.routes[0] is two.routes[0]
    assert one.routes[0].gateway == IPv4Address("192.0.2.9")


@pytest.mark.parametrize(
    "route",
    [
        1,
        "x",
        {},
        {"prefix": "10.0.0.0/33"},
        {"prefix": "10.0.0.0/8"},
        {"prefix": "10.0.0.0/8", "destination": "up", "protocol": "a"},
    ],
)
def test_json_that_is_no_route_is_refused(route):
    with pytest.raises(ValidationError):
        JSON.validate_json(json.dumps({"family": "ipv4", "bird": [route]}))
    with pytest.raises(ValidationError):
        JSON.validate_json(
            json.dumps({"family": "ipv4", "kernel": [route | {"hops": 3} if isinstance(route, dict) else route]})
        )
