"""One cluster, read over SSH and through Kubernetes: which faults are, and how the answers differ. Runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.rig.catalogue.case import subject_names
from tests.rig.catalogue.outcome import Named
from tests.rig.machines.operator import Audit

#: What the two ways in see differently: SSH itself, or what Kubernetes alone says of a pod.
OTHERWISE_THROUGH_API = frozenset({"calicoctl-hung", "calicoctl-missing", "host-key-changed", "calico-node-gone"})
#: What CI audits through Kubernetes as well: of each kind of answer that a pod can give one.
THROUGH_API = frozenset(
    {
        "bird-down",
        "bird-hangs",
        "bird6-down",
        "disabled-peer",
        "felix-down",
        "lost-label",
        "node-down",
        "socket-missing",
    }
)
#: Of these calicoctl shows less than BIRD itself does, whom a pod asks: the row of a protocol that is down; and it
#: stops at the first BIRD that hangs. There the findings differ, and what they come to does not.
SHOWN_BY_BIRD_ALONE = frozenset({"bird-hangs", "disabled-peer"})


def causes_of(report: Mapping[str, Any]) -> list[Named]:
    """(kind, names) of the causes of a report."""
    return [(cause["kind"], subject_names(cause)) for cause in report["causes"]]


def differences(by_ssh: Audit, through_api: Audit, *, same_rows: bool = True) -> list[str]:
    """How two answers about one cluster differ, in words.

    Args:
        by_ssh: What was told of calicoctl's tables.
        through_api: What was told of BIRD's own.
        same_rows: Whether both show the same rows, so that the findings are to be the same.
    """
    one, other = by_ssh.report or {}, through_api.report
    if other is None:
        return [f"through the API nothing was judged: {through_api.stderr}"]
    told: dict[str, tuple[object, object]] = {
        "verdict": (by_ssh.verdict, through_api.verdict),
        "exit code": (by_ssh.exit_code, through_api.exit_code),
        "first cause": (causes_of(one)[:1], causes_of(other)[:1]),
    }
    if same_rows:
        told["findings"] = (sorted(by_ssh.findings), sorted(through_api.findings))
    return [f"{what}: {a} over SSH, {b} through the API" for what, (a, b) in told.items() if a != b]
