"""What can be wrong between a user and the pods, apart from BGP: a fault as users write it, `KIND[:NODE]`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.faults.catalogue import ENTRIES
from calico_bgp.lab.faults.fault import FaultError, FaultKind, did_you_mean
from calico_bgp.lab.faults.kinds import ALIASES


class APIFaultKind(StrEnum):
    """The kinds; API_CATALOGUE has what a user sees of each."""

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


class APIFaultEntry(NamedTuple):
    """A line of the catalogue.

    Attributes:
        kind: Its name.
        meaning: What is broken, in words.
        causes: The kinds of cause any of which tells of it; empty where an audit has nothing to tell.
        of_a_node: Whether it befalls one node; else the whole API.
        beside: What else is to be wrong for it to show.
    """

    kind: APIFaultKind
    meaning: str
    causes: tuple[str, ...] = ()
    of_a_node: bool = False
    beside: tuple[APIFaultKind, ...] = ()


_KIND = APIFaultKind
_UNREADABLE = ("node-unreadable-only",)

API_CATALOGUE: tuple[APIFaultEntry, ...] = (
    APIFaultEntry(
        _KIND.EXEC_FORBIDDEN, "the user may list everything but run nothing in pods (pods/exec)", ("exec-forbidden",)
    ),
    APIFaultEntry(
        _KIND.API_GROUP_DOWN, "Calico's own (aggregated) API server is down: projectcalico.org/v3 answers 503"
    ),
    APIFaultEntry(
        _KIND.STALE_CRDS, "old objects are left in crd.projectcalico.org/v1 beside those in projectcalico.org/v3"
    ),
    APIFaultEntry(
        _KIND.POD_CRASH_LOOPING, "calico-node of the node ends again and again", ("pod-crash-looping",), of_a_node=True
    ),
    APIFaultEntry(_KIND.POD_MISSING, "no calico-node pod runs on the node", ("pod-missing",), of_a_node=True),
    APIFaultEntry(_KIND.EXEC_HANGS, "a command in the node's pod never ends", _UNREADABLE, of_a_node=True),
    APIFaultEntry(_KIND.EXEC_ENDLESS, "a command in the node's pod prints without end", _UNREADABLE, of_a_node=True),
    APIFaultEntry(_KIND.TOKEN_EXPIRES, "the login expires after the lists, before the pods are asked"),
    APIFaultEntry(_KIND.ANSWER_CUT, "the connection breaks in the middle of the list of Nodes"),
    APIFaultEntry(
        _KIND.NODE_STATUS,
        "no fault: a CalicoNodeStatus of each node is there, written just now",
        beside=(_KIND.EXEC_FORBIDDEN,),
    ),
    APIFaultEntry(
        _KIND.STALE_STATUS,
        "a CalicoNodeStatus of each node is there, written an hour ago",
        ("exec-forbidden",),
        beside=(_KIND.EXEC_FORBIDDEN,),
    ),
)
API_ENTRIES = {entry.kind: entry for entry in API_CATALOGUE}


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


def is_of_api(text: str) -> bool:
    """Whether `KIND[:NODE]` names, or nearly names, a fault of the API and none of the cluster."""
    name = text.partition(":")[0]
    if name in ENTRIES or name in ALIASES:
        return False
    return name in set(APIFaultKind) or bool(did_you_mean(name, [*APIFaultKind], cutoff=0.8))


def without_bird(faults: Iterable[APIFault]) -> tuple[str, ...]:
    """What these faults mean for BGP: where calico-node does not run, no BIRD does. As texts of the lab's catalogue."""
    dead = (APIFaultKind.POD_CRASH_LOOPING, APIFaultKind.POD_MISSING)
    return tuple(f"{FaultKind.BIRD_DOWN}:{fault.node}" for fault in faults if fault.kind in dead)


def _parse(text: str, cluster: LabCluster) -> APIFault:
    name, _, node = text.partition(":")
    if name not in set(APIFaultKind):
        hint = did_you_mean(name, [*APIFaultKind])
        raise FaultError(f"unknown fault '{name}' of the API.{hint} There are {', '.join(APIFaultKind)}")
    kind = APIFaultKind(name)
    if not API_ENTRIES[kind].of_a_node:
        if node:
            raise FaultError(f"fault '{text}': {kind} befalls the whole API; name no node")
        return APIFault(kind)
    if node and node not in cluster.by_name:
        raise FaultError(f"fault '{text}': no node '{node}'")
    return APIFault(kind, node or cluster.nodes[-1].name)
