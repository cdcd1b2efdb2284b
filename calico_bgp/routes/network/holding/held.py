"""What an end of a session holds back of the kinds of blocks. Values only; filters.py works them out."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.routes.policy.judgement import Holder


class Reason(NamedTuple):
    """Why something is held back.

    Attributes:
        step: `own`, `learned` or `incoming`, the field of Held.
        kinds: Which kinds, as bits.
        by: What holds it back: a rule of a resource, or in words what is not known.
        is_certain: Whether it does for certain.
    """

    step: str
    kinds: int
    by: Holder | str
    is_certain: bool


class Held(NamedTuple):
    """What an end of a session holds back: bit n is the n-th kind of blocks (Network.kinds).

    Attributes:
        own: Of its node's own blocks, at export.
        learned: Of what its node learned, at export.
        incoming: Of what comes, at import.
        reasons: Why.
    """

    own: int = 0
    learned: int = 0
    incoming: int = 0
    reasons: tuple[Reason, ...] = ()

    def why(self, step: str, kind: int) -> str:
        """Why a kind is held back at a step; empty where it is not."""
        return next((str(r.by) for r in self.reasons if r.step == step and r.kinds >> kind & 1), "")


class OwnKinds(NamedTuple):
    """Which kinds of blocks a node announces.

    Attributes:
        kinds: As bits.
        has_all: Whether it certainly has a block of each; else it may have blocks of some, or of none.
    """

    kinds: int = 1
    has_all: bool = True


#: The kind of blocks that no session holds back, for callers that judge filters themselves.
NO_KIND = 10_000
#: Where nothing is held back anywhere, all blocks are of one kind.
ONE_KIND = OwnKinds()
