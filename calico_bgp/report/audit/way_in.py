"""By which way a cluster was read: its API server, the transport, the group of its resources. A line of text."""

from __future__ import annotations

from calico_bgp.model.kubernetes import KubernetesState
from calico_bgp.report.text.sanitize import plain

_TRANSPORTS = {
    "direct": "directly",
    "kubectl proxy": "by kubectl proxy",
    "kubectl exec": "by kubectl exec, for no WebSocket comes through",
}


def way_in(state: KubernetesState) -> str:
    """`the Kubernetes API, directly; Calico's resources of projectcalico.org/v3`."""
    group = f"; Calico's resources of {plain(state.api_group)}" if state.api_group else ""
    return f"the Kubernetes API, {_TRANSPORTS[state.transport]}{group}"
