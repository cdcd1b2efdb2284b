"""What two nodes that know each other's cluster ID are to each other, where no resource asks for their session."""

import pytest

from calico_bgp.routes.network.protocols import Shared
from calico_bgp.routes.network.sessions import EndSettings
from tests.clusters import cluster, config, node

ONE, OTHER = "1.1.1.1", "2.2.2.2"


@pytest.mark.parametrize(
    ("near", "far", "right"),
    [
        ({}, {}, EndSettings(64512, 64512)),
        ({"cluster_id": ONE}, {}, EndSettings(64512, 64512, True, ONE)),
        # Only its own ID makes a node a reflector.
        ({}, {"cluster_id": ONE}, EndSettings(64512, 64512)),
        ({"cluster_id": ONE}, {"cluster_id": OTHER}, EndSettings(64512, 64512, True, ONE)),
        ({"cluster_id": ONE}, {"cluster_id": ONE}, EndSettings(64512, 64512)),
        # Over eBGP nobody reflects.
        ({"cluster_id": ONE, "as_number": 65001}, {}, EndSettings(65001, 64512)),
        ({"cluster_id": ONE}, {"as_number": 65001}, EndSettings(64512, 65001)),
        ({"cluster_id": ONE, "as_number": 65001}, {"as_number": 65001}, EndSettings(65001, 65001, True, ONE)),
    ],
)
def test_two_nodes(near, far, right):
    nodes = node("n1", "192.0.2.1", **near), node("n2", "192.0.2.2", **far)
    assert Shared().of_nodes(cluster(*nodes), *nodes) == right


def test_of_what_is_no_node_the_as_number_of_all_is_taken():
    near = node("n1", "192.0.2.1", as_number=65001)
    resources = cluster(near, config(as_number=65000))
    assert Shared().of_nodes(resources, near, None) == EndSettings(65001, 65000)
    assert Shared().of_nodes(resources, None, near) == EndSettings(65000, 65001)
