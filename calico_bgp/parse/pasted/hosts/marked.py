"""Reads the headings that people and loops write: a name between marks, with a label, a number, an address, a time.

Those of tools are in headers.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from calico_bgp.parse.pasted.hosts.header import Header, Strength
from calico_bgp.parse.pasted.hosts.names import (
    Named,
    is_common_word,
    looks_like_a_host,
    name_in,
    names_in,
    without_suffix,
)
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

#: A word alone on its line that does not look like a machine: a name only where several answers have one.
BARE_WORD = "word"
#: Forms of lines that also make up a list: bullets, names alone, lines of /etc/hosts.
LISTED = ("-  ", "*  ", "•  ", "+  ", "bare", "pair")
_LONGEST = 200
_NAMES = r"(?P<names>[A-Za-z0-9_](?:[\w.:@/,-]|\[[\d,-]+\])*)"
#: Arrows, check marks and emoji.
_SIGNS = r"\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\ufe0f"
_LABEL = (
    r"(?:(?:outputs? of|outputs? from|output on|results? (?:of|for|from|on)|status (?:of|on|for)|checking|processing|"
    r"connecting to|running on|executing on|begin(?: of)?|start(?:ing)?(?: of| on)?|node name|nodename|hostname|"
    r"host name|node|host|server|machine|pod|vm|on|from|for)"
    r"\b(?:\s*[:=#]\s*|\s+))"
)
#: `h3.` of Jira, `1.`, `2)`, `[1/3]`.
_COUNT = r"(?:(?:h[1-6]\.|[\[(]?\d{1,4}/\d{1,4}[\])]?|\d{1,4}[.)])\s+)?"
_TIME = (
    r"(?:\s*[-,@|]?\s*[(\[]?(?:(?:at|on)\s+)?\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.,]{0,16}"
    r"(?:\s?(?:UTC|Z|[+-]\d\d:?\d\d))?[)\]]?)?"
)
_MARKED = LinePattern(
    rf"(?P<left>[{_SIGNS}\s=#*\-~_<>|+:\[(`\"'.•\u2013—◆▶►→┄─━═/\\]*?){_COUNT}(?P<label>(?i:{_LABEL}){{0,2}}){_NAMES}"
    r"(?P<aside>\s*[(\[]\s*(?P<address>[\da-fA-F.:]+)\s*[)\]]|\s*\(\d+\)|\s*\((?P<inside>[^()]{0,60})\)"
    r"|(?:\s*[@\u2013—-]\s*|\s+(?:on|at)\s+|\s+)(?P<second>(?!\d{4}-|at\s|on\s)[A-Za-z0-9][\w.:-]*[\w]))?"
    rf"{_TIME}"
    r"(?P<more>\s*[:\-\u2013—,]?\s*\$?\s*(?:sudo )?(?:kubectl.*|ssh.*)?"
    r"\b(?:calicoctl|birdcl?|node status|status|output)\b[\w /.-]*)?"
    r"(?P<right>[\s=#*\-~_<>|+:\])`\"'.•\u2013—◆◀◄←┄─━═/\\]*)",
    limit=_LONGEST,
)
#: A key of YAML whose value is a text of several lines, as salt and ConfigMaps have them.
_YAML_KEY = LinePattern(r"\s*(?P<names>[A-Za-z0-9][\w.-]*): [|>][-+]?\s*", limit=_LONGEST)
_JIRA_TITLE = LinePattern(
    r"\s*\{(?:code|noformat|panel)[^{}]*?[:|]title=(?P<names>[^|{}\s]+)[^{}]*\}.*", limit=_LONGEST
)
_JIRA_HEADING = LinePattern(r"\s*h[1-6]\.\s", limit=_LONGEST)
#: The first line of a prompt of two: `┌──(root㉿node1)-[~]`, its borders drawn with ASCII by now.
_UPPER_PROMPT = LinePattern(r"\s*\+--?[(\[][^\s()@㉿]{1,40}[@㉿](?P<names>[A-Za-z0-9][\w.-]*)[)\]].*", limit=_LONGEST)
_BOLD = LinePattern(r"\s*\[(?P<tag>b|h\d|size)\](?P<names>[A-Za-z0-9][\w.-]*):?\[/(?P=tag)\]:?\s*", limit=_LONGEST)
_LATEX = LinePattern(
    r"\s*\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|textbf|caption)\*?\{(?P<names>[A-Za-z0-9][\w.-]*):?\}.*",
    limit=_LONGEST,
)
_GROUP = LinePattern(r"\s*(?:##\[group\]|::group::)(?P<names>[A-Za-z0-9][\w.-]*)\s*", limit=_LONGEST)
_LINK = LinePattern(r"[\s#*-]*\[(?P<names>[A-Za-z0-9][\w.-]*)\]\([^()\s]{1,150}\)[\s:*]*", limit=_LONGEST)
_FENCE_TITLE = LinePattern(
    r"\s*(?:`{3,}|~{3,})(?:spoiler |\w* ?[^`]*?\btitle=)[\"']?(?P<names>[A-Za-z0-9][\w.-]*)[\"']?[\s}]*", limit=_LONGEST
)
#: A loop that says of each answer whose it is, and out of which pod: `Node: node1, Pod: calico-node-x`.
_NODE_AND_POD = LinePattern(
    r"\W{0,5}(?i:pod(?: name)?\s*[:=]\s*[\w.-]+[\s,;|/]+)?(?i:node(?: name)?)\s*[:=]\s*(?P<names>[A-Za-z0-9][\w.-]*)"
    r"(?:[\s,;|/]+(?i:pod(?: name)?)\s*[:=]\s*[\w.-]+)?\W{0,5}",
    limit=_LONGEST,
)
#: Above a block of AsciiDoc stands its title behind a dot.
_ASCIIDOC_TITLE = LinePattern(r"\.(?P<names>[A-Za-z0-9][\w.-]*):?\s*", limit=_LONGEST)
_ASCIIDOC_BLOCK = LinePattern(
    r"\[(?:source|listing|literal|example)?\b.*\]\s*|-{4,}\s*|\.{4,}\s*|={4,}\s*", limit=_LONGEST
)
_FENCE = LinePattern(r"\s*(?:`{3}|~{3})", limit=_LONGEST)
_HAS_DIGIT = LinePattern(r"\d")
_UNDERLINE = LinePattern(r"\s*(?:={3,}|-{3,}|~{3,}|\^{3,}|\*{3,})\s*", limit=_LONGEST)
#: Beginnings of lines that belong to a language of markup or to a CI's log.
_MARKUP = LinePattern(r"\s*(?:#\+|##\[|::(?:group|endgroup|set))")
#: (the whole line, the form of such headings)
_WHOLE_LINES = (
    (_YAML_KEY, "key"),
    (_JIRA_TITLE, "title"),
    (_UPPER_PROMPT, "prompt"),
    (_BOLD, "bold"),
    (_LATEX, "latex"),
    (_GROUP, "group"),
    (_LINK, "link"),
    (_FENCE_TITLE, "fence title"),
    (_NODE_AND_POD, "node and pod"),
)
_NO_SIGNS = str.maketrans(":=#", "   ")


def read_marked(lines: Sequence[Line], place: int) -> Header | None:
    """The heading that begins at a line: a name between any marks, or alone."""
    text = lines[place].text
    if len(text) > _LONGEST:
        return None
    for pattern, form in _WHOLE_LINES:
        found = pattern.fullmatch(text)
        if found is not None:
            names = _no_common_words(names_in(without_suffix(found["names"])))
            return Header(names, Strength.MARKED, form) if names else None
    if _MARKUP.match(text):
        return None
    if text.startswith(".") and place + 1 < len(lines) and _ASCIIDOC_BLOCK.fullmatch(lines[place + 1].text):
        found = _ASCIIDOC_TITLE.fullmatch(text)
        names = _no_common_words(names_in(found["names"])) if found is not None else ()
        return Header(names, Strength.MARKED, "block title") if names else None
    found = _MARKED.fullmatch(text)
    if found is None or not found["names"]:
        return None
    left, right = _form(found["left"]), _form(found["right"])
    left = left or ("h." if _JIRA_HEADING.match(text) else "")
    label = " ".join(found["label"].lower().translate(_NO_SIGNS).split())
    written = found["names"].rstrip(":").strip("_")
    if _FENCE.match(text) and not label and not _HAS_DIGIT.search(written):
        return None  # the language of the block: ```ansi
    right = right or (":" if written != found["names"] else "")
    names = _no_common_words(_names(written.strip("/"), found, is_plain=not (left or right or label)))
    if not names:
        return None
    if not left and not right and not label:
        if place + 1 < len(lines) and not found["aside"] and _UNDERLINE.fullmatch(lines[place + 1].text):
            return Header(names, Strength.MARKED, "underlined", lines=2)
        if all(looks_like_a_host(named) for named in names):
            return Header(names, Strength.BARE, "bare" if found["second"] is None else "pair")
        return Header(names, Strength.BARE, BARE_WORD) if len(names) == 1 and written == text.strip() else None
    if "|" in left or "|" in right or left in {".", "/", "\\"}:
        return None
    return Header(names, Strength.MARKED, f"{left} {label} {right}")


def _names(written: str, found: re.Match[str], *, is_plain: bool) -> tuple[Named, ...]:
    """Whom a heading names: `node1`, `node1 (10.0.0.1)`, `node1/10.0.0.1`, `10.0.0.1 node1`, `POD on node1`."""
    second = found["second"]
    if second is None and written.count("/") == 1 and not written.startswith(("pod/", "pods/", "node/", "nodes/")):
        written, _, second = written.partition("/")
    names = names_in(without_suffix(written))
    if second is None and len(names) == 1 and names[0].node is None and names[0].address is None:
        # `calico-node-x (node1)`
        inside = name_in(found["inside"] or "")
        second = None if inside is None or inside.node is None or is_common_word(inside.host) else inside.host
    if second is not None:
        other = name_in(second)
        return () if len(names) != 1 or other is None else _both(names[0], other, is_plain=is_plain)
    address = name_in(found["address"]) if found["address"] else None
    if address is not None and address.address is not None and len(names) == 1:
        return (Named(names[0].host, names[0].node, address.address),)
    return names


def _both(first: Named, second: Named, *, is_plain: bool) -> tuple[Named, ...]:
    """One host by two names: a machine and its address, in any order, or a pod and its node."""
    if first.address is not None and second.address is None:
        first, second = second, first
    if is_plain and not (looks_like_a_host(first) and looks_like_a_host(second)):
        return ()  # words of a sentence
    if first.address is None and second.address is not None:
        return (Named(first.host, first.node, second.address),)
    if first.address is None and second.address is None and (first.node is None) != (second.node is None):
        pod, node = (first, second) if first.node is None else (second, first)
        return (Named(pod.host, node.node, None),)
    return ()


def _no_common_words(names: tuple[Named, ...]) -> tuple[Named, ...]:
    return () if any(is_common_word(named.host) for named in names) else names


def _form(marks: str) -> str:
    """Marks without their number: `====` and `==` are one form."""
    return "".join(dict.fromkeys("".join(marks.split())))
