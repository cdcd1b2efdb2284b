"""The kubeconfig of a lab: one context, a token, the lab's own certificate authority. Text only."""

from __future__ import annotations

import base64

import yaml

CONTEXT = "calico-bgp-lab"


def kubeconfig(server: str, authority: bytes, token: str) -> str:
    """A kubeconfig as kubectl reads it."""
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(authority).decode()}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": "lab", "user": {"token": token}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": "lab"}}],
    }
    return yaml.safe_dump(document, sort_keys=False)
