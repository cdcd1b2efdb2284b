"""File names for the raw output of hosts, safe for any host name. Names only; no file is touched here."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
#: File systems take 255 bytes; this leaves room for a suffix.
_LONGEST = 200


def raw_names(hosts: Iterable[str]) -> list[str]:
    """One file name per host, in order: `node1.txt`, `fd00__1.txt`, `127.0.0.1_2201.txt`; a taken name gets `-2`, `-3`.

    The names depend on nothing but the hosts and their order and are not stored: a snapshot.json from elsewhere cannot
    name a file of its choice. Names that differ in case only get a suffix too, for file systems that do not tell.
    """
    used: set[str] = set()
    next_suffix: dict[str, int] = {}
    names = []
    for host in hosts:
        stem = _UNSAFE.sub("_", host)[:_LONGEST]
        if not stem or stem.startswith((".", "-")):
            stem = "_" + stem[1:]
        name, key = stem, stem.lower()
        while name.lower() in used:
            next_suffix[key] = next_suffix.get(key, 1) + 1
            name = f"{stem}-{next_suffix[key]}"
        used.add(name.lower())
        names.append(name + ".txt")
    return names
