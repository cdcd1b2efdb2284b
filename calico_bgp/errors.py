"""The exceptions that leave calico_bgp. Nothing but exceptions may enter this file.

```
CalicoBGPError
├── ParseError (ValueError)       a text is not what it should be
│   └── SelectorSyntaxError       a Calico selector does not parse
├── ResourceError (ValueError)    Calico's resources cannot be read; carries every error of all files at once
├── InventoryError (ValueError)   hosts.txt or its like; carries every error of the file at once
├── ConfigError (ValueError)      calico-bgp.toml, or OpenSSH's client configuration
├── ChangeError (ValueError)      a change that cannot be made: it names a node or resource that is not there
├── StoreError                    a snapshot folder cannot be written or read back
├── MissingExtra (ImportError)    an optional library is not installed
└── GatherError                   what went wrong with one node; becomes a GatherFailure, never leaves gather()
    ├── HostUnreachable
    ├── HostKeyMismatch
    ├── AuthenticationFailed
    ├── CommandFailed
    └── GatherTimeout (TimeoutError)
```

Every class keeps its arguments in ``args``, so that it survives pickling between processes.
"""

from __future__ import annotations


class CalicoBGPError(Exception):
    """The root of all errors that calico_bgp raises on purpose."""


def _located(message: str, source: str, line: int | None, text: str | None, expected: str | None) -> str:
    where = source if line is None else f"{source}:{line}"
    parts = [f"{where}: {message}"]
    if text is not None:
        parts.append(f"    {text}")
    if expected is not None:
        parts.append(f"  expected {expected}")
    return "\n".join(parts)


class ParseError(CalicoBGPError, ValueError):
    """A text that is not what it should be.

    Args:
        message: What is wrong, without the place.
        source: The file's name as the user gave it, ``-`` for standard input.
        line: The line's number, from 1; None where the whole text is meant.
        text: The line itself, as it stands.
        expected: What would have been right.
    """

    def __init__(
        self,
        message: str,
        source: str = "-",
        line: int | None = None,
        text: str | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(message, source, line, text, expected)
        self.message = message
        self.source = source
        self.line = line
        self.text = text
        self.expected = expected

    def __str__(self) -> str:
        return _located(self.message, self.source, self.line, self.text, self.expected)


class SelectorSyntaxError(ParseError):
    """A selector that Calico's parser refuses (libcalico-go/lib/selector).

    Args:
        message: What is wrong, in words.
        selector: The whole selector.
        column: Where, from 0; the length of the selector where it ends too early.
        expected: What would have been right there.
    """

    def __init__(self, message: str, selector: str, column: int, expected: str | None = None) -> None:
        super().__init__(message, "selector", None, selector, expected)
        self.args = (message, selector, column, expected)
        self.selector = selector
        self.column = column

    def __str__(self) -> str:
        shown, column = _window(self.selector, self.column)
        parts = [f"selector: {self.message}", f"    {shown}", f"    {' ' * column}^"]
        if self.expected is not None:
            parts.append(f"  expected {self.expected}")
        return "\n".join(parts)


def _window(text: str, column: int, width: int = 100) -> tuple[str, int]:
    """A part of a line around a column, control characters replaced, and where the column is in it."""
    start = max(0, column - width // 2)
    part = text[start : start + width]
    shown = "".join(character if character.isprintable() else " " for character in part)
    head = "…" if start else ""
    tail = "…" if start + width < len(text) else ""
    return head + shown + tail, column - start + len(head)


class _ManyProblems(CalicoBGPError, ValueError):
    """All problems of one file, so that the user fixes them in one go."""

    def __init__(self, problems: tuple[ParseError, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InventoryError(_ManyProblems):
    """hosts.txt (or the Kubernetes nodes) cannot be read; ``problems`` holds every error of the file."""


class ConfigError(_ManyProblems):
    """calico-bgp.toml or an ssh_config cannot be read; ``problems`` holds every error of the file."""


class ResourceError(_ManyProblems):
    """Calico's resources cannot be read; ``problems`` holds every error of every file."""


class ChangeError(CalicoBGPError, ValueError):
    """A change that cannot be made: it names a node, kind, resource or label that is not there, or needs resources."""


class StoreError(CalicoBGPError):
    """A snapshot folder cannot be written or read back."""


class MissingExtra(CalicoBGPError, ImportError):
    """An optional library is not installed; the message names the extra to install."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library, extra)
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.library} is not installed; install it with: pip install 'calico-bgp[{self.extra}]'"


class GatherError(CalicoBGPError):
    """Reading one node went wrong: then it becomes a GatherFailure and never leaves ``gather()``; or a whole cluster.

    Args:
        message: What happened, in words.
        hint: What to do about it, or None.
        reason: What happened in a few words that are the same for every host, or None for those of its class.
        option: The option of ours with which all such hosts can be read, or None.
        remedy: What else to do about it, for all such hosts alike; None where each needs something else.
    """

    #: What happened, where an error says no reason of its own.
    reason: str | None = "command failed"
    #: The stage of a GatherFailure that this error becomes; see model.reading.Stage.
    stage = "command"
    #: Its `silent` likewise.
    silent: str | None = None

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        reason: str | None = None,
        option: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint
        self.reason = reason or type(self).reason
        self.option = option
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message


class HostUnreachable(GatherError):
    """The name does not resolve, or nothing answers at the address."""

    stage = "connect"
    reason = "no connection"


class HostKeyMismatch(GatherError):
    """The host key is unknown, changed or revoked."""

    stage = "host_key"
    reason = "host key refused"


class AuthenticationFailed(GatherError):
    """The node refused every key and password that we have."""

    stage = "authenticate"
    reason = "login refused"


class CommandFailed(GatherError):
    """The command could not run, or what it printed is not the answer."""


class GatherTimeout(GatherError, TimeoutError):
    """A deadline passed.

    Args:
        message: As of every GatherError.
        hint: Likewise.
        silent: Whom we waited for in vain: a value of model.reading.Silent, or None.
    """

    stage = "timeout"
    reason = "no answer in time"

    def __init__(self, message: str, hint: str | None = None, *, silent: str | None = None) -> None:
        super().__init__(message, hint)
        self.silent = silent
