"""Commands that act on calico-node of one node: restart it, ask or tell its BIRD something. Nothing is run."""

from __future__ import annotations

from calico_bgp.messages.steps import ask_bird
from calico_bgp.model.cause import Asked, Decision, Fix, FixStep, Outcome, Risk
from calico_bgp.model.peer import Family
from calico_bgp.shell_words import field_selector

#: Every installation labels the pods so, in whatever namespace (calico/node's manifests, tigera/operator).
_PODS = "-A -l k8s-app=calico-node --field-selector {}"
_NAMESPACE_AND_NAME = "jsonpath='{range .items[*]}-n {.metadata.namespace} {.metadata.name}{end}'"
AUDIT_AGAIN = "calico-bgp audit"


def _pods(node: str) -> str:
    return _PODS.format(field_selector("spec.nodeName", node))


def restart_step(node: str) -> FixStep:
    """Delete the pod; its DaemonSet makes it anew."""
    return FixStep(
        what=f"restart calico-node on {node}: its DaemonSet makes the pod anew",
        kubectl=f"kubectl delete pods {_pods(node)}",
    )


def restart(node: str, summary: str) -> Fix:
    """The fix that is one restart."""
    return Fix(summary=summary, risk=Risk.RESTARTS_SESSIONS, steps=(restart_step(node),), check=AUDIT_AGAIN)


_NODE = Asked(variable="NODE", what="the name of that node (`kubectl get nodes -o wide` shows whose the address is)")


def restart_asked(summary: str) -> Fix:
    """The same for a node of which only the address is known."""
    pods = '-A -l k8s-app=calico-node --field-selector "spec.nodeName=${NODE:?}"'
    step = FixStep(
        what="restart calico-node there: its DaemonSet makes the pod anew", kubectl=f"kubectl delete pods {pods}"
    )
    return Fix(summary=summary, risk=Risk.RESTARTS_SESSIONS, steps=(step,), asks=(_NODE,), check=AUDIT_AGAIN)


def birdcl(node: str, family: Family, command: str) -> str:
    """A command for BIRD in the calico-node container of a node, by kubectl."""
    pod = f"$(kubectl get pods {_pods(node)} -o {_NAMESPACE_AND_NAME})"
    return f"kubectl exec {pod} -c calico-node -- {ask_bird(family, command)}"


def log_of(node: str, *outcomes: tuple[str, str]) -> Decision:
    """Look at the log of calico-node there."""
    command = f"kubectl logs -c calico-node --tail=200 $(kubectl get pods {_pods(node)} -o {_NAMESPACE_AND_NAME})"
    return decision(command, None, *outcomes)


def decision(command: str, on: str | None, *outcomes: tuple[str, str]) -> Decision:
    """A command that decides, with what it may show and what that means."""
    return Decision(command=command, on=on, outcomes=tuple(Outcome(sees=sees, means=means) for sees, means in outcomes))
