"""Names as they fit into a picture: without the domain that all share, and cut in the middle. Only texts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from calico_bgp.report.text.sanitize import plain

#: The longest name that stands in a picture whole; the rest is in its title.
LONGEST = 22


def short_labels(names: Iterable[str]) -> Mapping[str, str]:
    """Name → how a picture writes it: `ip-10-0-3-17` of `ip-10-0-3-17.eu-west-1.compute.internal`.

    A domain is left out where all names have the same one. Of a name that is still too long the beginning and the end
    stay, for these tell nodes apart. Two names never become one: then all stay whole.
    """
    whole = list(dict.fromkeys(names))
    domains = {name.partition(".")[2] for name in whole}
    shared = len(whole) > 1 and len(domains) == 1 and not next(iter(domains)).replace(".", "").isdigit()
    short = {name: cut(name.partition(".")[0] if shared else name) for name in whole}
    return short if len(set(short.values())) == len(short) else {name: plain(name) for name in whole}


def cut(name: str, longest: int = LONGEST) -> str:
    """At most so many characters, an ellipsis in the place of the middle."""
    text = plain(name)
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[-end:]}"


def lines_of(text: str, characters: int, most: int) -> list[str]:
    """A text in lines of at most so many characters; what is more than `most` lines ends in an ellipsis."""
    return textwrap.wrap(plain(text), characters, max_lines=most, placeholder=" …") or [""]
