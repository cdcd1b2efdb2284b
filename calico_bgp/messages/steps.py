"""Next steps: the commands that tell or mend more, with the names filled in and quoted for a shell."""

from __future__ import annotations

from calico_bgp.model.peer import Family
from calico_bgp.shell_words import quote

_SOCKETS = {Family.IPV4: "/var/run/calico/bird.ctl", Family.IPV6: "/var/run/calico/bird6.ctl"}


def ask_bird(family: Family, command: str) -> str:
    """A command for BIRD inside calico-node; its one `birdcl` serves both BIRDs, by their sockets."""
    return f"birdcl -s {_SOCKETS[family]} {command}"


def look_at_node(node: str) -> str:
    """Look at BGP on one node."""
    return f"on {quote(node)}: sudo calicoctl node status"


def look_at_port(near: str, address: str, port: int | None) -> str:
    """Try the BGP port of the far end from the near end."""
    return f"on {quote(near)}: nc -vz {quote(address)} {port or 179}"


LOOK_AT_RESOURCES = (
    "calicoctl get nodes -o wide; calicoctl get bgpPeer -o yaml; calicoctl get bgpConfiguration default -o yaml"
)
