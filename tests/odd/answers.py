"""All that is answered about an odd world, as text: the audit, and what is asked of its resources and routes.

`python -m tests.odd.answers 17` prints it for one of them, once before a change and once after it, for `diff`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from random import Random

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.auditing.plan_lint import step_findings
from calico_bgp.changes.change import Change, DeleteResource, RemoveNode, SetClusterID, SetMesh
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import ResourceKind, Resources
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Plan
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.report.audit.json import lint_to_json
from calico_bgp.report.plan.json import plan_to_json
from calico_bgp.report.resources.expected_json import expected_to_json
from calico_bgp.report.routes.reach_json import reach_to_json
from calico_bgp.report.routes.reach_text import explanation_to_text
from calico_bgp.report.routes.risks_json import risks_to_json
from calico_bgp.report.routes.whatif_json import whatif_to_json
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_observed import observed_network
from calico_bgp.whatif.question import what_if
from calico_bgp.whatif.risks import risks, zones_of
from tests.odd.worlds import odd_world
from tests.whole_answers import whole


def answers(number: int) -> Iterator[tuple[str, str]]:
    """Of the world with this number: the name of each answer, and its text; where there is none, why."""
    snapshot, random = odd_world(number).snapshot, Random(number)
    yield "audit", whole(audit(snapshot))
    cluster = observe(snapshot)
    yield "reach", _or_why(lambda: _reach(cluster, snapshot.resources, random))
    names = sorted(member.name for member in cluster.members)
    if names:
        yield "what-if", _or_why(lambda: whatif_to_json(what_if(snapshot, _removed(names, random))))
    resources = snapshot.resources
    if resources is not None:
        yield "lint", lint_to_json(lint(resources))
        yield "expect", "".join(expected_to_json(expect(resources)))
        yield "change", _or_why(lambda: whatif_to_json(what_if(resources, [_changed(resources, random)])))
        yield "plan", _or_why(lambda: _plan(resources, random))


def _or_why(answer: Callable[[], str]) -> str:
    try:
        return answer()
    except ChangeError as error:
        return str(error)


def _reach(cluster: Cluster, resources: Resources | None, random: Random) -> str:
    networks = [observed_network(cluster, family) for family in Family]
    reaches = [reachability(network) for network in networks if network.speakers]
    texts = ["".join(reach_to_json(reaches))]
    for reach in reaches:
        names = [speaker.name for speaker in reach.network.speakers]
        texts.append(explanation_to_text([reach], random.choice(names), random.choice(names)))
    zones = zones_of(resources)
    return "\n".join([*texts, risks_to_json([risks(reach.network, zones) for reach in reaches])])


def _removed(names: list[str], random: Random) -> list[Change]:
    return [RemoveNode(name) for name in random.sample(names, random.randint(1, min(2, len(names))))]


def _changed(resources: Resources, random: Random) -> Change:
    nodes = [node.name for node in resources.nodes] or ["none"]
    peers = [peer.name for peer in resources.bgp_peers] or ["none"]
    return random.choice(
        [
            SetMesh(on=not resources.mesh_enabled),
            RemoveNode(random.choice(nodes)),
            SetClusterID(random.choice(nodes), random.choice(["244.0.0.9", None])),
            DeleteResource(ResourceKind.BGP_PEER, random.choice(peers)),
        ]
    )


def _plan(resources: Resources, random: Random) -> str:
    plan: Plan = random.choice([plan_mesh, plan_reflectors])(resources)
    return plan_to_json(plan, step_findings(plan))


if __name__ == "__main__":
    for text in sys.argv[1:]:
        print(f"# {text}: {odd_world(int(text)).base}")
        for name, answer in answers(int(text)):
            print(f"## {name}\n{answer}")
