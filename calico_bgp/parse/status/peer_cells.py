"""Turns the cells of one row into a Peer: address and port, type, BGP state, last error. No lines, no tables."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from calico_bgp.model.peer import Address, BGPState, ErrorClass, Family, Peer, PeerError, PeerType, family_of
from calico_bgp.parse.addresses import read_address

# A node sees the same few texts again and again, a fleet of a thousand sees some thousands. Longer texts than these
# cannot come from BIRD and are not worth remembering: they would let a hostile node fill the memory.
_CACHE = 16_384
_LONGEST = 64

#: calicoctl/calicoctl/commands/node/status.go bgpTypeMap, and BIRD's name for it (see birdc).
_TYPES: dict[str, PeerType] = {member.value: member for member in PeerType}
#: `calico-node -show-status` (node/pkg/status/populators/peers.go) prints the first word of BIRD's name.
_SHORT_TYPES = {"mesh": PeerType.MESH, "node": PeerType.NODE}
_STATES: dict[str, BGPState] = {member.value: member for member in BGPState}
_CLASSES: dict[str, ErrorClass] = {member.value.casefold(): member for member in ErrorClass}
_ERROR = re.compile("(" + "|".join(_CLASSES) + "): *(.*)", re.DOTALL | re.IGNORECASE)
_PORT = re.compile(r"(.+)[.:]port[.:]([0-9]{1,5})", re.DOTALL)
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d+)?)(?: (.*))?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PROTOCOL_NAME = re.compile(r"(Mesh|Node|Global)_(.+)", re.DOTALL)


def split_address(text: str) -> tuple[Address | None, int | None]:
    """The address and the port in a PEER ADDRESS cell.

    Calico names a peer with an effective port `Node_192_0_2_12_port_500` (confd's bird.cfg.template), and calicoctl
    turns every `_` into `.` or `:`, so the cell reads `192.0.2.12.port.500` or `2001:db8::3:port:500`.

    Returns:
        None for the address where the text is masked (`x.x.x.218`) or is no address; None for the port where the name
        carries none.
    """
    return cached_address(text) if len(text) <= _LONGEST else (None, None)


@lru_cache(_CACHE)
def cached_address(text: str) -> tuple[Address | None, int | None]:
    """split_address for a short text: equal texts share one address object."""
    port = None
    named = _PORT.fullmatch(text) if "port" in text else None
    if named is not None and int(named[2]) <= 65535:
        text, port = named[1], int(named[2])
    return read_address(text), port


def split_info(info: str) -> tuple[BGPState | None, PeerError | None]:
    """BIRD's BGP state and the last error in an INFO cell (BIRD proto/bgp/bgp.c bgp_get_status, bgp_last_errmsg).

    The first word is the state; a protocol that is `down` has none. The error is sticky and follows any state.
    """
    return cached_info(info) if len(info) <= 4 * _LONGEST else cached_info.__wrapped__(info)


@lru_cache(_CACHE)
def cached_info(info: str) -> tuple[BGPState | None, PeerError | None]:
    """split_info for a short text."""
    word, _, error_text = info.partition(" ")
    state = _STATES.get(word) or _STATES_FOLDED.get(word.casefold())
    match = _ERROR.fullmatch(error_text.strip() if state else info)
    return state, PeerError(_CLASSES[match[1].casefold()], match[2]) if match else None


_STATES_FOLDED = {word.casefold(): state for word, state in _STATES.items()}


def peer_type(text: str) -> PeerType | str:
    """The PeerType of a PEER TYPE cell in any case, else the text as it stood."""
    folded = " ".join(text.split()).casefold()
    return _TYPES.get(text) or _TYPES.get(folded) or _SHORT_TYPES.get(folded) or text


def address_of_name(name: str, family: Family | None = None) -> str:
    """The address in a protocol's name, by calicoctl's rule: every `_` becomes `.` (IPv4) or `:` (IPv6).

    Args:
        name: What follows `Mesh_`, `Node_` or `Global_`.
        family: Guessed from the form when None: four numbers are IPv4.
    """
    if family is None:
        family = Family.IPV4 if re.fullmatch(r"\d+(_\d+){3}(_port_\d+)?", name) else Family.IPV6
    return name.replace("_", "." if family is Family.IPV4 else ":")


def make_peer(  # noqa: PLR0917 - the cells of a row in the order of its columns
    address_text: str, type_text: str, state: str, since: str, info: str, family: Family | None = None
) -> Peer:
    """A Peer from the cells of a row.

    Args:
        address_text: PEER ADDRESS; the `Name` of the oldest tables (`Mesh_192_0_2_12`) is turned into the address.
        type_text: PEER TYPE.
        state: STATE.
        since: SINCE, empty when missing.
        info: INFO, wrapped lines joined, empty when missing.
        family: That of the table's heading, for an address that does not tell (masked).
    """
    if (named := _PROTOCOL_NAME.fullmatch(address_text)) is not None:
        address_text = address_of_name(named[2], family)
    address, port = split_address(address_text)
    if address is not None:
        family = family_of(address)
    elif family is None:
        family = Family.IPV6 if ":" in address_text else Family.IPV4
    if _DATE.fullmatch(since) and (clock := _CLOCK.fullmatch(info)) is not None:
        # BIRD 2 prints `2026-11-22 10:11:12.345`; calicoctl, which counts words, puts the time into INFO.
        since, info = f"{since} {clock[1]}", clock[2] or ""
    bgp_state, error = split_info(info)
    if bgp_state is None and state.lower() == "up" and BGPState.ESTABLISHED.value.startswith(info):
        # BIRD brings a protocol up when its session is Established, and not before (proto/bgp/bgp.c).
        bgp_state = BGPState.ESTABLISHED
    # A cluster has few different texts and very many rows of them: each text is kept once.
    text, state, since, info = intern(address_text), intern(state.lower()), intern(since), intern(info)
    return Peer(family, address, text, port, peer_type(type_text), state, bgp_state, since or None, info, error)
