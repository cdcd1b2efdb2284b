"""Commands that act on calico-node of one node: restart it, ask or tell its BIRD something. Nothing is run.

Where Kubernetes was read the pod's own name stands in them; else they look it up by the node's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from calico_bgp import shell_words
from calico_bgp.messages.steps import ask_bird, step
from calico_bgp.model.kubernetes import KubernetesState, NodePod, PodKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Asked, Decision, Fix, FixStep, Outcome, Risk
from calico_bgp.model.reports.message import Message
from calico_bgp.upstream import POD_SELECTOR

#: Every installation labels the pods so, in whatever namespace (calico/node's manifests, tigera/operator).
_PODS = f"-A -l {POD_SELECTOR}"
_NAMESPACE_AND_NAME = "jsonpath='{range .items[*]}-n {.metadata.namespace} {.metadata.name}{end}'"


@dataclass(frozen=True)
class Pods:
    """The calico-node pods that a snapshot names, for commands.

    Attributes:
        by_node: Node → its pod; without the nodes whose pod is not known, or is about to be another one.
        up: Node → its sessions that are up.
    """

    by_node: Mapping[str, NodePod]
    up: Mapping[str, frozenset[object]] = field(default_factory=dict)

    def ended_by(self, nodes: Iterable[str]) -> int:
        """How many sessions that are up restarts of calico-node on these nodes end."""
        return len(frozenset[object]().union(*(self.up.get(node, ()) for node in nodes)))

    @property
    def ended_by_all(self) -> int:
        """How many a restart of calico-node on every node ends, one node after the other."""
        return self.ended_by(self.up)

    def restart_step(self, node: str) -> FixStep:
        """Delete the pod; its DaemonSet makes it anew."""
        return FixStep(
            what=f"restart calico-node on {node}: its DaemonSet makes the pod anew",
            kubectl=f"kubectl delete {self._selected(node)}",
        )

    def restart(self, node: str, summary: str) -> Fix:
        """The fix that is one restart."""
        return Fix(
            label="restart pod",
            summary=summary,
            risk=Risk.RESTARTS_SESSIONS,
            steps=(self.restart_step(node),),
            restarts=self.ended_by([node]),
        )

    def birdcl(self, node: str, family: Family, command: str) -> str:
        """A command for BIRD in the calico-node container of a node, by kubectl."""
        return f"kubectl exec {self._named(node)} -c calico-node -- {ask_bird(family, command)}"

    def kernel_routes(self, node: str, family: Family) -> str:
        """A command for the kernel's routes of a node, in its calico-node container, which has the node's network."""
        number = family.version
        return f"kubectl exec {self._named(node)} -c calico-node -- ip -{number} route show"

    def delete_route(self, node: str, family: Family, words: str) -> str:
        """A command that deletes one route of the kernel of a node, in the same container."""
        return f"kubectl exec {self._named(node)} -c calico-node -- ip -{family.version} route del {words}"

    def log_of(self, node: str, *outcomes: tuple[str, str]) -> Decision:
        """Look at the log of calico-node there."""
        return decision(f"kubectl logs -c calico-node --tail=200 {self._named(node)}", None, *outcomes)

    def shown(self, node: str) -> str:
        """See whether calico-node has a pod there, and how it is."""
        return f"kubectl get {self._selected(node, ' -o wide')}"

    def look_at(self, node: str) -> tuple[Message, ...]:
        """Look at the calico-node pod of one node: next steps."""
        return self._look_at(node, "")

    def follow_resources(self, node: str) -> tuple[Message, ...]:
        """Find out why a node's BIRD does not run what the resources say: next steps."""
        return self._look_at(node, ": does confd say that it kept the old file? Else get the resources anew")

    def _look_at(self, node: str, question: str) -> tuple[Message, ...]:
        if node in self.by_node:
            log = f"kubectl logs -c calico-node --tail=200 {self._named(node)}"
            return (step("{command}" + question, command=log),)
        return (step("{command}", command=self.shown(node)), step("then kubectl logs of that pod" + question))

    def _selected(self, node: str, options: str = "") -> str:
        """The pod as `get` and `delete` take it."""
        if node in self.by_node:
            return f"pod {self._named(node)}{options}"
        return f"pods {_PODS}{options} --field-selector {shell_words.field_selector('spec.nodeName', node)}"

    def _named(self, node: str) -> str:
        """The pod as `exec` and `logs` take it, which know no selector of fields."""
        pod = self.by_node.get(node)
        if pod is not None:
            return f"-n {shell_words.name(pod.namespace)} {shell_words.name(pod.name)}"
        return f"$(kubectl get {self._selected(node)} -o {_NAMESPACE_AND_NAME})"


def pods_of(state: KubernetesState | None, up: Mapping[str, frozenset[object]] | None = None) -> Pods:
    """What commands may name after a reading; of pods nothing is known where Kubernetes was not read.

    Args:
        state: What Kubernetes said.
        up: Node → its sessions that are up.
    """
    by_node = {} if state is None else state.pods_by_node
    nameable = {node: pod for node, pod in by_node.items() if pod.kind is PodKind.CALICO_NODE and not pod.deleting}
    return Pods(nameable, up or {})


def log_before(pod: NodePod) -> str:
    """The log of the container before it ended."""
    where = f"-n {shell_words.name(pod.namespace)} {shell_words.name(pod.name)}"
    return f"kubectl logs {where} -c calico-node --previous --tail=100"


_NODE = Asked(variable="NODE", what="the name of that node (`kubectl get nodes -o wide` shows whose the address is)")


def restart_asked(summary: str) -> Fix:
    """The fix that is one restart of calico-node on a node of which only the address is known."""
    pods = f'{_PODS} --field-selector "spec.nodeName=${{NODE:?}}"'
    restart_step = FixStep(
        what="restart calico-node there: its DaemonSet makes the pod anew", kubectl=f"kubectl delete pods {pods}"
    )
    return Fix(
        label="restart pod",
        summary=summary,
        risk=Risk.RESTARTS_SESSIONS,
        steps=(restart_step,),
        asks=(_NODE,),
    )


def decision(command: str, on: str | None, *outcomes: tuple[str, str]) -> Decision:
    """A command that decides, with what it may show and what that means."""
    return Decision(command=command, on=on, outcomes=tuple(Outcome(sees=sees, means=means) for sees, means in outcomes))
