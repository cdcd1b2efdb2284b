"""What findings say of a value: how bad it makes them, what is said where it is not known, how many are shown."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.routes.kernel_route import KernelHop, KernelRoute
from tests.unit.auditing.conftest import NOW
from tests.unit.rules.observed.message_examples import MESSAGE_EXAMPLES
from tests.unit.rules.observed.route_examples import OF_A_POD, limit, pool, with_all_resources
from tests.unit.rules.observed.rule_examples import EXAMPLES
from tests.unit.rules.observed.rule_snapshots import pod, through_kubernetes
from tests.with_routes import change_protocols, change_table, with_routes

EIGHT = with_routes(build_cluster(8, topology=Topology.MESH))


def only(snapshot, rule):
    (finding,) = [each for each in audit(snapshot).findings if each.rule == rule]
    return finding


@pytest.mark.parametrize(("action", "severity"), [("warn", "warning"), ("block", "error"), (None, "error")])
def test_a_limit_that_only_warns_is_a_warning(action, severity):
    assert only(limit(action), "route-limit-hit").severity == severity


@pytest.mark.parametrize(("last_ran", "words"), [(540, "after 540 s"), (0, "after 0 s"), (None, "after some s")])
def test_how_long_a_container_ran_before(last_ran, words):
    more = {"restarts": 7, "started_at": NOW - timedelta(minutes=4), "last_ended": "OOMKilled", "last_ran": last_ran}
    made = through_kubernetes(replace(pod(running=True), **more), failed=0)
    assert words in only(made, "pod-restarting").message


def test_who_learns_no_route_of_whom():
    assert only(EXAMPLES["routes-missing"].made(), "routes-missing").evidence == ("a, c: no route of one another",)
    assert only(MESSAGE_EXAMPLES["routes-missing", "others"](), "routes-missing").evidence == (
        "node1, node2, node3: no route of node4, node5, node6",
        "node4, node5, node6: no route of node1, node2, node3",
        "node4, node5, node6: no route of one another",
    )


def test_of_many_ends_without_graceful_restart_five_are_shown():
    made = EIGHT
    for place in range(1, 8):
        made = change_protocols(made, place, "Mesh_192_0_2_11", capabilities=("refresh", "AS4"))
    found = only(made, "graceful-restart-lacking")
    assert found.evidence == tuple(f"node{number}: refresh AS4" for number in range(2, 7))
    assert found.message == "node1 offers no graceful restart to 7 nodes"


def test_of_addresses_in_no_pool_only_those_are_told_that_no_other_node_has_learned():
    """A filter lets one of two pass."""
    made = with_all_resources(ip_pools=pool("10.244.0.0/16"))
    singles = [ip_network(f"203.0.113.{number}/32") for number in (7, 8)]
    routes = tuple(KernelRoute(prefix, "unicast", 3, 0, (OF_A_POD,)) for prefix in singles)
    made = change_table(made, 0, kernel=lambda there: (*there, *routes))
    known = next(each for each in made.readings[1].tables[0].bird if each.gateway == ip_address("192.0.2.11"))
    learned = known._replace(prefix=singles[0])
    way = KernelRoute(singles[0], "unicast", 12, 0, (KernelHop(ip_address("192.0.2.11"), "eth0"),))
    for place in (1, 2, 3):
        made = change_table(made, place, bird=lambda there: (*there, learned), kernel=lambda there: (*there, way))
    assert only(made, "addresses-outside-blocks").evidence == ("203.0.113.8/32",)


@pytest.mark.parametrize(
    ("namespaces", "where"),
    [
        ((), "in calico-node pods (pods/exec), so no BIRD could be asked"),
        (("calico-system",), "in calico-node pods (pods/exec), so no BIRD could be asked"),
        # Of four pods one is refused.
        (("closed",), "in the calico-node pods of closed (pods/exec), so BIRD of 1 node could not be asked"),
        # No BIRD runs there.
        (("elsewhere",), None),
    ],
)
def test_where_the_user_may_not_run_commands(namespaces, where):
    made = through_kubernetes(pod(running=True), allowed=False)
    pods = made.kubernetes.pods
    if namespaces == ("closed",):
        pods = tuple(replace(one, namespace="closed") if one.node == "node1" else one for one in pods)
    state = made.kubernetes.model_copy(update={"forbidden_namespaces": namespaces, "pods": pods})
    found = [
        f.message for f in audit(made.model_copy(update={"kubernetes": state})).findings if f.rule == "exec-forbidden"
    ]
    assert found == ([] if where is None else [f"the user may not run commands {where}"])
