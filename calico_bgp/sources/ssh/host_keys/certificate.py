"""OpenSSH host certificates: is this one good for this host? Bytes in, verdict out; no files, no connections.

The format is OpenSSH's PROTOCOL.certkeys, the rules are those of sshkey.c (`sshkey_cert_check_host`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import paramiko
from paramiko.message import Message

from calico_bgp.parse.openssh.patterns import matches_patterns

_HOST = 2
#: sshkey.h, SSHKEY_CERT_MAX_PRINCIPALS.
_MOST_PRINCIPALS = 256
#: Names of a certificate for another host that a message lists.
_SHOWN = 5
#: Fields between the nonce and the serial number: how many of them the public key has.
_KEY_FIELDS = {
    "ssh-rsa": 2,
    "ssh-ed25519": 1,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
}


class CertificateRefused(Exception):
    """Why a certificate is no good, and what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])


def check_host_certificate(
    certificate: bytes,
    name: str,
    *,
    authorities: Sequence[bytes],
    is_revoked: Callable[[bytes], bool],
    now: float,
) -> None:
    """Accept a certificate, or raise.

    That the server has the private key was proved in the key exchange.

    Args:
        certificate: Its wire form.
        name: The host's name, which must be among the principals.
        authorities: The public keys of the authorities for this host.
        is_revoked: Whether a key must not be trusted.
        now: Seconds since 1970.

    Raises:
        CertificateRefused: With the reason.
    """
    read = _read(certificate)
    if read.authority not in authorities:
        raise CertificateRefused(
            "another authority signed it than known_hosts names", "add that authority with @cert-authority"
        )
    if is_revoked(read.authority) or is_revoked(read.public_key):
        raise CertificateRefused("known_hosts revokes its key, or the authority's")
    # First the signature: until then everything in it may be a stranger's.
    if not _verifies(read.authority, read.signed, read.signature):
        raise CertificateRefused("its signature is wrong")
    if read.kind != _HOST:
        raise CertificateRefused("it is a user's certificate, not a host's")
    _check_name(name, _strings(read.principals))
    if now < read.valid_after:
        raise CertificateRefused("it is not valid yet", "are the clocks right?")
    if now >= read.valid_before:
        raise CertificateRefused("it has expired", "sign the host's key anew")
    if read.critical:
        raise CertificateRefused("it has critical options that we do not know")


class _Certificate(NamedTuple):
    """What stands in a certificate, of which nothing is proved yet.

    Attributes:
        public_key: The host's key, in its wire form.
        kind: 2 for a host's.
        principals: The names of the host, each behind its length.
        valid_after: Seconds since 1970.
        valid_before: Likewise; 2**64 - 1 for ever.
        critical: Options that nobody may overlook who does not know them.
        authority: The public key of whoever signed it.
        signed: All that is signed.
        signature: The signature of that.
    """

    public_key: bytes
    kind: int
    principals: bytes
    valid_after: int
    valid_before: int
    critical: bytes
    authority: bytes
    signed: bytes
    signature: bytes


def _read(certificate: bytes) -> _Certificate:
    """Take a certificate apart, field by field (PROTOCOL.certkeys).

    Raises:
        CertificateRefused: Its type is none that we know.
    """
    message = Message(certificate)
    key_type = message.get_text().removesuffix("-cert-v01@openssh.com")
    if key_type not in _KEY_FIELDS:
        raise CertificateRefused(f"its type {key_type[:40]!r} is not supported")
    message.get_binary()  # nonce
    public = Message()
    public.add_string(key_type)
    for _ in range(_KEY_FIELDS[key_type]):
        public.add_string(message.get_binary())
    message.get_int64()  # serial
    kind = message.get_int()
    message.get_binary()  # key id
    principals = message.get_binary()
    valid_after, valid_before = message.get_int64(), message.get_int64()
    critical = message.get_binary()
    message.get_binary()  # extensions: none is defined for hosts
    message.get_binary()  # reserved
    authority = message.get_binary()
    signed = message.get_so_far()
    return _Certificate(
        public.asbytes(), kind, principals, valid_after, valid_before, critical, authority, signed, message.get_binary()
    )


def _check_name(name: str, names: Sequence[str]) -> None:
    """Whether a certificate is for a host of this name.

    Raises:
        CertificateRefused: It is for others.
    """
    if any(matches_patterns(name, [principal]) for principal in names):
        return
    listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    raise CertificateRefused(
        f"it is for {listed or 'nobody'}, not for {name}", "use one of those names, or HostKeyAlias"
    )


def _verifies(authority: bytes, signed: bytes, signature: bytes) -> bool:
    key_type = Message(authority).get_text()
    if key_type not in _KEY_FIELDS or Message(signature).get_text() == "ssh-rsa":  # SHA-1
        return False
    try:
        return bool(paramiko.PKey.from_type_string(key_type, authority).verify_ssh_sig(signed, Message(signature)))
    except (ValueError, paramiko.SSHException):
        return False


def _strings(data: bytes) -> list[str]:
    """The strings in a field that holds nothing else, each behind its length.

    Raises:
        CertificateRefused: The field ends within one, or there are more than OpenSSH takes.
    """
    strings: list[str] = []
    position = 0
    while position < len(data):
        begin = position + 4
        position = begin + int.from_bytes(data[position:begin], "big")
        if position > len(data) or len(strings) == _MOST_PRINCIPALS:
            raise CertificateRefused("its list of names is broken, or too long")
        strings.append(data[begin:position].decode("utf-8", "replace"))
    return strings
