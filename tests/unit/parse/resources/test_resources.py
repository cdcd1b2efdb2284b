"""Calico's resources: every form in which they are printed and written, and what is said of those that are wrong."""

import json
from dataclasses import replace
from ipaddress import ip_address

import pytest
import yaml

from calico_bgp.errors import ResourceError
from calico_bgp.model.place import FieldLine, Place
from calico_bgp.model.resources import Resources, SkippedKind
from calico_bgp.parse.resources.reader import parse_resources

FORMS = ["printed-calicoctl/yaml", "printed-calicoctl/json", "printed-kubectl/yaml", "printed-kubectl/json"]


def read(text: str, source: str = "x.yaml") -> Resources:
    return parse_resources([(source, text)])


def errors(*texts: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ResourceError) as caught:
        parse_resources([(f"{number}.yaml", text) for number, text in enumerate(texts, start=1)])
    return [(problem.source, problem.line, problem.message) for problem in caught.value.problems]


def error(text: str) -> tuple[int | None, str]:
    """The one error of a text."""
    [(_, line, message)] = errors(text)
    return line, message


def from_folder(folder) -> Resources:
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".json"))
    return parse_resources([(path.name, path.read_text("utf-8")) for path in files])


def bare(resources: Resources) -> dict:
    """What the resources say, without where and in which version."""
    anywhere = {"place": Place("-"), "api_version": ""}
    return {
        "nodes": [replace(node, **anywhere) for node in resources.nodes],
        "peers": [replace(peer, **anywhere, lines=(), by_hand=False) for peer in resources.bgp_peers],
        "configs": [replace(config, **anywhere, lines=(), by_hand=False) for config in resources.bgp_configurations],
        "pools": [replace(pool, **anywhere, by_hand=False) for pool in resources.ip_pools],
    }


def peer(spec: str, name: str = "p") -> str:
    """A BGPPeer with these lines in its spec, which begins on line 5."""
    lines = "\n".join(f"  {line}" for line in spec.splitlines())
    return f"apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata:\n  name: {name}\nspec:\n{lines}\n"


def node(rest: str, version: str = "projectcalico.org/v3") -> str:
    return f"apiVersion: {version}\nkind: Node\n{rest}"


# What the commands print


def test_every_fixture_explains_itself(fixtures):
    folders = [path for path in (fixtures / "resources").iterdir() if path.is_dir()]
    assert [path.name for path in folders if not (path / "README.md").is_file()] == []


LIST_OF = '{"kind": "List", "apiVersion": "v1", "items": ['


@pytest.mark.parametrize("form", FORMS)
def test_one_cluster_as_calicoctl_and_kubectl_print_it(fixtures, form):
    resources = from_folder(fixtures / "resources" / form)
    assert [n.name for n in resources.nodes] == [
        "control-plane-1",
        "reflector-a",
        "reflector-b",
        "worker-1",
        "worker-2",
    ]
    assert [n.cluster_id for n in resources.nodes] == [None, "244.0.0.1", "244.0.0.1", None, None]
    assert [n.as_number for n in resources.nodes] == [None, None, None, None, 64999]
    assert [str(n.ipv6) for n in resources.nodes] == [
        "2001:db8::2",
        "2001:db8::3",
        "2001:db8::4",
        "None",
        "2001:db8::6",
    ]
    worker = resources.nodes[4]
    assert worker.ipv4 == ip_address("10.192.0.6")
    assert worker.internal_ips == (ip_address("10.192.0.6"), ip_address("2001:db8::6"))
    assert (worker.label("rack"), worker.label("topology.kubernetes.io/zone")) == ("r2", "zone-2")
    clients, reflectors, tor = resources.bgp_peers
    assert (clients.node_selector, clients.peer_selector) == ("!has(route-reflector)", "route-reflector == 'true'")
    assert not any((clients.tags, reflectors.tags, tor.tags, clients.by_hand))
    assert (tor.node, tor.peer_ip, tor.as_number, tor.source_address) == ("worker-1", "192.0.2.1:1790", 65001, "None")
    assert (tor.has_password, clients.has_password, tor.filters) == (True, False, ("no-default",))
    assert (tor.keep_original_next_hop, tor.num_allowed_local_as_numbers, tor.ttl_security) == (True, 1, 1)
    assert tor.max_restart_time == "2m0s"
    assert (resources.as_number, resources.mesh_enabled) == (64600, False)
    assert resources.listen_ports == {"worker-2": 178}
    assert [pool.cidr for pool in resources.ip_pools] == ["192.168.0.0/16", "172.30.0.0/16"]
    assert [(pool.disabled, pool.disable_bgp_export) for pool in resources.ip_pools] == [(False, False), (True, True)]
    assert (resources.ip_pools[0].ipip_mode, resources.ip_pools[1].vxlan_mode) == ("CrossSubnet", "Always")
    assert resources.ip_pools[1].node_selector == "!all()"
    assert resources.skipped == ()


def test_all_four_forms_say_the_same(fixtures):
    said = [bare(from_folder(fixtures / "resources" / form)) for form in FORMS]
    assert said[0] == said[1] == said[2] == said[3]


@pytest.mark.parametrize("form", FORMS)
def test_places_and_lines_are_those_of_the_text(fixtures, form):
    folder = fixtures / "resources" / form
    resources = from_folder(folder)
    kept = resources.bgp_peers + resources.bgp_configurations + resources.ip_pools + resources.nodes
    for resource in kept:
        lines = (folder / resource.place.source).read_text("utf-8").splitlines()
        assert (resource.place.document, resource.place.item is not None) == (1, True)
        assert lines[resource.place.line - 1].lstrip()[0] in "-{"
        for path, line in getattr(resource, "lines", ()):
            assert lines[line - 1].lstrip(' "').startswith(path.rpartition(".")[2]), (path, line)
    assert {path for path, _ in resources.bgp_peers[0].lines} == {
        "metadata.name",
        "spec.nodeSelector",
        "spec.peerSelector",
    }


def test_both_commands_together_are_one_cluster(fixtures):
    folders = [fixtures / "resources" / form for form in FORMS]
    texts = [(str(path), path.read_text("utf-8")) for folder in folders for path in sorted(folder.iterdir())]
    together = parse_resources(texts)
    assert bare(together) == bare(from_folder(folders[0]))
    assert {peer.api_version for peer in together.bgp_peers} == {"projectcalico.org/v3"}
    assert bare(parse_resources(texts[::-1])) == bare(together)
    assert {peer.api_version for peer in parse_resources(texts[::-1]).bgp_peers} == {"projectcalico.org/v3"}


# The classic trap


@pytest.mark.parametrize(
    ("folder", "received", "tag"),
    [
        ("trap-unquoted", None, ("!has(route-reflector)", "")),
        ("trap-quoted", "!has(route-reflector)", None),
        ("trap-all", "all()", None),
        ("trap-group", "== 'true')", ("!(route-reflector", "== 'true')")),
        ("trap-lone-bang", "has(route-reflector)", ("!", "has(route-reflector)")),
    ],
)
def test_a_tag_where_a_selector_should_be(fixtures, folder, received, tag):
    resources = from_folder(fixtures / "resources" / folder)
    [peer] = resources.bgp_peers
    assert peer.node_selector == received
    assert peer.is_global == (received is None)
    assert peer.tags == (() if tag is None else (("spec.nodeSelector", *tag, 14),))
    assert peer.line_of("spec.nodeSelector") == 14
    assert [node.label("route-reflector") for node in resources.nodes] == ["true", "true", None, None, None]


def test_the_shape_that_is_no_yaml(fixtures):
    with pytest.raises(ResourceError) as caught:
        from_folder(fixtures / "resources" / "trap-syntax-error")
    [problem] = caught.value.problems
    assert (problem.source, problem.line) == ("peers.yaml", 14)
    assert "nodeSelector is a selector without quotes" in problem.message
    assert problem.text == "nodeSelector: !has(route-reflector) && has(rack)"
    assert problem.expected == 'nodeSelector: "!has(route-reflector) && has(rack)"'


@pytest.mark.parametrize(
    ("written", "better"),
    [
        ("nodeSelector: !has(a) && !has(b)", 'nodeSelector: "!has(a) && !has(b)"'),
        ("nodeSelector: !has(a) || b == 'c'", "nodeSelector: \"!has(a) || b == 'c'\""),
        ("nodeSelector: !has(a) && b == \"c\" && d == 'e'", "nodeSelector: '!has(a) && b == \"c\" && d == ''e'''"),
        ("peerSelector: *all", None),
        ("nodeSelector: * ", 'nodeSelector: "*"'),
        ("nodeSelector: && has(b)", 'nodeSelector: "&& has(b)"'),
        ("nodeSelector: 'a' == b", "nodeSelector: \"'a' == b\""),
        ("nodeSelector: a: b", 'nodeSelector: "a: b"'),
        ("{nodeSelector: !has(a) && has(b), peerIP: 192.0.2.1}", 'nodeSelector: "!has(a) && has(b)"'),
        ("{nodeSelector: !has(a)}", 'nodeSelector: "!has(a)"'),
    ],
)
def test_other_selectors_that_are_no_yaml(written, better):
    with pytest.raises(ResourceError) as caught:
        read(peer(written))
    [problem] = caught.value.problems
    assert problem.line == 6
    if better is not None:
        assert problem.expected == better
        field, _, value = better.partition(": ")
        again = read(peer(f"{field}: {value}")).bgp_peers[0]
        assert again.node_selector is not None
        assert again.tags == ()


def test_tags_in_flow_style_and_on_fields_that_are_not_modelled():
    text = peer("{nodeSelector: !has(x), peerIP: 192.0.2.1, other: {deep: !foo bar}}")
    [found] = read(text.replace("spec:\n  ", "spec: ")).bgp_peers
    assert found.tags == (("spec.nodeSelector", "!has(x)", "", 5), ("spec.other.deep", "!foo", "bar", 5))


def test_yamls_own_tags_are_no_mistake():
    [found] = read(peer('node: !!str 12\nasNumber: !!int "7"')).bgp_peers
    assert (found.node, found.as_number, found.tags) == ("12", 7, ())


# Forms


def test_documents_lists_and_kinds_that_do_not_matter():
    text = f"""\
# a comment makes no document
---
{peer("peerIP: 192.0.2.1", "a")}---
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
- apiVersion: apps/v1
  kind: Deployment
- apiVersion: projectcalico.org/v3
  kind: BGPPeer
  metadata: {{name: b}}
---
{{apiVersion: projectcalico.org/v3, kind: BGPPeerList, items: [{{metadata: {{name: c}}}}]}}
---
apiVersion: v1
kind: PodList
items: [{{}}, {{}}]
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
---
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {{name: default}}
"""
    resources = read(text)
    assert [(p.name, p.place.document, p.place.item) for p in resources.bgp_peers] == [
        ("a", 1, None),
        ("b", 3, 2),
        ("c", 4, 0),
    ]
    assert resources.skipped == (
        SkippedKind("Deployment", 1),
        SkippedKind("Kustomization", 1),
        SkippedKind("Pod", 2),
        SkippedKind("Secret", 1),
    )


def test_what_calicoctl_prints_for_several_is_a_list_of_lists():
    text = """\
[
  {"kind": "BGPPeerList", "apiVersion": "projectcalico.org/v3", "items": [
    {"metadata": {"name": "a"}},
    {"metadata": {"name": "b"}}]},
  {"kind": "BGPPeer", "apiVersion": "projectcalico.org/v3", "metadata": {"name": "c"}},
  {"kind": "NodeList", "apiVersion": "projectcalico.org/v3", "items": null}
]"""
    as_json, as_yaml = read(text), read("# YAML\n" + text)
    assert [(p.name, p.place.line) for p in as_json.bgp_peers] == [("a", 3), ("b", 4), ("c", 5)]
    assert [(p.name, p.place.line) for p in as_yaml.bgp_peers] == [("a", 4), ("b", 5), ("c", 6)]


@pytest.mark.parametrize("between", ["", "\n", "\n---\n"])
def test_several_json_documents(between):
    one = '{"kind": "BGPPeer", "apiVersion": "projectcalico.org/v3", "metadata": {"name": "%s"}}'
    resources = read((one % "a") + between + (one % "b"))
    assert [(p.name, p.place.document) for p in resources.bgp_peers] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "---\n---\n", "# only this\n", "[]", "null", "{}\n---"[:0]])
def test_an_empty_text_holds_nothing(text):
    assert read(text) == Resources(sources=("x.yaml",))


def test_cr_lf_and_bom_change_nothing():
    text = peer("nodeSelector: !has(a)\npeerIP: 192.0.2.1")
    assert read("\ufeff" + text.replace("\n", "\r\n")) == read(text)
    json = '{"kind": "BGPPeer",\n"apiVersion": "projectcalico.org/v3",\n"metadata": {"name": "a"}}'
    assert read("\ufeff" + json.replace("\n", "\r\n")) == read(json)


def test_anchors_aliases_and_merge_keys():
    text = peer("<<: &tor {peerIP: 192.0.2.1, asNumber: 65000}\nasNumber: 65001", "a")
    text += "x: [&y !has(q) 1]\n"
    [found] = read(text).bgp_peers
    assert (found.peer_ip, found.as_number) == ("192.0.2.1", 65001)
    [found] = read(peer("'<<': {peerIP: 192.0.2.1}\n<<: {node: a}\n<<: [{node: b}, {nodeSelector: all()}]")).bgp_peers
    assert (found.peer_ip, found.node, found.node_selector) == (None, "a", "all()")
    labels = "metadata: {name: n1, labels: &l {a: &v b, c: *v}, annotations: *l}"
    [one] = read(node(labels)).nodes
    assert one.labels == (("a", "b"), ("c", "b"))


# Fields


def test_labels_are_texts_as_calicoctl_makes_them():
    labels = "{a: yes, b: true, c: off, d: n, e: 12, f: 1.10, g: , h: 0x10, i: '012', j: 2026-01-01, k: 1e3, l: on it}"
    [found] = read(node(f"metadata:\n  name: n1\n  labels: {labels}")).nodes
    values = ["true", "true", "false", "false", "12", "1.1", "", "16", "012", "2026-01-01", "1000", "on it"]
    assert found.labels == tuple(zip("abcdefghijkl", values, strict=True))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("64512", 64512),
        ('"64512"', 64512),
        ('"1.10"', 65546),
        ("0", 0),
        ("4294967295", 4294967295),
        ("", None),
        ("~", None),
    ],
)
def test_as_numbers(written, number):
    [found] = read(node(f"metadata: {{name: n1}}\nspec:\n  bgp:\n    asNumber: {written}")).nodes
    assert found.as_number == number


@pytest.mark.parametrize(
    ("written", "is_"),
    [
        ("1.10", "the number 1.1"),
        ("-1", "the number -1"),
        ("4294967296", "the number 4294967296"),
        ('"65536.1"', "the text '65536.1'"),
        ('"x"', "the text 'x'"),
        ('"+1"', "the text '+1'"),
        ("yes", "true"),
        ("[1]", "a list"),
        ("{}", "a mapping"),
        ("9" * 30, "the number 1e+30"),
    ],
)
def test_what_is_no_as_number(written, is_):
    line, message = error(peer(f"peerIP: 192.0.2.1\nasNumber: {written}"))
    assert (line, message) == (7, f"BGPPeer p (document 1): spec.asNumber is {is_}")


def test_zero_is_unset_where_go_has_no_pointer():
    [found] = read(peer("asNumber: 0\nlocalASNumber: 0")).bgp_peers
    assert (found.as_number, found.local_as_number) == (None, 0)
    [config] = read(
        "apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata: {name: default}\nspec: {listenPort: 0}"
    ).bgp_configurations
    assert config.listen_port is None


@pytest.mark.parametrize(
    ("written", "ipv4", "ipv6"),
    [
        ("ipv4Address: 10.0.0.1/24", "10.0.0.1", None),
        ("ipv4Address: 10.0.0.1", "10.0.0.1", None),
        ("ipv4Address: '::ffff:10.0.0.1/120'", "10.0.0.1", None),
        ("ipv6Address: 2001:DB8:0::1/64", None, "2001:db8::1"),
        ("ipv4Address: 10.0.0.01/24", None, None),
        ("ipv4Address: 10.0.0.1/33", None, None),
        ("ipv4Address: 10.0.0.1/", None, None),
        ("ipv4Address: 10.0.0.1/-1", None, None),
        ("ipv4Address: 2001:db8::1", None, None),
        ("ipv6Address: 'fe80::1%eth0/64'", None, None),
        ("ipv6Address: 10.0.0.1", None, None),
        ("ipv4Address: autodetect", None, None),
        ("ipv4Address: ", None, None),
    ],
)
def test_addresses_as_go_reads_them(written, ipv4, ipv6):
    [found] = read(node(f"metadata: {{name: n1}}\nspec:\n  bgp:\n    {written}")).nodes
    kubernetes = written.replace("ipv4Address", "projectcalico.org/IPv4Address").replace(
        "ipv6", "projectcalico.org/IPv6"
    )
    [same] = read(node(f"metadata:\n  name: n1\n  annotations:\n    {kubernetes}", "v1")).nodes
    for one in (found, same):
        assert (str(one.ipv4), str(one.ipv6)) == (str(ipv4), str(ipv6))


@pytest.mark.parametrize(
    ("annotation", "cluster_id"),
    [
        ("244.0.0.1", "244.0.0.1"),
        ("244.0.0.0/16", "244.0.0.0/16"),
        ("244.0.0.1/16", None),
        ("rr", None),
        ("::1", None),
        ("", None),
    ],
)
def test_invalid_annotations_are_ignored(annotation, cluster_id):
    annotations = f"projectcalico.org/RouteReflectorClusterID: '{annotation}', projectcalico.org/ASNumber: x"
    labels = "projectcalico.org/labels: '[1]'"
    [found] = read(node(f"metadata: {{name: n1, annotations: {{{annotations}, {labels}}}}}", "v1")).nodes
    assert (found.cluster_id, found.as_number, found.labels) == (cluster_id, None, ())
    calico = f"metadata: {{name: n1}}\nspec: {{bgp: {{routeReflectorClusterID: '{annotation}'}}}}"
    assert read(node(calico)).nodes[0].cluster_id == (annotation or None)


def test_kubernetes_labels_stand_over_calicos():
    own = """projectcalico.org/labels: '{"a":"calico","b":"calico"}'"""
    [found] = read(node(f"metadata: {{name: n1, labels: {{b: kube}}, annotations: {{{own}}}}}", "v1")).nodes
    assert found.labels == (("a", "calico"), ("b", "kube"))


def test_a_node_of_both():
    calico = node("metadata: {name: n1, labels: {a: calico, b: calico}}\nspec: {bgp: {ipv4Address: 10.0.0.1/24}}\n")
    kubernetes = node(
        "metadata:\n  name: n1\n  labels: {b: kube}\n  annotations: {projectcalico.org/IPv4Address: 10.0.0.9/24, "
        "projectcalico.org/ASNumber: '7'}\nstatus:\n  addresses:\n  - {type: Hostname, address: n}\n"
        "  - {type: InternalIP, address: 10.0.0.1}\n  - {type: InternalIP, address: broken}\n",
        "v1",
    )
    for texts in ((calico, kubernetes), (kubernetes, calico)):
        [found] = read("---\n".join(texts)).nodes
        assert (str(found.ipv4), found.as_number) == ("10.0.0.1", None)
        assert found.labels == (("a", "calico"), ("b", "kube"))
        assert found.internal_ips == (ip_address("10.0.0.1"),)
        assert found.api_version == "projectcalico.org/v3"
    [found] = read(node("metadata: {name: n1}\n") + "---\n" + kubernetes).nodes
    assert (str(found.ipv4), found.as_number) == ("10.0.0.9", 7)


def test_crd_objects_written_by_hand():
    by_hand = peer("peerIP: 192.0.2.1").replace("projectcalico.org/v3", "crd.projectcalico.org/v1")
    by_calico = by_hand.replace("  name: p", "  name: p\n  annotations: {projectcalico.org/metadata: '{}'}")
    assert [read(text).bgp_peers[0].by_hand for text in (by_hand, by_calico, peer("peerIP: 192.0.2.1"))] == [
        True,
        False,
        False,
    ]
    both = read(by_hand + "---\n" + peer("peerIP: 192.0.2.1")).bgp_peers
    assert [(p.api_version, p.by_hand) for p in both] == [("projectcalico.org/v3", False)]


# What is wrong


def test_the_same_twice_is_fine_and_two_that_differ_are_not():
    same = peer("peerIP: 192.0.2.1")
    assert len(parse_resources([("a", same), ("b", "# further down\n" + same)]).bgp_peers) == 1
    assert errors(same, same.replace("2.1", "2.2")) == [
        ("2.yaml", 4, "BGPPeer p (document 1): metadata.name stands here and on 1.yaml:1, and they differ")
    ]


def test_all_errors_at_once_with_file_document_line_and_path():
    first = (
        peer("nodeSelector: [a]\nkeepOriginalNextHop: 'yes'") + "---\n" + peer("filters: [a, 3]\nttlSecurity: 256", "q")
    )
    second = (
        '{"kind": "List", "apiVersion": "v1",\n "items": [{"kind": "IPPool", "apiVersion": "projectcalico.org/v3",\n'
    )
    second += '  "metadata": {"name": 5},\n  "spec": {"cidr": {}, "disabled": 0}}, 7, {"kind": "Node"}]}'
    assert errors(first, second) == [
        ("1.yaml", 6, "BGPPeer p (document 1): spec.nodeSelector is a list"),
        ("1.yaml", 7, "BGPPeer p (document 1): spec.keepOriginalNextHop is the text 'yes'"),
        ("1.yaml", 14, "BGPPeer q (document 2): spec.filters[1] is the number 3"),
        ("1.yaml", 15, "BGPPeer q (document 2): spec.ttlSecurity is the number 256"),
        ("2.yaml", 3, "this IPPool (document 1, items[0]): metadata.name is the number 5"),
        ("2.yaml", 4, "this IPPool (document 1, items[0]): spec.cidr is a mapping"),
        ("2.yaml", 4, "this IPPool (document 1, items[0]): spec.disabled is the number 0"),
        ("2.yaml", 4, "document 1, items[1] is no Kubernetes resource, it is the number 7"),
        ("2.yaml", 4, "document 1, items[2] has no apiVersion, so this is no Kubernetes resource"),
    ]


def test_an_error_says_what_was_expected_and_shows_the_line():
    with pytest.raises(ResourceError) as caught:
        read(peer("asNumber: 1.10"), "bgp/peers.yaml")
    assert str(caught.value) == (
        "bgp/peers.yaml:6: BGPPeer p (document 1): spec.asNumber is the number 1.1\n"
        "    asNumber: 1.10\n"
        '  expected an AS number; with a dot only in quotes, "1.10", for without them 1.10 is the number 1.1'
    )


@pytest.mark.parametrize(
    ("rest", "line", "message"),
    [
        ("metadata: x", 3, "this Node (document 1): metadata is the text 'x'"),
        ("metadata: {}", 3, "this Node (document 1): metadata.name is missing"),
        ("spec: {}", 1, "this Node (document 1): metadata.name is missing"),
        ("metadata: {name: n1}\nspec: []", 4, "Node n1 (document 1): spec is a list"),
        ("metadata: {name: n1}\nspec:\n  bgp: 1", 5, "Node n1 (document 1): spec.bgp is the number 1"),
        (
            "metadata:\n  name: n1\n  labels:\n    a.b/c: [1]",
            6,
            'Node n1 (document 1): metadata.labels["a.b/c"] is a list',
        ),
        (
            "metadata: {name: n1}\nspec:\n  addresses:\n  - type: InternalIP\n    address: 5",
            7,
            "Node n1 (document 1): spec.addresses[0].address is the number 5",
        ),
        ("metadata:\n  name: n1\n  name: m", 5, "Node n1 (document 1): metadata.name stands twice, first on line 4"),
        (
            "metadata: {name: n1}\nmetadata: {name: n1}",
            4,
            "Node n1 (document 1): metadata stands twice, first on line 3",
        ),
        (
            "metadata:\n  name: n1\n  labels:\n    a: b\n    c: d\n    a: b",
            8,
            "Node n1 (document 1): metadata.labels.a stands twice, first on line 6",
        ),
    ],
)
def test_nodes_that_are_wrong(rest, line, message):
    assert error(node(rest)) == (line, message)


def test_keys_that_stand_twice_in_json():
    text = (
        '{"kind": "BGPPeer", "apiVersion": "projectcalico.org/v3", "metadata": {"name": "p"},\n"spec": {"node": "a",\n'
    )
    assert error(text + '"node": "a"}}') == (3, "BGPPeer p (document 1): spec.node stands twice, first on line 2")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("hello", 1, "document 1 is no Kubernetes resource, it is the text 'hello'"),
        ("a: b", None, "this is values of a Helm chart or settings of another program, not Calico's resources"),
        ("apiVersion: v1\na: b", 1, "document 1 has no kind, so this is no Kubernetes resource"),
        ("---\nkind: [a]\napiVersion: v1", 2, "document 1 has as its kind a list, so this is no Kubernetes resource"),
        ("kind: Node", 1, "document 1 has no apiVersion, so this is no Kubernetes resource"),
        ("kind: List\napiVersion: v1\nitems: 3", 3, "items of this List is the number 3"),
        (
            f"{6 * LIST_OF}7{6 * ']}'}",
            1,
            "Lists within Lists within a list",
        ),
        ("kind: List\napiVersion: v1\nitems: []\nitems: []", 4, "items stands twice, first on line 3"),
        ("a: &a [*a]", 1, "document 1: the alias *a names nothing before it; a text that begins with * needs quotes"),
        ("? [a]\n: b", 1, "document 1: a key that is no text, as no resource has it"),
        (
            "a:\n\t- b",
            2,
            "document 1: not YAML: while scanning for the next token, found character that cannot start any token",
        ),
        ("a: \x01", 1, "document 1: not YAML: control characters are not allowed"),
        ('{"kind": "List",\n"apiVersion": "v1", "items": [', 2, "not JSON: the text ends too early"),
        ('{"kind": "List",\n"apiVersion" "v1"}', 2, "not JSON: expected `:`"),
        ('{"a": [1, 2}', 1, "not JSON: Expecting ',' delimiter"),
    ],
)
def test_what_is_no_resource(text, line, message):
    assert error(text) == (line, message)


def test_reading_goes_on_behind_a_document_that_is_no_yaml():
    broken = "a: [\n---\n" + peer("node: [x]") + "---\nb: 'c\n---\n" + peer("node: {}", "q")
    assert [(line, message.partition(" not")[0]) for _, line, message in errors(broken)] == [
        (2, "document 1:"),
        (8, "BGPPeer p (document 2): spec.node is a list"),
        (11, "document 3:"),
        (17, "BGPPeer q (document 4): spec.node is a mapping"),
    ]


def test_hostile_texts_are_refused_quickly():
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
    )
    assert error(laughs) == (7, "document 1: aliases within aliases make this text explode")
    for deep in ("[" * 100_000, "a: " + "{a: " * 100_000, "- " * 100_000, '{"a":' * 100_000):
        line, message = error(deep)
        assert line == 1
        assert "nested" in message
    labels = ", ".join(f"l{n}: v" for n in range(2_000))
    shared = f"x: &x {{apiVersion: v1, kind: Node, metadata: {{name: n1, labels: {{{labels}}}}}}}"
    wide = f"apiVersion: v1\nkind: List\n{shared}\nitems: [{', '.join(['*x'] * 2_000)}]"
    assert error(wide) == (4, "document 1: aliases within aliases make this text explode")


def test_a_flood_of_errors_is_cut_off():
    messages = [message for _, _, message in errors("- 1\n" * 5_000)]
    assert len(messages) == 1_000
    assert "so many problems" in messages[-1]
    messages = [message for _, _, message in errors("a: [\n---\n" * 200)]
    assert len(messages) == 51
    assert "the rest of the file was not read" in messages[-1]


def test_half_a_character_is_replaced_as_go_does_it():
    text = '{"kind": "BGPPeer", "apiVersion": "projectcalico.org/v3", "metadata": {"name": "a"}, "spec": '
    text += '{"peerIP": "\\ud800"}}'
    assert read(text).bgp_peers[0].peer_ip == "\ufffd"


@pytest.mark.parametrize(
    "name", ["a\x1b", "$(touch x)", "-rf", "a b", "A", "a_b", "a..b", ".a", "a-", "a\u202eb", "a" * 254]
)
def test_a_name_that_kubernetes_does_not_allow_is_refused(name):
    for kind, version in (("Node", "v1"), ("Node", "projectcalico.org/v3"), ("BGPPeer", "projectcalico.org/v3")):
        with pytest.raises(ResourceError, match="not a name that Kubernetes allows"):
            read(json.dumps({"kind": kind, "apiVersion": version, "metadata": {"name": name}}))


def test_field_lines_of_a_block_text():
    [found] = read(peer("nodeSelector: >-\n  has(a)\n  && has(b)\npeerIP: 192.0.2.1")).bgp_peers
    assert found.node_selector == "has(a) && has(b)"
    assert found.lines == (
        FieldLine("metadata.name", 4),
        FieldLine("spec.nodeSelector", 6),
        FieldLine("spec.peerIP", 9),
    )


def test_a_tag_cannot_bring_a_control_character_to_a_terminal():
    [found] = read(peer("nodeSelector: !a%1Bb")).bgp_peers
    assert found.tags[0].tag == "!a%1Bb"


def test_without_libyaml_the_same_is_read(fixtures, monkeypatch):
    folder = fixtures / "resources"
    names = ["printed-calicoctl/yaml", "printed-kubectl/yaml", "trap-unquoted", "trap-group", "trap-lone-bang"]
    with_libyaml = [from_folder(folder / name) for name in names]
    monkeypatch.setattr("calico_bgp.parse.resources.yaml.reader._new_parser", yaml.SafeLoader)
    assert [from_folder(folder / name) for name in names] == with_libyaml
    assert error("a: \x01") == (1, "document 1: not YAML: special characters are not allowed")


NODES = "".join(
    f"---\napiVersion: projectcalico.org/v3\nkind: Node\nmetadata:\n  name: n{number}\n"
    f"spec:\n  bgp:\n    ipv4Address: 10.0.0.{number}/24\n"
    for number in (1, 2)
)


def test_files_of_windows_put_together():
    assert [node.name for node in parse_resources([("a.yaml", NODES.replace("---", "---\n\ufeff"))]).nodes] == [
        "n1",
        "n2",
    ]


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u3000", "\u200b"])
def test_blanks_that_only_look_like_some(blank):
    broken = NODES.replace("  bgp:", f"{blank}{blank}bgp:", 1)
    with pytest.raises(ResourceError) as caught:
        parse_resources([("a.yaml", broken)])
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert f"U+{ord(blank):04X}" in problem.message


def test_no_break_blanks_within_a_value_do_no_harm():
    text = NODES.replace("  name: n1\n", "  name: n1\n  annotations:\n    said: 'a\u00a0b'\n")
    assert [node.name for node in parse_resources([("a.yaml", text)]).nodes] == ["n1", "n2"]


@pytest.mark.parametrize(
    "kind", ["BGPPeers", "BgpPeers", "BGPPeerr", "BGPConfigurations", "BGPConfig uration", "IPPools"]
)
def test_a_kind_with_a_slip_is_not_passed_over(kind):
    text = f"apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: p}}\nspec: {{peerIP: 10.9.9.9}}\n"
    with pytest.raises(ResourceError) as caught:
        parse_resources([("a.yaml", text)])
    (problem,) = caught.value.problems
    right = "IPPool" if kind.startswith("IP") else "BGPConfiguration" if "Conf" in kind else "BGPPeer"
    assert problem.expected == f"kind: {right} of apiVersion: projectcalico.org/v3"


OTHER_KINDS = """
    NetworkPolicy GlobalNetworkPolicy HostEndpoint Profile IPReservation IPAMConfiguration IPAMBlock IPAMHandle
    CalicoNodeStatus ClusterInformation KubeControllersConfiguration Tier
"""


@pytest.mark.parametrize("kind", OTHER_KINDS.split())
def test_other_kinds_of_calico_are_passed_over(kind):
    text = f"apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: p}}\nspec: {{}}\n"
    assert [(each.kind, each.number) for each in parse_resources([("a.yaml", text)]).skipped] == [(kind, 1)]


PEER = {"apiVersion": "projectcalico.org/v3", "kind": "BGPPeer", "metadata": {"name": "tor"}, "spec": {"asNumber": 1}}


@pytest.mark.parametrize(
    "write", [json.dumps, lambda value: yaml.safe_dump(value, sort_keys=False)], ids=["json", "yaml"]
)
@pytest.mark.parametrize(
    "inner",
    [
        {"apiVersion": "v1", "kind": "List", "items": [PEER]},
        {"apiVersion": "projectcalico.org/v3", "kind": "BGPPeerList", "items": [PEER]},
        {"apiVersion": "projectcalico.org/v3", "kind": "BGPPeerList", "items": [{**PEER, "kind": None}]},
    ],
    ids=["list", "typed", "without_kinds"],
)
def test_lists_within_a_list(write, inner):
    """What a script makes of several answers of kubectl."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node1"}}
    empty = {"apiVersion": "v1", "kind": "List"}
    resources = parse_resources([("all", write({"apiVersion": "v1", "kind": "List", "items": [empty, inner, node]}))])
    assert [peer.name for peer in resources.bgp_peers] == ["tor"]
    assert [each.name for each in resources.nodes] == ["node1"]
