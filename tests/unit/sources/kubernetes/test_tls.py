"""Certificates that expired, and a plain HTTP proxy in between: what is said, and that it works."""

import asyncio
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from calico_bgp.lab.servers.kubernetes import certificates
from calico_bgp.lab.servers.kubernetes.server import LabAPI
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.answers import not_trusted, refused
from calico_bgp.sources.kubernetes.connection.errors import APIError
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.connection.tls import expired_certificate
from calico_bgp.sources.kubernetes.source import read_cluster
from tests.unit.sources.kubernetes.conftest import QUICK

NOW = datetime.now(UTC)


def client_certificate(end):
    """A certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ann")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_client_certificate_that_expired_is_said_with_its_date(access):
    """The API server takes such a login for none (401), and says nothing of the reason."""
    certificate, key = client_certificate(NOW - timedelta(days=1))
    expired = Access(
        context="lab", server=access.server, ca_data=access.ca_data, certificate_data=certificate, key_data=key
    )
    day = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    with pytest.raises(APIError, match=f"the client certificate of this context expired on {day}") as caught:
        read_cluster(expired, QUICK)
    assert "kubeadm certs renew" in caught.value.hint


def test_one_that_is_good_is_not_blamed(access):
    certificate, key = client_certificate(NOW + timedelta(days=1))
    good = Access(
        context="lab", server=access.server, ca_data=access.ca_data, certificate_data=certificate, key_data=key
    )
    with pytest.raises(APIError, match=r"does not accept this login \(401\)"):
        read_cluster(good, QUICK)


def test_what_is_no_certificate_says_nothing(tmp_path):
    assert expired_certificate(Access(context="c", server="https://127.0.0.1")) is None
    assert expired_certificate(Access(context="c", server="https://127.0.0.1", certificate_data=b"x")) is None
    missing = Access(context="c", server="https://127.0.0.1", certificate_file=tmp_path / "none")
    assert expired_certificate(missing) is None
    assert refused(401, "/", None, None).message.startswith("the API server does not accept")


def test_a_server_whose_certificate_expired(lab, monkeypatch):
    """The lab's own, made two months ago."""
    monkeypatch.setattr(certificates, "_LIFE", timedelta(minutes=1))
    old = LabAPI(lab._world, "token")
    old.start()
    try:
        access = Access(context="lab", server=old.server, ca_data=old.authority, token="token")
        with pytest.raises(
            APIError, match=r"the certificate of the API server at 127\.0\.0\.1:\d+ has expired"
        ) as caught:
            read_cluster(access, QUICK)
    finally:
        old.stop()
    assert "is the clock of this machine right?" in caught.value.hint


def test_another_reason_is_not_called_expired():
    error = ssl.SSLCertVerificationError()
    error.verify_code = 19
    assert "is not trusted" in not_trusted("192.0.2.1", error).message


class Proxy:
    """A plain HTTP proxy: CONNECT, and bytes both ways."""

    def __init__(self):
        self.asked = []
        self.login = []

    async def serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        self.login += [line for line in head.decode().split("\r\n") if line.lower().startswith("proxy-authorization")]
        host, _, port = head.split()[1].decode().rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))

    @staticmethod
    async def _copy(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@contextmanager
def running(proxy):
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _stop(server):
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def test_lists_and_exec_go_through_the_proxy_of_the_kubeconfig(lab, tmp_path):
    proxy = Proxy()
    with running(proxy) as port:
        text = lab.kubeconfig.read_text(encoding="utf-8")
        through = tmp_path / "through"
        server = f"server: {load_kubeconfig([lab.kubeconfig]).access().server}"
        assert server in text
        line = next(line for line in text.splitlines() if server in line)
        indent = line[: len(line) - len(line.lstrip(" -"))].replace("-", " ")
        through.write_text(
            text.replace(line, f"{line}\n{indent}proxy-url: http://user:pass@127.0.0.1:{port}"), encoding="utf-8"
        )
        access = load_kubeconfig([through]).access()
        assert access.needs_kubectl is None
        snapshot = read_cluster(access, QUICK)
    assert len(snapshot.readings) == 6
    assert snapshot.kubernetes.transport == "direct"
    assert len(proxy.asked) >= 2
    assert {words.split()[0] for words in proxy.asked} == {"CONNECT"}
    assert proxy.login


@pytest.mark.parametrize(
    ("content", "why"), [(b"AAAA", "it holds no certificate"), (None, "No such file or directory")]
)
def test_an_authority_that_cannot_be_read(lab, access, tmp_path, content, why):
    odd = Access(context="lab", server=access.server, ca_data=content, ca_file=tmp_path / "none", token=access.token)
    where = "certificate-authority-data" if content else str(tmp_path / "none")
    with pytest.raises(APIError) as caught:
        read_cluster(odd, QUICK)
    assert caught.value.message == f"the cluster's certificate authority ({where}) cannot be read: {why}"


def test_a_client_certificate_that_cannot_be_used_is_named(lab, access, tmp_path):
    text = Access(
        context="lab", server=access.server, ca_data=access.ca_data, certificate_data=b"AAAA", key_data=b"AAAA"
    )
    with pytest.raises(APIError, match=r"\(client-certificate-data and client-key-data\) cannot be used"):
        read_cluster(text, QUICK)
    none = Access(
        context="lab", server=access.server, ca_data=access.ca_data, certificate_file=tmp_path / "none", key_data=None
    )
    with pytest.raises(APIError) as caught:
        read_cluster(none, QUICK)
    where = tmp_path / "none"
    assert caught.value.message == f"the client certificate ({where}) cannot be used: No such file or directory"
