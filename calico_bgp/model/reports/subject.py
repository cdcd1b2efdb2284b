"""What a finding or a cause is about, and a stable name that depends on that. Values only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.peer import Address, Family


class ClusterSubject(Frozen):
    """The cluster as a whole."""

    kind: Literal["cluster"] = "cluster"
    family: Family | None = None

    def __str__(self) -> str:
        return "cluster" if self.family is None else f"cluster ({self.family.label})"


class NodeSubject(Frozen):
    """One node; `family` where only that family is meant."""

    kind: Literal["node"] = "node"
    node: str
    family: Family | None = None

    def __str__(self) -> str:
        return self.node if self.family is None else f"{self.node} ({self.family.label})"


class SessionSubject(Frozen):
    """A session between two nodes (names, or an address where an end is no known node); `a` <= `b`."""

    kind: Literal["session"] = "session"
    a: str
    b: str
    family: Family

    @classmethod
    def between(cls, one: str, other: str, family: Family) -> SessionSubject:
        """The subject with its ends in order, so that one session has one name."""
        a, b = sorted((one, other))
        return cls(a=a, b=b, family=family)

    def __str__(self) -> str:
        return f"{self.a} <-> {self.b} ({self.family.label})"


class AddressSubject(Frozen):
    """An address that is the matter itself: claimed twice, or by nobody."""

    kind: Literal["address"] = "address"
    address: Address

    def __str__(self) -> str:
        return str(self.address)


class ResourceSubject(Frozen):
    """One of Calico's resources.

    Attributes:
        resource: Its kind, `BGPPeer`.
        name: Its name.
        file: The file it stands in, None when not known.
        line: The line that matters in it, from 1; None when not known.
    """

    kind: Literal["resource"] = "resource"
    resource: str
    name: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.resource} {self.name}"


Subject: TypeAlias = Annotated[
    ClusterSubject | NodeSubject | SessionSubject | AddressSubject | ResourceSubject, Field(discriminator="kind")
]


def stable_id(kind: str, subjects: Iterable[Subject]) -> str:
    """A stable name of what is said: 12 hexadecimal digits that depend on its kind and its subjects only.

    Where a resource stands does not count: a line added above it makes nothing new.
    """
    return sha256("\n".join([kind, *map(_text, subjects)]).encode(errors="surrogatepass")).hexdigest()[:12]


def _text(subject: Subject) -> str:
    # Not Pydantic's own JSON, which takes no half of a surrogate pair, as JSON may hold one in a name.
    values = subject.model_dump(mode="json", exclude={"file", "line"})
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
