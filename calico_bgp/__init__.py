"""Tells whether the BGP of a Calico Kubernetes cluster is healthy, why not, and what fixes it.

    from pathlib import Path
    from calico_bgp import SSHGatherer, SSHOptions, audit, gather, parse_hosts

    hosts = parse_hosts(Path("hosts.txt").read_text())
    for finding in audit(gather(hosts, SSHGatherer(SSHOptions()))).findings:
        print(finding.severity, finding.subject, finding.message)

Names are imported when they are first used, so that reading a table does not wait for SSH. No `from __future__` here:
it would be looked for in the current folder, see __main__.py.
"""

from importlib import import_module

__version__ = "0.1.0"

TYPE_CHECKING = False  # what type checkers take for true; `typing` itself is not loaded
if TYPE_CHECKING:
    from typing import Any

    from calico_bgp.auditing.diff import diff_snapshots
    from calico_bgp.auditing.engine import audit
    from calico_bgp.auditing.lint import lint
    from calico_bgp.auditing.pasted import snapshot_from_pasted
    from calico_bgp.changes.change import (
        ApplyResources,
        Change,
        DeleteResource,
        RemoveNode,
        SetClusterID,
        SetLabel,
        SetMesh,
        Unlabel,
    )
    from calico_bgp.changes.change import apply as apply_changes
    from calico_bgp.cluster.cluster import Cluster
    from calico_bgp.errors import (
        CalicoBGPError,
        ChangeError,
        ConfigError,
        GatherError,
        InventoryError,
        ParseError,
        ResourceError,
        StoreError,
    )
    from calico_bgp.expect.engine import expected_peers
    from calico_bgp.expect.version import CalicoVersion, parse_version
    from calico_bgp.lab.cluster import build_cluster
    from calico_bgp.lab.lab import Lab
    from calico_bgp.model.expected import ExpectedPeer
    from calico_bgp.model.inventory import Host
    from calico_bgp.model.peer import Family, Peer, PeerType
    from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus
    from calico_bgp.model.reports.cause import Cause, Confidence, Fix, FixStep, Risk
    from calico_bgp.model.reports.diff import SnapshotDiff
    from calico_bgp.model.reports.lint import LintReport
    from calico_bgp.model.reports.report import Finding, Report, Severity, Verdict
    from calico_bgp.model.reports.subject import (
        AddressSubject,
        ClusterSubject,
        NodeSubject,
        ResourceSubject,
        SessionSubject,
    )
    from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, IPPool, Resources
    from calico_bgp.model.settings.config import Config, Ignore
    from calico_bgp.model.snapshot import Snapshot
    from calico_bgp.parse.hosts.reader import parse_hosts
    from calico_bgp.parse.pasted.reader import parse_pasted
    from calico_bgp.parse.resources.reader import parse_resources
    from calico_bgp.parse.settings.config import parse_config
    from calico_bgp.parse.status.node import parse_node_status
    from calico_bgp.parse.status.since import resolve_since
    from calico_bgp.plan.mesh import plan_mesh
    from calico_bgp.plan.plan import Plan
    from calico_bgp.plan.reflectors import plan_reflectors
    from calico_bgp.plugins import installed_rules
    from calico_bgp.rules.rule import Draft, Rule, rule
    from calico_bgp.sources.gather import GatherInterrupted, gather
    from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
    from calico_bgp.sources.kubernetes.entrance import gather_kubernetes
    from calico_bgp.sources.node.questions import Questions
    from calico_bgp.sources.ssh.gatherer import SSHGatherer
    from calico_bgp.sources.ssh.options import SSHOptions
    from calico_bgp.store.history.reader import HistoryReader
    from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot
    from calico_bgp.whatif.question import what_if
    from calico_bgp.whatif.verdict import Safety, WhatIf

#: Public name -> the module that has it; behind a colon its name there, where that is another one.
_HOME = {
    "AddressSubject": "model.reports.subject",
    "ApplyResources": "changes.change",
    "BGPConfiguration": "model.resources",
    "BGPPeer": "model.resources",
    "CalicoBGPError": "errors",
    "CalicoNode": "model.resources",
    "CalicoVersion": "expect.version",
    "Cause": "model.reports.cause",
    "Change": "changes.change",
    "ChangeError": "errors",
    "Cluster": "cluster.cluster",
    "ClusterSubject": "model.reports.subject",
    "Confidence": "model.reports.cause",
    "Config": "model.settings.config",
    "ConfigError": "errors",
    "Daemon": "model.reading",
    "DaemonState": "model.reading",
    "DeleteResource": "changes.change",
    "Draft": "rules.rule",
    "ExpectedPeer": "model.expected",
    "Family": "model.peer",
    "Finding": "model.reports.report",
    "Fix": "model.reports.cause",
    "FixStep": "model.reports.cause",
    "GatherError": "errors",
    "GatherFailure": "model.reading",
    "GatherInterrupted": "sources.gather",
    "HistoryReader": "store.history.reader",
    "Host": "model.inventory",
    "IPPool": "model.resources",
    "Ignore": "model.settings.config",
    "InventoryError": "errors",
    "KubernetesLimits": "sources.kubernetes.connection.limits",
    "Lab": "lab.lab",
    "LintReport": "model.reports.lint",
    "NodeReading": "model.reading",
    "NodeStatus": "model.reading",
    "NodeSubject": "model.reports.subject",
    "ParseError": "errors",
    "Peer": "model.peer",
    "PeerType": "model.peer",
    "Plan": "plan.plan",
    "Questions": "sources.node.questions",
    "RemoveNode": "changes.change",
    "Report": "model.reports.report",
    "ResourceError": "errors",
    "ResourceSubject": "model.reports.subject",
    "Resources": "model.resources",
    "Risk": "model.reports.cause",
    "Rule": "rules.rule",
    "SSHGatherer": "sources.ssh.gatherer",
    "SSHOptions": "sources.ssh.options",
    "Safety": "whatif.verdict",
    "SessionSubject": "model.reports.subject",
    "SetClusterID": "changes.change",
    "SetLabel": "changes.change",
    "SetMesh": "changes.change",
    "Severity": "model.reports.report",
    "Snapshot": "model.snapshot",
    "SnapshotDiff": "model.reports.diff",
    "StoreError": "errors",
    "Unlabel": "changes.change",
    "Verdict": "model.reports.report",
    "WhatIf": "whatif.verdict",
    "apply_changes": "changes.change:apply",
    "audit": "auditing.engine",
    "build_cluster": "lab.cluster",
    "diff_snapshots": "auditing.diff",
    "expected_peers": "expect.engine",
    "gather": "sources.gather",
    "gather_kubernetes": "sources.kubernetes.entrance",
    "installed_rules": "plugins",
    "lint": "auditing.lint",
    "load_snapshot": "store.snapshot_folder",
    "parse_config": "parse.settings.config",
    "parse_hosts": "parse.hosts.reader",
    "parse_node_status": "parse.status.node",
    "parse_pasted": "parse.pasted.reader",
    "parse_resources": "parse.resources.reader",
    "parse_version": "expect.version",
    "plan_mesh": "plan.mesh",
    "plan_reflectors": "plan.reflectors",
    "resolve_since": "parse.status.since",
    "rule": "rules.rule",
    "save_snapshot": "store.snapshot_folder",
    "snapshot_from_pasted": "auditing.pasted",
    "what_if": "whatif.question",
}

#: Names that rules of installed packages may still use.
_FORMER = {"Context": "cluster.cluster:Cluster"}

__all__ = [
    "AddressSubject",
    "ApplyResources",
    "BGPConfiguration",
    "BGPPeer",
    "CalicoBGPError",
    "CalicoNode",
    "CalicoVersion",
    "Cause",
    "Change",
    "ChangeError",
    "Cluster",
    "ClusterSubject",
    "Confidence",
    "Config",
    "ConfigError",
    "Daemon",
    "DaemonState",
    "DeleteResource",
    "Draft",
    "ExpectedPeer",
    "Family",
    "Finding",
    "Fix",
    "FixStep",
    "GatherError",
    "GatherFailure",
    "GatherInterrupted",
    "HistoryReader",
    "Host",
    "IPPool",
    "Ignore",
    "InventoryError",
    "KubernetesLimits",
    "Lab",
    "LintReport",
    "NodeReading",
    "NodeStatus",
    "NodeSubject",
    "ParseError",
    "Peer",
    "PeerType",
    "Plan",
    "Questions",
    "RemoveNode",
    "Report",
    "ResourceError",
    "ResourceSubject",
    "Resources",
    "Risk",
    "Rule",
    "SSHGatherer",
    "SSHOptions",
    "Safety",
    "SessionSubject",
    "SetClusterID",
    "SetLabel",
    "SetMesh",
    "Severity",
    "Snapshot",
    "SnapshotDiff",
    "StoreError",
    "Unlabel",
    "Verdict",
    "WhatIf",
    "apply_changes",
    "audit",
    "build_cluster",
    "diff_snapshots",
    "expected_peers",
    "gather",
    "gather_kubernetes",
    "installed_rules",
    "lint",
    "load_snapshot",
    "parse_config",
    "parse_hosts",
    "parse_node_status",
    "parse_pasted",
    "parse_resources",
    "parse_version",
    "plan_mesh",
    "plan_reflectors",
    "resolve_since",
    "rule",
    "save_snapshot",
    "snapshot_from_pasted",
    "what_if",
]


def __getattr__(name: str) -> "Any":
    home = _HOME.get(name) or _FORMER.get(name)
    if home is None:
        raise AttributeError(f"module 'calico_bgp' has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    value = getattr(import_module(f"calico_bgp.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
