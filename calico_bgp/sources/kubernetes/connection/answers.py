"""What the answers of an API server mean: JSON and refusals in, values and errors out. Nothing is asked here."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import aiohttp

from calico_bgp.sources.kubernetes.connection.errors import (
    EXPIRED,
    FORBIDDEN,
    NOT_FOUND,
    UNAUTHORIZED,
    APIError,
    ExecNotPossibleError,
)

#: `http://user:password@proxy`: aiohttp names the whole address of a proxy that refuses.
_LOGIN = re.compile(r"//[^\s/]*@")


async def refuse_redirect(_session: aiohttp.ClientSession, _context: Any, _parameters: Any) -> None:
    """An exec has no `allow_redirects`: to follow one would carry the login elsewhere."""
    raise APIError("the API server sends us to another address, which no API server does")


def json_object(content: bytes) -> dict[str, Any] | None:
    """The object that an answer holds; None when it holds none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def refused(status: int, path: str, document: dict[str, Any] | None, expired: datetime | None = None) -> APIError:
    """Why a request was refused, from the Status that came with it; `expired` says when the client certificate did."""
    message = str((document or {}).get("message") or "")[:300]
    if status == UNAUTHORIZED and expired is not None:
        return APIError(
            f"the client certificate of this context expired on {expired:%Y-%m-%d %H:%M:%S %Z}",
            "get a new kubeconfig (with kubeadm: kubeadm certs renew admin.conf)",
            UNAUTHORIZED,
        )
    if status == UNAUTHORIZED:
        return APIError(
            "the API server does not accept this login (401)",
            "is the token or certificate of this context expired?",
            UNAUTHORIZED,
        )
    what = {FORBIDDEN: "forbidden", NOT_FOUND: "not found", EXPIRED: "expired", 503: "service unavailable"}.get(
        status, "refused"
    )
    return APIError(f"{what} ({status}){f': {message}' if message else f': {path}'}", None, status)


def not_trusted(host: str, error: Exception) -> APIError:
    """Why the server's certificate was not accepted."""
    # X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL (x509_vfy.h).
    times = {9: "is not valid yet", 10: "has expired"}
    when = times.get(getattr(error, "verify_code", 0))
    if when is not None:
        return APIError(
            f"the certificate of the API server at {host} {when}",
            "is the clock of this machine right? Else renew it (with kubeadm: kubeadm certs renew apiserver)",
        )
    return APIError(
        f"the certificate of {host} is not trusted: {error}",
        "is the certificate-authority of this context the cluster's?",
    )


def refused_exec(error: aiohttp.WSServerHandshakeError, pod: str) -> APIError:
    """Why no WebSocket to a pod was opened, and whether one could be."""
    words = {
        UNAUTHORIZED: "the login is not accepted",
        FORBIDDEN: "forbidden",
        NOT_FOUND: f"there is no pod {pod}",
    }
    if error.status in words:
        return APIError(f"exec: {words[error.status]} ({error.status})", None, error.status)
    if error.status == 429:
        return APIError("exec: the API server has too much to do (429)", None, error.status)
    if error.status in (500, 502, 503, 504):
        return APIError(f"exec: the API server could not reach the kubelet ({error.status})", None, error.status)
    return ExecNotPossibleError(f"exec: what answers speaks no WebSocket (HTTP {error.status})", None, error.status)


def first_line(content: bytes) -> str:
    """The first line of a text that came in the place of a Status; 300 characters of it."""
    lines = content[:2000].decode("utf-8", "replace").strip().splitlines()
    return lines[0][:300] if lines else ""


def words_of(error: BaseException) -> str:
    """The first line of what an error says, without the login that an address in it may hold."""
    text = _LOGIN.sub("//", str(error).strip().partition("\n")[0])
    return text[:200] if text else type(error).__name__
