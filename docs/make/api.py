"""docs/api.md: every public name of the library under a heading, for mkdocstrings to fill from its docstring.

Run by docs/generate.py. Only the order and the headings stand here.
"""

from __future__ import annotations

from pathlib import Path

import calico_bgp

PAGE = Path(__file__).parents[1] / "api.md"

HEADINGS: dict[str, tuple[str, ...]] = {
    "Read": (
        *("parse_hosts", "Host", "InventoryError", "gather", "SSHGatherer", "SSHOptions"),
        *("gather_kubernetes", "KubernetesLimits", "Questions", "GatherError", "GatherInterrupted"),
        *("snapshot_from_pasted", "parse_pasted", "parse_node_status", "resolve_since"),
        *("load_snapshot", "save_snapshot", "HistoryReader", "StoreError"),
    ),
    "What was read": (
        *("Snapshot", "NodeReading", "NodeStatus", "GatherFailure", "Daemon", "DaemonState"),
        *("Peer", "PeerType", "Family"),
    ),
    "Judge": (
        *("audit", "Report", "Verdict", "Severity", "Finding", "Cause", "Confidence", "Fix", "FixStep", "Risk"),
        *("NodeSubject", "SessionSubject", "AddressSubject", "ResourceSubject", "ClusterSubject"),
        *("diff_snapshots", "SnapshotDiff", "parse_config", "Config", "Ignore", "ConfigError"),
    ),
    "Calico's resources": (
        *("parse_resources", "Resources", "CalicoNode", "BGPPeer", "BGPConfiguration", "IPPool", "ResourceError"),
        *("lint", "LintReport", "expected_peers", "ExpectedPeer", "parse_version", "CalicoVersion"),
    ),
    "Before a change": (
        *("what_if", "WhatIf", "Safety", "Change", "RemoveNode", "SetLabel", "Unlabel", "SetClusterID", "SetMesh"),
        *("ApplyResources", "DeleteResource", "apply_changes", "ChangeError", "plan_reflectors", "plan_mesh", "Plan"),
    ),
    "Rules of one's own": ("rule", "Rule", "Draft", "Cluster", "installed_rules"),
    "Try and fail": ("Lab", "build_cluster", "CalicoBGPError", "ParseError"),
}


def page() -> str:
    """The page.

    Raises:
        ValueError: A public name has no heading, or one that is none has.
    """
    placed = [name for names in HEADINGS.values() for name in names]
    if sorted(placed) != calico_bgp.__all__:
        wrong = sorted(set(placed) ^ set(calico_bgp.__all__))
        raise ValueError(f"docs/make/api.py and calico_bgp.__all__ differ: {', '.join(wrong)}")
    lines = [
        "# API",
        "",
        "<!-- Made by docs/generate.py of docs/make/api.py; the texts are the docstrings. -->",
        "",
        "All that `from calico_bgp import ...` gives. A name that is not here may change in any release; how they go",
        "together is in [Library](library.md), whole scripts are in the [Cookbook](cookbook.md).",
    ]
    for heading, names in HEADINGS.items():
        lines += ["", f"## {heading}"]
        for name in names:
            home = calico_bgp._HOME[name]  # noqa: SLF001 - the one list of what is public
            module, _, attribute = home.partition(":")
            lines += ["", f"::: calico_bgp.{module}.{attribute or name}"]
    return "\n".join(lines) + "\n"
