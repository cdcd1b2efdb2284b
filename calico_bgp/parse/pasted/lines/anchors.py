"""Recognises the parts of a line that only a status holds, wherever they begin in it. No prefixes, no tables."""

from __future__ import annotations

import re
from bisect import bisect_right

from calico_bgp.parse.pasted.lines.patterns import LinePattern

_STATE = r"(?:start|up|wait|feed|stop|down|flush)"
_TYPE = r"(?:node-to-node\s+mesh|node\s+specific|global|mesh|node)"

#: Where the words of a status begin in a line.
ANCHOR = LinePattern(
    rf"""
      (?:calico\ process\ is|calico-node\ container\ (?:is)?)\ ?(?:not\ )?running
    | IPv[46]\ BGP\ status
    | bird\ v[46]\ (?:status|BGP\ peers|routes)
    | No\ IPv[46]\ (?:peers\ found|address\ configured)
    | \+-{{3}}[-+]{{2,400}}(?<=\+) | \+={{3}}[=+]{{2,400}}(?<=\+) | [┌├└╔╠╚][─━═]{{3}}
    | (?:\|\s{{0,80}}+)?(?:Peer\ ?address|Name)[\s|]{{1,80}}+(?:Peer\ ?type|Protocol)\b
    | (?:\|\s{{0,80}}+)?[^|\s]{{1,64}}+\s{{0,80}}+\|\s{{0,80}}+{_TYPE}\s{{0,80}}+\|\s{{0,80}}+{_STATE}\b
    | (?:\|\s{{0,80}}+){{3,5}}(?=[A-Za-z])
    | (?<![\w:.*])[0-9A-Fa-fxX*][\w:.*]{{2,63}}+\s{{1,80}}+
      (?:node-to-node\s{{1,9}}mesh|node\s{{1,9}}specific|global)\s{{1,80}}+{_STATE}\s
    | (?:0001\ )?BIRD\ v?\d\S{{0,60}}\ ready | Access\ restricted
    | (?:2002-)?name\s{{1,20}}proto\s{{1,20}}table\s{{1,20}}state\s{{1,20}}since
    | (?:1002-)?(?:Mesh|Node|Global)_[0-9a-fA-F_]{{1,60}}(?:port_\d{{1,5}})?\s{{1,60}}BGP\s
    | Error\ querying\ BIRD | INFO:\ BIRDv[46]\ process | Error\ getting\ bird
    | (?:The|None\ of\ the)\ BGP\ backend\ process
    """,
    re.IGNORECASE | re.VERBOSE,
)


def find_anchor(text: str) -> re.Match[str] | None:
    """Where the words of a status begin in a line; None where it holds none."""
    return ANCHOR.search(text)


#: What every row of a peer holds: a border, a type of peer, the name of BIRD's protocol, or of a CalicoNodeStatus.
_ROW = re.compile(r"[|\u2502\u2551]|&#|mesh|global|specific|workload|node_|calico", re.IGNORECASE)


def may_hold_a_row(text: str) -> bool:
    """False where no row of a peer can stand in a text: a line without any word that each of them holds."""
    return "\n" in text or _ROW.search(text) is not None


#: What a line must hold, in lower case, to be worth a look: searched in the whole text at once.
_WORDS = (
    "calico process is",
    "calico-node container",
    "bgp status",
    "| global ",
    "bgp      ",
    "unreachable!",
    "| failed",
    "ssh: connect to",
    "error: unable",
    "error: cannot exec",
    "server control socket",
    "bgp peers",
    "peers found",
    "+---",
    "+===",
    "──",
    "══",
    "peer address",
    "peeraddress",
    "peer type",
    "node-to-node",
    "node specific",
    "access restricted",
    "proto    table",
    "querying bird",
    "process: 'bird",
    "bgp backend process",
    "caliconodestatus",
    "calicoctl",
    "birdcl",
    "ssh to ",
    "failure]",
    "| changed",
    "| success",
    "did not return",
    "error from server",
    "command not found",
    "timeout,",
    "defaulted container",
    "internal-ip",
    "nominated node",
    "ok=",
)
#: Lines kept above and below one that is worth a look: names stand above, the rest of an answer below.
_ABOVE, _BELOW = 12, 60


#: A text of fewer lines is looked at as a whole.
_SMALL = 3_000


def worth_a_look(text: str) -> list[tuple[int, int]]:
    """The regions of a text that may hold a status or say why there is none: first and last line, from 0.

    Args:
        text: Lines separated by LF alone.
    """
    if text.count("\n") < _SMALL:
        return [(0, text.count("\n"))]
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(character.lower() if len(character.lower()) == 1 else character for character in text)
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    hits: set[int] = set()
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            line = bisect_right(starts, at) - 1
            hits.add(line)
            # Once a line is enough.
            at = lower.find(word, starts[line + 1]) if line + 1 < len(starts) else -1
    regions: list[tuple[int, int]] = []
    for line in sorted(hits):
        first, last = max(0, line - _ABOVE), min(len(starts) - 1, line + _BELOW)
        if regions and first <= regions[-1][1] + 1:
            regions[-1] = (regions[-1][0], max(last, regions[-1][1]))
        else:
            regions.append((first, last))
    return regions
