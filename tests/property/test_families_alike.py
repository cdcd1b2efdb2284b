"""Laws of the families: a fault is told of IPv6 alone as of IPv4 alone, and of both as of one."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from tests.lab_faults import faults_of
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import with_routes

#: The lab breaks these in one family, and its switch speaks IPv4 alone; whose an address is that two nodes have, the
#: other family tells.
OF_ONE_FAMILY = (
    FaultKind.BIRD4_DOWN,
    FaultKind.BIRD6_DOWN,
    FaultKind.SOCKET4_MISSING,
    FaultKind.SOCKET6_MISSING,
    FaultKind.DUPLICATE_ROUTER_ID,
    FaultKind.WRONG_ADDRESS,
    FaultKind.DUPLICATE_ADDRESS,
    FaultKind.REFUSED_CONFIG,
    FaultKind.CALICOCTL_MISSING,
    FaultKind.TOR_DOWN,
    FaultKind.TOR_SILENT,
    FaultKind.TOR_UNTOLD,
)
READ_AS = ("tables", "a paste", "with resources", "with routes")


@st.composite
def worlds(draw):
    """How to build the lab, its fault as text, and as what it is read."""
    topology = draw(st.sampled_from([Topology.MESH, Topology.REFLECTORS]))
    options = {
        "nodes": draw(st.integers(5, 8)),
        "topology": topology,
        "variant": draw(st.sampled_from(list(Variant))),
        "reflectors": draw(st.integers(2, 3)),
    }
    cluster = build_cluster(**options)
    faults = draw(faults_of(cluster, most=1, but=OF_ONE_FAMILY))
    assume(all(can_be(fault, cluster) for fault in faults))
    return options, faults, draw(st.sampled_from(READ_AS))


def can_be(fault, cluster):
    try:
        return parse_fault(str(fault), cluster) == fault
    except FaultError:
        return False


def reading(options, faults, read_as, families):
    cluster = build_cluster(families=families, **options)
    texts = [str(fault) for fault in faults]
    if read_as in {"tables", "a paste"}:
        return snapshot_of(cluster, *texts, addresses=read_as == "tables")
    made = (with_routes if read_as == "with routes" else snapshot_of)(cluster, *texts)
    return made.model_copy(update={"resources": lab_resources(cluster, faults)})


def told(report):
    """The verdict, and each cause with who is at fault, said as if all were IPv4."""
    return report.verdict, {(cause.kind, *sorted({as_ipv4(str(s)) for s in cause.subjects})) for cause in report.causes}


def as_ipv4(text):
    text = re.sub(r"2001:db8:77::(\w+)", r"192.0.2.\1", text)
    return text.replace("IPv6", "IPv4").replace("ipv6", "ipv4").removesuffix(" (IPv4)")


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_a_fault_is_told_of_either_family_and_of_both_alike(world):
    ipv4, ipv6, both = (
        told(audit(reading(*world, families)))
        for families in ((Family.IPV4,), (Family.IPV6,), (Family.IPV4, Family.IPV6))
    )
    assert ipv4 == ipv6
    assert ipv4 == both
