"""What the row of one end says: the first obstacle on its way, or that it is Established. Pure."""

from __future__ import annotations

from calico_bgp.lab.effects import addresses, agreement, network, ports
from calico_bgp.lab.effects.obstacle import Obstacle
from calico_bgp.lab.externals import ESTABLISHED, MUSL_WORDS, Row
from calico_bgp.lab.faults.moment import End, Moment

#: In the order in which a session meets them: the end itself, then what stops packets, then TCP, then BGP's OPEN.
_ORDER: tuple[Obstacle, ...] = (
    *agreement.OWN,
    *ports.OWN,
    *network.OBSTACLES,
    *ports.OBSTACLES,
    *addresses.OBSTACLES,
    *agreement.OBSTACLES,
)


def row_of(moment: Moment, end: End) -> Row:
    """What this end shows, in BIRD's words with glibc's reasons; `in_words` has the other C library's."""
    if not moment.faults:
        return ESTABLISHED
    if end.far is not None:
        # Whoever was meant: packets go to the machine that has the address.
        end = end._replace(far=moment.holder(end.peer.expected.address) or end.far)
    return next((row for obstacle in _ORDER if (row := obstacle(moment, end)) is not None), ESTABLISHED)


def in_words(row: Row, *, musl: bool) -> Row:
    """The row in the words of the C library that BIRD is built with."""
    return row._replace(error=MUSL_WORDS.get(row.error, row.error)) if musl else row
