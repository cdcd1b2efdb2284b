"""A text in which addresses and names become others. What it says of a protocol, an error or a command stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from calico_bgp.anonymising.addresses import AddressMap
from calico_bgp.anonymising.names import Names
from calico_bgp.anonymising.numbers import ASNumbers
from calico_bgp.prefixes import Prefix, prefix_of

#: What may be an address or a network; ipaddress decides.
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\d)|(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:\d{0,3}\.\d{1,3}){0,3})"
    r"(?:/\d{1,3})?(?!\w)"
)
#: BIRD's protocols are called by the address of the neighbour (confd, bgp_processor.go).
_PROTOCOL = re.compile(r"\b(Mesh|Global|Node|Local_Workload)_([0-9a-f]+(?:_[0-9a-f]*)+?)(?=_port|\b)")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
#: The end of a name with a domain, where a text speaks of it: `ldap.example.org`, not `bird.ctl`.
_ENDS = frozenset(
    [
        "cloud",
        "com",
        "corp",
        "dev",
        "example",
        "home",
        "int",
        "internal",
        "intern",
        "intra",
        "lan",
        "local",
        "net",
        "org",
        "private",
    ]
)
#: Where the name of a field begins: `spec.bgp.as` is no host.
_FIELDS = frozenset(("spec", "metadata", "status", "data", "items"))
#: `AS 64512`, `AS64512`.
_AS_NUMBER = re.compile(r"\b(AS[ ]?)(\d{1,10})\b")
_DOTTED_IPV4 = re.compile(r"\d{1,3}(?:_\d{1,3}){3}")


def _is_name_of_a_host(word: str) -> bool:
    """Whether a word ends as names of hosts do: in a usual word, or behind two dots in a country."""
    first, *_, last = word.lower().split(".")
    if last in _ENDS:
        return True
    return word.count(".") > 1 and len(last) == 2 and last.isalpha() and first not in _FIELDS


def networks_in(text: str) -> Iterator[Prefix]:
    """Every address and network that stands in a text."""
    for match in _ADDRESS.finditer(text):
        written = _without_colon(match[0])
        network = prefix_of(written)
        if network is not None:
            yield network
            if "/" in written and (address := prefix_of(written.partition("/")[0])) is not None:
                yield address
    for match in _PROTOCOL.finditer(text):
        network = prefix_of(_written(match[2]))
        if network is not None:
            yield network


def _without_colon(text: str) -> str:
    """`2001:db8::1` of `2001:db8::1: refused`."""
    return text[:-1] if text.endswith(":") and not text.endswith("::") else text


def _written(text: str) -> str:
    """An address as it stands in the name of a protocol."""
    return text.replace("_", "." if _DOTTED_IPV4.fullmatch(text) else ":")


class Texts:
    """Rewrites texts.

    Args:
        addresses: What becomes of addresses.
        names: What becomes of names.
        numbers: What becomes of AS numbers; those of an empty one by default.
    """

    def __init__(self, addresses: AddressMap, names: Names, numbers: ASNumbers | None = None) -> None:
        self._addresses, self._names, self._numbers = addresses, names, numbers or ASNumbers()
        self._known: dict[str, str] = {}
        #: A context may be called `admin@prod`: more than a word, so that it is looked for as a whole.
        self._odd = [name for name in sorted(names.whole, key=len, reverse=True) if not _WORD.fullmatch(name)]

    def text(self, text: str) -> str:
        """The text with other addresses and names."""
        if (new := self._known.get(text)) is None:
            new = text
            for name in self._odd:
                new = new.replace(name, self._names.whole[name])
            new = _PROTOCOL.sub(self._protocol, _ADDRESS.sub(self._address, new))
            new = self._words(_AS_NUMBER.sub(self._number, new))
            self._known[text] = new
        return new

    def _words(self, text: str) -> str:
        return _WORD.sub(self._word, text)

    def _address(self, match: re.Match[str]) -> str:
        text = _without_colon(match[0])
        colon = match[0][len(text) :]
        try:
            if "/" not in text:
                return f"{self._addresses.address(ip_address(text))}{colon}"
            address, _, length = text.partition("/")
            network = ip_network(text, strict=False)
            if ip_address(address) == network.network_address:
                return str(self._addresses.network(network))
            return f"{self._addresses.address(ip_address(address))}/{length}"
        except ValueError:
            return match[0]

    def _number(self, match: re.Match[str]) -> str:
        return f"{match[1]}{self._numbers.number(int(match[2]))}"

    def _protocol(self, match: re.Match[str]) -> str:
        network = prefix_of(_written(match[2]))
        if network is None:
            return match[0]
        new = str(self._addresses.address(network.network_address))
        return f"{match[1]}_{new.replace('.', '_').replace(':', '_')}"

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        tail = word[len(word.rstrip(".-")) :]
        bare = word[: len(word) - len(tail)]
        if (new := self._names.word(bare)) is not None:
            return new + tail
        if "." in bare and _is_name_of_a_host(bare):
            return self._names.stranger(bare) + tail
        return word
