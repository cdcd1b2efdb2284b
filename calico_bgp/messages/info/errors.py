"""Error classes (whose complaint it is), and the errors of BIRD's own: local ones and automatic shutdowns."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose

_CLASSES = "BIRD proto/bgp/bgp.c bgp_err_classes, bgp_last_errmsg"

ERROR_CLASSES = (
    InfoWords(
        Part.ERROR_CLASS,
        "Error:",
        "trouble on {near}",
        "Local trouble: something on this very node, before any message was exchanged.",
        Whose.THIS,
        "look at this node, not at the other",
        _CLASSES,
    ),
    InfoWords(
        Part.ERROR_CLASS,
        "BGP Error:",
        "{near} ended it",
        "This end rejected the other: BIRD here did not accept what the peer sent (or heard nothing), and ended the "
        "session.",
        Whose.BOTH,
        "compare what this end expects with what the other end has",
        f"{_CLASSES}; RFC 4271 section 6",
    ),
    InfoWords(
        Part.ERROR_CLASS,
        "Received:",
        "{far} ended it",
        "The peer rejected us: the other end sent a NOTIFICATION and ended the session. Its own row shows the same "
        "message as BGP Error.",
        Whose.BOTH,
        "compare what the other end expects with what this end has",
        f"{_CLASSES}; RFC 4271 section 4.5",
    ),
    InfoWords(
        Part.ERROR_CLASS,
        "Automatic shutdown:",
        "{near} shut it down by itself",
        "BIRD on this end shut the session down because a limit was reached, and does not try again by itself.",
        Whose.THIS,
        "mend what the limit is about, then in calico-node on this node: birdcl enable NAME",
        _CLASSES,
    ),
    InfoWords(
        Part.ERROR_CLASS,
        "Socket:",
        "{near} got a socket error towards {far}",
        "The TCP connection failed; the text is the C library's (musl in calico/node, glibc elsewhere) or BIRD's own.",
        Whose.BETWEEN,
        "from this node: nc -vz ADDRESS 179",
        f"{_CLASSES} (strerror)",
    ),
)

_MISC = "BIRD proto/bgp/bgp.c bgp_misc_errors"

LOCAL = (
    InfoWords(
        Part.LOCAL,
        "Neighbor lost",
        "{near} no longer sees {far} on a direct link",
        "The neighbour is no longer on a network that this node is connected to: an interface or an address has gone.",
        Whose.THIS,
        "on this node: ip address; ip route get ADDRESS",
        _MISC,
    ),
    InfoWords(
        Part.LOCAL,
        "Invalid next hop",
        "{near} cannot reach the next hop towards {far}",
        "The neighbour's address, or the gateway to it, is not one that this node can reach directly.",
        Whose.THIS,
        "on this node: ip route get ADDRESS",
        _MISC,
    ),
    InfoWords(
        Part.LOCAL,
        "Kernel MD5 auth failed",
        "{near}'s kernel could not set the TCP MD5 password for {far}",
        "The kernel of this node refused the TCP MD5 password (no support, or a password that is too long). The peer "
        "stays down.",
        Whose.THIS,
        "compare the BGPPeer's password secret; in the log of calico-node on this node look for MD5",
        f"{_MISC}; RFC 2385",
        also=("Authentication failed",),
    ),
    InfoWords(
        Part.LOCAL,
        "No listening socket",
        "BIRD on {near} could not open its BGP port: another program holds it",
        "BIRD on this node could not open its BGP port: another program holds it, often a second BGP daemon on the "
        "host (MetalLB, FRR, a second BIRD).",
        Whose.THIS,
        "on this node: sudo ss -lntp 'sport = :179'",
        _MISC,
    ),
    InfoWords(
        Part.LOCAL,
        "Link down",
        "the interface towards {far} is down on {near}",
        "The interface towards the neighbour is down on this node.",
        Whose.THIS,
        "on this node: ip -br link",
        _MISC,
    ),
    InfoWords(
        Part.LOCAL,
        "BFD session down",
        "BFD to {far} is down",
        "BFD says that the neighbour does not answer. Calico does not configure BFD by itself: somebody's own BIRD "
        "template does.",
        Whose.BETWEEN,
        "in calico-node on this node: birdcl show bfd sessions",
        f"{_MISC}; RFC 5882",
    ),
    InfoWords(
        Part.LOCAL,
        "Graceful restart",
        "{far} restarts gracefully",
        "The connection broke and this end keeps the other's routes while it restarts (120 s unless maxRestartTime "
        "says otherwise).",
        Whose.OTHER,
        "wait two minutes; if it stays, look at BIRD on the other end",
        f"{_MISC}; RFC 4724 section 4.2",
    ),
)

AUTOMATIC = (
    InfoWords(
        Part.AUTOMATIC,
        "Route limit exceeded",
        "more routes came than the limit allows",
        "More routes came over the session than the limit configured for it allows, so BIRD disabled it.",
        Whose.OTHER,
        "see why the peer sends so many routes, then in calico-node on this node: birdcl enable NAME",
        "BIRD proto/bgp/bgp.c bgp_auto_errors",
    ),
)
