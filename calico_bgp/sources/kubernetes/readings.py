"""One node's reading from what its pod printed, or the reason why there is none. Values in, value or error out."""

from __future__ import annotations

from datetime import datetime

from calico_bgp.errors import CommandFailed, GatherError, GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import NodePod, PodKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.shell_words import field_selector
from calico_bgp.sources.kubernetes.connection.channels import Executed
from calico_bgp.sources.node.interpret import reading_from

#: The shell of the container runtime says so when the image has no sh or no birdcl (runc, crun, containerd).
_NO_SHELL = ("executable file not found", "no such file or directory")


def reading_of_pod(answer: Executed, marker: str, host: Host, pod: NodePod, taken_at: datetime) -> NodeReading:
    """What a pod's answer says of its node.

    Raises:
        CommandFailed: There is no reading, with the reason and what to do.
        GatherTimeout: The same, because something hung.
    """
    if answer.refusal is not None:
        if any(words in answer.refusal.lower() for words in _NO_SHELL):
            raise CommandFailed(f"the container of {pod.name} has no shell: {answer.refusal}")
        raise CommandFailed(f"the command in {pod.name} was not run: {answer.refusal}", _describe(pod))
    if answer.cut is not None and not answer.stdout:
        raise GatherTimeout(f"the pod {pod.name} did not answer: {answer.cut}", _describe(pod))
    if marker not in answer.stdout:
        first_line = next(
            (line.strip() for line in f"{answer.stdout}\n{answer.stderr}".splitlines() if line.strip()), ""
        )
        words = f"it said: {first_line[:200]}" if first_line else "it said nothing"
        raise CommandFailed(f"the container of {pod.name} ran another program than ours; {words}", _describe(pod))
    return reading_from(answer.stdout, marker, host, taken_at=taken_at, cut=answer.cut)


def reading_without_bird(host: Host, pod: NodePod, taken_at: datetime) -> NodeReading:
    """A node whose calico-node is told to run no BIRD (CALICO_NETWORKING_BACKEND, canal). Its pod need not be asked."""
    why = "canal runs no BIRD" if pod.kind is PodKind.CANAL else f"CALICO_NETWORKING_BACKEND is {pod.backend}"
    daemons = tuple(Daemon(family, DaemonState.NOT_RUNNING, why) for family in Family)
    status = NodeStatus(felix_running=pod.running, daemons=daemons, origin="birdc")
    return NodeReading(host=host.label, node=host.node, status=status, taken_at=taken_at)


def why_not_asked(host: Host, pod: NodePod | None, *, pods_listed: bool) -> GatherError | None:
    """Why a node's pod cannot be asked, None when it can."""
    if pod is None:
        if not pods_listed:
            return CommandFailed("its calico-node pod is not known: the pods could not be listed")
        return CommandFailed(
            f"no calico-node pod runs on {host.name}",
            f"kubectl get pods -A -o wide --field-selector {field_selector('spec.nodeName', host.name)}",
        )
    if pod.kind is PodKind.WINDOWS:
        return CommandFailed(f"{pod.name} is Calico for Windows, which has no BIRD to ask")
    if pod.running is False or (pod.running is None and pod.phase != "Running"):
        why = pod.reason or pod.phase
        message = f": {pod.message}" if pod.message else ""
        times = f", restarted {pod.restarts} times" if pod.restarts else ""
        return CommandFailed(
            f"the container calico-node of {pod.name} does not run ({why}{times}){message}", _describe(pod)
        )
    return None


def _describe(pod: NodePod) -> str:
    return f"kubectl describe pod -n {pod.namespace} {pod.name}"
