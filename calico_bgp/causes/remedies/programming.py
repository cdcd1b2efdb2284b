"""What fixes two writers of the kernel's routes, or none: a value of programClusterRoutes that gives each class one."""

from __future__ import annotations

from itertools import product

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import measured
from calico_bgp.changes.change import SetFields
from calico_bgp.changes.felix import SetFelixClusterRoutes
from calico_bgp.model.reports.cause import Fix, FixStep, Risk
from calico_bgp.model.resources import GLOBAL_CONFIG, ResourceKind, Resources
from calico_bgp.routes.network.programming import (
    DISABLED,
    ENABLED,
    IPIP_ONLY,
    NO_ENCAP_ONLY,
    conflicts_of,
    values_of_bird,
    values_of_felix,
)

#: What a value lets its owner do.
_DOES = {
    DISABLED: "writes none of these routes",
    ENABLED: "writes IPIP's and plain routes",
    IPIP_ONLY: "writes IPIP's routes alone",
    NO_ENCAP_ONLY: "writes plain routes alone",
}
_TRIED = "in the model each route of the kernel then has one writer"


def one_writer(case: Case) -> tuple[Fix, ...]:
    """The least change by which each class of routes has one writer; of BGPConfiguration where it can be."""
    resources = case.resources
    if resources is None or not resources.felix:
        return (_by_hand(),)
    # Up to v3.31 BIRD cannot be told. Up to v3.32 Felix writes no plain routes beside tunnels: then it takes both.
    birds = values_of_bird(case.cluster.version) if resources.global_config is not None else ()
    felixes = values_of_felix(case.cluster.version)
    ways = (*((value, None) for value in birds), *((None, value) for value in felixes), *product(birds, felixes))
    best_way = next((way for way in ways if not _leaves_conflicts(case, resources, *way)), None)
    fix = None if best_way is None else _fix(case, *best_way)
    return (_by_hand() if fix is None else fix,)


def _of_bird(value: str) -> SetFields:
    return SetFields(ResourceKind.BGP_CONFIGURATION, GLOBAL_CONFIG, (("program_cluster_routes", value),))


def _leaves_conflicts(case: Case, resources: Resources, bird: str | None, felix: str | None) -> bool:
    """Whether a class of routes still has two writers, or none, with these values of the two settings."""
    if bird is not None:
        resources = _of_bird(bird).apply(resources)
    if felix is not None:
        resources = SetFelixClusterRoutes(felix).apply(resources)
    return any(conflicts_of(resources, case.cluster.version))


def _fix(case: Case, bird: str | None, felix: str | None) -> Fix | None:
    later = () if felix is None else (_step_of_felix(felix),)
    if bird is None:
        summary = "" if felix is None else _what("FelixConfiguration", "Felix", felix)
        return Fix(label="1 command", summary=summary, risk=Risk.NONE, steps=later, tried=_TRIED)
    what = _what("BGPConfiguration", "BIRD", bird)
    fix = measured(case, Remedy(what, (Step(_of_bird(bird), what),), later=later))
    return None if fix is None else fix.model_copy(update={"tried": _TRIED})


def _step_of_felix(value: str) -> FixStep:
    command = SetFelixClusterRoutes(value).command()
    what = _what("FelixConfiguration", "Felix", value)
    return FixStep(what=what, kubectl=command.kubectl, calicoctl=command.calicoctl)


def _what(kind: str, writer: str, value: str) -> str:
    return f"set programClusterRoutes of {kind} default to {value}: {writer} then {_DOES[value]}"


def _by_hand() -> Fix:
    return Fix(
        label="fix resource",
        summary="let one of BIRD and Felix write each class of routes: programClusterRoutes of BGPConfiguration "
        "default and of FelixConfiguration default",
        risk=Risk.NONE,
    )
