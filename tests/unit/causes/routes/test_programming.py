"""Causes in who writes the kernel's routes: what fixes them depends on release, settings and the pools in use."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.resources import BGPConfiguration, FelixConfiguration, IPPool
from tests.with_routes import change_table, with_routes

MESH = build_cluster(4, topology=Topology.MESH)
ALL = frozenset(node.name for node in MESH.nodes)
PLAIN = IPPool(name="pods", cidr="10.244.0.0/16", ipip_mode="Never", vxlan_mode="Never")
TUNNELS = IPPool(name="tunnels", cidr="10.245.0.0/16", ipip_mode="Always")


def audited(trouble, *pools, bird=None, felix=None, version=(3, 33), config=True):
    made = with_routes(MESH, trouble=trouble)
    configs = (BGPConfiguration(name="default", program_cluster_routes=bird),) if config else ()
    felixes = (FelixConfiguration("default", program_cluster_routes=felix),)
    update = {"ip_pools": pools or (PLAIN,), "bgp_configurations": configs, "felix": felixes}
    resources = lab_resources(MESH).model_copy(update=update)
    return audit(made.model_copy(update={"resources": resources}), calico_version=CalicoVersion(*version))


NOBODY, TWICE = Trouble(unwritten=ALL), Trouble(written_twice=ALL)


def patch(kind, value):
    spec = f'{{"spec": {{"programClusterRoutes": "{value}"}}}}'
    return f"kubectl patch {kind}configurations.projectcalico.org default --type merge -p '{spec}'"


@pytest.mark.parametrize(
    ("trouble", "bird", "felix", "version", "command"),
    [
        (TWICE, "Enabled", "Enabled", (3, 33), patch("bgp", "Disabled")),
        (TWICE, None, "Enabled", (3, 32), patch("bgp", "Disabled")),
        # BIRD cannot be told before v3.32.
        (TWICE, None, "Enabled", (3, 31), patch("felix", "Disabled")),
        (NOBODY, "Disabled", None, (3, 33), patch("bgp", "EnabledNoEncapOnly")),
        (NOBODY, "Disabled", "Disabled", (3, 32), patch("bgp", "Enabled")),
    ],
)
def test_what_mends_it(trouble, bird, felix, version, command):
    report = audited(trouble, bird=bird, felix=felix, version=version)
    (cause,) = report.causes
    assert cause.kind == ("programmed-twice" if trouble is TWICE else "programmed-by-nobody")
    assert (cause.confidence, report.unexplained) == ("certain", ())
    (fix,) = cause.fixes
    assert [step.kubectl for step in fix.steps] == [command]
    assert fix.tried == "in the model each route of the kernel then has one writer"


def test_plain_pools_beside_tunnels_take_both_settings_up_to_v3_32():
    """Felix writes no plain routes there, and IPIP's must not be written twice."""
    (cause,) = audited(NOBODY, PLAIN, TUNNELS, bird="Disabled", felix="Enabled", version=(3, 32)).causes
    assert cause.title == "neither BIRD nor Felix writes the kernel's routes of 1 IPPool (unencapsulated): pods"
    assert [step.kubectl for step in cause.fixes[0].steps] == [patch("bgp", "Enabled"), patch("felix", "Disabled")]


def test_without_a_bgpconfiguration_felix_is_told():
    (cause,) = audited(TWICE, felix="Enabled", config=False).causes
    assert [step.kubectl for step in cause.fixes[0].steps] == [patch("felix", "EnabledIPIPOnly")]


def test_without_resources_all_kernels_tell_and_one_alone_does_not():
    everywhere = audit(with_routes(MESH, trouble=NOBODY))
    (cause,) = everywhere.causes
    assert (cause.kind, cause.confidence, cause.routes_lost) == ("programmed-by-nobody", "likely", 12)
    assert cause.title == "the kernels of all 4 nodes have no routes to other nodes' pods, though every BIRD has"
    one = audit(with_routes(MESH, trouble=Trouble(unwritten=frozenset({"node3"}))))
    assert [cause.kind for cause in one.causes] == ["kernel-behind-bird"]


def test_kernels_of_which_one_has_routes_are_each_for_itself():
    some = audit(with_routes(MESH, trouble=Trouble(unwritten=ALL - {"node3"})))
    assert {cause.kind for cause in some.causes} == {"kernel-behind-bird"}


def test_settings_alone_do_where_no_kernel_was_read():
    faults = [parse_fault("programmed-by-nobody", MESH)]
    made = with_routes(MESH, "programmed-by-nobody").model_copy(update={"resources": lab_resources(MESH, faults)})
    for number in range(4):
        made = change_table(made, number, kernel=None, kernel_is_whole=False)
    (cause,) = audit(made).causes
    assert (cause.kind, cause.routes_lost) == ("programmed-by-nobody", None)
