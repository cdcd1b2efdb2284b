"""What a cause costs: whose routes are lost because of it. The model is whatif's, the counting consequences'."""

from __future__ import annotations

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.failures import sheltered
from calico_bgp.messages.words import count
from calico_bgp.routes.consequences import NOTHING_LOST


class Costs:
    """Works out costs, in words, for as many causes of a family as the consequences allow; what is known is free."""

    def __init__(self, context: Case) -> None:
        self._routes = context.routes
        self._left = {family: routes.most for family, routes in context.routes.items()}

    def of(self, candidate: Candidate) -> str | None:
        """What the cause costs; None where that is not known, or is not worked out any more."""
        with sheltered("what causes cost"):
            return self._worked_out(candidate) or candidate.costs
        return candidate.costs

    def _worked_out(self, candidate: Candidate) -> str | None:
        if not candidate.keys:
            return self._of_configuration(candidate)
        told, pairs, certain = False, 0, False
        for family, routes in self._routes.items():
            keys = [key for key in candidate.keys if key.family is family and key in routes.bad]
            if not keys or not routes.is_whole:
                continue
            if not routes.is_known(keys):
                if self._left[family] <= 0:
                    return None
                self._left[family] -= 1
            lost = routes.lost_by(keys)
            if lost is None:
                return None
            told, pairs, certain = True, pairs + lost.pairs, certain or lost.certain
        return _words(pairs, certain=certain) if told else None

    @staticmethod
    def _of_configuration(candidate: Candidate) -> str | None:
        """No session is down: what the configuration costs is what its fix would bring back."""
        back = [fix.restores for fix in candidate.fixes if fix.restores is not None]
        return _words(max(back), certain=True) if back else None


def _words(pairs: int, *, certain: bool) -> str:
    if not pairs:
        return NOTHING_LOST
    perhaps = "" if certain else "perhaps "
    verb = "is" if pairs == 1 else "are"
    return f"{count(pairs, 'pair')} (a node and another's routes) {verb} {perhaps}cut off because of it"
