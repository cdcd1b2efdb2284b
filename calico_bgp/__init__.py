"""Tells whether the BGP of a Calico Kubernetes cluster is healthy, why not, and what mends it.

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
    from calico_bgp.auditing.pasted import snapshot_from_pasted
    from calico_bgp.errors import CalicoBGPError, ParseError
    from calico_bgp.model.inventory import Host
    from calico_bgp.model.peer import Family, Peer, PeerType
    from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus
    from calico_bgp.model.report import Finding, Report, Severity
    from calico_bgp.model.snapshot import Snapshot
    from calico_bgp.parse.hosts.reader import parse_hosts
    from calico_bgp.parse.node_status import parse_node_status
    from calico_bgp.parse.pasted.reader import parse_pasted
    from calico_bgp.parse.since import resolve_since
    from calico_bgp.sources.gather import gather
    from calico_bgp.sources.ssh.gatherer import SSHGatherer
    from calico_bgp.sources.ssh.options import SSHOptions
    from calico_bgp.store.snapshot_folder import load_snapshot, save_snapshot

_HOME = {
    "CalicoBGPError": "errors",
    "Family": "model.peer",
    "Finding": "model.report",
    "GatherFailure": "model.reading",
    "Host": "model.inventory",
    "NodeReading": "model.reading",
    "NodeStatus": "model.reading",
    "ParseError": "errors",
    "Peer": "model.peer",
    "PeerType": "model.peer",
    "Report": "model.report",
    "SSHGatherer": "sources.ssh.gatherer",
    "SSHOptions": "sources.ssh.options",
    "Severity": "model.report",
    "Snapshot": "model.snapshot",
    "audit": "auditing.engine",
    "diff_snapshots": "auditing.diff",
    "gather": "sources.gather",
    "load_snapshot": "store.snapshot_folder",
    "parse_hosts": "parse.hosts.reader",
    "parse_node_status": "parse.node_status",
    "parse_pasted": "parse.pasted.reader",
    "resolve_since": "parse.since",
    "save_snapshot": "store.snapshot_folder",
    "snapshot_from_pasted": "auditing.pasted",
}

__all__ = [
    "CalicoBGPError",
    "Family",
    "Finding",
    "GatherFailure",
    "Host",
    "NodeReading",
    "NodeStatus",
    "ParseError",
    "Peer",
    "PeerType",
    "Report",
    "SSHGatherer",
    "SSHOptions",
    "Severity",
    "Snapshot",
    "audit",
    "diff_snapshots",
    "gather",
    "load_snapshot",
    "parse_hosts",
    "parse_node_status",
    "parse_pasted",
    "resolve_since",
    "save_snapshot",
    "snapshot_from_pasted",
]


def __getattr__(name: str) -> "Any":
    if name not in _HOME:
        raise AttributeError(f"module 'calico_bgp' has no attribute {name!r}")
    value = getattr(import_module(f"calico_bgp.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
