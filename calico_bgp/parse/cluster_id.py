"""What a route reflector's cluster ID is: the one place that decides. Nothing about who reflects for whom."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import IPv4Address

from calico_bgp.parse.addresses import cidr_or_address, read_address

#: The one of Calico's documentation.
DOCUMENTED_CLUSTER_ID = "244.0.0.1"
_MAX_UINT32 = 2**32 - 1
#: Python refuses to read thousands of digits.
_MAX_DIGITS = 100
_QUAD = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_MAX_OCTET = 255
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-fA-F]+")


@cache
def read_cluster_id(text: str) -> IPv4Address | None:
    """The router ID that BIRD reads: a dotted quad or a number; None for what it refuses.

    Leading zeros do not matter (BIRD conf/cf-lex.l, proto/bgp/config.Y `rr cluster id idval`).
    """
    if len(text) > _MAX_DIGITS:
        return None
    if _QUAD.fullmatch(text):
        octets = [int(octet) for octet in text.split(".")]
        return IPv4Address(bytes(octets)) if max(octets) <= _MAX_OCTET else None
    if _NUMBER.fullmatch(text):
        number = int(text, 16 if text.startswith("0x") else 10)
        return IPv4Address(number) if number <= _MAX_UINT32 else None
    return None


def is_cluster_id(text: str) -> bool:
    """Whether BIRD takes it."""
    return read_cluster_id(text) is not None


def is_plain_cluster_id(text: str) -> bool:
    """Whether everybody takes it: BIRD, calicoctl and the annotation of a Kubernetes Node. What is advised is such.

    calicoctl takes an IPv4 address only (libcalico-go/lib/apis/v3/node.go, `omitempty,ipv4`).
    """
    return isinstance(read_address(text), IPv4Address)


def is_annotated_cluster_id(text: str) -> bool:
    """Whether Calico takes it from a Kubernetes Node's annotation, else it ignores it and the node is no reflector.

    An IPv4 address, or a network whose host bits are zero (libcalico-go/lib/validator/v3 ValidateIPv4Network), which
    BIRD then refuses.
    """
    network = cidr_or_address(text)
    if network is None or network[0].version != 4:
        return False
    return not int(network[0]) & ((1 << (32 - network[1])) - 1)
