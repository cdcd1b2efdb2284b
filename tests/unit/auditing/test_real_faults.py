"""What real BIRDs showed of faults (tests/rig): the first cause is the fault, and nobody innocent is named.

tests/fixtures/rig has a snapshot of each, as `python -m tests.rig.catalogue.corpus` keeps it.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.store.snapshot_reader import load_snapshot

FOLDER = Path(__file__).parents[2] / "fixtures" / "rig"
OLD = {"node4", "node5", "node6"}
TWO_PEERS = {"clients-to-reflectors", "reflectors-to-all"}


def alike(name, *causes):
    """Told with and without resources."""
    return [(name, resources, list(causes)) for resources in (True, False)]


NODE4 = {"node4"}
ZONE_C = {"node5", "node6"}

#: Snapshot, whether with resources, (kind, names) of all causes in order.
TOLD = [
    *alike("mesh-bird-hangs", ("bird-hangs", NODE4)),
    *alike("mesh-bird-hangs-unnoticed", ("bird-hangs", NODE4)),
    *alike("mesh-bird6-hangs", ("bird-hangs", NODE4)),
    *alike("mesh-calico-node-gone", ("calico-node-down", NODE4)),
    *alike("reflectors-calico-node-gone", ("calico-node-down", {"node1"})),
    *alike("mesh-all-disabled", ("disabled-peer", NODE4)),
    *alike("mesh-all-disabled6", ("disabled-peer", NODE4)),
    *alike("mesh-empty-configuration", ("confd-stuck", NODE4)),
    *alike("mesh-port-dropped-in6", ("port-dropped", NODE4)),
    *alike("mesh-port-dropped-out", ("port-dropped", NODE4)),
    # No session ever stood: nothing but silence tells, and who dials.
    *alike("mesh-listen-port-dropped", ("port-dropped", {"node2"})),
    *alike("mesh-rejects-by-icmp", ("port-refused", NODE4)),
    *alike("mesh-prohibit", ("link-cut", {"node2", "node5"})),
    ("mesh-ipv6-off", True, [("wrong-address", NODE4)]),
    ("mesh-ipv6-off", False, [("host-network-cut", NODE4)]),
    *alike("mesh-address-gone", ("host-network-cut", NODE4)),
    *alike("mesh-wrong-netmask", ("host-network-cut", NODE4)),
    ("mesh-three-nodes-down", True, [("node-down", {f"node{n}"}) for n in (1, 2, 5)]),
    # Which of their IPv6 addresses is whose only the resources tell.
    ("mesh-three-nodes-down", False, [("node-down", {"node1", "node2", "node5"})]),
    ("reflectors-both-down", True, [("node-down", {"node1"}), ("node-down", {"node2"})]),
    ("reflectors-both-down", False, [("node-down", {"node1", "node2"})]),
    *alike("mesh-one-router-id", ("duplicate-router-id", {"node2", "node5", "node6"})),
    *alike("mesh-deleted-but-runs", ("node-left", NODE4)),
    *alike("reflectors-deleted-but-runs", ("node-left", {"node1"})),
    # Every node waits for the one with the higher address.
    ("mesh-stale-node", True, [("stale-address", {"node9"})]),
    ("mesh-stale-node", False, [("node-down", {"192.0.2.19"}), ("node-down", {"2001:db8:77::19"})]),
    ("reflectors-stale-peer-ip", True, [("stale-address", {"rr-1"})]),
    # Clients dial an address at which nobody is: no peer is disabled at a node that is there.
    ("reflectors-stale-peer-ip", False, []),
    ("reflectors-other-peer-as", True, [("as-mismatch", {"rr-1"})]),
    # It lacks the clients that have it: which end is to change the tables do not tell.
    ("reflectors-other-peer-as", False, [("confd-stuck", {"node1"})]),
    ("reflectors-rack-peer-gone", True, [("no-peers-configured", {"node4", "node6"})]),
    # A label that node2 had lost would have left node4 and node6 the other reflector.
    ("reflectors-rack-peer-gone", False, [("no-peer-given", {"node4", "node6"})]),
    # A NAT on node4, whose BIRD had sessions before: the rows of the others still say how these ended.
    *alike("mesh-other-source-address", ("other-source-address", NODE4)),
    *alike("mesh-same-hostname", ("duplicate-node-name", NODE4)),
    *alike("reflectors-same-hostname", ("duplicate-node-name", NODE4)),
    # Nothing is wrong with BGP.
    *alike("mesh-host-twice"),
    *alike("mesh-clock-wrong"),
    *alike("reflectors-other-cluster-id"),
    ("three-reflectors-lost-cluster-id", True, [("reflector-lost-cluster-id", {"node1"})]),
    # Its sessions are all up: nothing tells.
    ("three-reflectors-lost-cluster-id", False, []),
    *alike("three-reflectors-lost-label", ("reflector-lost-label", {"node1"})),
    ("three-reflectors-reinstalled", True, [("reflector-reinstalled", {"node1"})]),
    ("three-reflectors-reinstalled", False, [("reflector-lost-label", {"node1"})]),
    ("mesh-partial-partition", True, [("partition", ZONE_C)]),
    # Which of the two groups shares a zone the tables do not tell.
    ("mesh-partial-partition", False, [("partition", {"node3", "node4"})]),
    ("reflectors-partial-partition", True, [("partition", ZONE_C)]),
    ("reflectors-partial-partition", False, [("host-network-cut", {"node1"})]),
    # Neighbour discovery gets no answer at either end: `No route to host` is no proof of one's own routes.
    ("reflectors-partial-partition-both-families", True, [("partition", ZONE_C)]),
    ("reflectors-partial-partition-both-families", False, [("host-network-cut", {"node1"})]),
    (
        "mesh-two-duplicates-one-dead",
        True,
        [
            ("duplicate-address", {"node3", "node5"}),
            ("duplicate-address", {"node1", "node2"}),
            ("node-down", {"node5"}),
        ],
    ),
    ("mesh-two-duplicates-one-dead", False, [("node-down", {"node5"}), ("duplicate-address", {"node1", "node2"})]),
    ("mesh-one-sided-config", True, [("one-sided-configuration", {"peer-with-reflectors"})]),
    # Not so many peers that somebody disabled one by one.
    ("mesh-one-sided-config", False, [("confd-stuck", {"node5"}), ("confd-stuck", {"node6"})]),
    ("mesh-duplicate-address", True, [("duplicate-address", {"node2", "node5"})]),
    # Not a password: node6 has a session to each of those that lost one another.
    ("mesh-duplicate-address", False, [("duplicate-address", {"node2", "node5"})]),
    ("mesh-password-half-rolled-out", True, [("password-mismatch", OLD)]),
    ("mesh-password-half-rolled-out", False, [("password-mismatch", OLD)]),
    ("reflectors-password-half-rolled-out", True, [("password-mismatch", OLD)]),
    ("reflectors-password-half-rolled-out", False, [("password-mismatch", OLD)]),
    ("reflectors-password-at-one-end", True, [("password-mismatch", TWO_PEERS)]),
    # The tables alone tell of two groups; which of them is wrong they do not.
    ("reflectors-password-at-one-end", False, [("password-mismatch", {"node1", "node2"})]),
]


def judged(name, *, resources):
    snapshot = load_snapshot(FOLDER / name)
    if not resources:
        snapshot = snapshot.model_copy(update={"resources": None})
    # All sessions of a rig are young.
    return audit(snapshot, flap_window=timedelta(seconds=1))


def names_of(cause):
    found = set()
    for subject in cause.subjects:
        found |= {str(value) for key in ("node", "a", "b", "name", "address") if (value := getattr(subject, key, None))}
    return found


@pytest.mark.parametrize(
    ("name", "resources", "causes"), TOLD, ids=[f"{n}-{'with' if r else 'without'}" for n, r, _ in TOLD]
)
def test_the_causes_are_the_faults_and_nothing_else(name, resources, causes):
    report = judged(name, resources=resources)
    assert [(cause.kind, names_of(cause)) for cause in report.causes] == causes


def test_with_resources_nothing_is_left_unexplained():
    for name in sorted({name for name, _, _ in TOLD}):
        left = [f.rule for f in judged(name, resources=True).unexplained if f.severity is not Severity.INFO]
        assert left == [], name


@pytest.mark.parametrize("fault", ["lost-cluster-id", "lost-label", "reinstalled"])
def test_of_three_reflectors_one_that_is_lost_has_its_impact_and_its_fix(fault):
    report = judged(f"three-reflectors-{fault}", resources=True)
    (cause,) = report.causes
    assert report.verdict is Verdict.WARNINGS
    assert cause.costs == "no route: every node still learns all it would learn with it"
    (fix,) = cause.fixes
    assert fix.steps
    assert fix.tried is not None
    assert fix.tried.endswith("3 nodes then reflect, not 2")


def test_a_host_that_is_listed_twice_counts_once():
    report = judged("mesh-host-twice", resources=True)
    assert report.verdict is Verdict.HEALTHY
    assert [f.message for f in report.findings if f.rule == "host-listed-twice"] == [
        "node4 stands twice in the inventory: 192.0.2.14, 2001:db8:77::14"
    ]


def test_a_bird_that_hangs_is_restarted_at_once_though_its_sessions_stand_yet():
    (cause,) = judged("mesh-bird-hangs-unnoticed", resources=True).causes
    assert "5 peers show it Established for no longer than the hold time" in cause.title
    assert cause.costs is not None
    assert cause.fixes[0].summary.startswith("restart calico-node on node4 now")
    assert "convenient" not in cause.fixes[0].summary


def test_every_snapshot_of_a_fault_is_told_of():
    assert {name for name, _, _ in TOLD} == {path.name for path in FOLDER.iterdir()}


def test_where_one_bgppeer_lacks_a_password_it_is_given_the_other_ones_and_no_node_is_restarted():
    (cause,) = judged("reflectors-password-at-one-end", resources=True).causes
    (fix,) = cause.fixes
    assert cause.confidence == "certain"
    assert [asked.variable for asked in fix.asks] == ["SECRET_NAME", "SECRET_KEY"]
    (step,) = fix.steps
    assert step.kubectl is not None
    assert step.kubectl.startswith("kubectl patch bgppeers.projectcalico.org reflectors-to-all ")
    assert '"name": "\'"${SECRET_NAME:?}"\'"' in step.kubectl


def test_without_resources_a_password_restarts_nobody():
    (cause,) = judged("reflectors-password-at-one-end", resources=False).causes
    assert all(not fix.steps for fix in cause.fixes)


def test_nodes_that_have_an_old_password_are_restarted_and_no_other():
    (cause,) = judged("mesh-password-half-rolled-out", resources=True).causes
    steps = [step.kubectl for step in cause.fixes[0].steps]
    assert [step.split("spec.nodeName=")[1] for step in steps] == sorted(OLD)
