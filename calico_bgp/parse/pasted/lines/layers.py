"""The kinds of prefixes that programs and people put before lines, and which of them a given prefix is made of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.names import Named, is_common_word, looks_like_a_host, name_in, names_of_file
from calico_bgp.parse.pasted.lines.patterns import LinePattern

_HOST = r"(?P<host>[A-Za-z0-9@][\w.@-]*)"
_FILE = r"(?P<host>[\w./-]+\.(?:txt|log|out|md|lst|stdout|status))"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_DAY = r"(?:[A-Z][a-z]{2} )?\d{4}[-/.]\d\d[-/.]\d\d"
_ZONE = r"(?:UTC|GMT|CES?T|EES?T|WES?T|BST|MSK|[ECMP][SD]T|JST|IST|AE[SD]T)"
_ISO = rf"{_DAY}[T ]{_CLOCK}(?:\s?Z|\s?[+-]\d\d:?\d\d| {_ZONE})?"
# Of Kibana, and of exports with English dates.
_ENGLISH = rf"[A-Z][a-z]{{2}} \d{{1,2}}, \d{{4}},?(?: @)? {_CLOCK}(?: [AP]M)?"
_SYSLOG_DATE = rf"(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}} [ \d]\d (?:\d{{4}} )?{_CLOCK}"


class Layer(NamedTuple):
    """One kind of prefix.

    Attributes:
        name: To tell it from others.
        pattern: What it looks like, from the left.
        names_host: Whether its `host` is whom the line comes from.
        needs_others: Whether one line alone does not show it: prose looks like it, too.
        is_file: Whether its `host` is a file, which may be called by a host.
    """

    name: str
    pattern: str
    names_host: bool = False
    needs_others: bool = False
    is_file: bool = False


#: In the order in which they are tried. Blanks behind belong to the layer only as far as the program prints them: the
#: indentation of what follows tells something.
LAYERS = (
    Layer("quote", r"\s{0,3}(?:[A-Z]{2,3}> ?|(?:>\s?)+)"),
    # What `gh run view --log` prints: job, step, time.
    Layer("job", r"[^|+>\]]{3,160} (?=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z )"),
    # A chat's clock and who wrote it, which is no host.
    Layer(
        "chat",
        r"\[?\d\d?:\d\d(?::\d\d)?(?: ?[AP]M)?\]? {1,4}"
        r"(?:<[ @+]?[\w.-]{1,32}>|[A-Z][\w.-]{0,30}(?: [A-Z][\w.-]{0,30}){0,2}:) ?",
    ),
    Layer(
        "syslog", rf"(?:<\d{{1,3}}>)?\s*(?:{_SYSLOG_DATE}|{_ISO}) {_HOST} [\w./@()-]+(?:\[\d+\])?: ?", names_host=True
    ),
    Layer("syslog without program", rf"\s*{_SYSLOG_DATE} {_HOST} ", names_host=True, needs_others=True),
    Layer("syslog of RFC 5424", rf"<\d{{1,3}}>1 {_ISO} {_HOST} \S{{1,48}} \S{{1,128}} \S{{1,32}} - ?", names_host=True),
    Layer("teamcity", rf"\[{_CLOCK}\]\s?[A-Z]?\s?:\s{{1,3}}\[[^\]]{{1,80}}\] ?"),
    Layer("klog", r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d{1,10} [\w.-]{1,80}:\d{1,6}\] ?"),
    Layer("cri", rf"{_ISO} (?:stdout|stderr) [FP] ?"),
    Layer(
        "timestamp",
        rf"\s*+(?:\[(?:{_ISO}|{_CLOCK}|{_SYSLOG_DATE})\]|{_ISO}|{_ENGLISH}|{_CLOCK}|{_SYSLOG_DATE}|\[?\s*+\d{{1,10}}\.\d{{3,9}}s?\]?)(?:\s[|:-])?\s?",
    ),
    Layer("pod", r"\[(?:pods?/)?(?P<host>[A-Za-z0-9][\w.-]*)/[\w.-]+\] ?", names_host=True),
    Layer("kail", r"[a-z0-9-]{1,63}/(?P<host>[A-Za-z0-9][\w.-]*)\[[\w.-]+\]: ?", names_host=True),
    Layer("capistrano", rf"\s?\*{{1,3}} \[(?:out|err) :: {_HOST}\] ?", names_host=True),
    Layer("rundeck", rf"\[{_HOST} \d{{1,6}}\]\[[A-Z]+\] ?", names_host=True),
    Layer("rundeck's level", rf"\[{_HOST} (?:NORMAL|VERBOSE|DEBUG|WARN|ERROR)\] ?", names_host=True),
    # What skaffold prints: the pod, or whatever it is called, and its container.
    Layer("two in brackets", rf"\[{_HOST} (?:: )?[a-z][\w.-]{{0,60}}\] ?", names_host=True),
    Layer("bracket", rf"\[{_HOST}\](?: (?:out|err))?:? ?", names_host=True),
    Layer("angle", rf"<{_HOST}> ?", names_host=True),
    Layer("paren", rf"\({_HOST}\) ?", names_host=True),
    Layer("level", r"\[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|NOTICE)\]?:?\s{1,2}"),
    Layer("number", r"\s*\[?[Ll]?\d{1,6}(?:\s{0,4}[|│┃]\s?|\s?[.:)\]]\s?|\t| {1,2}|[-=])", needs_others=True),
    Layer("file", rf"{_FILE}[:-]\d{{1,6}}[:-] ?", names_host=True, is_file=True),
    Layer("file without number", rf"{_FILE}[:-] ?", names_host=True, needs_others=True, is_file=True),
    # What `logcli` prints: the labels of a stream.
    Layer(
        "labels of a host",
        r"\{(?:[\w.]{1,40}=\"[^\"{}]{0,80}\", ?){0,9}(?:node|node_name|nodename|host|hostname)=\""
        rf"{_HOST}\"[^{{}}]{{0,150}}\}} ?",
        names_host=True,
    ),
    Layer("labels", r"\{[\w.]{1,40}=\"[^{}]{0,150}\} ?"),
    Layer(
        "pulumi",
        r"\s{0,4}[-+~]{0,2}\s{1,4}[\w-]{1,40}:[\w/-]{1,60}:\w{1,60} \(?(?P<host>[A-Za-z0-9][\w.-]*)\)?"
        r"(?: (?:creating|created|updating|updated|replacing|refreshing|deleting)(?: \(\d{1,6}s\))?)?:? ?",
        names_host=True,
    ),
    Layer("csv", rf"\"?{_HOST}\"?[,;]\"", names_host=True),
    Layer("vagrant", rf"==> {_HOST}: ?", names_host=True),
    Layer("terraform for each", rf"[\w.-]{{1,80}}\[\"{_HOST}\"\] \((?:remote-exec|local-exec)\): ?", names_host=True),
    Layer("terraform", r"[\w.\[\]\"-]+ \((?:remote-exec|local-exec)\): ?"),
    Layer("colon", rf"\s{{0,8}}{_HOST} ?:(?: (?:stdout|stderr|out|err|\[(?:out|err)\]):)? ?", names_host=True),
    Layer("bar", rf"\s{{0,24}}{_HOST}\s*(?:[-=]>|[|│»\u203a>])\s?", names_host=True),
    Layer("comment", r"\s*+(?:#|//|;|%|!|\*|•|--(?!-)|REM\b|/\*)+ ?"),
    Layer("diff", r"[-+](?=[^-+\s]|[-+|]?\+-|\s|$)", needs_others=True),
    Layer("item", r"\s*- ['\"]?"),
    Layer("quoted", r"\s*(?:\"[\w.-]+\": |[\w.-]+: )?u?b?['\"]", needs_others=False),
    Layer(
        "two words",
        r"(?P<host>[A-Za-z0-9][\w.-]*) (?:[\u203a>] )?[a-z][a-z0-9-]* (?:[\u203a|] )?",
        names_host=True,
        needs_others=True,
    ),
    Layer("word", rf"{_HOST}(?:\t| {{1,12}})", names_host=True, needs_others=True),
)
_BY_NAME = {layer.name: layer for layer in LAYERS}
_COMPILED = {layer.name: LinePattern(layer.pattern) for layer in LAYERS}
_MOST_LAYERS = 4
_LONGEST = 200
_LONGEST_LINE = 2_000
# What stands at the end of a line whose beginning was quoted.
_QUOTE_END = LinePattern(r"['\"]?,?\s*$|\\?['\"]\s*,?\s*$")


class Peeled(NamedTuple):
    """A line without its prefix."""

    text: str
    host: str | None


class Layout:
    """Layers that follow one another before the lines of a table."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._patterns = [_COMPILED[name] for name in names]
        self.is_quoted = bool({"item", "quoted", "csv"} & set(names))
        # Where it does not end with its line a cell is a whole answer, and only its first line has the name.
        self.is_cell = "csv" in names
        self.names_host = any(_BY_NAME[name].names_host for name in names)
        self.is_file = any(_BY_NAME[name].is_file for name in names)
        self.needs_others = any(_BY_NAME[name].needs_others for name in names)

    def peel(self, line: str) -> Peeled | None:
        """The line without these layers; None where it does not begin with them."""
        # The prefix of an empty line lost its last blank.
        at, host, line = 0, None, f"{line} "
        if len(line) > _LONGEST_LINE or (self.is_cell and not line.endswith('" ')):
            return None
        for name, pattern in zip(self.names, self._patterns, strict=True):
            match = pattern.match(line, at)
            if match is None:
                return None
            at = match.end()
            if _BY_NAME[name].is_file:
                host = _host_of_file(match["host"]) or host
            elif _BY_NAME[name].names_host:
                host = match["host"].rpartition("@")[2]
        text = line[at:].rstrip()
        if self.is_quoted and len(text) <= _LONGEST_LINE:
            text = _QUOTE_END.sub("", text).replace("''", "'") if text else text
        return Peeled(text, host)


@lru_cache(4_096)
def layout_of(prefix: str) -> Layout | None:
    """The layers that a prefix consists of; None where it is something else, prose for example."""
    if len(prefix) > _LONGEST:
        return None
    names = _names_of(prefix, ())
    return None if names is None else _layout(names)


@lru_cache(512)
def _layout(names: tuple[str, ...]) -> Layout:
    return Layout(names)


def _names_of(prefix: str, before: tuple[str, ...]) -> tuple[str, ...] | None:
    if not prefix.strip():
        return before
    if len(before) >= _MOST_LAYERS:
        return None
    for layer in LAYERS:
        match = _COMPILED[layer.name].match(prefix)
        if match is None or not match.end() or (layer.names_host and not layer.is_file and _host(match) is None):
            continue
        names = _names_of(prefix[match.end() :], (*before, layer.name))
        if names is not None:
            return names
    return None


def _host_of_file(path: str) -> str | None:
    """Whose answer a file holds by its name, None where that is called by something else."""
    names = names_of_file(path)
    is_name = len(names) == 1 and looks_like_a_host(names[0]) and not is_common_word(names[0].host)
    return names[0].host if is_name else None


def _host(match: re.Match[str]) -> Named | None:
    word = match["host"].rpartition("@")[2]
    return None if is_common_word(word) else name_in(word)
