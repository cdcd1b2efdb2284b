"""gather_kubernetes(): a cluster of a kubeconfig as one Snapshot, for programs. Nothing is shown here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from calico_bgp.model.inventory import Host
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.sources.gather import Result
from calico_bgp.sources.kubernetes.connection.in_cluster import in_cluster_access
from calico_bgp.sources.kubernetes.connection.kubeconfig import kubeconfig_files, load_kubeconfig
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster
from calico_bgp.sources.node.questions import Questions


def gather_kubernetes(
    *,
    context: str | None = None,
    kubeconfig: str | os.PathLike[str] | None = None,
    in_cluster: bool = False,
    at_once: int = 64,
    limits: KubernetesLimits | None = None,
    questions: Questions | None = None,
    only: Sequence[str] = (),
    on_result: Callable[[Host, Result], object] | None = None,
    now: datetime | None = None,
    cluster: str | None = None,
) -> Snapshot:
    """Read a whole cluster through its API server: its Nodes, Calico's resources, and every calico-node pod.

    Synchronous: call it anywhere, also where an event loop runs (Jupyter). It reads only; the rights that it needs are
    what `calico-bgp rbac` prints.

    Args:
        context: A context of the kubeconfig; None for its current one.
        kubeconfig: The kubeconfig; None for kubectl's own (KUBECONFIG, else ~/.kube/config).
        in_cluster: Whether this runs in a pod of that cluster, with its service account; then without the other two.
        at_once: How many pods are asked at once.
        limits: Deadlines and sizes, `KubernetesLimits(exec=5, run=60)`; the defaults when None. A node whose pod takes
            longer is a failure of the snapshot.
        questions: What BIRD is asked beside its peers, `Questions(details=False, routes=False)` for nothing; as SSH's
            when None.
        only: Which nodes: globs (`rr*`) or ranges (`node[01-20]`), `!` before those that are not meant; all when empty.
        on_result: Called with each result as it comes in, in this thread; for a progress bar.
        now: When the gathering began (aware); the clock when None.
        cluster: A name for the snapshot; the context's when None.

    Returns:
        A snapshot with a reading or a failure for every Node on which a BIRD is meant to run, and with the resources,
        or why there are none.

    Raises:
        ConfigError: The kubeconfig, or the pod's service account, is not what it should be.
        GatherError: The cluster cannot be read at all: the API server is not reached, refuses the login, does not list
            its Nodes; or there is nothing of Calico in it.
        InventoryError: A pattern of `only` names no node, or leaves none.
        GatherInterrupted: Ctrl-C; it carries what had come in.
        ValueError: `in_cluster` together with a kubeconfig or a context.
    """
    if in_cluster:
        if context is not None or kubeconfig is not None:
            raise ValueError("in_cluster goes without context and kubeconfig")
        access = in_cluster_access(os.environ)
    else:
        chosen = None if kubeconfig is None else Path(kubeconfig)
        access = load_kubeconfig(kubeconfig_files(chosen, os.environ)).access(context)
    options = KubernetesOptions(at_once, limits or KubernetesLimits(), questions or Questions())
    with open_cluster(access, options) as opened:
        opened.require_calico()
        hosts = limit_hosts(opened.hosts, only, name="only")
        return opened.read(hosts, on_result=on_result, now=now, cluster=cluster or access.context)
