"""The TLS of a connection to an API server, from an Access. A key that came as text is in a file for a moment only."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.errors import APIError
from calico_bgp.store.bounded import read_bounded

_MOST_CERTIFICATE = 1_000_000


def tls_context(access: Access) -> ssl.SSLContext:
    """What checks the server's certificate and shows ours.

    Raises:
        APIError: A certificate or key cannot be read.
    """
    try:
        context = ssl.create_default_context(
            cafile=None if access.ca_file is None or access.ca_data is not None else str(access.ca_file),
            cadata=None if access.ca_data is None else access.ca_data.decode(),
        )
    except (OSError, ValueError) as error:
        why: str | None = "it holds no certificate"
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            why = error.strerror
        where = "certificate-authority-data" if access.ca_file is None or access.ca_data is not None else access.ca_file
        raise APIError(f"the cluster's certificate authority ({where}) cannot be read: {why}") from error
    # Kubernetes' own CAs often lack what Python 3.13 asks for by default (RFC 5280, authority key identifier).
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.certificate_file is None and access.certificate_data is None:
        return context
    with ExitStack() as stack:
        # Where both are there the text wins, as with kubectl (client-go/tools/clientcmd/api/types.go).
        certificate = _path(stack, access.certificate_data, access.certificate_file)
        assert certificate is not None
        key = _path(stack, access.key_data, access.key_file)
        try:
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, password="")
        except (OSError, ValueError) as error:
            own = access.certificate_file if access.certificate_data is None else "client-certificate-data"
            also = access.key_file if access.key_data is None else "client-key-data"
            places = " and ".join(str(place) for place in (own, also) if place is not None)
            why = str(error) if isinstance(error, ssl.SSLError) or not isinstance(error, OSError) else error.strerror
            raise APIError(f"the client certificate ({places}) cannot be used: {why}") from error
    return context


def expired_certificate(access: Access) -> datetime | None:
    """When the client certificate of a context expired; None where it did not, or there is none that can be read."""
    from cryptography import x509  # noqa: PLC0415 - asked for only where a login was refused

    content = access.certificate_data
    try:
        if content is None:
            if access.certificate_file is None:
                return None
            content = read_bounded(access.certificate_file, limit=_MOST_CERTIFICATE)
        end = x509.load_pem_x509_certificate(content).not_valid_after_utc
    except (OSError, ValueError):
        return None
    return end if end < datetime.now(UTC) else None


def _path(stack: ExitStack, content: bytes | None, file: Path | None) -> Path | None:
    return file if content is None else stack.enter_context(_file(content))


@contextmanager
def _file(content: bytes) -> Iterator[Path]:
    """A file that only the user can read, while the block runs: OpenSSL takes certificates and keys from files only."""
    with tempfile.TemporaryDirectory(prefix="calico-bgp-") as folder:  # mode 0700
        path = Path(folder) / "pem"
        path.touch(mode=0o600)
        path.write_bytes(content)
        yield path
