"""One example and one near miss of every rule of the audit. The tests of it are in test_every_rule.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address

from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.model.peer import BGPState
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.rules.observed import route_examples
from tests.unit.rules.observed.rule_snapshots import (
    MESH,
    REFLECTORS,
    at_other_host,
    chained,
    four,
    listed_again,
    of_nodes,
    own_row,
    plain,
    pod,
    reflecting,
    restarted,
    seen,
    through_kubernetes,
    unlisted,
    with_ids,
    with_node,
    with_pool,
    with_resources,
    with_row,
    with_status,
    without_ipv6,
    young,
)  # fmt: skip

INFO, WARNING, ERROR = "info", "warning", "error"


@dataclass(frozen=True)
class Example:
    """What a rule says of a snapshot, and a snapshot much like it of which it says nothing.

    Attributes:
        severity: How bad the finding is.
        subject: What it is about.
        made: Makes the snapshot.
        near_miss: Makes the one in which all but the rule's own matter is as before.
    """

    severity: str
    subject: str
    made: Callable[[], Snapshot]
    near_miss: Callable[[], Snapshot]


def of_fault(
    severity: str, subject: str, topology: Topology, fault: str, *, resources: bool = False, near: str | None = None
) -> Example:
    """A fault of the lab; the near miss is the same cluster without it, or with another one."""
    others = (near,) if near else ()
    return Example(
        severity,
        subject,
        partial(seen, topology, fault, resources=resources),
        partial(seen, topology, *others, resources=resources),
    )


#: Rule → its example and near miss, in the order of the rules.
EXAMPLES = {
    "no-peers-anywhere": Example(ERROR, "cluster", partial(plain, "selector-stale"), plain),
    "no-working-reflector": Example(
        ERROR, "cluster", partial(plain, "bird-down:node1,node2"), partial(plain, "bird-down:node1")
    ),
    "partitioned": of_fault(ERROR, "cluster (IPv6)", REFLECTORS, "racks-apart", near="bird-down:node1"),
    "routes-missing": Example(
        ERROR, "cluster (IPv4)", partial(chained, "ab", "bc"), partial(chained, "ab", "bc", "ac")
    ),
    "routes-held-back": Example(
        ERROR, "IPPool pods", partial(with_pool, disable_bgp_export=True), partial(with_pool, vxlan_mode="Never")
    ),
    **{rule: Example(*parts) for rule, parts in route_examples.FIRST.items()},
    "configuration-behind": of_fault(WARNING, "node6", MESH, "confd-stuck", resources=True, near="bird-down"),
    "isolated-node": of_fault(ERROR, "node6", MESH, "node-down", near="link-cut:node1,node6"),
    "daemon-not-running": of_fault(ERROR, "node6", MESH, "bird-down", near="felix-down"),
    "daemon-unreachable": of_fault(ERROR, "node6", MESH, "socket-missing", near="bird-down"),
    "felix-not-running": of_fault(ERROR, "node6", MESH, "felix-down", near="bird-down"),
    "pod-not-running": Example(
        ERROR,
        "node1",
        partial(through_kubernetes, pod(running=False)),
        partial(through_kubernetes, pod(running=False, backend="vxlan")),
    ),
    "pod-restarting": Example(WARNING, "node1", partial(restarted, "OOMKilled"), partial(restarted, "Completed")),
    "pod-missing": Example(
        ERROR, "node1", partial(through_kubernetes, None), partial(through_kubernetes, pod(running=False))
    ),
    "exec-forbidden": Example(
        WARNING, "cluster", partial(through_kubernetes, allowed=False, failed=4), partial(through_kubernetes, failed=4)
    ),
    "node-unreadable": of_fault(ERROR, "node6", MESH, "node-down", near="bird-down"),
    "answer-incomplete": Example(ERROR, "node1", lambda: with_status(four(), complete=False), four),
    "node-name-twice": Example(
        ERROR,
        "node1",
        lambda: listed_again(four(), addresses=(ip_address("192.0.2.77"),)),
        lambda: listed_again(four()),
    ),
    "node-not-listed": Example(
        WARNING,
        "cluster",
        lambda: unlisted(seen(MESH, resources=True)),
        partial(seen, MESH, resources=True),
    ),
    "not-a-node": of_fault(WARNING, "node1", REFLECTORS, "reflector-removed:node1", resources=True),
    "external-peer-down": of_fault(ERROR, "192.0.2.1", MESH, "tor-down", near="link-cut:node1,node5"),
    "mesh-peer-down": Example(
        ERROR,
        "192.0.2.14",
        lambda: unlisted(snapshot_of(build_cluster(4, topology=MESH), "bird-down:node4")),
        lambda: unlisted(four()),
    ),
    "session-not-established": of_fault(
        ERROR, "node1 <-> node5 (IPv4)", MESH, "link-cut:node1,node5", near="bird-down:node5"
    ),
    "one-sided-session": of_fault(
        ERROR, "node1 <-> node5 (IPv4)", MESH, "disabled-peer:node1,node5", near="link-cut:node1,node5"
    ),
    "peer-missing": of_fault(ERROR, "node1 <-> node5 (IPv4)", MESH, "wrong-address:node1,node5"),
    "reflector-missing-client": of_fault(
        ERROR, "node1 <-> node5 (IPv4)", REFLECTORS, "reinstalled:node1", near="bird-down:node1"
    ),
    "duplicate-address": of_fault(ERROR, "172.17.0.1", REFLECTORS, "wrong-address:node1,node5"),
    "own-address-peer": Example(ERROR, "192.0.2.11", lambda: own_row(four()), four),
    "address-at-other-node": Example(ERROR, "node1 (IPv4)", lambda: at_other_host(own=False), at_other_host),
    "router-id-twice": Example(
        ERROR,
        "192.0.2.13",
        lambda: with_ids("192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.13"),
        # They have a session with each other.
        lambda: with_ids("192.0.2.11", "192.0.2.12", "192.0.2.11", "192.0.2.14"),
    ),
    "fewer-than-two-reflectors": of_fault(WARNING, "cluster", REFLECTORS, "bird-down:node1", near="bird-down:node5"),
    "reflector-role-lost": of_fault(WARNING, "node1", REFLECTORS, "reinstalled:node1", resources=True),
    "client-single-reflector": of_fault(
        WARNING, "node5 (IPv4)", REFLECTORS, "link-cut:node1,node5", near="bird-down:node1"
    ),
    "reflectors-not-peered": Example(
        INFO, "node1 <-> node2 (IPv4)", partial(reflecting, Variant.CLIENTS), partial(reflecting, Variant.ALL)
    ),
    "client-with-non-reflector": of_fault(WARNING, "node5 <-> node6 (IPv4)", REFLECTORS, "label-elsewhere"),
    **{rule: Example(*parts) for rule, parts in route_examples.SECOND.items()},
    "wrong-peer-type": of_fault(WARNING, "node1 <-> node5 (IPv4)", REFLECTORS, "label-elsewhere"),
    "unexpected-peer": of_fault(WARNING, "node5 <-> node6 (IPv4)", MESH, "confd-stuck"),
    "duplicate-peer": Example(
        WARNING,
        "node1 <-> node2 (IPv4)",
        lambda: with_row(four(), protocol_state="start", bgp_state=BGPState.IDLE, info="Idle"),
        four,
    ),
    "graceful-restart": of_fault(WARNING, "node6", MESH, "restarting", near="bird-down"),
    "recently-changed": Example(WARNING, "node1 <-> node2 (IPv4)", partial(young, 9), partial(young, 11)),
    "family-without-peers": of_fault(WARNING, "node5 (IPv6)", REFLECTORS, "selector-narrow", near="bird-down:node5"),
    "mixed-mesh-and-reflectors": of_fault(WARNING, "cluster", MESH, "one-sided-config"),
    "mesh-too-large": Example(WARNING, "cluster", partial(of_nodes, 101), partial(of_nodes, 100)),
    "unknown-peers": Example(WARNING, "cluster (IPv4)", lambda: unlisted(four()), four),
    "roles-unclear": of_fault(INFO, "cluster", REFLECTORS, "racks-apart"),
    "reflectors-as-node-specific": Example(
        INFO, "cluster", partial(reflecting, Variant.ALL), partial(reflecting, Variant.GLOBAL)
    ),
    "host-listed-twice": Example(
        INFO,
        "node1",
        lambda: listed_again(four()),
        lambda: listed_again(four(), addresses=(ip_address("192.0.2.77"),)),
    ),
    "node-contradicts-inventory": Example(
        WARNING, "node2", lambda: with_node(four(), node2="node9"), lambda: with_node(four(), node2="node2")
    ),
    "resources-questionable": Example(
        INFO, "cluster", partial(with_resources, reflectors=1), partial(with_resources, reflectors=2)
    ),
    **{rule: Example(*parts) for rule, parts in route_examples.THIRD.items()},
    "family-not-running": Example(INFO, "cluster (IPv6)", lambda: without_ipv6(four()), four),
    "no-bgp": Example(INFO, "cluster", lambda: snapshot_of(build_cluster(4, topology=Topology.NO_BGP)), four),
}
