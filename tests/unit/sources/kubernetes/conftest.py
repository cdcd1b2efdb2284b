"""A running lab, and its cluster as a kubeconfig names it."""

import pytest

from calico_bgp.lab import Lab, build_cluster
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.source import KubernetesOptions, read_cluster

#: Short, so that what hangs does not hold up the tests.
QUICK = KubernetesOptions(limits=KubernetesLimits(connect=5, request=10, exec=5.0))


@pytest.fixture
def lab():
    """Two reflectors and four clients."""
    with Lab(build_cluster(6)) as running:
        yield running


@pytest.fixture
def access(lab):
    """How to reach the lab's API."""
    return load_kubeconfig([lab.kubeconfig]).access()


@pytest.fixture
def read(access):
    """Reads the lab as it is at that moment."""
    return lambda **kwargs: read_cluster(access, QUICK, **kwargs)
