"""`[user@]host[:port]`, as hosts.txt and `jump=` write it. One text in, its three parts out; no ranges, no files."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

#: A DNS name, an alias of ssh_config or a node name. No leading `-` or `.`: never an option or a hidden file.
NAME = re.compile(r"\w[\w.-]{0,252}")
_USER = re.compile(r"[^\s@\[\]:/'\"]+(@[^\s@\[\]:/'\"]+)?")
_EXPECTED = "[user@]host[:port], [IPv6 address]:port, or a bare IPv6 address"


class Destination(NamedTuple):
    """Whom to reach; None where the text does not say."""

    user: str | None
    name: str
    port: int | None


class DestinationError(ValueError):
    """A text that is no destination.

    Args:
        message: What is wrong with it.
        expected: What would have been right.
    """

    def __init__(self, message: str, expected: str = _EXPECTED) -> None:
        super().__init__(message, expected)
        self.message = message
        self.expected = expected


def split_user(text: str) -> tuple[str | None, str]:
    """`user@rest` apart. The last `@` counts: a directory login such as `ann@corp@node1` has one of its own.

    Raises:
        DestinationError: The user is empty or has characters that no login has.
    """
    user, at, rest = text.rpartition("@")
    if not at:
        return None, text
    if not _USER.fullmatch(user) or user.startswith("-") or not user.isprintable():
        raise DestinationError(f"{user!r} is not a user name" if user else "the user before the @ is missing")
    return user, rest


def parse_destination(text: str) -> Destination:
    """Read one destination. `fd00::1:22` is an address: a port behind an IPv6 address needs the brackets.

    Raises:
        DestinationError: With the reason and what was expected.
    """
    if "://" in text:
        raise DestinationError(f"{text!r} is a URL, not a host")
    user, rest = split_user(text)
    if colon_range := re.search(r"\[[0-9]+:[0-9]+\]", rest):
        raise DestinationError(f"{colon_range[0]} is neither an address nor a range", "a dash in it, such as [01-20]")
    if rest.startswith("["):
        inside, bracket, behind = rest[1:].partition("]")
        if not bracket:
            raise DestinationError("the closing ] is missing")
        name = _ipv6(inside)
        if behind and not behind.startswith(":"):
            raise DestinationError(f"{behind!r} after the ]")
        return Destination(user, name, _port(behind[1:]) if behind else None)
    if rest.count(":") > 1:
        return Destination(user, _ipv6(rest), None)
    name, colon, port = rest.partition(":")
    _check_name(name)
    return Destination(user, name, _port(port) if colon else None)


def is_destination(text: str) -> bool:
    """Whether a text is one that `parse_destination` reads."""
    try:
        parse_destination(text)
    except DestinationError:
        return False
    return True


def _check_name(name: str) -> None:
    if not name:
        raise DestinationError("the host is missing")
    if "[" in name or "]" in name:
        raise DestinationError(f"unpaired bracket in {name!r}")
    if not NAME.fullmatch(name):
        raise DestinationError(f"{name!r} is not a host name")
    if re.fullmatch(r"[0-9]+(\.[0-9]+)+", name):
        try:
            IPv4Address(name)
        except AddressValueError as error:
            raise DestinationError(
                f"{name} is not an IPv4 address: {error}", "four numbers from 0 to 255, without leading zeros"
            ) from error


def _ipv6(text: str) -> str:
    try:
        IPv6Address(text)
    except ValueError as error:
        raise DestinationError(f"{text!r} is not an IPv6 address") from error
    _, percent, zone = text.partition("%")
    if percent and not re.fullmatch(r"[\w.-]+", zone):
        raise DestinationError(f"{zone!r} is not the name of an interface")
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise DestinationError(
            f"{text!r} is not a port" if text else "the port after the colon is missing", "a port from 1 to 65535"
        )
    return int(text)
