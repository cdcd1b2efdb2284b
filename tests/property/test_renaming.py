"""Two clusters that are alike but for the names of their nodes get answers that are alike but for these names.

Each fault of the lab is played twice: as it is, and with the nodes' names exchanged at random, with the same addresses.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import LabCluster, Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import Fault, parse_fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Cause, Fix
from calico_bgp.model.reports.report import Finding, Report
from calico_bgp.model.reports.subject import Subject
from tests.property.test_verdict import faults_for
from tests.with_routes import with_routes

#: So that the names come in such orders as have been a reason for another answer.
SEED = 20261205
CLUSTERS = {
    "mesh": build_cluster(6, topology=Topology.MESH, switch=True),
    "rr3": build_cluster(7, reflectors=3, families=tuple(Family), switch=True),
    "racks": build_cluster(8, reflectors=4, variant=Variant.CLIENTS, switch=True),
}
#: Of two equal halves one is named, and nothing but a name can say which: here the halves are not equal.
PLACES = {FaultKind.PARTITION: ("node1", "node4")}
CASES = [(name, fault) for name, cluster in CLUSTERS.items() for fault in faults_for(cluster.topology)]
_NAME = re.compile(r"\bnode\d+\b")
_WORD = re.compile(r"[\w./:-]+")


@dataclass(frozen=True)
class Names:
    """What the nodes of the second cluster are called in the first."""

    before: dict[str, str]

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text with the first cluster's names; lists are sorted by names, so no order counts."""
        told = _NAME.sub(lambda name: self.before[name[0]], text)
        return tuple(sorted(word.strip(".,:") for word in _WORD.findall(told)))

    def finding(self, finding: Finding) -> tuple[object, ...]:
        return finding.rule, finding.severity, finding.key, self.subject(finding.subject)

    def subject(self, subject: Subject) -> tuple[str, ...]:
        return subject.kind, *self.words(str(subject))

    def fix(self, fix: Fix) -> tuple[object, ...]:
        steps = sorted(self.words(" ".join((*step.commands, step.on or ""))) for step in fix.steps)
        return fix.label, fix.risk, len(steps), fix.restores, fix.restarts, [one.variable for one in fix.asks]

    def cause(self, cause: Cause, findings: dict[str, Finding]) -> tuple[object, ...]:
        return (
            cause.kind,
            cause.confidence,
            cause.severity,
            cause.routes_lost,
            cause.sessions,
            sorted(map(self.subject, cause.subjects)),
            sorted(map(str, (self.finding(findings[one]) for one in cause.findings))),
            len(cause.decide),
            sorted(map(str, map(self.fix, cause.fixes))),
        )

    def answer(self, report: Report) -> tuple[object, ...]:
        findings = {finding.id: finding for finding in report.findings}
        return (
            report.verdict,
            report.exit_code(),
            sorted(map(str, map(self.finding, report.findings))),
            sorted(str(self.cause(cause, findings)) for cause in report.causes),
        )


def exchanged(name: str, text: str) -> tuple[LabCluster, dict[str, str]]:
    """The cluster with the names of its nodes exchanged, and old → new."""
    cluster = CLUSTERS[name]
    names = [node.name for node in cluster.nodes]
    new = dict(zip(names, random.Random(f"{SEED} {name} {text}").sample(names, len(names)), strict=True))
    return replace(cluster, nodes=tuple(replace(node, name=new[node.name]) for node in cluster.nodes)), new


def audited(cluster: LabCluster, kind: FaultKind, nodes: tuple[str, ...], *, resources: bool) -> Report:
    fault = Fault(kind, nodes)
    snapshot = with_routes(cluster, str(kind) + (":" + ",".join(nodes) if nodes else ""))
    given = lab_resources(cluster, [fault]) if resources else None
    return audit(snapshot.model_copy(update={"resources": given}))


@pytest.mark.parametrize("resources", [True, False], ids=["resources", "tables"])
@pytest.mark.parametrize(("name", "text"), CASES)
def test_only_names_differ(name: str, text: str, resources: bool) -> None:
    cluster, (other, new) = CLUSTERS[name], exchanged(name, text)
    fault = parse_fault(text, cluster)
    nodes = PLACES.get(fault.kind, fault.nodes)
    one = audited(cluster, fault.kind, nodes, resources=resources)
    two = audited(other, fault.kind, tuple(new[node] for node in nodes), resources=resources)
    same = Names({node: node for node in new})
    assert same.answer(one) == Names({after: before for before, after in new.items()}).answer(two)
