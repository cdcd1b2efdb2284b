"""A host's own addresses, as `ip -o addr`, `ifconfig -a` or `hostname -I` print them."""

from __future__ import annotations

import re

from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import read_address

#: Interfaces whose addresses are the same on many nodes: kube-proxy's service addresses, the local DNS cache, Docker's
#: default bridge. They would make innocent nodes claim one address.
SHARED_INTERFACES = frozenset({"kube-ipvs0", "nodelocaldns", "docker0"})
#: Characters of the addresses that are read, enough for 4,000 of them. A machine has a few dozen.
MOST_CHARACTERS = 200_000
_AFTER_INET = re.compile(r"\binet6?\s+(?:addr:\s*)?([0-9A-Fa-f.:]+)")


def parse_addresses(text: str) -> tuple[Address, ...]:
    """The host's own addresses from `ip -o addr`, `ifconfig -a` or `hostname -I`.

    Loopback, link-local and unspecified addresses, and those of `SHARED_INTERFACES`, are left out; each is named once.
    Of a text that is too long the beginning is read.
    """
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rpartition(" ")[0]  # half an address is a wrong address
    addresses: dict[Address, None] = {}
    shared = False
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if re.match(r"\d+:$", words[0]) and len(words) > 1:  # ip -o addr: "2: eth0    inet 192.0.2.1/24 ..."
            shared = words[1].partition("@")[0] in SHARED_INTERFACES
        elif not line[0].isspace() and ("inet" not in line):  # ifconfig: "eth0: flags=..." or "eth0  Link encap:..."
            shared = words[0].rstrip(":") in SHARED_INTERFACES
        if shared:
            continue
        # hostname -I prints nothing but addresses.
        for word in _AFTER_INET.findall(line) if "inet" in line else words:
            address = read_address(word)
            if address is not None and not (
                address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
            ):
                addresses[address] = None
    return tuple(addresses)
