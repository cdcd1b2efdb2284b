"""What the C library or BIRD says about a TCP connection that failed, in words."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose

_STRERROR = "BIRD proto/bgp/bgp.c bgp_last_errmsg (strerror); musl src/errno/__strerror.h; glibc sysdeps/gnu/errlist.h"
_NO_ANSWER = (
    "The other end does not answer at all: packets or answers are dropped on the way (a firewall that drops port 179, "
    "a cut in one direction), it is off, or the TCP MD5 passwords differ: the kernel then drops the packets without a "
    "word."
)
_TRY = (
    "from this node: ping ADDRESS, then nc -vz ADDRESS 179: silence to both is the host or the way, to the second "
    "alone a firewall"
)

SOCKET = (
    InfoWords(
        Part.SOCKET,
        "Connection refused",
        "nothing listens on {far}'s BGP port: BIRD is down there, or a firewall refuses",
        "The other host is up and says no: nothing listens on its BGP port (BIRD is down, or another port is "
        "configured), or a firewall refuses with a reset.",
        Whose.OTHER,
        "on the other end: sudo calicoctl node status, and sudo ss -lntp 'sport = :179'",
        _STRERROR,
    ),
    InfoWords(
        Part.SOCKET,
        "Operation timed out",
        "{far} does not answer: packets are dropped on the way, passwords differ, or it is down",
        _NO_ANSWER,
        Whose.BETWEEN,
        _TRY,
        _STRERROR,
        also=("Connection timed out",),
    ),
    InfoWords(
        Part.SOCKET,
        "Host is unreachable",
        "{far} cannot be reached: its host or the link to it is down",
        "Nobody answers for this address: the other host is off or its link is down (no answer to ARP), or a router or "
        "firewall says so.",
        Whose.BETWEEN,
        "from this node: ping ADDRESS, and ip neigh show ADDRESS; look whether the other host is up",
        _STRERROR,
        also=("No route to host",),
    ),
    InfoWords(
        Part.SOCKET,
        "Network unreachable",
        "{near} has no route to {far}",
        "This node has no route to that address: an interface or its default route has gone, or the address is wrong.",
        Whose.THIS,
        "on this node: ip route get ADDRESS, and ip -br address",
        _STRERROR,
        also=("Network is unreachable",),
    ),
    InfoWords(
        Part.SOCKET,
        "Connection reset by peer",
        "{far} cuts the connection at once: a firewall, or it does not know {near} as a peer",
        "The connection was made and then cut with a reset: a firewall between, or the other BIRD does not know this "
        "node's address as a peer.",
        Whose.BETWEEN,
        "on the other end: does sudo calicoctl node status have a row for this node's address? If so, look for a "
        "firewall",
        _STRERROR,
    ),
    InfoWords(
        Part.SOCKET,
        "Connection closed",
        "{far} closes the connection: it does not know {near} as a peer, or has stopped",
        "The other end closed the connection in an orderly way and said nothing: it does not know this node's address "
        "as a peer, it dialled as well and kept its own connection, or its BIRD has stopped.",
        Whose.OTHER,
        "on the other end: does sudo calicoctl node status have a row for this node's address?",
        "BIRD proto/bgp/bgp.c bgp_last_errmsg",
    ),
    InfoWords(
        Part.SOCKET,
        "Address not available",
        "{near} does not have the address that it should dial from",
        "BIRD should dial from an address that this node does not have: its BGP address in Calico is not one of its "
        "own any more.",
        Whose.THIS,
        "on this node: ip -br address; compare with calicoctl get node NODE -o yaml (spec.bgp)",
        _STRERROR,
        also=("Cannot assign requested address",),
    ),
)
