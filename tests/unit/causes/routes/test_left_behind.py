"""A deleted IPPool explains what the tables show of its family, and nothing of the other one."""

from calico_bgp.causes.case import Case
from calico_bgp.causes.routes.left_behind import pool_deleted
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import ClusterSubject
from tests.unit.auditing.conftest import snapshot_of


def test_what_is_missing_in_the_other_family_has_another_reason():
    cluster = build_cluster(4)
    resources = lab_resources(cluster, [parse_fault("pool-deleted", cluster)])
    findings = tuple(
        Finding(f"{rule} {family}", rule, Severity.ERROR, ClusterSubject(family=family), message="", key="outside")
        for rule in ("routes-held-back", "routes-not-arriving")
        for family in Family
    )
    made = snapshot_of(cluster).model_copy(update={"resources": resources})
    (candidate,) = pool_deleted(Case(observe(made), findings))
    assert str(candidate.subjects[0]) == str(ClusterSubject(family=Family.IPV4))
    assert candidate.explains == {"routes-held-back ipv4", "routes-not-arriving ipv4"}
