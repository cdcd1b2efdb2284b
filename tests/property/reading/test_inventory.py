"""Laws of hosts.txt: what is written reads back, ranges unfold as counted, and any text has an answer."""

import json
import re
from dataclasses import replace
from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.errors import ConfigError, InventoryError
from calico_bgp.model.inventory import Host, Role
from calico_bgp.parse.hosts.forms.table import read_inventory
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.parse.hosts.ranges import expand, split_commas
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.hosts.writer import format_hosts
from calico_bgp.parse.settings.config import parse_config

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(
    lambda a: not (a.is_unspecified or a.is_multicast)
)
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}(\.[a-z0-9]{1,5})?", fullmatch=True)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=20)
# Blanks, quotes, brackets, comments and backslashes are what a writer gets wrong.
PATHS = st.one_of(PRINTABLE, st.text('ab "#\\[]=,', min_size=1, max_size=12))
HOSTS = st.builds(
    Host,
    name=st.one_of(NAMES, ADDRESSES.map(str)),
    user=st.none() | NAMES,
    port=st.none() | st.integers(1, 65535),
    node=st.none() | NAMES,
    role=st.none() | st.sampled_from(Role),
    addresses=st.lists(ADDRESSES, max_size=3).map(tuple),
    identity=st.none() | PATHS,
    jump=st.none() | st.just("none") | st.lists(NAMES, min_size=1, max_size=2).map(",".join),
)


def without_duplicates(hosts: list[Host]) -> list[Host]:
    """The hosts that are left when each may claim only what nobody claimed before."""
    taken, kept = set(), []
    for host in hosts:
        try:
            name = ip_address(host.name)
        except ValueError:
            name = host.name
        claims = [(name, host.port or 22), *[("ip", a) for a in host.addresses]]
        claims += [("node", host.node)] if host.node else []
        if not taken.intersection(claims) and len(set(claims)) == len(claims):
            taken.update(claims)
            kept.append(host)
    return kept


@given(st.lists(HOSTS, min_size=1, max_size=6).map(without_duplicates).filter(bool))
def test_what_is_written_reads_back(hosts):
    parsed = parse_hosts(format_hosts(hosts), source="x")
    assert [host.line for host in parsed] == list(range(1, len(hosts) + 1))
    assert [replace(host, source=None, line=None) for host in parsed] == hosts


@given(st.lists(HOSTS, min_size=1, max_size=6).map(without_duplicates).filter(bool), st.data())
def test_every_host_can_be_named_alone(hosts, data):
    host = data.draw(st.sampled_from(hosts))
    assert host in limit_hosts(hosts, [host.label])
    others = [
        other for other in hosts if host.label.lower() not in {other.label.lower(), other.name.lower(), other.node}
    ]
    if others:
        assert list(limit_hosts(hosts, ["!" + host.label])) == others


@given(st.integers(0, 300), st.integers(0, 30), st.integers(1, 4))
def test_a_range_has_as_many_names_as_it_says(first, length, width):
    word = f"n[{first:0{width}d}-{first + length:0{width}d}].x"
    names = expand(word)
    assert [int(name[1:-2]) for name in names] == list(range(first, first + length + 1))
    assert names[0] == f"n{first:0{width}d}.x"
    assert names[-1] == f"n{first + length:0{width}d}.x"


def mixtures(*words: str, of: str, longest: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*of, *words]), max_size=longest).map("".join)


HOSTS_LIKE = mixtures("node=", "ip=", "role=client", "::", "[1-3]", of='ab01.-_:@[],=#"\\ \t\n\r!*', longest=40)


@given(HOSTS_LIKE | st.text(max_size=60))
@settings(max_examples=300)
def test_any_text_gives_hosts_or_an_inventory_error(text):
    try:
        hosts = parse_hosts(text)
    except InventoryError as error:
        problems = error.problems
    else:
        # Whatever was accepted can be written down again.
        again = parse_hosts(format_hosts(hosts))
        assert [replace(h, line=None) for h in again] == [replace(h, line=None) for h in hosts]
        problems = None
    assert problems is None or (problems and all(str(problem).startswith("hosts.txt") for problem in problems))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["Node", "List", "InternalIP"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "items", "metadata", "name", "status", "addresses", "type", "address", "annotations"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON, st.text(max_size=30))
def test_any_json_gives_hosts_or_an_inventory_error(document, text):
    for candidate in (json.dumps(document), json.dumps({"kind": "List", "items": [document]}), text):
        try:
            inventory = read_inventory(candidate)
            found = 1 if inventory is None else len(parse_hosts(inventory.to_text()))
        except InventoryError as error:
            found = len(error.problems)
        assert found > 0


@given(mixtures("[[ignore]]\n", "rule", "reason", "until", "2027-01-01", of="[]='\"\n#.x1 ", longest=30))
def test_any_text_gives_a_config_or_a_config_error(text):
    try:
        text_accepted = all(entry.reason for entry in parse_config(text).ignore)
    except ConfigError as error:
        text_accepted = bool(error.problems)
    assert text_accepted


@given(st.text("a,[]1", max_size=12))
def test_a_list_is_cut_at_the_commas_outside_of_brackets(text):
    assert split_commas(text) == re.split(r",(?![^\[\]]*\])", text)
