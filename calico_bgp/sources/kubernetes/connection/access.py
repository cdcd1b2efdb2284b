"""How to reach one API server, and as whom: a value. Secrets stay out of its repr; files are read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Access:
    """One context of a kubeconfig, or the service account of a pod.

    Attributes:
        context: The context's name; None inside a cluster.
        server: `https://HOST:PORT[/PATH]`.
        kubeconfig: The files it was read from, for kubectl; empty inside a cluster.
        ca_file: The certificates to trust; with neither, the system's.
        ca_data: The same, as PEM.
        tls_server_name: The name in the server's certificate, where it is not the server's.
        insecure: Whether the certificate is not checked (`insecure-skip-tls-verify`).
        proxy_url: An HTTP proxy.
        token: A bearer token.
        token_file: A file with one, which is read again for each request: such tokens are renewed every hour.
        certificate_file: A client certificate.
        certificate_data: The same, as PEM.
        key_file: Its key.
        key_data: The same, as PEM.
        needs_kubectl: Why only kubectl can log in (`an exec plugin`, `OIDC`, ...); None where we can.
    """

    context: str | None
    server: str
    kubeconfig: tuple[Path, ...] = ()
    ca_file: Path | None = None
    ca_data: bytes | None = field(default=None, repr=False)
    tls_server_name: str | None = None
    insecure: bool = False
    proxy_url: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    certificate_file: Path | None = None
    certificate_data: bytes | None = field(default=None, repr=False)
    key_file: Path | None = None
    key_data: bytes | None = field(default=None, repr=False)
    needs_kubectl: str | None = None
