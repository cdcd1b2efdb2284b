"""Tells a column's heading from a host's name: the first line of a list that somebody cut out of a table."""

from __future__ import annotations

import re

# Capitals, as kubectl writes headings, and longer words that nobody calls a host.
_CAPITALS = frozenset({"NAME", "NAMES", "NODE", "NODES", "HOST", "HOSTS", "SERVER", "SERVERS", "IP", "IPS", "ADDRESS"})
_WORDS = frozenset({
    "hostname", "hostnames", "nodename", "nodenames", "internalip", "externalip", "ipaddress", "ipaddresses",
    "nodeaddress", "servername", "kubernetesiohostname", "name", "metadataname",
})  # fmt: skip
_HEADING = re.compile(r"[\w .:/-]{1,60}")


def is_heading(word: str) -> bool:
    """Whether a word alone on the first line is a column's heading, not a host."""
    if word in _CAPITALS:
        return True
    return _HEADING.fullmatch(word) is not None and re.sub(r"[^a-z0-9]", "", word.lower()) in _WORDS
