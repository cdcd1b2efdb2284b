"""What a node is asked beside its table of peers. A choice of the user's; no command is made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calico_bgp.model.inventory import Host

#: Peers of one BIRD up to which its long answer is asked for; it has some 25 lines, 1 kB, for each.
MANY_PEERS = 200
#: More than any BIRD has.
ALL_PEERS = 1_000_000

#: Nodes up to which their routes are read without being asked for, and up to which each sends them whole.
MANY_NODES = 300
#: Of so many neighbours in the list the first two send their tables whole even so. They were read within seconds of the
#: others, which matters where routes come and go, and are mostly of the same rack.
_STRIDE, _WHOLE_EACH = 100, 2


@dataclass(frozen=True, slots=True)
class Questions:
    """What BIRD is asked for.

    Attributes:
        details: Its status, the number of its routes, and all that it says of its protocols.
        routes: BIRD's table and the kernel's; None for those of at most `MANY_NODES` nodes.
        most_peers: With more peers than this, what it says of its protocols in short.
        hashed: Whether a hash is sent for the routes through gateways; None for those of more than `MANY_NODES` nodes.
        whole: Labels of hosts that send these routes as well.
    """

    details: bool = True
    most_peers: int = MANY_PEERS
    routes: bool | None = None
    hashed: bool | None = None
    whole: tuple[str, ...] = ()

    def of_hosts(self, hosts: Sequence[Host]) -> Questions:
        """The questions to these hosts, nothing of them left open."""
        many = len(hosts) > MANY_NODES
        routes = not many if self.routes is None else self.routes
        hashed = routes and (many if self.hashed is None else self.hashed)
        whole = [host.label for number, host in enumerate(hosts) if hashed and number % _STRIDE < _WHOLE_EACH]
        return replace(self, routes=routes, hashed=hashed, whole=tuple(whole))

    def of_whole_tables(self, hosts: Sequence[Host]) -> Questions:
        """The questions to hosts that are asked once more, with all of their routes."""
        return replace(self, hashed=True, whole=tuple(host.label for host in hosts))
