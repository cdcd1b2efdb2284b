"""What a family of causes is: a function that yields candidates, with the page of each kind that it may yield.

`@cause` declares a kind and its page beside the function that finds it, as `@rule` does for rules; `@also` declares one
whose page stands elsewhere. `families` lists all families. Nothing about BGP may enter this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case

Find = Callable[[Case], Iterator[Candidate]]


@dataclass(frozen=True, slots=True)
class CauseKind:
    """The page of a kind of cause, for `--explain`, the docs and JSON, and what the choice needs to know of it.

    Attributes:
        id: Its name everywhere: in JSON, in `--explain`, as `docs/causes/<id>.md`.
        title: A few words.
        what: What happened, in five words at most, for a table: `BIRD is not running`.
        messages: Key → template (messages.formatter) of the titles that its causes may have.
        meaning: What happened, and the source of what is said about it.
        evidence: What a cause of this kind rests on, and how sure it is by that.
        look_alikes: What looks the same from outside, or nearly, and how to tell.
        mending: What fixes it.
        demos: Faults of the lab that show it, as for `demo --fault`; the first is the example of its page.
        no_demo: Why no demo shows it; empty where one does.
        aftermath: Kinds with the same aftermath leave the same cluster behind, so that each explains all that the
            others do: what is certain of other nodes is named beside what is chosen. Empty: it has one of its own.
    """

    id: str
    title: str
    what: str
    messages: Mapping[str, str]
    meaning: str
    evidence: str
    look_alikes: str
    mending: str
    demos: tuple[str, ...] = ()
    no_demo: str = ""
    aftermath: str = ""


@dataclass(frozen=True)
class CauseFamily:
    """A function that yields candidates, and the kinds that it may yield.

    Attributes:
        find: The function.
        kinds: Those whose pages stand beside it.
        also: The names of those whose pages stand beside another function.
    """

    find: Find
    kinds: tuple[CauseKind, ...] = ()
    also: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The file and the function: `daemons.bird_down`."""
        return f"{self.find.__module__.rpartition('.')[2]}.{self.find.__name__}"

    @property
    def declared(self) -> frozenset[str]:
        """The names of all kinds that it may yield."""
        return self.also.union(kind.id for kind in self.kinds)

    def __call__(self, case: Case) -> Iterator[Candidate]:
        """Run the function.

        Raises:
            ValueError: It yields a kind that it does not declare, which may have no page.
        """
        declared = self.declared
        for candidate in self.find(case):
            if candidate.kind not in declared:
                raise ValueError(f"{self.name} yields {candidate.kind!r} and declares {', '.join(sorted(declared))}")
            yield candidate


def cause(
    kind: str,
    *,
    title: str,
    what: str,
    messages: Mapping[str, str],
    meaning: str,
    evidence: str,
    look_alikes: str,
    mending: str,
    demos: tuple[str, ...] = (),
    no_demo: str = "",
    aftermath: str = "",
) -> Callable[[Find | CauseFamily], CauseFamily]:
    """Declare a kind, with its page, of the function that finds it. One function may have several.

    Raises:
        ValueError: It names neither a demo that shows it nor why there is none, or both.
    """
    if bool(demos) == bool(no_demo):
        raise ValueError(f"cause {kind!r}: name demos that show it, or say why there is none")
    page = CauseKind(kind, title, what, messages, meaning, evidence, look_alikes, mending, demos, no_demo, aftermath)

    def declare(find: Find | CauseFamily) -> CauseFamily:
        family = _family(find)
        return replace(family, kinds=(page, *family.kinds))

    return declare


def also(*kinds: str) -> Callable[[Find | CauseFamily], CauseFamily]:
    """Declare kinds whose pages stand beside other functions."""

    def declare(find: Find | CauseFamily) -> CauseFamily:
        family = _family(find)
        return replace(family, also=family.also.union(kinds))

    return declare


def _family(find: Find | CauseFamily) -> CauseFamily:
    return find if isinstance(find, CauseFamily) else CauseFamily(find)


def kinds_of(families: Iterable[CauseFamily]) -> dict[str, CauseKind]:
    """The kinds by name, in the order of the families.

    Raises:
        ValueError: A kind has no page, or two.
    """
    families = tuple(families)
    kinds: dict[str, CauseKind] = {}
    for kind in (kind for family in families for kind in family.kinds):
        if kind.id in kinds:
            raise ValueError(f"cause {kind.id!r} has two pages")
        kinds[kind.id] = kind
    for family in families:
        for name in sorted(family.also - kinds.keys()):
            raise ValueError(f"cause {name!r} has no page; {family.name} may yield it")
    return kinds
