"""BlockAffinities and FelixConfigurations: nothing of the peers rests on them, so that none of them is an error."""

import pytest

from calico_bgp.model.resources import SkippedKind, TableRange
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.upstream import CRD, V3


def read(*documents):
    return parse_resources([("file", "\n---\n".join(documents))])


def block(spec, *, version=V3, name="n1-10-244-1-0-26"):
    return f"apiVersion: {version}\nkind: BlockAffinity\nmetadata: {{name: {name}}}\nspec: {spec}"


def felix(spec, name="default"):
    return f"apiVersion: {V3}\nkind: FelixConfiguration\nmetadata: {{name: {name}}}\nspec: {spec}"


@pytest.mark.parametrize(
    ("version", "deleted", "is_deleted"),
    [(V3, "true", True), (V3, "false", False), (CRD, '"true"', True), (CRD, '"false"', False), (CRD, '""', False)],
)
def test_a_block_of_a_node_in_both_versions(version, deleted, is_deleted):
    """`deleted` is a text in crd.projectcalico.org/v1 and a truth value in projectcalico.org/v3."""
    spec = f"{{cidr: 10.244.1.0/26, node: n1, state: confirmed, type: host, deleted: {deleted}}}"
    (found,) = read(block(spec, version=version)).block_affinities
    assert (found.node, found.cidr, found.state, found.deleted) == ("n1", "10.244.1.0/26", "confirmed", is_deleted)
    assert found.is_a_nodes is not is_deleted


def test_no_state_and_no_type_are_a_confirmed_block_of_a_host():
    (found,) = read(block("{cidr: 'fd00:10:244::/122', node: n1}")).block_affinities
    assert (found.state, found.type, found.is_a_nodes) == (None, None, True)


def test_a_block_of_load_balancers_is_no_nodes():
    (found,) = read(block("{cidr: 192.0.2.0/28, node: load-balancer, type: virtual}")).block_affinities
    assert not found.is_a_nodes


@pytest.mark.parametrize("spec", ["{cidr: 10.244.1.0/26}", "{node: n1}", "{node: [n1], cidr: 10.244.1.0/26}", "[]"])
def test_a_block_that_is_not_understood_is_skipped(spec):
    resources = read(block(spec))
    assert resources.block_affinities == ()
    assert resources.skipped == (SkippedKind("BlockAffinity", 1),)


def test_one_block_in_both_versions_is_one_and_two_that_differ_are_not_known():
    one = "{cidr: 10.244.1.0/26, node: n1}"
    assert len(read(block(one), block(one, version=CRD)).block_affinities) == 1
    assert read(block(one), block("{cidr: 10.244.1.0/26, node: n2}", version=CRD)).block_affinities == ()


def test_felix_says_who_programs_routes_and_in_which_tables():
    spec = (
        "{programClusterRoutes: EnabledIPIPOnly, routeTableRanges: [{min: 1, max: 250}, {min: 1000, max: 2000}],"
        " deviceRouteProtocol: 80, routeSyncDisabled: true, wireguardEnabled: true, bpfEnabled: true}"
    )
    (found,) = read(felix(spec)).felix
    assert found.program_cluster_routes == "EnabledIPIPOnly"
    assert found.tables == (TableRange(1, 250), TableRange(1000, 2000))
    assert (found.device_route_protocol, found.route_sync_disabled) == (80, True)
    assert (found.wireguard_enabled, found.wireguard_enabled_v6) == (True, None)


def test_felixs_older_field_for_one_range():
    (found,) = read(felix("{routeTableRange: {min: 10, max: 20}}")).felix
    assert found.tables == (TableRange(10, 20),)


def test_nothing_set_is_nothing_known():
    (found,) = read(felix("{}")).felix
    assert (found.program_cluster_routes, found.tables, found.wireguard_enabled) == (None, (), None)


@pytest.mark.parametrize("spec", ["{routeTableRange: {min: 10}}", "{programClusterRoutes: 3}", "{routeTableRanges: 5}"])
def test_a_felix_configuration_that_is_not_understood_is_skipped(spec):
    resources = read(felix(spec))
    assert resources.felix == ()
    assert resources.skipped == (SkippedKind("FelixConfiguration", 1),)


def test_they_alone_are_something():
    assert not read(felix("{}")).is_empty
    assert not read(block("{cidr: 10.244.1.0/26, node: n1}")).is_empty
    assert read("").is_empty
