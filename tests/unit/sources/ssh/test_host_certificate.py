"""Host certificates: the signature is checked before anything that a stranger may have written."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko.message import Message

from calico_bgp.sources.ssh.host_keys.certificate import CertificateRefused, check_host_certificate

AUTHORITY = Ed25519PrivateKey.generate()


def wire(key: Ed25519PrivateKey) -> bytes:
    message = Message()
    message.add_string("ssh-ed25519")
    message.add_string(key.public_key().public_bytes_raw())
    return message.asbytes()


def certificate(principals: bytes, *, signed_by: Ed25519PrivateKey = AUTHORITY, kind: int = 2) -> bytes:
    message = Message()
    message.add_string("ssh-ed25519-cert-v01@openssh.com")
    message.add_string(b"nonce")
    message.add_string(b"P" * 32)
    message.add_int64(1)
    message.add_int(kind)
    message.add_string("id")
    message.add_string(principals)
    message.add_int64(0)
    message.add_int64(2**64 - 1)
    for _ in range(3):
        message.add_string(b"")
    message.add_string(wire(AUTHORITY))
    signature = Message()
    signature.add_string("ssh-ed25519")
    signature.add_string(signed_by.sign(message.asbytes()))
    message.add_string(signature.asbytes())
    return message.asbytes()


def names(*principals: str) -> bytes:
    message = Message()
    for principal in principals:
        message.add_string(principal)
    return message.asbytes()


def check(cert: bytes, name: str = "node1.dc1") -> None:
    check_host_certificate(cert, name, authorities=[wire(AUTHORITY)], is_revoked=lambda _: False, now=1e9)


def test_a_good_certificate():
    check(certificate(names("other", "*.dc1")))


def test_another_host():
    with pytest.raises(CertificateRefused, match="it is for a, b, c, d, e and 2 more, not for"):
        check(certificate(names(*"abcdefg")))


@pytest.mark.parametrize("principals", [names("*?" * 8 + "X"), names("nobody"), b"\0\0\0\xff"])
def test_the_signature_comes_first(principals):
    with pytest.raises(CertificateRefused, match="its signature is wrong"):
        check(certificate(principals, signed_by=Ed25519PrivateKey.generate()))


def test_the_signature_comes_before_the_kind():
    with pytest.raises(CertificateRefused, match="its signature is wrong"):
        check(certificate(names("node1.dc1"), kind=1, signed_by=Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("principals", [b"\0\0\0\xff", names("x") + b"\0", names(*["x"] * 257), b"\0\0\0\0" * 60_000])
def test_a_broken_list_of_names(principals):
    began = time.process_time()
    with pytest.raises(CertificateRefused, match="its list of names is broken"):
        check(certificate(principals))
    assert time.process_time() - began < 0.5


def test_hostile_principals_of_a_true_authority_take_no_time():
    began = time.process_time()
    with pytest.raises(CertificateRefused, match="not for"):
        check(certificate(names(*["*?" * 500 + "X"] * 200)), "ip-10-0-12-34.eu-central-1.compute.internal")
    assert time.process_time() - began < 0.5
