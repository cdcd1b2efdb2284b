"""Names that become others: each kind is numbered in its order, so that what was sorted stays sorted. No addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calico_bgp.upstream import CALICO_GROUP

#: Labels of DNS names that say nothing: Kubernetes' and Calico's own.
_KNOWN_DOMAINS = ("kubernetes.io", "k8s.io", CALICO_GROUP, "tigera.io", "cluster.local")


class Names:
    """Name → name. A node and its host share the first label, where they do: `node1` and `node1.example.org`."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        self._whole: dict[str, str] = {}

    def add_hosts(self, names: Iterable[str]) -> None:
        """Nodes and hosts, all at once: they are numbered in their order."""
        folded = {name.casefold() for name in names if name}
        firsts = sorted({name.partition(".")[0] for name in folded})
        digits = len(str(len(firsts)))
        self._first |= {name: f"node-{place:0{digits}}" for place, name in enumerate(firsts, start=1)}
        for domain in sorted({name.partition(".")[2] for name in folded} - {""}):
            self._domain(domain)

    def add(self, kind: str, names: Iterable[str], unchanged: Iterable[str] = ()) -> None:
        """Names of another kind, as they stand: `pool-1`. Those in `unchanged` say nothing and stay."""
        whole = sorted({name for name in names if name} - set(unchanged) - self._whole.keys())
        digits = len(str(len(whole)))
        self._whole |= {name: f"{kind}-{place:0{digits}}" for place, name in enumerate(whole, start=1)}

    @property
    def whole(self) -> Mapping[str, str]:
        """Those that are not nodes or hosts."""
        return self._whole

    def host(self, name: str) -> str | None:
        """A node's or host's new name; None where it is none of them."""
        first, dot, domain = name.partition(".")
        new = self._first.get(first.casefold())
        if new is None:
            return None
        return f"{new}{dot}{self._domain(domain)}" if domain else f"{new}{dot}"

    def word(self, word: str) -> str | None:
        """What a word of a text becomes; None where it is no name."""
        if (new := self._whole.get(word)) is not None:
            return new
        if (new := self.host(word)) is not None:
            return new
        if word.startswith("node.") and (new := self.host(word[5:])) is not None:
            return f"node.{new}"
        return None

    def stranger(self, name: str) -> str:
        """A host of which only a text speaks."""
        return f"host.{self._domain(name.partition('.')[2])}"

    def _domain(self, domain: str) -> str:
        if domain.casefold().endswith(_KNOWN_DOMAINS):
            return domain
        return self._domains.setdefault(domain.casefold(), f"domain{len(self._domains) + 1}.example")
