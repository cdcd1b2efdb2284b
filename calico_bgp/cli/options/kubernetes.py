"""The options of every command that can read a cluster through its API server. Nothing is connected here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.in_cluster import in_cluster_access
from calico_bgp.sources.kubernetes.connection.kubeconfig import kubeconfig_files, load_kubeconfig
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.node.questions import Questions

#: Of each deadline of the command line, what it is to a cluster.
_DEADLINES = {"timeout": "exec", "connect_timeout": "connect", "run_timeout": "run"}


@dataclass(frozen=True)
class ClusterChoice:
    """Which cluster the user means, not yet read.

    Attributes:
        context: A context of the kubeconfig; None for its current one.
        kubeconfig: The kubeconfig; None for kubectl's (KUBECONFIG, ~/.kube/config).
        in_cluster: Whether we run in a pod of that cluster.
        pods_at_once: How many pods are asked at once.
        questions: What BIRD is asked beside its peers.
        limits: How long things may take.
    """

    context: str | None = None
    kubeconfig: Path | None = None
    in_cluster: bool = False
    pods_at_once: int = 64
    questions: Questions = field(default_factory=Questions)
    limits: KubernetesLimits = field(default_factory=KubernetesLimits)

    def __bool__(self) -> bool:
        """Whether the user named a cluster."""
        return self.context is not None or self.kubeconfig is not None or self.in_cluster

    @property
    def current(self) -> str | None:
        """The current context of the kubeconfig, which is meant where nothing is named; None where there is none.

        Raises:
            ConfigError: A kubeconfig is there and cannot be read.
        """
        return load_kubeconfig(kubeconfig_files(self.kubeconfig, os.environ), must_exist=False).current

    def access(self) -> Access:
        """How to reach it.

        Raises:
            ConfigError: There is no such context, or a kubeconfig is not what it should be.
        """
        if self.in_cluster:
            return in_cluster_access(os.environ)
        return load_kubeconfig(kubeconfig_files(self.kubeconfig, os.environ)).access(self.context)


def kubernetes_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as one keyword `kubernetes`."""

    @click.option("--context", metavar="NAME", help="Read this cluster of the kubeconfig through its API server.")
    @click.option(
        "--kubeconfig", metavar="FILE", type=click.Path(path_type=Path), help="In place of KUBECONFIG, ~/.kube/config."
    )
    @click.option("--in-cluster", is_flag=True, help="Read the cluster in a pod of which this runs.")
    @click.option(
        "--pods-at-once",
        type=click.IntRange(1, 512),
        default=64,
        show_default=True,
        help="How many pods to ask at once.",
    )
    @wraps(command)
    def with_cluster(
        *args: Any, context: str | None, kubeconfig: Path | None, in_cluster: bool, pods_at_once: int, **kwargs: Any
    ) -> Any:
        if in_cluster and (context is not None or kubeconfig is not None):
            raise click.UsageError("--in-cluster needs no --context and no --kubeconfig.")
        limits = _limits(click.get_current_context())
        choice = ClusterChoice(context, kubeconfig, in_cluster, pods_at_once, limits=limits)
        return command(*args, kubernetes=choice, **kwargs)

    return with_cluster


def _limits(ctx: click.Context) -> KubernetesLimits:
    """Those of the deadlines that the user named; their defaults are those of SSH.

    Raises:
        click.UsageError: A deadline that cannot be kept.
    """
    limits = KubernetesLimits()
    for option, limit in _DEADLINES.items():
        if ctx.params.get(option) is not None and ctx.get_parameter_source(option) is not ParameterSource.DEFAULT:
            try:
                limits = replace(limits, **{limit: ctx.params[option].total_seconds()})
            except ValueError:
                raise click.UsageError(f"--{option.replace('_', '-')}: more than 0s and at most 1d.") from None
    return limits
