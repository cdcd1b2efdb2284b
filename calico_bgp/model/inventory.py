"""A host that we may ask, as hosts.txt or the user names it. Unset fields are None; defaults are the gatherer's."""

from __future__ import annotations

from enum import StrEnum

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Address


class Role(StrEnum):
    """What part a node plays in a reflector topology."""

    REFLECTOR = "reflector"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, config=VALUES)
class Host:
    """One host of the inventory.

    Attributes:
        name: The host as written, without user and port: a DNS name, an alias of ssh_config, or an address.
        user: The login, None to take it from ssh_config or the caller.
        port: The SSH port, None likewise.
        node: The Kubernetes node name.
        role: Its part in a reflector topology, where the user says so.
        addresses: Its BGP addresses (`ip=`), where the user says so.
        identity: A private key file (`identity=`).
        jump: A jump host, `[user@]host[:port]`, several separated by commas as in ssh's ProxyJump; `none` for none.
        source: The file that names it.
        line: The line in that file, from 1.
    """

    name: str
    user: str | None = None
    port: int | None = None
    node: str | None = None
    role: Role | None = None
    addresses: tuple[Address, ...] = ()
    identity: str | None = None
    jump: str | None = None
    source: str | None = None
    line: int | None = None

    @property
    def label(self) -> str:
        """How readings and failures call it: `name`, or `name:port` where a port is given."""
        if self.port is None:
            return self.name
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"
