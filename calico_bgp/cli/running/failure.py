"""A fault of our own: one message, and a file of details for whoever fixes it. No secret and no value enters it."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata
from traceback import TracebackException, walk_tb

from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Report
from calico_bgp.report.text.sanitize import plain

EXIT_FAILURE = 4
_NAME = "calico-bgp"
#: Names under which passwords and passphrases are held (sources/ssh/options.py, cli/options/ssh.py).
_SECRETS = ("password", "sudo_password", "passphrases", "passphrase", "secret")
#: Shorter ones would blacken half of the text, and are none.
_SHORTEST_SECRET = 3
_LONGEST_MESSAGE = 300
_MOST_FINDINGS = 50


def failure_text(
    error: BaseException, arguments: Sequence[str], *, what: str = "calico_bgp failed; nothing was judged."
) -> str:
    """Write the file of details and say what happened, where the file is, and where to report it.

    Args:
        error: What was raised.
        what: What failed.
        arguments: The names of the command and of the options of the command line, without values.
    """
    secrets = sorted(set(_secrets(error)), key=len, reverse=True)
    message = plain(_without(secrets, f"{type(error).__name__}: {error}"), limit=_LONGEST_MESSAGE)
    lines = [f"{what} {message}"]
    try:
        path = _write(_without(secrets, _details(error, arguments)))
        lines.append(f"The details, without your data, are in {path}. {_report_to()}")
    except OSError as refused:
        lines.append(f"The details could not be written: {refused.strerror or refused}. {_report_to()}")
    return "\n".join(lines)


def unwritten_text(form: str, error: Exception, judged: Report | LintReport) -> str:
    """What is said in the place of a report whose form failed: the verdict and the findings, a line each."""
    findings = [plain(f"  {finding.severity} {finding.rule}: {finding.message}") for finding in judged.findings]
    more = len(findings) - _MOST_FINDINGS
    lines = [failure_text(error, (form,), what=f"calico_bgp failed to write the report as {form}.")]
    lines += [f"What it judged: {judged.verdict}", *findings[:_MOST_FINDINGS]]
    return "\n".join(lines + ([f"  and {more:,} more"] if more > 0 else []))


def _write(text: str) -> str:
    """A new file that only its owner may read (mkstemp makes it 0600)."""
    descriptor, path = tempfile.mkstemp(prefix=f"{_NAME}-failure-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def _details(error: BaseException, arguments: Sequence[str]) -> str:
    # A bound on the frames: a RecursionError has a thousand.
    trace = TracebackException.from_exception(error, limit=-60, capture_locals=False)
    head = (
        f"{_NAME} {_version()}, Python {platform.python_version()} on {platform.platform()}",
        f"command line, without its values: {' '.join(arguments)}",
        "Values are left out; messages of errors stand as they are: look through them before you send this.",
    )
    return "\n".join((*head, "", *(line.rstrip("\n") for line in trace.format()), ""))


def _version() -> str:
    try:
        return metadata(_NAME)["Version"]
    except PackageNotFoundError:
        return "of unknown version"


def _report_to() -> str:
    try:
        links = [link.partition(", ") for link in metadata(_NAME).get_all("Project-URL") or ()]
    except PackageNotFoundError:
        links = []
    where = next((link for label, _, link in links if "issue" in label.lower()), None)
    return (
        f"Please report it, with that file, at {where}" if where else "Please report it where you got calico-bgp from."
    )


def _secrets(error: BaseException) -> Iterator[str]:
    """The passwords that the failed calls held, so that they are taken out of every message."""
    visited: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        exception = chain.pop()
        if exception is None or id(exception) in visited:
            continue
        visited.add(id(exception))
        chain += [exception.__cause__, exception.__context__]
        for frame, _ in walk_tb(exception.__traceback__):
            values = list(frame.f_locals.values())
            for name in _SECRETS:
                candidates = [
                    frame.f_locals.get(name),
                    *(getattr(value, name, None) for value in values if _is_ours(value)),
                ]
                for value in candidates:
                    yield from _texts(value)


def _is_ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "calico_bgp"


def _texts(value: object) -> Iterator[str]:
    values = value if isinstance(value, tuple) else (value,)
    yield from (text for text in values if isinstance(text, str) and len(text) >= _SHORTEST_SECRET)


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return text
