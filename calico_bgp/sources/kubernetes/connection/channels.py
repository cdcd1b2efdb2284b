"""The frames of an exec over WebSocket: bytes in, text out. No connection here.

The first byte of a frame is its channel: 1 standard output, 2 standard error, 3 how the command ended, as a Status
(k8s.io/apimachinery/pkg/util/remotecommand/constants.go; KEP-4006).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

#: In the order in which they are offered. The fifth differs from the fourth in the end of standard input only.
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDOUT, _STDERR, _ERROR = 1, 2, 3
#: Of a Status; a longer one says nothing more.
_MOST_STATUS = 64_000
#: Line ends that may follow the last words of a command.
_MOST_BLANKS = 16


@dataclass(frozen=True, slots=True)
class Executed:
    """What a command in a pod printed, and how it ended.

    Attributes:
        stdout: Its standard output.
        stderr: Its standard error.
        exit_code: None when it did not end, or not by itself.
        refusal: Why it was not run or did not end, in Kubernetes' words; None when it ended by itself.
        cut: Why the output is not whole; None when it is.
    """

    stdout: str
    stderr: str = ""
    exit_code: int | None = None
    refusal: str | None = None
    cut: str | None = None


@dataclass(slots=True)
class Channels:
    """Collects the frames of one exec, up to a number of bytes of output.

    Attributes:
        limit: How many bytes of output are taken.
        last: What standard output ends with when all has come that is wanted; a command that then hangs holds up
            nobody. Empty: the end is when the command ends.
    """

    limit: int
    last: bytes = b""
    _stdout: bytearray = field(default_factory=bytearray)
    _stderr: bytearray = field(default_factory=bytearray)
    _status: bytearray = field(default_factory=bytearray)
    full: bool = False

    def take(self, frame: bytes) -> None:
        """One frame. Those of unknown channels, and what is beyond the limit, are left out."""
        if not frame:
            return
        channel, content = frame[0], frame[1:]
        if channel == _ERROR:
            self._status += content[: _MOST_STATUS - len(self._status)]
            return
        buffer = {_STDOUT: self._stdout, _STDERR: self._stderr}.get(channel)
        if buffer is None:
            return
        room = self.limit - len(self._stdout) - len(self._stderr)
        self.full = self.full or len(content) > room
        buffer += content[: max(0, room)]

    @property
    def done(self) -> bool:
        """Whether nothing more is to be taken."""
        # Only the end is looked at: this is asked after every frame, and a frame may hold one byte.
        end = self._stdout[-len(self.last) - _MOST_BLANKS :]
        return self.full or (bool(self.last) and end.rstrip().endswith(self.last))

    def result(self, cut: str | None = None) -> Executed:
        """What has come.

        Args:
            cut: Why no more came; None when the server closed the connection.
        """
        exit_code, refusal = _ended(bytes(self._status))
        if cut is None and self.full:
            cut = f"more than {self.limit // 2**20} MiB of output"
        if cut is None and not self._status and not self.done:
            cut = "the connection was closed before the command ended"
        stdout, stderr = (bytes(text).decode("utf-8", "replace") for text in (self._stdout, self._stderr))
        return Executed(stdout, stderr, exit_code, refusal, cut)


def _ended(status: bytes) -> tuple[int | None, str | None]:
    """The exit code, and the refusal, that a Status tells (client-go/tools/remotecommand/v4.go)."""
    if not status:
        return None, None
    try:
        document = json.loads(status)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return None, "the API server said in no form that we know how the command ended"
    if document.get("status") == "Success":
        return 0, None
    if document.get("reason") == "NonZeroExitCode":
        details = document.get("details")
        causes = details.get("causes") if isinstance(details, dict) else None
        for cause in causes if isinstance(causes, list) else ():
            text = str(cause.get("message", "")) if isinstance(cause, dict) else ""
            if text.isdecimal() and len(text) < 10 and cause.get("reason") == "ExitCode":
                return int(text), None
    return None, str(document.get("message") or document.get("reason") or "it failed")[:300]
