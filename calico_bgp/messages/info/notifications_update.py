"""What a NOTIFICATION about an UPDATE or a ROUTE-REFRESH says, in words. Between Calico nodes these do not happen."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose

_NEXT = (
    "look at the log of BIRD in calico-node at the end that complains; a router between often has a bug or another "
    "option"
)

#: Code, text, what is wrong with the message.
_MESSAGES = (
    ("3.0", "Invalid UPDATE message", "it cannot be read"),
    ("3.1", "Malformed attribute list", "its list of attributes cannot be read"),
    (
        "3.2",
        "Unrecognized well-known attribute",
        "it holds an attribute that everybody must know, and one end does not",
    ),
    ("3.3", "Missing mandatory attribute", "an attribute is missing that must be there"),
    ("3.4", "Invalid attribute flags", "the flags of an attribute are wrong"),
    ("3.5", "Invalid attribute length", "the length of an attribute is wrong"),
    ("3.6", "Invalid ORIGIN attribute", "its ORIGIN is none of the three that exist"),
    ("3.7", "AS routing loop", "its AS_PATH holds the receiver's own AS"),
    ("3.8", "Invalid NEXT_HOP attribute", "its NEXT_HOP is no address that can be used"),
    ("3.9", "Optional attribute error", "an optional attribute cannot be read"),
    ("3.10", "Invalid network field", "it names a network that is none"),
    ("3.11", "Malformed AS_PATH", "its AS_PATH cannot be read"),
    ("7.0", "Invalid ROUTE-REFRESH message", "a ROUTE-REFRESH cannot be read"),
    ("7.1", "Invalid ROUTE-REFRESH message length", "a ROUTE-REFRESH has a wrong length"),
)


def _entry(code: str, text: str, why: str) -> InfoWords:
    is_update = code.startswith("3")
    rfc = "RFC 4271 section 6.3" if is_update else "RFC 7313 section 5"
    what = f"an UPDATE was refused: {why}" if is_update else why
    return InfoWords(
        Part.NOTIFICATION,
        text,
        what,
        f"{what[0].upper()}{what[1:]}. Two BIRDs do not do this to each other.",
        Whose.BOTH,
        _NEXT,
        f"{rfc}; BIRD proto/bgp/packets.c bgp_msg_table {code}",
    )


UPDATE = tuple(_entry(*message) for message in _MESSAGES)
