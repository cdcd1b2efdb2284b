"""Lists of names that are nearly a hosts.txt: under a heading, as `node/name`, several on a line, describe's blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import NAME, DestinationError, is_destination, parse_destination
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed
from calico_bgp.parse.hosts.forms.records import is_address
from calico_bgp.parse.hosts.headings import is_heading
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.status.nodes_without_bird import why_without_bird
from calico_bgp.upstream import INTERNAL_IP, ZONE_LABEL

_PREFIX = re.compile(r"(?:node|nodes|no)(?:\.v1)?/(?P<name>[a-z0-9][a-z0-9.-]*)")
_DESCRIBED = re.compile(r"Name:\s+(?P<name>[a-z0-9][a-z0-9.-]*)\s*")
_INSIDE = re.compile(rf"\s+(?P<kind>{INTERNAL_IP}|ExternalIP|Hostname):\s+(?P<address>\S+)\s*")
_LABELS = re.compile(r"(?:Labels:)?\s+(?P<key>[\w./-]+)=(?P<value>\S*)\s*")
_VERSION = re.compile(r"\s+Kubelet Version:\s+(?P<version>\S+)\s*")


def _is_headed(foreign: Foreign) -> bool:
    return is_heading(foreign.first) and len(foreign.beginning) > 1 and all(map(is_destination, foreign.beginning[1:]))


def _read_headed(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    headed = False
    for number, line in enumerate(foreign.lines, 1):
        word = line.strip()
        if not word or word.startswith("#") or (not headed and is_heading(word)):
            headed = headed or is_heading(word)
        else:
            yield from _plain(word, number, problems)


def _plain(word: str, number: int, problems: Problems) -> Iterator[Entry]:
    try:
        destination = parse_destination(word)
    except DestinationError as error:
        problems.add(error.message, number, word, error.expected)
        return
    why = why_without_bird(destination.name)
    host = Host(name=destination.name, user=destination.user, port=destination.port)
    yield Listed(host) if why is None else LeftOut(destination.name, why)


def _is_prefixed(foreign: Foreign) -> bool:
    return bool(foreign.beginning) and all(
        _PREFIX.fullmatch(word) for line in foreign.beginning for word in line.split()
    )


def _read_prefixed(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    del problems  # whatever is recognised is read
    for line in foreign.lines:
        for word in line.split():
            if match := _PREFIX.fullmatch(word):
                name = match["name"]
                why = why_without_bird(name)
                yield Listed(Host(name=name, node=name)) if why is None else LeftOut(name, why)


def _is_in_a_row(foreign: Foreign) -> bool:
    """Whether every line holds names or addresses and nothing else, several in one at least."""
    words = [re.split(r"[\s,;]+", line.strip(" ,;")) for line in foreign.beginning]
    return any(len(line) > 1 for line in words) and all(
        is_address(word) or (NAME.fullmatch(word) and bool(re.search(r"[0-9.-]", word)))
        for line in words
        for word in line
    )


def _read_in_a_row(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    for number, line in enumerate(foreign.lines, 1):
        if not line.strip().startswith("#"):
            for word in re.split(r"[\s,;]+", line.strip(" ,;")):
                if word:
                    yield from _plain(word, number, problems)


def _is_described(foreign: Foreign) -> bool:
    return any(_DESCRIBED.fullmatch(line) for line in foreign.beginning) and any(
        _INSIDE.fullmatch(line) for line in foreign.lines
    )


def _read_described(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    blocks: list[tuple[str, int, dict[str, str], dict[str, str], list[str]]] = []
    for number, line in enumerate(foreign.lines, 1):
        if match := _DESCRIBED.fullmatch(line):
            blocks.append((match["name"], number, {}, {}, []))
        elif blocks and (match := _INSIDE.fullmatch(line)):
            blocks[-1][2].setdefault(match["kind"], match["address"])
        elif blocks and (match := _LABELS.fullmatch(line)):
            blocks[-1][3][match["key"]] = match["value"]
        elif blocks and (match := _VERSION.fullmatch(line)):
            blocks[-1][4].append(match["version"])
    for name, number, addresses, labels, versions in blocks:
        why = why_without_bird(name, labels=labels, version=" ".join(versions))
        target = addresses.get(foreign.address.value)
        if why is not None:
            yield LeftOut(name, why)
        elif target is None or not is_destination(target):
            problems.add(f"node {name} has no {foreign.address.value}", number, None, "another type: --address")
        else:
            zone = labels.get(ZONE_LABEL)
            yield Listed(Host(name=target, node=name), f"zone {zone}" if zone else None)


HEADED = Form("a list of names under a column heading", _is_headed, _read_headed, shows_itself=True)
PREFIXED = Form("what `kubectl get nodes -o name` prints", _is_prefixed, _read_prefixed)
IN_A_ROW = Form("several names on one line", _is_in_a_row, _read_in_a_row)
DESCRIBED = Form("what `kubectl describe nodes` prints", _is_described, _read_described)
