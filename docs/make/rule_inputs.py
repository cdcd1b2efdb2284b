"""The example of each rule of the audit: a cluster that it is about, and the same one fixed. Data; judges nothing.

Faults of the lab come first, as the demo shows them; then those that show a rule only where Calico's resources are not
known, or through the Kubernetes API. What no fault of the lab shows is a snapshot of the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from make.causes import with_and_without

from calico_bgp.lab.cluster import Topology
from calico_bgp.model.snapshot import Snapshot
from tests.unit.rules.observed import route_examples as routes
from tests.unit.rules.observed.rule_examples import EXAMPLES
from tests.unit.rules.observed.rule_snapshots import four, seen, through_kubernetes

_MESH, _REFLECTORS = Topology.MESH, Topology.REFLECTORS

#: Rule → the fault of which `calico-bgp demo --fault` shows it.
DEMOS = {
    "no-peers-anywhere": "selector-stale",
    "no-working-reflector": "bird-down:node1,node2",
    "routes-held-back": "pool-not-exported",
    "own-routes-lost": "own-routes-lost",
    "routes-not-accepted": "import-limit",
    "routes-not-announced": "export-rejected",
    "route-limit-hit": "import-limit:node5,node1",
    "kernel-behind": "kernel-behind",
    "block-announced-twice": "block-twice",
    "configuration-behind": "missing-peer",
    "isolated-node": "host-cut",
    "daemon-not-running": "bird-down",
    "daemon-unreachable": "socket-missing",
    "felix-not-running": "felix-down",
    "node-unreadable": "no-sudo",
    "not-a-node": "reflector-removed:node1",
    "external-peer-down": "tor-down",
    "session-not-established": "link-cut:node5,node1",
    "one-sided-session": "confd-stuck",
    "peer-missing": "refused-config",
    "fewer-than-two-reflectors": "bird-down:node1",
    "reflector-role-lost": "lost-cluster-id:node2",
    "client-single-reflector": "missing-peer:node5,node1",
    "routes-programmed-twice": "programmed-twice",
    "external-peer-gives-nothing": "tor-silent",
    "graceful-restart": "restarting",
    "node-contradicts-inventory": "replaced:node1",
    "resources-questionable": "programmed-twice",
    "graceful-restart-lacking": "no-graceful-restart",
    "nothing-exported": "tor-untold",
    "blocks-outside-pools": "pool-deleted",
    "routes-to-gone-node": "node-deleted",
}
#: Rule → the fault of the Kubernetes API of which it shows it, and what was read through the API before and after.
API_DEMOS: dict[str, tuple[str, Callable[[], Snapshot]]] = {
    "pod-not-running": ("pod-crash-looping", partial(through_kubernetes, failed=0)),
    "pod-missing": ("pod-missing", partial(through_kubernetes, failed=0)),
    "exec-forbidden": ("exec-forbidden", partial(through_kubernetes, failed=0)),
}
#: Rule → the fault of which the lab shows it where the resources, which would say more, are not known.
WITHOUT_RESOURCES = {
    "partitioned": (_REFLECTORS, "racks-apart"),
    "reflector-missing-client": (_REFLECTORS, "reinstalled:node1"),
    "duplicate-address": (_REFLECTORS, "wrong-address:node1,node5"),
    "reflectors-not-peered": (_REFLECTORS, "label-elsewhere"),
    "client-with-non-reflector": (_REFLECTORS, "label-elsewhere"),
    "wrong-peer-type": (_REFLECTORS, "label-elsewhere"),
    "unexpected-peer": (_MESH, "confd-stuck"),
    "family-without-peers": (_REFLECTORS, "selector-narrow"),
    "mixed-mesh-and-reflectors": (_MESH, "one-sided-config"),
    "roles-unclear": (_REFLECTORS, "racks-apart"),
    "reflectors-as-node-specific": (_REFLECTORS, "racks-apart"),
}
#: Rule that no fault shows → the cluster of its example when it is fixed; None where no row of it says what would be.
OTHERS: dict[str, Callable[[], Snapshot] | None] = {
    "routes-missing": EXAMPLES["routes-missing"].near_miss,
    "next-hop-unreachable": routes.sound,
    "routes-not-arriving": partial(routes.sound, routes.CLIENTS),
    "answer-incomplete": None,
    "node-name-twice": four,
    "node-not-listed": EXAMPLES["node-not-listed"].near_miss,
    "mesh-peer-down": EXAMPLES["mesh-peer-down"].near_miss,
    "own-address-peer": four,
    "kernel-routes-stale": routes.sound,
    "pods-behind-a-router": routes.sound,
    "duplicate-peer": four,
    "recently-changed": None,
    "mesh-too-large": None,
    "unknown-peers": four,
    "host-listed-twice": four,
    "addresses-outside-blocks": partial(routes.with_all_resources, ip_pools=routes.pool("10.244.0.0/16")),
    "family-not-running": four,
    "no-bgp": None,
}
#: Rules of which what a node prints is the example: in it, or in how much of it there is, lies all.
PRINTED = frozenset({"answer-incomplete", "mesh-too-large", "no-bgp", "recently-changed"})


class RuleInput(NamedTuple):
    """What a rule is shown.

    Attributes:
        told: How to see it, in Markdown.
        broken: The cluster that it is about.
        fixed: The same one when it is fixed; None where nothing in it says what would be.
    """

    told: str
    broken: Snapshot
    fixed: Snapshot | None


def input_of(rule: str) -> RuleInput:
    """The example of a rule of the audit; of one that stands in no table, that of its test."""
    if rule in DEMOS:
        return RuleInput(_demo(DEMOS[rule]), *with_and_without(DEMOS[rule]))
    if rule in API_DEMOS:
        fault, fixed = API_DEMOS[rule]
        return RuleInput(_demo(fault), EXAMPLES[rule].made(), fixed())
    if rule in WITHOUT_RESOURCES:
        topology, fault = WITHOUT_RESOURCES[rule]
        told = (
            f"On [the simulated lab](../lab.md) with the fault `{fault}` "
            f"({'a mesh' if topology is _MESH else 'two reflectors'}, both families), read over SSH and judged without "
            "Calico's resources.\n\n"
        )
        return RuleInput(told, seen(topology, fault), seen(topology))
    made = OTHERS.get(rule)
    told = "No fault of [the simulated lab](../lab.md) shows it; this is a cluster of the tests.\n\n"
    return RuleInput(told, EXAMPLES[rule].made(), None if made is None else made())


def _demo(fault: str) -> str:
    return f"```sh\ncalico-bgp demo --fault {fault}\n```\n\n"
