"""A rule of one's own: every rack has a reflector. Racks are what stands before the first dash of a node's name.

python own_rule.py monday/

In a package of yours it joins `calico-bgp audit` by an entry point:

    [project.entry-points."calico_bgp.rules"]
    rack-without-reflector = "own_rule:rack_without_reflector"
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from calico_bgp import Cluster, ClusterSubject, Draft, Severity, audit, load_snapshot, rule


@rule(
    "rack-without-reflector",
    Severity.WARNING,
    title="A rack has no route reflector",
    meaning="Our design has one in each rack, so that a rack lives on when its uplink does not.",
    evidence="The reflectors, as the audit found them.",
    action="Make a node of the rack a reflector: calico-bgp plan reflectors says how.",
    messages={"racks": "{racks} {racks:has|have} no route reflector"},
)
def rack_without_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster; nothing where there is a mesh."""
    reflectors = cluster.reflectors
    if not reflectors:
        return
    racks = {member.name.partition("-")[0] for member in cluster.members}
    lacking = sorted(racks - {name.partition("-")[0] for name in reflectors})
    if lacking:
        yield Draft(ClusterSubject(), "racks", [f"reflectors: {', '.join(reflectors)}"], racks=lacking)


def main() -> int:
    """Run it alone."""
    report = audit(load_snapshot(sys.argv[1]), rules=[rack_without_reflector], cause_families=())
    for finding in report.findings:
        print(f"{finding.severity}: {finding.message}")
    return report.exit_code(Severity.WARNING)


if __name__ == "__main__":
    raise SystemExit(main())
