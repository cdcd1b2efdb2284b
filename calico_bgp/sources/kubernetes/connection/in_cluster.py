"""The service account of the pod that we run in (client-go/rest/config.go InClusterConfig). Nothing is connected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from calico_bgp.errors import ConfigError, ParseError
from calico_bgp.sources.kubernetes.connection.access import Access

_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def in_cluster_access(environment: Mapping[str, str], folder: Path = _FOLDER) -> Access:
    """How a pod reaches its own API server.

    Args:
        environment: Usually `os.environ`; Kubernetes sets KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
        folder: Where the service account is mounted.

    Raises:
        ConfigError: This is no pod, or no service account is mounted in it.
    """
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise _error("KUBERNETES_SERVICE_HOST is not set: this is no pod", "--context NAME outside a cluster")
    token, authority = folder / "token", folder / "ca.crt"
    if not token.is_file():
        raise _error(f"{token} is not there", "a pod whose service account is mounted (automountServiceAccountToken)")
    return Access(
        context=None,
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        ca_file=authority if authority.is_file() else None,
        token_file=token,
    )


def _error(message: str, expected: str) -> ConfigError:
    return ConfigError((ParseError(message, "--in-cluster", expected=expected),))
