"""What goes wrong between us and the API server, in words. Nothing but exceptions may enter this file."""

from __future__ import annotations

from calico_bgp.errors import GatherError

#: What the statuses of refusals mean here.
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, EXPIRED = 401, 403, 404, 410


class APIError(GatherError):
    """The API server refused, did not answer, or answered something else.

    Args:
        message: What happened, in words.
        hint: What to do about it, or None.
        status: The HTTP status, None when no answer came.
    """

    stage = "connect"

    def __init__(self, message: str, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, status)
        self.status = status


class ExecNotPossibleError(APIError):
    """What is between us and the API server does not let WebSockets through."""
