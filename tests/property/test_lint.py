"""Laws of the lint: it never raises, does not depend on the order of documents, and comes back from JSON."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.place import YAMLTag
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, IPPool, Resources
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.rules.resources import LINT_BY_ID

NAMES = [f"n{i}" for i in range(5)]
LABELS = [
    "rack", "route-reflector", "node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane",
    "topology.kubernetes.io/zone",
]  # fmt: skip
VALUES = ["", "a", "true"]
SELECTORS = [
    "all()", "global()", "has(rack)", "!has(route-reflector)", "has(route-reflector)", "rack == 'a'", "rack != 'a'",
    "has(node-role.kubernetes.io/master)", "== 'b')", "has(", "beta.kubernetes.io/os in {'linux'}", " ",
]  # fmt: skip
ADDRESSES = [
    *(f"192.0.2.{i}" for i in range(1, 7)), "172.18.0.1", "10.244.0.7", "2001:db8::1", "2001:DB8::1",
    "192.0.2.1:179", "192.0.2.1:500", "[2001:db8::2]:1790", "fe80::1", "0.0.0.0", "192.0.2.1/24", "tor.example", "",
]  # fmt: skip
AS_NUMBERS = [None, 0, 64512, 65001, 65002]


def maybe(values):
    return st.none() | st.sampled_from(values)


labels = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(VALUES)).map(lambda d: tuple(sorted(d.items())))
calico_nodes = st.builds(
    CalicoNode,
    name=st.sampled_from(NAMES),
    labels=labels,
    ipv4=maybe([IPv4Address(a) for a in ADDRESSES[:8]]),
    ipv6=maybe([IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")]),
    as_number=st.sampled_from(AS_NUMBERS),
    cluster_id=maybe(["244.0.0.1", "244.0.0.2", "17", "rack"]),
    internal_ips=st.lists(st.sampled_from([IPv4Address(a) for a in ADDRESSES[:3]]), max_size=1).map(tuple),
    api_version=st.sampled_from(["v1", "projectcalico.org/v3"]),
)
bgp_peers = st.builds(
    BGPPeer,
    name=st.sampled_from(["a", "b", "c", "d"]),
    node=maybe([*NAMES, "nx"]),
    node_selector=maybe(SELECTORS),
    peer_ip=maybe(ADDRESSES),
    peer_selector=maybe(SELECTORS),
    as_number=st.sampled_from(AS_NUMBERS),
    local_as_number=st.sampled_from(AS_NUMBERS),
    local_workload_selector=st.none() | st.sampled_from(["has(x)", "x ="]),
    reverse_peering=maybe(["Auto", "Manual"]),
    keep_original_next_hop=st.booleans(),
    next_hop_mode=maybe(["Auto", "Self", "Keep"]),
    reachable_by=maybe(["192.0.2.9", "nonsense"]),
    tags=st.lists(
        st.builds(
            YAMLTag,
            st.sampled_from(["spec.nodeSelector", "spec.peerSelector", "spec.peerIP"]),
            st.sampled_from(["!has(rack)", "!(a", "!"]),
            st.sampled_from(["", "== 'b')"]),
            st.integers(1, 99),
        ),
        max_size=1,
    ).map(tuple),
    by_hand=st.booleans(),
)
configurations = st.builds(
    BGPConfiguration,
    name=st.sampled_from(["default", "Default", "node.n1", "node.nx"]),
    as_number=st.sampled_from(AS_NUMBERS),
    node_to_node_mesh_enabled=st.none() | st.booleans(),
    listen_port=maybe([179, 1790]),
)
pools = st.builds(IPPool, name=st.sampled_from(["p", "q"]), cidr=st.sampled_from(["10.244.0.0/16", "no", "fd00::/8"]))


def unique(one):
    return st.lists(one, max_size=6, unique_by=lambda resource: resource.name).map(tuple)


any_resources = st.builds(
    Resources,
    nodes=unique(calico_nodes),
    bgp_peers=unique(bgp_peers),
    bgp_configurations=unique(configurations),
    ip_pools=unique(pools),
)
versions = st.sampled_from([CalicoVersion(3, minor) for minor in (16, 22, 29, 31, 32, 33)])


@given(any_resources, versions)
@settings(max_examples=150, deadline=None)
def test_it_never_raises_and_every_finding_can_be_shown(resources, version):
    report = lint(resources, version=version)
    assert {finding.rule for finding in report.findings} <= LINT_BY_ID.keys()
    assert len({finding.id for finding in report.findings}) == len(report.findings)
    assert LintReport.model_validate_json(report.model_dump_json()) == report
    assert lint_to_text(report)


@given(any_resources, versions, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_of_documents_changes_nothing(resources, version, random):
    def shuffled(values):
        mixed = list(values)
        random.shuffle(mixed)
        return tuple(mixed)

    other = Resources(
        nodes=shuffled(resources.nodes),
        bgp_peers=shuffled(resources.bgp_peers),
        bgp_configurations=shuffled(resources.bgp_configurations),
        ip_pools=shuffled(resources.ip_pools),
    )
    assert lint(other, version=version).findings == lint(resources, version=version).findings
