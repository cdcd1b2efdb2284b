"""Laws of reading resources: no text breaks it, and YAML and JSON of one thing say the same."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.errors import ParseError, ResourceError
from calico_bgp.model.place import Place
from calico_bgp.model.resources import Resources
from calico_bgp.parse.lines import MAX_PROBLEMS
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.parse.resources.yaml.scalar import resolve

#: What YAML and JSON are made of, and what resources are made of.
PIECES = st.sampled_from(
    [
        *"{}[]:,-\"'!&*|>#%@`?~ \n\t\\\0\ud800\u0085\u2028é",
        "\n  ",
        "\n- ",
        "\n---\n",
        "\n...\n",
        "&a ",
        "*a",
        "<<: ",
        "!has(a)",
        "!!int ",
        "apiVersion: v1\n",
        "apiVersion: projectcalico.org/v3\n",
        "kind: Node\n",
        "kind: BGPPeer\n",
        "kind: List\n",
        "items:\n",
        "metadata:\n",
        "metadata: {name: a}\n",
        "  name: b\n",
        "spec:\n",
        "  nodeSelector: ",
        "  asNumber: ",
        "1.10",
        "99999999999999999999",
        "0x",
        "null",
        "true",
        '{"kind":"List","apiVersion":"v1","items":[',
        '{"kind":"Node","apiVersion":"v1","metadata":{"name":"a"}}',
        '"\\ud800"',
        "NaN",
        "1e999",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 1 << 33), st.floats(), st.text(max_size=8))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
)
#: Without infinity, which JSON does not know.
JSON = st.one_of(
    st.integers(), st.lists(st.text(max_size=5), max_size=2), st.dictionaries(st.text(max_size=5), st.none())
)
FIELDS = [
    *("name", "node", "nodeSelector", "peerIP", "peerSelector", "asNumber", "localASNumber", "keepOriginalNextHop"),
    *("filters", "password", "ttlSecurity", "numAllowedLocalASNumbers", "maxRestartTime", "nodeToNodeMeshEnabled"),
    *("listenPort", "cidr", "disabled", "bgp", "addresses", "ipv4Address", "labels", "annotations", "address", "type"),
]
SPECS = st.recursive(ANYTHING, lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6), max_leaves=20)
KINDS = st.sampled_from(["Node", "BGPPeer", "BGPConfiguration", "IPPool", "Secret", "NodeList"])
VERSIONS = st.sampled_from(["projectcalico.org/v3", "crd.projectcalico.org/v1", "v1"])
#: Objects of about the right shape, with anything in their fields.
WILD = st.fixed_dictionaries(
    {"kind": KINDS, "apiVersion": VERSIONS},
    optional={"metadata": st.one_of(SPECS, st.just({"name": "a"})), "spec": SPECS, "status": SPECS, "items": ANYTHING},
)

NAMES = st.sampled_from(["a", "b-1", "node1", "0", "off", "1.5", "true"])
LABELS = st.dictionaries(st.sampled_from(["rr", "x/y", "on"]), st.sampled_from(["", "true", "no", "12", "a b", "é"]))
SELECTORS = st.sampled_from(["all()", "!has(rr)", "x == 'y'", "", "has(a) && !has(b)", "a in {'b', 'c'}", "# no"])
AS_NUMBERS = st.one_of(st.integers(0, (1 << 32) - 1), st.sampled_from(["64512", "1.10", "65535.65535"]))


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def right(kind: str, spec: st.SearchStrategy[Any], version: str = "projectcalico.org/v3", **metadata: Any):
    meta = st.fixed_dictionaries({"name": NAMES}, optional=metadata)
    fixed = {"apiVersion": st.just(version), "kind": st.just(kind), "metadata": meta, "spec": spec}
    return st.fixed_dictionaries(fixed)


BGP = some(
    ipv4Address=st.sampled_from(["10.0.0.1/24", "10.0.0.2", "nonsense", ""]),
    ipv6Address=st.sampled_from(["2001:db8::1/64", "::1", ""]),
    asNumber=AS_NUMBERS,
    routeReflectorClusterID=st.sampled_from(["244.0.0.1", ""]),
)
PEERS = some(
    node=NAMES,
    nodeSelector=SELECTORS,
    peerSelector=SELECTORS,
    peerIP=st.sampled_from(["192.0.2.1", "192.0.2.1:179", "[2001:db8::1]:179"]),
    asNumber=AS_NUMBERS,
    keepOriginalNextHop=st.booleans(),
    filters=st.lists(NAMES, max_size=2),
    ttlSecurity=st.integers(0, 255),
    password=some(secretKeyRef=st.just({"name": "a"})),
    unknown=JSON,
)
#: Resources that are right.
RESOURCES = st.lists(
    st.one_of(
        right("Node", some(bgp=BGP), labels=LABELS),
        right("BGPPeer", PEERS),
        right("BGPPeer", PEERS, "crd.projectcalico.org/v1"),
        right("BGPConfiguration", some(asNumber=AS_NUMBERS, listenPort=st.integers(0, 65535))),
        right("IPPool", st.just({"cidr": "10.244.0.0/16"})),
        right("Secret", some(data=JSON)),
    ),
    max_size=5,
    unique_by=lambda resource: (resource["kind"], resource["metadata"]["name"]),
)


class Dumper(yaml.SafeDumper):
    """Without aliases, as Go writes YAML."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def outcome(text: str) -> Resources | ResourceError:
    try:
        return parse_resources([("x", text)])
    except ResourceError as error:
        return error


def anywhere(resources: Resources) -> Resources:
    """Without what depends on the text."""
    return resources.model_copy(
        update={
            "nodes": tuple(replace(node, place=Place("-")) for node in resources.nodes),
            "bgp_peers": tuple(replace(peer, place=Place("-"), lines=()) for peer in resources.bgp_peers),
            "bgp_configurations": tuple(
                replace(config, place=Place("-"), lines=()) for config in resources.bgp_configurations
            ),
            "ip_pools": tuple(replace(pool, place=Place("-")) for pool in resources.ip_pools),
        }
    )


def check(text: str) -> None:
    """Whatever comes of a text: it is resources that go through JSON, or errors that say where and fit a terminal."""
    found = outcome(text)
    if isinstance(found, Resources):
        assert Resources.model_validate_json(found.model_dump_json()) == found
        return
    assert 0 < len(found.problems) <= MAX_PROBLEMS
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for problem in found.problems:
        assert isinstance(problem, ParseError)
        # YAML counts more characters as the end of a line than editors do.
        assert problem.line is None or 1 <= problem.line <= lines + text.count("\u0085") + text.count("\u2028")
        assert all(part.isprintable() for part in str(problem).split("\n"))
        assert len(str(problem)) < 2_000


@given(TEXTS)
def test_any_text_at_all_gives_resources_or_says_what_is_wrong(text):
    check(text)


@given(WILD)
def test_any_value_in_any_field(resource):
    check(json.dumps(resource))
    check(yaml.dump(resource, Dumper=Dumper, allow_unicode=True))


@given(RESOURCES, st.booleans(), st.sampled_from([None, 2]))
def test_yaml_and_json_of_the_same_say_the_same(resources, as_list, indent):
    document: Any = {"apiVersion": "v1", "kind": "List", "items": resources} if as_list else resources
    from_json = outcome(json.dumps(document, indent=indent))
    from_yaml = outcome(yaml.dump(document, Dumper=Dumper))
    assert isinstance(from_json, Resources)
    assert isinstance(from_yaml, Resources)
    assert anywhere(from_json) == anywhere(from_yaml)
    nodes = {resource["metadata"]["name"]: resource for resource in resources if resource["kind"] == "Node"}
    assert {node.name for node in from_json.nodes} == set(nodes)
    for node in from_json.nodes:
        meant = nodes[node.name]["spec"].get("bgp", {}).get("ipv4Address", "").partition("/")[0]
        assert node.ipv4 == (ip_address(meant) if meant[:1] == "1" else None)
        assert dict(node.labels) == nodes[node.name]["metadata"].get("labels", {})
    documents = yaml.dump_all(resources, Dumper=Dumper)
    assert anywhere(parse_resources([("x", documents)])) == anywhere(from_json)


@given(RESOURCES, st.randoms(use_true_random=False))
def test_the_order_of_documents_and_files_means_nothing(resources, random):
    shuffled = list(resources)
    random.shuffle(shuffled)
    one, other = (
        parse_resources([("x", json.dumps(resource)) for resource in order]) for order in (resources, shuffled)
    )
    assert anywhere(one) == anywhere(other)


@given(
    st.one_of(
        st.integers(-(1 << 70), 1 << 70).map(str), st.floats().map(str), st.text("0123456789+-._xobeEyn~", max_size=9)
    )
)
def test_a_plain_scalar_is_itself_or_what_go_can_hold(text):
    value = resolve(text)
    if isinstance(value, str):
        assert value == text
    elif isinstance(value, int) and not isinstance(value, bool):
        assert -(1 << 63) <= value < 1 << 64


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("012", 10),
        ("0o12", 10),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1:30", "1:30"),
        ("10.0.0.1", "10.0.0.1"),
        ("2026-01-01", "2026-01-01"),
        ("09", 9.0),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("-", "-"),
        ("", None),
        ("~", None),
        ("y", True),
        ("Off", False),
        ("yEs", "yEs"),
        ("true ", "true "),
    ],
)
def test_plain_scalars_as_go_yaml_resolves_them(text, value):
    assert (resolve(text), type(resolve(text))) == (value, type(value))
