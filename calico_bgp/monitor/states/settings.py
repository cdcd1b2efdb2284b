"""How patient a watcher is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Soft and hard, as Nagios has them: one look proves little.

    Attributes:
        needed: So many polls must show a trouble, or its absence ...
        of: ... of so many that could tell.
        flaps_from: A trouble that came and went so often within an hour flaps ...
        flaps_until: ... until it did so no more than this often.
        flap_seconds: The hour.
        stays_seconds: What flapped and has been there for so long is told: it does not come and go any more.

    Raises:
        ValueError: They contradict one another.
    """

    needed: int = 3
    of: int = 3
    flaps_from: int = 6
    flaps_until: int = 2
    flap_seconds: float = 3600.0
    stays_seconds: float = 600.0

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= self.of <= 100:
            raise ValueError(f"{self.needed} of {self.of} polls: expected 1 <= N <= M <= 100")
        if not 0 <= self.flaps_until < self.flaps_from:
            raise ValueError("what flaps must calm down to fewer changes than those by which it began to flap")
