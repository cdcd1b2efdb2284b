"""Two machines of one node name: whatever is said of them is explained by that, and nothing that is said of others."""

from __future__ import annotations

from ipaddress import ip_address

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.names import duplicate_node_name
from calico_bgp.causes.case import Case
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.rules.observed.rule_snapshots import listed_again


def test_a_session_between_others_is_no_matter_of_the_name():
    made = snapshot_of(build_cluster(4, topology=Topology.MESH), "link-cut:node3,node4")
    made = listed_again(made, addresses=(ip_address("192.0.2.77"),))
    case = Case(observe(made), audit(made).findings)
    (candidate,) = duplicate_node_name(case)
    others = {str(finding.subject) for finding in case.findings if finding.id not in candidate.explains}
    assert others == {"node3 <-> node4 (IPv4)"}
