"""What mends two writers of the kernel's routes, or none: a value of programClusterRoutes that gives each class one."""

from __future__ import annotations

from dataclasses import replace

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import measured
from calico_bgp.changes.change import SetFields
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.model.cause import Fix, FixStep, Risk
from calico_bgp.model.resources import GLOBAL_CONFIG, ResourceKind, Resources
from calico_bgp.routes.network.programming import conflicts_of, values_of_bird, values_of_felix

_TRIED = "in the model each route of the kernel then has one writer"


def one_writer(case: Case) -> tuple[Fix, ...]:
    """The least change by which each class of routes has one writer; of BGPConfiguration where it can be."""
    resources = case.resources
    if resources is None or not resources.felix:
        return (_by_hand(),)
    fix = _of_bird(case, resources) or _of_felix(case, resources)
    return (_by_hand() if fix is None else fix,)


def _of_bird(case: Case, resources: Resources) -> Fix | None:
    config = resources.global_config
    for value in () if config is None else values_of_bird(case.cluster.version):
        assert config is not None
        changed = replace(config, program_cluster_routes=value)
        others = (one for one in resources.bgp_configurations if one.name != GLOBAL_CONFIG)
        if _has_one_writer(case, resources.model_copy(update={"bgp_configurations": (changed, *others)})):
            change = SetFields(ResourceKind.BGP_CONFIGURATION, GLOBAL_CONFIG, (("program_cluster_routes", value),))
            what = f"set programClusterRoutes of BGPConfiguration default to {value}: BIRD then {_does(value)}"
            fix = measured(case, Remedy(what, (Step(change, what),)))
            return None if fix is None else fix.model_copy(update={"tried": _TRIED})
    return None


def _of_felix(case: Case, resources: Resources) -> Fix | None:
    """Up to v3.31 BIRD cannot be told; and where plain routes lie beside tunnels, Felix does not write them."""
    for value in values_of_felix(case.cluster.version):
        felix = tuple(
            replace(one, program_cluster_routes=value) if one.name == GLOBAL_CONFIG else one for one in resources.felix
        )
        if _has_one_writer(case, resources.model_copy(update={"felix": felix})):
            what = f"set programClusterRoutes of FelixConfiguration default to {value}: Felix then {_does(value)}"
            patch = f'{{"spec":{{"programClusterRoutes":"{value}"}}}}'
            of_both = (f"{tool} patch felixconfiguration default --type=merge" for tool in ("kubectl", "calicoctl"))
            kubectl, calicoctl = (f"{command} -p '{patch}'" for command in of_both)
            step = FixStep(what=what, kubectl=kubectl, calicoctl=calicoctl.replace("--type=merge ", ""))
            return Fix(label="1 command", summary=what, risk=Risk.NONE, steps=(step,), tried=_TRIED, check=AUDIT_AGAIN)
    return None


def _by_hand() -> Fix:
    return Fix(
        label="mend resource",
        summary="let one of BIRD and Felix write each class of routes: programClusterRoutes of BGPConfiguration "
        "default and of FelixConfiguration default",
        risk=Risk.NONE,
        check=AUDIT_AGAIN,
    )


def _has_one_writer(case: Case, resources: Resources) -> bool:
    return not any(conflicts_of(resources, case.cluster.version))


def _does(value: str) -> str:
    return {
        "Disabled": "writes none of these routes",
        "Enabled": "writes IPIP's and plain routes",
        "EnabledIPIPOnly": "writes IPIP's routes alone",
        "EnabledNoEncapOnly": "writes plain routes alone",
    }[value]
