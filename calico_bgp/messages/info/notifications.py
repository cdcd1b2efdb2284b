"""What a BGP NOTIFICATION says, in words, whoever sent it: the class before it says whose complaint it is."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose
from calico_bgp.messages.info.notifications_update import UPDATE

_TABLE = "BIRD proto/bgp/packets.c bgp_msg_table"
_LOOK = "compare both rows: sudo calicoctl node status on both ends"


def _entry(  # noqa: PLR0917 - the columns of a table
    code: str,
    text: str,
    short: str,
    meaning: str,
    look_at: Whose,
    next_step: str,
    source: str,
    pattern: str | None = None,
) -> InfoWords:
    where = f"{source}; {_TABLE}" + (f" {code}" if code else "")
    return InfoWords(Part.NOTIFICATION, text, short, meaning, look_at, next_step, where, pattern=pattern)


_OPEN = (
    _entry(
        "2.1",
        "Unsupported version number",
        "the BGP versions differ",
        "The ends speak different versions of BGP. Two BIRDs do not: something else answers on this port.",
        Whose.OTHER,
        "see what listens there: sudo ss -lntp 'sport = :179' on the other end",
        "RFC 4271 section 6.2",
    ),
    _entry(
        "2.2",
        "Bad peer AS",
        "the AS number configured for the neighbour is not the one it has",
        "The AS number that one end expects is not the one that the other has. Received: the other end expects another "
        "AS of us; BGP Error: we expect another AS of it.",
        Whose.BOTH,
        "calicoctl get nodes -o wide; calicoctl get bgpPeer -o yaml; calicoctl get bgpConfiguration default -o yaml",
        "RFC 4271 section 6.2",
    ),
    _entry(
        "2.3",
        "Bad BGP identifier",
        "both ends have the same router ID, or one has none",
        "Both ends have the same router ID, or one has none. Calico takes the node's IPv4 address, in IPv6 too, unless "
        "CALICO_ROUTER_ID says otherwise: two nodes with one address, or one value set for all.",
        Whose.BOTH,
        "calicoctl get nodes -o wide: is an IPv4 address there twice? And CALICO_ROUTER_ID of calico-node",
        "RFC 4271 section 6.2; RFC 6286",
    ),
    _entry(
        "2.4",
        "Unsupported optional parameter",
        "an option in OPEN is not known",
        "One end sent an option in its OPEN that the other does not know. It should try again without.",
        Whose.BOTH,
        _LOOK,
        "RFC 4271 section 6.2",
    ),
    _entry(
        "2.5",
        "Authentication failure",
        "authentication failed",
        "Authentication inside BGP failed. Calico's passwords are TCP's (MD5), which fail with silence instead: the "
        "far end is no Calico node, or an old router.",
        Whose.OTHER,
        "look at the configuration of the far end",
        "RFC 4271 section 6.2 (deprecated)",
    ),
    _entry(
        "2.6",
        "Unacceptable hold time",
        "the hold time offered is not acceptable",
        "One end offered a hold time that the other does not take (1 or 2 seconds, or below its minimum).",
        Whose.BOTH,
        "look at the hold time configured at the far end; BIRD offers 240 s",
        "RFC 4271 section 6.2",
    ),
    _entry(
        "2.7",
        "Required capability missing",
        "a capability that is required was not offered",
        "One end insists on a capability (four-byte AS numbers, an address family) that the other did not offer.",
        Whose.BOTH,
        "in calico-node: birdcl show protocols all NAME lists what each end offers",
        "RFC 5492 section 3",
    ),
    _entry(
        "2.8",
        "No supported AFI/SAFI",
        "the ends have no address family in common",
        "The ends have no address family in common: an IPv4 session against an IPv6-only neighbour, say.",
        Whose.BOTH,
        "in calico-node: birdcl show protocols all NAME lists what each end offers",
        "no RFC: BIRD's own",
    ),
    _entry(
        "2.0",
        "Invalid OPEN message",
        "an OPEN came that makes no sense",
        "An OPEN came that cannot be read. Two BIRDs do not do this.",
        Whose.OTHER,
        "see what speaks BGP at the other end",
        "RFC 4271 section 6.2",
    ),
)

_RUNNING = (
    _entry(
        "4.0",
        "Hold timer expired",
        "nothing was heard for the whole hold time: the link was cut, or the far end hung",
        "Nothing was heard of the other end for the whole hold time (240 s between BIRDs): the link was cut, packets "
        "are dropped, or its BIRD hung. BGP Error: we heard nothing; Received: the other end heard nothing of us.",
        Whose.BETWEEN,
        "from this node: ping ADDRESS, and nc -vz ADDRESS 179; the row's present state says whether it comes back",
        "RFC 4271 section 6.5",
    ),
    _entry(
        "5.0",
        "Finite state machine error",
        "a message came that does not fit the state of the session",
        "A message came that does not fit the state of the session. It should try again.",
        Whose.BOTH,
        _LOOK,
        "RFC 4271 section 6.6; RFC 6608",
    ),
    _entry(
        "5.1-5.3",
        "Unexpected message in ... state",
        "a message came that does not fit the state of the session",
        "A message came that does not fit the state named. It should try again.",
        Whose.BOTH,
        _LOOK,
        "RFC 6608 section 3",
        pattern=r"Unexpected message in \S{1,20} state",
    ),
    _entry(
        "1.0",
        "Invalid message header",
        "what arrived is no BGP",
        "What arrived has no valid BGP header: another program talks on this port.",
        Whose.OTHER,
        "see what listens there: sudo ss -lntp 'sport = :179' on the other end",
        "RFC 4271 section 6.1",
    ),
    _entry(
        "1.1",
        "Connection not synchronized",
        "what arrived is no BGP: another program talks on this port",
        "What arrived does not begin as BGP messages do: another program talks on this port, or bytes were lost.",
        Whose.OTHER,
        "see what listens there: sudo ss -lntp 'sport = :179' on the other end",
        "RFC 4271 section 6.1",
    ),
    _entry(
        "1.2",
        "Bad message length",
        "a message of a wrong length came",
        "A message of an impossible length came.",
        Whose.OTHER,
        "see what speaks BGP at the other end",
        "RFC 4271 section 6.1",
    ),
    _entry(
        "1.3",
        "Bad message type",
        "a message of an unknown type came",
        "A message of a type that BIRD does not know came.",
        Whose.OTHER,
        "see what speaks BGP at the other end",
        "RFC 4271 section 6.1",
    ),
)

_CEASE = (
    _entry(
        "6.0",
        "Cease",
        "the session was ended on purpose",
        "The session was ended on purpose, without a reason: BIRD stopped, or the peer was removed.",
        Whose.OTHER,
        "look at the log of calico-node at the end that ended it",
        "RFC 4271 section 6.7; RFC 4486",
    ),
    _entry(
        "6.1",
        "Maximum number of prefixes reached",
        "more routes came than the limit allows",
        "One end sent more routes than the other's limit allows.",
        Whose.BOTH,
        "see why so many routes are sent; look at the limit of the end that complains (often a top-of-rack switch)",
        "RFC 4486 section 4",
    ),
    _entry(
        "6.2",
        "Administrative shutdown",
        "the protocol or BIRD itself was shut down there",
        "The protocol, or BIRD itself, was shut down on purpose at the end that complains: `birdcl disable`, a node "
        "that is going down, or an upgrade of calico-node.",
        Whose.OTHER,
        "on the other end: is calico-node running? In it: birdcl show protocols",
        "RFC 4486 section 4; RFC 8203",
    ),
    _entry(
        "6.3",
        "Peer de-configured",
        "the peer was removed from the configuration",
        "The end that complains removed this peer from its configuration: a BGPPeer, a label or an address changed.",
        Whose.OTHER,
        "calicoctl get bgpPeer -o yaml; calicoctl get nodes -o wide: should this session still be there?",
        "RFC 4486 section 4",
    ),
    _entry(
        "6.4",
        "Administrative reset",
        "the session was reset by hand",
        "Somebody reset the session (`birdcl restart`). It comes back by itself.",
        Whose.NOWHERE,
        "look again in a minute",
        "RFC 4486 section 4; RFC 8203",
    ),
    _entry(
        "6.5",
        "Connection rejected",
        "the connection was rejected: the peer is not known or not wanted",
        "The end that complains does not want this connection: it does not know the peer, or the peer is disabled "
        "there.",
        Whose.OTHER,
        "on the other end: does sudo calicoctl node status have a row for this node's address?",
        "RFC 4486 section 4",
    ),
    _entry(
        "6.6",
        "Other configuration change",
        "the configuration of the peer changed",
        "The configuration of the peer changed, so that the session starts anew. It comes back by itself.",
        Whose.NOWHERE,
        "look again in a minute",
        "RFC 4486 section 4",
    ),
    _entry(
        "6.7",
        "Connection collision resolution",
        "both ends dialled at once and one connection was dropped; it should try again",
        "Both ends dialled at once and one connection was dropped, as it should be. It only matters when it stays.",
        Whose.NOWHERE,
        "look again in a minute",
        "RFC 4271 section 6.8; RFC 4486 section 4",
    ),
    _entry(
        "6.8",
        "Out of Resources",
        "resources ran out",
        "The end that complains ran out of memory or of another resource.",
        Whose.OTHER,
        "look at the memory of that node and at the log of calico-node there",
        "RFC 4486 section 4",
    ),
)

_UNKNOWN = (
    _entry(
        "",
        "Unknown error N.M",
        "a NOTIFICATION of a code that BIRD has no words for",
        "A NOTIFICATION with error code N and subcode M, for which BIRD has no words. The other end is newer, or is no "
        "BIRD.",
        Whose.OTHER,
        "look N and M up in IANA's registry of BGP error codes and subcodes; 6.9 is Hard Reset, 6.10 BFD Down",
        "RFC 4271 section 4.5; RFC 8538, 9384",
        pattern=r"Unknown error \d{1,10}\.\d{1,10}",
    ),
)

NOTIFICATION = (*_OPEN, *_RUNNING, *_CEASE, *UPDATE, *_UNKNOWN)
