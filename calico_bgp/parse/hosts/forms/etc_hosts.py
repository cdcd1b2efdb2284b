"""/etc/hosts: an address and its names a line; what every machine has of its own in it is left away."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import NAME
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed
from calico_bgp.parse.hosts.forms.records import is_address
from calico_bgp.parse.lines import Problems

# First labels of names that stand for a service on several machines, or for the machine that Docker runs on.
_SERVICES = frozenset({
    "api", "api-int", "apiserver", "k8s-api", "kube-api", "lb", "lb-apiserver", "vip", "cluster-endpoint", "kubernetes",
    "registry", "harbor", "ingress", "host",
})  # fmt: skip
#: What every Linux and macOS brings along.
_NOBODY = frozenset({"broadcasthost", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "localhost"})


def _fields(line: str) -> list[str]:
    return line.partition("#")[0].split()


def _is_line(line: str) -> bool:
    words = _fields(line)
    names = words[1:]
    return bool(names) and is_address(words[0]) and all(NAME.fullmatch(name) and not is_address(name) for name in names)


def _is_etc_hosts(foreign: Foreign) -> bool:
    """Whether every line is an address with names behind it."""
    return bool(foreign.beginning) and all(_is_line(line) for line in foreign.beginning)


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    names_of: dict[str, list[str]] = {}
    for number, raw in enumerate(foreign.lines, 1):
        words = _fields(raw)
        if not words or raw.strip().startswith((";", "//")):
            continue
        if not _is_line(raw):
            problems.add("no address with names behind it", number, raw, "10.0.0.1 node1")
            continue
        address = ip_address(words[0].partition("%")[0])
        if not _NOBODY.isdisjoint(words[1:]):
            continue
        if not (address.is_loopback or address.is_multicast or address.is_unspecified or address.is_link_local):
            names_of.setdefault(str(address), []).extend(words[1:])
    # One node has often a line for each of its addresses.
    listed: set[str] = set()
    for text, names in names_of.items():
        different = list(dict.fromkeys(names))
        if any(name.lower().partition(".")[0] in _SERVICES for name in different):
            yield LeftOut(f"{different[0]} ({text})", "the name of a service, no node")
        elif any(name in listed for name in different):
            yield LeftOut(f"{different[0]} ({text})", "another address of a host above")
        else:
            listed.update(different)
            only = len(different) == 1
            yield Listed(Host(name=text, node=different[0] if only else None), None if only else " ".join(different))


ETC_HOSTS = Form("an /etc/hosts", _is_etc_hosts, _read)
