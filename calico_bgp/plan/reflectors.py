"""From a mesh, or a mesh beside some reflectors, to reflectors alone: the order that loses nothing.

What decides about the order:

- A node that gets a cluster ID leaves the mesh at once, on both sides. Each of its sessions had a mesh protocol and
  gets one of a BGPPeer, so each goes down and comes up again; two protocols for one neighbour never run side by side.
  In a mesh nobody passes on what it learned. So the *first* reflector loses its routes for a moment, whatever the
  order; it is drained before. A node that joins with its cluster ID never was in the mesh and has no such moment:
  where there is one, it is the first.
- For every later one the first reflector holds the routes meanwhile, if the session between the two stays up. It does
  when nothing in the two protocols changes: the earlier one takes the later one for its client, before and afterwards
  (its BGPPeer names the address, and then Calico does not look at the cluster ID of the far end), and the later one
  does not take the earlier one for a client, before (it is no reflector) and afterwards (it has the same cluster ID).
  confd/pkg/backends/calico/client.go updatePeersV1, confd/etc/calico/confd/templates/bird.cfg.template.
- So the BGPPeers from an earlier reflector to the later ones must be there before the earlier one becomes a reflector.
- The mesh goes off last, when every node has all reflectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.changes.change import SetClusterID, SetLabel, SetMesh
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import Expectation
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.words import listed
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources
from calico_bgp.parse.cluster_id import DOCUMENTED_CLUSTER_ID, is_plain_cluster_id
from calico_bgp.plan.builder import Builder, apply_peers, delete_peers, planned, single_points, troubles
from calico_bgp.plan.choice import Choice, choose
from calico_bgp.plan.joining import Joining, check_joining
from calico_bgp.plan.joining_steps import create_node, start_node
from calico_bgp.plan.peering import (
    by_label,
    label_test,
    missing,
    peering_of,
    spares_reflectors,
    sparing,
    to_address,
)
from calico_bgp.plan.plan import Action, Goal, Plan, PlanVerdict
from calico_bgp.routes.network.classes.equal_nodes import expect_representatives
from calico_bgp.selector.tree import TestKind

PEERS_NAME = "peer-with-route-reflectors"
TOGETHER_NAME = "route-reflectors-together"
#: How long routes of a drained node are gone, in seconds, as measured with Calico's timers on real BIRDs
#: (tests/rig/routes/test_plan.py): the protocols of the BGPPeer wait a second before they dial; where both ends dial at
#: the same instant they end each other's session, and try again.
FLAP = (1, 20)
_COUNT = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def plan_reflectors(
    resources: Resources,
    count: int | None = None,
    nodes: Sequence[str] = (),
    *,
    joining: Sequence[Joining] = (),
    version: CalicoVersion = NEWEST,
) -> Plan:
    """Plan the way to route reflectors.

    What is there already is kept: reflectors, their label, and a BGPPeer between them and all others.

    Args:
        resources: As they are.
        count: How many reflectors there shall be; None for 2, in a large cluster 3.
        nodes: Or which ones.
        joining: Nodes that join the cluster as reflectors, beside `nodes`.
        version: Of Calico.

    Raises:
        ChangeError: There is no node, or one that is named cannot be a reflector.
    """
    if not resources.nodes:
        raise ChangeError("there is no Node in these resources, so nobody could be a reflector; give the nodes, too")
    expectation = expect_representatives(resources, version)
    problems = troubles(expectation)
    if problems:
        return Plan(Goal.REFLECTORS, (), None, None, (), resources, resources, problems=problems)
    check_joining(joining, resources)
    choices = choose(_with(resources, joining), count, nodes, [each.name for each in joining])
    if len(choices) < 2 and not any(choice.already for choice in choices):
        # Nobody would hold its routes up, then or later.
        problems = ("one reflector alone is a single point of failure: name two, or more",)
        return Plan(Goal.REFLECTORS, choices, None, None, (), resources, resources, problems=problems)
    return planned(lambda few: _best_way(expectation, choices, joining, few=few))


def _best_way(expectation: Expectation, choices: Sequence[Choice], joining: Sequence[Joining], *, few: bool) -> Plan:
    """The way that loses nothing, if there is one, then with the fewest drains."""
    held_way = _Way(expectation, choices, joining, held=True, few=few)
    plans = []
    if held_way.may_hold:
        plans.append(held_way.plan())
        fewest = 0 if joining or any(choice.already for choice in choices) else 1
        if plans[0].verdict is not PlanVerdict.LOSES and plans[0].drains <= fewest:
            return plans[0]
    plans.append(_Way(expectation, choices, joining, held=False, few=few).plan())
    return min(plans, key=lambda plan: (plan.verdict is PlanVerdict.LOSES, plan.drains, len(plan.steps)))


def _with(resources: Resources, joining: Sequence[Joining]) -> Resources:
    """As if the nodes that join were there, and no reflectors."""
    there = resources.nodes_by_name
    new = {
        each.name: each.on(replace(there.get(each.name, CalicoNode(each.name)), cluster_id=None)) for each in joining
    }
    return resources.model_copy(update={"nodes": tuple((there | new).values())})


class _Way:
    """One order of steps.

    Args:
        expectation: Of the resources as they are.
        choices: The reflectors.
        joining: Those of them that are to join.
        held: Whether earlier reflectors hold the routes of later ones by BGPPeers of their own.
        few: Whether of nodes that are equal, and are to be no reflectors, two are enough to look at.
    """

    def __init__(
        self, expectation: Expectation, choices: Sequence[Choice], joining: Sequence[Joining], *, held: bool, few: bool
    ) -> None:
        self._choices = choices
        self._joining = {each.name: each for each in joining}
        self._held = held
        self._names = tuple(choice.node for choice in choices)
        self._builder = Builder(expectation.resources, expectation.version, self._names if few else None)
        nodes = expectation.resources.nodes_by_name
        ids = [nodes[choice.node].cluster_id or "" for choice in choices if choice.already]
        self._cluster_id = next(filter(is_plain_cluster_id, ids), DOCUMENTED_CLUSTER_ID)
        self._peers, self._label = peering_of(expectation, self._names)

    @property
    def may_hold(self) -> bool:
        """Whether BGPPeers by address can be like the one there is: neither its password nor its gateway is known."""
        return self._peers is None or not (self._peers.has_password or self._peers.reachable_by)

    def plan(self) -> Plan:
        """All steps, judged."""
        builder = self._builder
        before = builder.resources
        reflectors = {node.name for node in before.nodes if node.cluster_id is not None} - self._joining.keys()
        self._join()
        for place, name in enumerate(self._names):
            if name in self._joining:
                newcomer = self._joining[name]
                create_node(builder, newcomer, self._label, self._cluster_id, self._lacking(self._to_later(place)))
                start_node(builder, newcomer, self._lacking(self._to_joining(place)))
                reflectors.add(name)
            elif name in reflectors:
                self._complete(place, name)
            else:
                self._make(place, name, first=not reflectors)
                reflectors.add(name)
        self._mesh_off()
        return Plan(
            goal=Goal.REFLECTORS,
            choices=tuple(self._choices),
            label=self._label,
            cluster_id=self._cluster_id,
            steps=tuple(builder.steps),
            before=before,
            after=builder.resources,
            reflectors=self._names,
            single_points=single_points(builder.state, self._names),
        )

    def _join(self) -> None:
        """The BGPPeers that select by label; none of them matches a new reflector before it has the label."""
        key, value = self._label
        spares = self._peers is None or spares_reflectors(self._peers, key, value)
        needed = [] if self._peers is not None else [by_label(PEERS_NAME, key, near=False)]
        if not self._held and spares:
            needed.append(by_label(TOGETHER_NAME, key, near=True))
        joined = [name for name in self._joining if name in self._builder.resources.nodes_by_name]
        self._builder.add(
            "Let every node peer with the reflectors to come",
            f"No node that has an address for BGP has the label {key} for this yet, so no peer changes."
            if joined
            else f"No node has the label {key} for this yet, so no peer changes: it takes effect with the label.",
            apply_peers(self._lacking(needed)),
        )
        if self._held and self._peers is not None and not spares:
            changed = sparing(self._peers)
            self._builder.add(
                f"Let BGPPeer {self._peers.name} be for the nodes that are no reflectors",
                "It must not define the sessions of reflectors with one another: BGPPeers by address will, which keep "
                "these sessions up while a node becomes a reflector.",
                apply_peers([changed]),
            )
            self._peers = changed

    def _complete(self, place: int, name: str) -> None:
        """What a reflector lacks that is one already."""
        stay = "By these BGPPeers its sessions with the next ones stay up while those change."
        self._builder.add_around(
            name,
            f"Let {name} hold the routes of the next ones",
            f"{name} is a reflector already. {stay}",
            f"{name} is a reflector already. {stay} Now they start again, and the routes between it and them go for a "
            "moment.",
            apply_peers(self._lacking(self._to_later(place))),
        )
        self._builder.add_around(
            name,
            f"Label {name}, a reflector already",
            "Every node peers with it then, or does so already.",
            f"Sessions of {name} start again, and routes to and from it go for a moment.",
            self._labelled(name),
        )

    def _make(self, place: int, name: str, *, first: bool) -> None:
        """A node becomes a reflector."""
        actions = [
            *apply_peers(self._lacking(self._to_later(place))),
            *self._labelled(name),
            SetClusterID(name, self._cluster_id),
        ]
        low, high = FLAP
        flap = f"{low} to {high} seconds by measurement; longer if the commands are not given at once"
        holders = [other for other in self._names[:place] if self._builder.resources.nodes_by_name[other].cluster_id]
        self._builder.add_around(
            name,
            f"Make {name} the {_COUNT[place]} reflector" if place < len(_COUNT) else f"Make {name} a reflector",
            f"With the cluster ID {name} leaves the mesh at once, and its sessions with the other nodes start again. "
            + (
                f"Meanwhile {listed(holders)} {'holds' if len(holders) == 1 else 'hold'} all its routes: "
                if holders
                else ""
            )
            + ("that session stays up." if len(holders) == 1 else "those sessions stay up." if holders else ""),
            f"With the cluster ID {name} leaves the mesh at once, and all its sessions start again. "
            + ("No other node passes its routes on yet, so " if first else "So ")
            + f"the routes to and from {name} go until its new sessions are up ({flap}). No other route is touched.",
            actions,
        )

    def _mesh_off(self) -> None:
        """The mesh goes, and what BGPPeers there are that make one."""
        clients = {node.name for node in self._builder.resources.nodes if node.cluster_id is None}
        meshes = [
            selected.peer
            for selected in self._builder.expectation.selected
            if len(clients) > 1 and selected.peer.peer_selector is not None and not selected.workload
            if clients <= set(selected.near) and clients <= set(selected.far)
        ]
        mesh = [SetMesh(on=False)] if self._builder.resources.mesh_enabled else []
        self._builder.add(
            "Turn the mesh off" if mesh else "Delete the BGPPeers that make a mesh",
            f"Every node has {listed(self._names)} by now, and they pass all routes on.",
            [*mesh, *delete_peers(meshes)],
        )

    def _labelled(self, name: str) -> list[Action]:
        key, value = self._label
        node = self._builder.resources.nodes_by_name[name]
        there = node.label(key)
        fits = there is not None if self._any_value else there == value
        return [] if fits else [SetLabel(name, key, value)]

    def _as_of(self, node: CalicoNode) -> int:
        return self._builder.resources.as_number if node.as_number is None else node.as_number

    @property
    def _any_value(self) -> bool:
        """Whether having the label is enough."""
        test = None if self._peers is None else label_test(self._peers.peer_selector)
        return test is None or test.kind is TestKind.HAS

    def _to_later(self, place: int) -> list[BGPPeer]:
        """The BGPPeers from a reflector to the nodes that become one after it."""
        later = [name for name in self._names[place + 1 :] if name not in self._joining]
        nodes = self._builder.resources.nodes_by_name
        return self._between([self._names[place]], [name for name in later if nodes[name].cluster_id is None])

    def _to_joining(self, place: int) -> list[BGPPeer]:
        """The BGPPeers from all reflectors so far to one that joins: until it starts nobody answers there."""
        return self._between(self._names[:place], [self._names[place]])

    def _between(self, near: Sequence[str], far: Sequence[str]) -> list[BGPPeer]:
        if not self._held:
            return []
        nodes = _with(self._builder.resources, list(self._joining.values())).nodes_by_name
        ends = [(nodes[one], nodes[other]) for one in near for other in far]
        return [peer for one, other in ends for peer in to_address(one, other, self._as_of(other), self._peers)]

    def _lacking(self, needed: Sequence[BGPPeer]) -> list[BGPPeer]:
        return missing(needed, self._builder.resources.bgp_peers)
