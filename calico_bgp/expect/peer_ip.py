"""A BGPPeer's `peerIP`: `ip`, `ip:port` or `[ip6]:port`, read as Go reads it. Nothing is looked up here.

confd/pkg/backends/calico/client.go parseIPPort: net.SplitHostPort, strconv.ParseUint(port, 0, 16), net.ParseIP.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import go_address

_BRACKETED = re.compile(r"\[([^\[\]]*)\]:([^:\[\]]*)")
_PLAIN = re.compile(r"([^:\[\]]*):([^:\[\]]*)")
_DECIMAL = re.compile(r"0|[1-9](?:_?[0-9])*")
_OTHER_BASE = re.compile(r"0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+")
_MAX_PORT = 65_535
#: Longer than anybody writes a port; Python refuses to read thousands of digits.
_MAX_DIGITS = 100


class PeerIP(NamedTuple):
    """What a `peerIP` names.

    Attributes:
        host: The part before the port, verbatim: Calico compares it with nodes' addresses *as text*.
        address: The address, None when it is none and the BGPPeer is skipped.
        port: None when none is given (or `:0`, which is the same to Calico).
    """

    host: str
    address: Address | None
    port: int | None


def parse_peer_ip(text: str) -> PeerIP:
    """Take a `peerIP` apart. A port that is no number leaves the whole text as the host, which then is no address."""
    split = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if split is None:
        return PeerIP(text, go_address(text), None)
    port = _port(split[2])
    if port is None:
        return PeerIP(text, go_address(text), None)
    return PeerIP(split[1], go_address(split[1]), port or None)


def _port(text: str) -> int | None:
    """strconv.ParseUint(text, 0, 16): decimal, or by prefix hexadecimal, binary and octal; with `_` between digits."""
    if len(text) > _MAX_DIGITS:
        return None
    if _DECIMAL.fullmatch(text):
        number = int(text)
    elif _OTHER_BASE.fullmatch(text):
        number = int(text, 0) if text[1].isalpha() else int(text, 8)
    else:
        return None
    return number if number <= _MAX_PORT else None
