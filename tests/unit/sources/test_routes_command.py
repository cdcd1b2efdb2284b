"""What the command says of routes, over SSH and in a pod, in real shells on a host made of stand-ins."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.table import RouteTable, leads_through_gateway
from calico_bgp.parse.answer.frame import parse_answer
from calico_bgp.parse.answer.values import Answer
from calico_bgp.parse.bird.routes import parse_bird_routes
from calico_bgp.parse.bird.table import reduced
from calico_bgp.parse.reduced_tables import reduce_table
from calico_bgp.sources.kubernetes.pod_command import pod_command
from calico_bgp.sources.node.questions import MANY_NODES, Questions
from calico_bgp.sources.node.route_tables import route_tables
from tests.unit.sources.fake_host import MARKER, PLACES, FakeHost

ROUTES = Path("tests/fixtures/routes/v3.33")
#: birdcl as it answers each question; its words are the files' names.
BIRDCL = f"""echo "$*" >> "${{0%/*}}/../asked"
[ "$1" = -r ] && shift; shift 2
exec cat {ROUTES.resolve()}/a.$(echo "$*" | tr " " _).txt"""
IP = f"""case "$*" in "-4 route show") exec cat {ROUTES.resolve()}/a.ip_route.txt;;
"-6 route show") echo "fe80::/64 dev eth0 proto kernel metric 256"
echo "2001:db8::/64 dev eth0 proto kernel metric 256";;
*) echo "2: eth0    inet 192.0.2.11/24 scope global eth0";; esac"""
ASKED = Questions(routes=True)


@pytest.fixture
def node(host: FakeHost) -> FakeHost:
    """A host with BIRD's socket, birdcl and ip; bird6 has none."""
    host.use("tr")
    host.program("birdcl", BIRDCL)
    host.program("ip", IP)
    folder = host.folder / "var/run/calico"
    folder.mkdir(parents=True)
    where = Path.cwd()
    os.chdir(folder)  # a socket's path has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("bird.ctl")
    os.chdir(where)
    return host


def in_pod(host: FakeHost, questions: Questions, *, lines: bool = False) -> Answer:
    script = pod_command(MARKER, questions=questions, lines=lines)[-1]
    for place in PLACES:
        script = script.replace(place, f"{host.folder}{place}")
    done = subprocess.run(
        [*host.shell, "-c", script],
        env={"PATH": str(host.folder / "bin")},
        capture_output=True,
        text=True,
        timeout=40,
        check=True,
    )
    answer = parse_answer(done.stdout, MARKER)
    assert answer is not None
    return answer


def is_all_of_it(table: RouteTable) -> None:
    """The table of the fixture, as its own reader reads it, but for the attributes that were left on the node."""
    whole = parse_bird_routes((ROUTES / "a.show_route_all.txt").read_text())
    assert table.bird == tuple(map(reduced, whole.routes))
    assert (table.bird_is_whole, table.kernel_is_whole, table.not_read) == (True, True, None)
    assert table.kernel is not None
    blackholes = {str(route.prefix) for route in table.kernel if route.type == "blackhole"}
    assert "10.244.1.0/26" in blackholes


def test_a_node_tells_its_routes(node: FakeHost) -> None:
    answer = node.run(questions=ASKED)
    ipv4, ipv6 = route_tables(answer.tables)
    is_all_of_it(ipv4)
    assert (ipv6.family, ipv6.bird, ipv6.bird_is_whole) == (Family.IPV6, None, False)
    assert ipv6.kernel is not None
    assert [route.prefix for route in ipv6.kernel] == [ip_network("2001:db8::/64")], "link-local networks stay there"
    assert answer.complete
    (text,) = (table.text for table in answer.tables if not table.is_kernel and table.family is Family.IPV4)
    assert "BGP.next_hop" not in text
    assert "BGP.community" in text


def test_a_pod_tells_the_addresses_of_its_host(node: FakeHost) -> None:
    """It is in the host's network; an image without `ip` has `hostname`, or tells none."""
    assert in_pod(node, ASKED).addresses == (ip_address("192.0.2.11"),)
    node.program("ip", "exit 127")
    node.program("hostname", 'if [ "$1" = -I ]; then echo "192.0.2.12 2001:db8::12 "; else echo node1; fi')
    assert in_pod(node, ASKED).addresses == (ip_address("192.0.2.12"), ip_address("2001:db8::12"))
    node.program("hostname", "echo node1")
    assert in_pod(node, ASKED).addresses == ()


def test_a_node_with_wireguard_tells_its_table(node: FakeHost) -> None:
    """Only where Felix made the interface; without it `ip` ends with 1."""
    node.program(
        "ip",
        IP.replace(
            "*) echo",
            """"-4 route show table all dev wireguard.cali")
echo "10.244.7.0/26 table 1 proto 80 scope link";;
"-6 route show table all dev wg-v6.cali") exit 1;;
"-4 rule show") printf "99:\\tnot from all fwmark 0x200000/0x200000 lookup 1\\n";;
"-6 rule show") echo "99: from all lookup 1";;
*) echo""",
        ),
    )
    for answer in (node.run(questions=ASKED), in_pod(node, ASKED)):
        ipv4, ipv6 = route_tables(answer.tables)
        assert (ipv4.kernel_is_whole, ipv4.wireguard_is_read, ipv6.wireguard_is_read) == (True, True, False)
        assert [str(one.prefix) for one in ipv4.kernel or () if one.table == "1"] == ["10.244.7.0/26"]
    assert not any(table.wireguard_is_read for table in route_tables(without_wireguard(node).tables))


def without_wireguard(host: FakeHost) -> Answer:
    host.program("ip", IP.replace("*) echo", "*wireguard*|*wg-v6*) exit 1;; *) echo"))
    return host.run(questions=ASKED)


def test_beside_calicoctl_as_well(node: FakeHost) -> None:
    node.program("calicoctl", "echo table")
    answer = node.run(questions=ASKED)
    assert answer.stdout == "table\n"
    is_all_of_it(route_tables(answer.tables)[0])


def test_a_pod_tells_its_routes(node: FakeHost) -> None:
    answer = in_pod(node, ASKED)
    is_all_of_it(route_tables(answer.tables)[0])
    assert answer.complete
    questions = (node.folder / "asked").read_text().splitlines()
    assert {line.split()[0] for line in questions} == {"-r"}
    assert questions[-1].endswith("show route all")


def test_nothing_of_routes_unless_asked(node: FakeHost) -> None:
    assert node.run(questions=Questions(routes=False)).tables == ()
    assert in_pod(node, Questions()).tables == ()
    assert "show route all" not in (node.folder / "asked").read_text()


def test_a_pod_without_grep_tells_all_attributes(node: FakeHost) -> None:
    (node.folder / "bin/grep").unlink()
    answer = in_pod(node, ASKED)
    is_all_of_it(route_tables(answer.tables)[0])


def test_a_birdcl_that_ends_early_leaves_a_part(node: FakeHost) -> None:
    node.program("birdcl", BIRDCL.replace("exec cat", "[ $2 = route ] && [ $3 = all ] && head=1; cat") + "; exit 3")
    (ipv4, _) = route_tables(node.run(questions=ASKED).tables)
    assert ipv4.bird
    assert not ipv4.bird_is_whole
    assert ipv4.not_read is not None
    assert "exit code 3" in ipv4.not_read


def test_a_host_without_ip_has_no_kernel_table(node: FakeHost) -> None:
    node.program("ip", "exit 1")
    ipv4, _ = route_tables(node.run(questions=ASKED).tables)
    assert (ipv4.kernel, ipv4.kernel_is_whole) == (None, False)
    assert ipv4.bird_is_whole


def test_a_cut_table_is_not_whole(node: FakeHost) -> None:
    answer = node.run(questions=ASKED)
    (text,) = (table for table in answer.tables if not table.is_kernel and table.family is Family.IPV4)
    whole = f"\n{MARKER} begin 1\n\n{MARKER} table ipv4\n{text.text}"
    cut = parse_answer(whole[: len(whole) * 2 // 3], MARKER)
    assert cut is not None
    (table,) = route_tables(cut.tables)
    assert table.bird
    assert not table.bird_is_whole


def hosts(number: int) -> list[Host]:
    return [Host(name=f"node{each}") for each in range(number)]


def test_routes_of_small_clusters_are_read_unasked() -> None:
    asked = Questions().of_hosts(hosts(MANY_NODES))
    assert (asked.routes, asked.hashed, asked.whole) == (True, False, ())
    assert Questions().of_hosts(hosts(MANY_NODES + 1)).routes is False
    assert Questions(routes=False).of_hosts(hosts(1)).routes is False


def test_large_clusters_are_asked_for_hashes_and_some_nodes_for_all_routes() -> None:
    asked = Questions(routes=True).of_hosts(hosts(MANY_NODES + 1))
    assert (asked.routes, asked.hashed) == (True, True)
    assert asked.whole == ("node0", "node1", "node100", "node101", "node200", "node201", "node300")
    again = asked.of_whole_tables(hosts(2))
    assert (again.routes, again.hashed, again.whole) == (True, True, ("node0", "node1"))


TOOLS = ("sed", "sort", "uniq", "sha256sum")
HASHED = Questions(routes=True, hashed=True)


@pytest.mark.parametrize("from_pod", [False, True])
def test_a_node_sends_a_hash_of_its_routes_through_gateways(node: FakeHost, from_pod: bool) -> None:
    node.use(*TOOLS)
    answer = in_pod(node, HASHED) if from_pod else node.run(questions=HASHED)
    whole = in_pod(node, HASHED, lines=True) if from_pod else node.run(questions=HASHED, lines=True)
    assert all(table.is_reduced for table in (*answer.tables, *whole.tables))
    ipv4, ipv6 = route_tables(answer.tables)
    every, _ = route_tables(whole.tables)
    assert (every.bird_is_whole, every.kernel_is_whole, every.bird_hash, every.kernel_hash) == (True, True, None, None)
    assert every.bird is not None
    read = parse_bird_routes((ROUTES / "a.show_route_all.txt").read_text())
    assert sorted(map(repr, every.bird)) == sorted(map(repr, map(reduced, read.routes)))
    assert ipv4.bird_hash is not None
    assert ipv4.bird == tuple(route for route in every.bird if not leads_through_gateway(route))
    assert ipv4.bird_hash.routes == sum(map(leads_through_gateway, every.bird))
    assert (ipv4.bird_is_whole, ipv4.not_read) == (False, None)
    # fe80::/64 is left out on the node, and what is left leads through no gateway.
    assert (ipv6.kernel_is_whole, ipv6.kernel_hash) == (True, None)


@pytest.mark.parametrize("from_pod", [False, True])
@pytest.mark.parametrize("missing", TOOLS[:2] + TOOLS[3:])
def test_a_node_that_lacks_a_tool_sends_its_tables_as_they_are(node: FakeHost, missing: str, from_pod: bool) -> None:
    node.use(*(tool for tool in TOOLS if tool != missing))
    answer = in_pod(node, HASHED) if from_pod else node.run(questions=HASHED)
    assert not any(table.is_reduced for table in answer.tables)
    is_all_of_it(route_tables(answer.tables)[0])


def test_a_tool_that_does_something_else_is_not_used(node: FakeHost) -> None:
    node.use("sed", "uniq", "sha256sum")
    node.program("sort", "exec cat")
    answer = node.run(questions=HASHED)
    assert not any(table.is_reduced for table in answer.tables)


def test_the_image_of_calico_node_has_the_hash_in_another_program(node: FakeHost) -> None:
    node.use("sed", "sort", "uniq")
    found = shutil.which("sha256sum")
    node.program("coreutils", f'[ "$1" = --coreutils-prog=sha256sum ] && exec {found}')
    (table, *_) = route_tables(in_pod(node, HASHED).tables)
    assert table.bird_hash is not None


@pytest.mark.parametrize("file", sorted(path.name for path in ROUTES.glob("*show_route_all.txt")))
def test_what_shells_make_of_a_table_is_what_we_make_of_it(node: FakeHost, file: str) -> None:
    node.use(*TOOLS)
    whole = f'case "$*" in *"show route all") exec cat {(ROUTES / file).resolve()};; esac\n'
    node.program("birdcl", whole + BIRDCL)
    name = file.partition(".")[0]
    no_wireguard = 'case "$*" in *"table all"*) exit 1;; esac\n'
    node.program("ip", no_wireguard + IP.replace("/a.ip_route", f"/{name}.ip_route"))
    for lines in (False, True):
        printed = node.run(questions=Questions(routes=True)).tables
        sent = node.run(questions=HASHED, lines=lines).tables
        for before, after in zip(printed, sent, strict=True):
            assert after.text == reduce_table(
                before.text, is_kernel=before.is_kernel, exit_code=before.exit_code, with_gateways=lines
            )
