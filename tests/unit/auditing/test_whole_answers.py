"""Every fault of the lab in clusters of several kinds: the whole answer, held by a golden file for each.

Other tests say what is right of an answer. These show whoever changes a rule, a cause or a word what it does to all.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import LabCluster, Topology, Variant, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.faults.kinds import FaultEntry
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.store.snapshot_reader import load_snapshot
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.test_real_faults import FOLDER
from tests.whole_answers import whole
from tests.with_routes import with_routes

DUAL = (Family.IPV4, Family.IPV6)
CLUSTERS = {
    "mesh": build_cluster(5, topology=Topology.MESH, switch=True),
    "reflectors": build_cluster(6, families=DUAL),
    "three-reflectors": build_cluster(7, reflectors=3, variant=Variant.ALL, families=DUAL[1:], zones=3),
}


def answers(cluster: LabCluster, fault: str) -> Iterator[str]:
    """By the tables of calicoctl alone; and by the resources and what BIRD and the kernel hold."""
    yield f"# {fault}, tables alone\n{whole(audit(snapshot_of(cluster, fault)))}"
    resources = lab_resources(cluster, [parse_fault(fault, cluster)])
    made = with_routes(cluster, fault, roles=True).model_copy(update={"resources": resources})
    yield f"# {fault}, with resources and routes\n{whole(audit(made))}"


def fits(cluster: LabCluster, entry: FaultEntry) -> bool:
    try:
        parse_fault(entry.kind.value, cluster)
    except FaultError:
        return False
    return True


LABS = [(name, entry) for name, cluster in CLUSTERS.items() for entry in CATALOGUE if fits(cluster, entry)]


@pytest.mark.parametrize(("name", "entry"), LABS, ids=[f"{name}-{entry.kind.value}" for name, entry in LABS])
def test_a_fault_of_the_lab(name, entry, golden):
    golden("\n".join(answers(CLUSTERS[name], entry.kind.value)), f"{name}/{entry.kind.value}.txt")


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_a_fault_of_real_birds(name, golden):
    snapshot = load_snapshot(FOLDER / name)
    texts = []
    for title, made in (("with", snapshot), ("without", snapshot.model_copy(update={"resources": None}))):
        texts.append(f"# {title} resources\n{whole(audit(made, flap_window=timedelta(seconds=1)))}")
    golden("\n".join(texts), f"real-birds/{name}.txt")
