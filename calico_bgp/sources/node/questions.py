"""What a node is asked beside its table of peers. A choice of the user's; no command is made here."""

from __future__ import annotations

from dataclasses import dataclass

#: Peers of one BIRD up to which its long answer is asked for; it has some 25 lines, 1 kB, for each.
MANY_PEERS = 200
#: More than any BIRD has.
ALL_PEERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Questions:
    """What BIRD is asked for.

    Attributes:
        details: Its status, the number of its routes, and all that it says of its protocols.
        most_peers: With more peers than this, what it says of its protocols in short.
    """

    details: bool = True
    most_peers: int = MANY_PEERS
