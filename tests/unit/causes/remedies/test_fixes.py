"""Fixes: exact commands for this cluster, in both forms, each tried in the model first; nothing is invented."""

import json
import shlex

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Risk
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.conftest import snapshot_of


def causes_of(*faults, nodes=6, topology=Topology.REFLECTORS, roles=True, **config):
    made = build_cluster(nodes, topology=topology, **config)
    resources = lab_resources(made, [parse_fault(text, made) for text in faults])
    snapshot = snapshot_of(made, *faults, roles=roles).model_copy(update={"resources": resources})
    return audit(snapshot).causes


def words(command):
    return shlex.split(command)


def test_what_is_missing_is_given_back_in_both_forms():
    (cause,) = causes_of("reinstalled:node1")
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("reflector-reinstalled", ["node1"])
    fix = cause.fixes[0]
    annotate, label = fix.steps
    assert words(annotate.kubectl)[:4] == ["kubectl", "annotate", "node", "node1"]
    assert "projectcalico.org/RouteReflectorClusterID=244.0.0.1" in words(annotate.kubectl)
    assert words(annotate.calicoctl)[:5] == ["calicoctl", "patch", "node", "node1", "-p"]
    patch = json.loads(words(annotate.calicoctl)[5])
    assert patch == {"spec": {"bgp": {"routeReflectorClusterID": "244.0.0.1"}}}
    assert words(label.kubectl)[:5] == ["kubectl", "label", "node", "node1", "route-reflector=true"]
    assert words(label.calicoctl)[:5] == ["calicoctl", "label", "nodes", "node1", "route-reflector=true"]
    assert fix.asks == ()  # the other reflector has the cluster ID


def test_a_cluster_id_that_nobody_has_any_more_is_asked_for():
    (cause,) = causes_of("reinstalled:node1,node2")
    fix = cause.fixes[0]
    assert [asked.variable for asked in fix.asks] == ["CLUSTER_ID"]
    told = [command for step in fix.steps for command in step.commands]
    assert any("${CLUSTER_ID:?}" in command for command in told)
    assert not any("244." in command for command in told)


def test_a_variable_stays_one_for_the_shell():
    (cause,) = causes_of("reinstalled:node1,node2")
    for step in cause.fixes[0].steps:
        for command in step.commands:
            # Inside single quotes a shell would not fill it in.
            assert all("$" not in part for part in command.split("'")[1::2])


def test_every_fix_of_the_configuration_was_tried_and_says_so():
    for fault in ("reinstalled:node1,node2", "lost-label:node1", "lost-cluster-id:node1", "selector-stale"):
        (cause,) = causes_of(fault)
        assert all("in the model" in fix.tried for fix in cause.fixes if fix.steps), fault
        assert cause.fixes[0].restores is not None


def test_the_mesh_is_no_way_out_of_a_big_cluster():
    small = causes_of("reinstalled:node1,node2", nodes=6)[0]
    big = causes_of("reinstalled:node1,node2", nodes=260)[0]
    assert any("mesh" in fix.summary for fix in small.fixes)
    assert not any("mesh" in fix.summary for fix in big.fixes)
    assert big.fixes[0].steps


def test_who_was_a_reflector_is_asked_for_where_nothing_tells():
    (cause,) = causes_of("reinstalled:node1,node2", roles=False)
    assert [str(subject) for subject in cause.subjects] == ["cluster"]
    asked = [fix for fix in cause.fixes if any(value.variable == "NODE" for value in fix.asks)]
    assert len(asked) == 1
    told = [command for step in asked[0].steps for command in step.commands]
    assert all('"${NODE:?}"' in command for command in told)
    assert not any("node1" in command for command in told)


def test_a_restart_is_for_one_node_in_whatever_namespace():
    (cause,) = causes_of("bird-down:node3")
    (step,) = cause.fixes[0].steps
    assert words(step.kubectl) == [
        "kubectl", "delete", "pods", "-A", "-l", "k8s-app=calico-node", "--field-selector", "spec.nodeName=node3",
    ]  # fmt: skip
    assert step.calicoctl is None
    assert cause.fixes[0].risk is Risk.RESTARTS_SESSIONS


def test_waiting_has_an_end():
    (cause,) = causes_of("restarting:node3")
    assert cause.kind == "graceful-restart"
    assert cause.fixes[0].steps == ()
    assert cause.fixes[0].wait_until is not None


@pytest.mark.parametrize("name", ["two words", "$(id)", "a;b", "it's", '"quoted"', "-f", "a\x1b", "a\u202eb", "Upper"])
def test_a_name_that_kubernetes_does_not_allow_reaches_no_shell(name):
    nodes = [node("r1", "10.0.0.1", labels="rr=true", cluster_id="244.0.0.1"), node(name, "10.0.0.2", labels="rr=true")]
    nodes += [node(f"c{n}", f"10.0.1.{n}") for n in range(1, 4)]
    resources = cluster(*nodes, peer("reflectors", peer_selector="has(rr)"), config(mesh=False))
    # Nobody was read: only what the resources say counts.
    lost = audit(Snapshot(resources=resources)).causes
    (cause,) = [cause for cause in lost if cause.kind == "reflector-lost-cluster-id"]
    for step in cause.fixes[0].steps:
        for command in step.commands:
            assert name not in command
            assert "${USABLE_NAME:?Kubernetes allows no such name}" in words(command)


def test_a_role_that_is_no_longer_true_is_a_finding():
    made = build_cluster(6, reflectors=3)
    fault = parse_fault("reinstalled:node1", made)
    snapshot = snapshot_of(made, "reinstalled:node1", roles=True)
    report = audit(snapshot.model_copy(update={"resources": lab_resources(made, [fault])}))
    assert [f.rule for f in report.findings if f.rule == "reflector-role-lost"] == ["reflector-role-lost"]
    assert [(c.kind, str(c.subjects[0])) for c in report.causes] == [("reflector-reinstalled", "node1")]
    whole = snapshot_of(made, roles=True).model_copy(update={"resources": lab_resources(made, [])})
    assert audit(whole).findings == ()


def test_a_missing_as_number_stands_without_quotes_in_json():
    (cause,) = causes_of("refused-config", topology=Topology.MESH)
    (step,) = cause.fixes[0].steps
    assert [asked.variable for asked in cause.fixes[0].asks] == ["AS_NUMBER"]
    for command in step.commands:
        filled = command.replace("${AS_NUMBER:?}", "65001")
        assert json.loads(words(filled)[-1]) == {"spec": {"asNumber": 65001}}


@pytest.mark.parametrize(
    "fault",
    ["wrong-as:node5", "wrong-address:node5", "reinstalled:node1", "lost-label:node1", "confd-stuck:node4",
     "port-taken:node3", "lost-cluster-id:node2", "duplicate-address:node3,node4"],
)  # fmt: skip
def test_a_fix_that_restarts_sessions_says_how_many_that_are_up(fault):
    made = build_cluster(6, topology=Topology.REFLECTORS)
    resources = lab_resources(made, [parse_fault(fault, made)])
    report = audit(snapshot_of(made, fault, roles=True).model_copy(update={"resources": resources}))
    fixes = [fix for cause in report.causes for fix in cause.fixes if fix.steps and fix.risk is not Risk.NONE]
    assert fixes
    for fix in fixes:
        assert fix.restarts is not None
        assert 0 <= fix.restarts <= report.checked.sessions_established
        assert " up will end" not in fix.summary  # the renderer of the risk says it


def test_the_sessions_that_a_cluster_id_restarts_are_counted():
    """node2 has its four clients for clients again, and node1 no longer has node2 for one: BIRD starts these anew."""
    (cause,) = causes_of("lost-cluster-id:node2")
    assert cause.fixes[0].restarts == 5


def test_what_is_down_is_not_counted_as_restarted():
    """The same fix, and two of the four clients are off."""
    first, *_ = [
        cause
        for cause in causes_of("lost-cluster-id:node2", "node-down:node5", "node-down:node6")
        if cause.kind == "reflector-lost-cluster-id"
    ]
    assert first.fixes[0].restarts == 3
