"""Which networks are of pods and of Services, by the resources; what is no network counts for nothing."""

from ipaddress import ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration
from calico_bgp.routes.observed.own import service_ranges
from tests.clusters import cluster

CONFIGURATION = BGPConfiguration(
    name="default",
    service_cluster_ips=("10.96.0.0/12", "fd00:96::/108", "nonsense"),
    service_external_ips=("198.51.100.0/24",),
    service_load_balancer_ips=("203.0.113.7/32",),
)


@pytest.mark.parametrize(
    ("family", "networks"),
    [(Family.IPV4, ["10.96.0.0/12", "198.51.100.0/24", "203.0.113.7/32"]), (Family.IPV6, ["fd00:96::/108"])],
)
def test_the_ranges_of_services(family, networks):
    assert service_ranges(cluster(CONFIGURATION), family) == set(map(ip_network, networks))


def test_without_a_configuration_no_service_is_announced():
    assert service_ranges(None, Family.IPV4) == service_ranges(cluster(), Family.IPV4) == frozenset()
