"""Next steps: the commands that tell or mend more, with the names filled in and quoted for a shell."""

from __future__ import annotations

from calico_bgp.model.peer import Family
from calico_bgp.shell_words import field_selector, quote

_SOCKETS = {Family.IPV4: "/var/run/calico/bird.ctl", Family.IPV6: "/var/run/calico/bird6.ctl"}


def ask_bird(family: Family, command: str) -> str:
    """A command for BIRD inside calico-node; its one `birdcl` serves both BIRDs, by their sockets."""
    return f"birdcl -s {_SOCKETS[family]} {command}"


def look_at_node(node: str) -> str:
    """Look at BGP on one node."""
    return f"on {quote(node)}: sudo calicoctl node status"


def look_at_calico_node(node: str) -> str:
    """Look at the calico-node pod of one node, whatever namespace the installation uses."""
    selector = field_selector("spec.nodeName", node)
    return (
        f"kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector {selector}, then kubectl logs of that pod"
    )


def look_at_port(near: str, address: str, port: int | None) -> str:
    """Try the BGP port of the far end from the near end."""
    return f"on {quote(near)}: nc -vz {quote(address)} {port or 179}"


def follow_resources(node: str) -> str:
    """Find out why a node's BIRD does not run what the resources say."""
    return f"{look_at_calico_node(node)}: does confd say that it kept the old file? Else get the resources anew"


LOOK_AT_RESOURCES = (
    "calicoctl get nodes -o wide; calicoctl get bgpPeer -o yaml; calicoctl get bgpConfiguration default -o yaml"
)
