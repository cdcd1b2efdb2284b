"""Labels and selectors that become others, so that each selector selects the same nodes as before. No addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from calico_bgp.anonymising.names import Names
from calico_bgp.upstream import ANNOTATION, CALICO_NODE, ZONE_LABEL

_KNOWN_KEYS = ("kubernetes.io/", "k8s.io/", ANNOTATION)
#: Values that say nothing, or that decide by themselves (an operating system).
_KEPT = frozenset(("", "true", "false", "yes", "no", "linux", "windows", "amd64", "arm64", CALICO_NODE))
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z0-9_./-]+")
_WORDS = frozenset(("all", "global", "has", "in", "not", "notin", "contains", "starts", "ends", "with"))
_PARTIAL = re.compile(
    r"(?<![A-Za-z0-9_./-])([A-Za-z0-9_./-]++)[ \t]*+(?:contains|starts[ \t]*+with|ends[ \t]*+with)[ \t]*+['\"]"
)


class Labels:
    """What becomes of keys and values.

    Args:
        labels: Every (key, value).
        selectors: Every selector.
        names: Values that are names of nodes follow them.
    """

    def __init__(self, labels: Iterable[tuple[str, str]], selectors: Iterable[str], names: Names) -> None:
        self._names = names
        pairs, selectors = set(labels), list(selectors)
        #: Keys whose values stay: a part of a value cannot be asked for once the value is another.
        self.kept = frozenset(key for selector in selectors for key in _PARTIAL.findall(selector))
        quoted = {token[1:-1] for selector in selectors for token in _TOKEN.findall(selector) if token[0] in "'\""}
        bare = {token for selector in selectors for token in _TOKEN.findall(selector) if token[0] not in "'\""} - _WORDS
        keys = sorted(key for key in {key for key, _ in pairs} | bare if not _is_known(key) and key not in self.kept)
        self._keys = {key: f"label-{place}" for place, key in enumerate(keys, start=1)}
        self._frozen = _KEPT | {value for key, value in pairs if key in self.kept}
        zones = sorted({value for key, value in pairs if key == ZONE_LABEL} - self._frozen)
        self._values = {value: f"zone-{place}" for place, value in enumerate(zones, start=1)}
        others = sorted(({value for _, value in pairs} | quoted) - self._frozen - self._values.keys())
        self._values |= {value: names.host(value) or f"value-{place}" for place, value in enumerate(others, start=1)}

    def key(self, key: str) -> str:
        """A label's new key."""
        return self._keys.get(key, key)

    def value(self, value: str) -> str:
        """A label's new value."""
        return self._values.get(value, value)

    def taint(self, taint: str) -> str:
        """A taint, `key=value:effect`, in the new keys and values."""
        key, value, effect = split_taint(taint)
        new = f"{self.key(key)}={self.value(value)}" if value else self.key(key)
        return f"{new}:{effect}" if effect else new

    def selector(self, selector: str) -> str:
        """A selector in the new keys and values."""
        return _TOKEN.sub(self._token, selector)

    def _token(self, match: re.Match[str]) -> str:
        token = match[0]
        if token[0] in "'\"":
            return f"{token[0]}{self.value(token[1:-1])}{token[0]}"
        return token if token in _WORDS else self.key(token)


def split_taint(taint: str) -> tuple[str, str, str]:
    """Key, value and effect of a taint as kubectl writes it; what is not there is empty."""
    key_and_value, _, effect = taint.partition(":")
    key, _, value = key_and_value.partition("=")
    return key, value, effect


def _is_known(key: str) -> bool:
    return any(part in key for part in _KNOWN_KEYS) or key == "route-reflector"
