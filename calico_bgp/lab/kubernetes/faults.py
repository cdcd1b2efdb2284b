"""What can be wrong between a user and the pods, apart from BGP: a fault as users write it, `KIND[:NODE]`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.faults import FaultError, FaultKind


class APIFaultKind(StrEnum):
    """The kinds, with what a user sees of each."""

    EXEC_FORBIDDEN = "exec-forbidden"
    API_GROUP_DOWN = "api-group-down"
    STALE_CRDS = "stale-crds"
    POD_CRASH_LOOPING = "pod-crash-looping"
    POD_MISSING = "pod-missing"
    EXEC_HANGS = "exec-hangs"
    EXEC_ENDLESS = "exec-endless"
    TOKEN_EXPIRES = "token-expires"  # noqa: S105 - the name of a fault
    ANSWER_CUT = "answer-cut"
    NODE_STATUS = "node-status"
    STALE_STATUS = "stale-status"


MEANINGS = {
    APIFaultKind.EXEC_FORBIDDEN: "the user may list everything but run nothing in pods",
    APIFaultKind.API_GROUP_DOWN: "Calico's own API server is down: projectcalico.org/v3 answers 503",
    APIFaultKind.STALE_CRDS: "old objects are left in crd.projectcalico.org/v1 beside those in projectcalico.org/v3",
    APIFaultKind.POD_CRASH_LOOPING: "calico-node of the node ends again and again",
    APIFaultKind.POD_MISSING: "no calico-node pod runs on the node",
    APIFaultKind.EXEC_HANGS: "a command in the node's pod never ends",
    APIFaultKind.EXEC_ENDLESS: "a command in the node's pod prints without end",
    APIFaultKind.TOKEN_EXPIRES: "the login expires after the lists, before the pods are asked",
    APIFaultKind.ANSWER_CUT: "the connection breaks in the middle of the list of Nodes",
    APIFaultKind.NODE_STATUS: "no fault: a CalicoNodeStatus of each node is there, written just now",
    APIFaultKind.STALE_STATUS: "a CalicoNodeStatus of each node is there, written an hour ago",
}
#: Those that befall one node.
_OF_A_NODE = frozenset(
    {APIFaultKind.POD_CRASH_LOOPING, APIFaultKind.POD_MISSING, APIFaultKind.EXEC_HANGS, APIFaultKind.EXEC_ENDLESS}
)


@dataclass(frozen=True, slots=True)
class APIFault:
    """One fault, with the node it befalls; None for those of the whole API."""

    kind: APIFaultKind
    node: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.node}" if self.node else str(self.kind)


def parse_api_faults(texts: Iterable[str], cluster: LabCluster) -> tuple[APIFault, ...]:
    """Read `KIND[:NODE]`. Without a node the last one is taken.

    Raises:
        FaultError: An unknown kind or node, or a node where none belongs.
    """
    return tuple(_parse(text, cluster) for text in texts)


def without_bird(faults: Iterable[APIFault]) -> tuple[str, ...]:
    """What these faults mean for BGP: where calico-node does not run, no BIRD does. As texts of the lab's catalogue."""
    dead = (APIFaultKind.POD_CRASH_LOOPING, APIFaultKind.POD_MISSING)
    return tuple(f"{FaultKind.BIRD_DOWN}:{fault.node}" for fault in faults if fault.kind in dead)


def _parse(text: str, cluster: LabCluster) -> APIFault:
    name, _, node = text.partition(":")
    if name not in set(APIFaultKind):
        raise FaultError(f"unknown fault '{name}' of the API; there are {', '.join(APIFaultKind)}")
    kind = APIFaultKind(name)
    if kind not in _OF_A_NODE:
        if node:
            raise FaultError(f"fault '{text}': {kind} befalls the whole API; name no node")
        return APIFault(kind)
    if node and node not in cluster.by_name:
        raise FaultError(f"fault '{text}': no node '{node}'")
    return APIFault(kind, node or cluster.nodes[-1].name)
