"""What a cause costs: whose routes are lost because of it. routes/consequences.py counts them."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.failures import sheltered
from calico_bgp.messages.words import routes_lost
from calico_bgp.routes.consequences import NOTHING_LOST


class Cost(NamedTuple):
    """What a cause costs.

    Attributes:
        words: In words; None where it is not known.
        routes: How many routes (one node's way to another's pods); None likewise.
        certain: Whether they are lost for certain.
    """

    words: str | None = None
    routes: int | None = None
    certain: bool = False


def costs_of(routes: int | None) -> str | None:
    """What it costs to lose so many routes, in words; None where the number is not known."""
    return None if routes is None else routes_lost(routes)


class Costs:
    """Works out what causes cost: of each address family for a limited number of causes, as each takes time."""

    def __init__(self, case: Case) -> None:
        self._routes = case.routes
        self._left = {family: routes.most for family, routes in case.routes.items()}

    def of(self, candidate: Candidate) -> Cost:
        """What the cause costs, as far as that is known and worked out."""
        declared = Cost(candidate.costs, candidate.routes_lost, certain=candidate.routes_lost is not None)
        if declared.certain and candidate.keys:
            return declared  # it knows more than sessions tell: one that stands may be with the wrong node
        with sheltered("what causes cost"):
            return self._worked_out(candidate) or declared
        return declared

    def _worked_out(self, candidate: Candidate) -> Cost | None:
        if not candidate.keys:
            return self._of_configuration(candidate)
        judged, pairs, certain = False, 0, False
        for family, routes in self._routes.items():
            keys = [key for key in candidate.keys if key.family is family and key in routes.bad]
            if not keys or not routes.is_whole:
                continue
            if not routes.is_known(keys):
                if self._left[family] <= 0:
                    return None
                self._left[family] -= 1
            loss = routes.lost_by(keys)
            if loss is None:
                return None
            judged, pairs, certain = True, pairs + loss.pairs, certain or loss.certain
        return _cost(pairs, certain=certain) if judged else None

    @staticmethod
    def _of_configuration(candidate: Candidate) -> Cost | None:
        """No session is down: what the configuration costs is what its fix would bring back."""
        back = [fix.restores for fix in candidate.fixes if fix.restores is not None]
        return _cost(max(back), certain=True) if back else None


def _cost(pairs: int, *, certain: bool) -> Cost:
    if not pairs:
        return Cost(NOTHING_LOST, 0, certain)
    return Cost(routes_lost(pairs, certain=certain), pairs, certain)
