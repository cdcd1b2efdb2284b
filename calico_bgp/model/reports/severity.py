"""How bad something is: of findings and of causes alike."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: `error` routes are or will be lost; `warning` one failure away; `info` worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info: sorts worst first."""
        return ("error", "warning", "info").index(self.value)

    def reaches(self, threshold: Severity) -> bool:
        """Whether this is at least as bad as `threshold`."""
        return self.rank <= threshold.rank
