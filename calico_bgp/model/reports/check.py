"""How to prove that a fix worked. What a source adds to it (its command line) is not known here.

As text, in JSON too, each is one line for a shell: a command, or words as a comment of the shell.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from calico_bgp import shell_words
from calico_bgp.model.frozen import Frozen

_COMMENT = "# "


class _Check(Frozen):
    """Checks are equal when their lines are: JSON holds nothing else of them."""

    @property
    @abstractmethod
    def line(self) -> str:
        """It as one line for a shell."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Check) and self.line == other.line

    def __hash__(self) -> int:
        return hash(self.line)


class AuditAgain(_Check):
    """Audit the same source anew.

    Attributes:
        wait: How long that audit may wait until the cluster is healthy, `5m`; None for not at all.
    """

    wait: str | None = None

    @property
    def line(self) -> str:
        """The audit of the cluster of kubectl's current context."""
        return self.of_source("calico-bgp audit")

    def of_source(self, audit: str) -> str:
        """The command, where `audit` is the one that audits the source."""
        return audit if self.wait is None else f"{audit} --wait {shell_words.quote(self.wait)}"


AUDIT_AGAIN = AuditAgain()


class CheckCommand(_Check):
    """A command that can be run as it stands."""

    command: str

    @property
    def line(self) -> str:
        """The command."""
        return self.command


class CheckWords(_Check):
    """What to do, in words, where no command checks."""

    words: str

    @property
    def line(self) -> str:
        """The words, as a comment of a shell."""
        return f"{_COMMENT}{self.words}"


Check = AuditAgain | CheckCommand | CheckWords


def _of_line(check: object) -> object:
    """The value of a line; a value stays what it is."""
    if not isinstance(check, str):
        return check
    is_comment = check.startswith(_COMMENT)
    return CheckWords(words=check.removeprefix(_COMMENT)) if is_comment else CheckCommand(command=check)


def _line(check: Check) -> str:
    return check.line


#: A check that is a line in JSON.
CheckLine = Annotated[Check, BeforeValidator(_of_line), PlainSerializer(_line)]
