"""A peerSelector that no node matches: which fix there is hangs on who else is selected."""

from __future__ import annotations

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.reflectors.selectors import stale_selector
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node, peer

CLIENTS = [node(f"c{number}", f"10.0.1.{number}") for number in (1, 2, 3)]


def found(labels, *peers):
    reflectors = [node(f"r{n}", f"10.0.0.{n}", labels=labels, cluster_id="244.0.0.1") for n in (1, 2)]
    seen = Snapshot(resources=cluster(*reflectors, *CLIENTS, *peers, config(mesh=False)))
    (candidate,) = stale_selector(Case(observe(seen), audit(seen).findings))
    return [fix.summary for fix in candidate.fixes], [step.command for step in candidate.decide]


def test_reflectors_without_any_label_get_the_one_that_is_asked_for():
    fixes, decide = found("", peer("rr", node_selector="all()", peer_selector="has(rr)"))
    assert (fixes, decide) == (["make r1, r2 route reflectors again"], [])


def test_where_others_select_them_nobody_knows_which_nodes_are_meant():
    able = peer("able", node_selector="all()", peer_selector="has(top)")
    fixes, decide = found("top", able, peer("rr", node_selector="all()", peer_selector="has(gone)"))
    assert (fixes, decide) == ([], ["kubectl get nodes --show-labels"])
