"""Reads OpenSSH client configuration files into sections, following Include. It does not decide which section applies.

paramiko's SSHConfig is not used, because it runs the command of `Match exec`, knows no Include, takes Match forms
that it does not know as matching, keeps comments at the end of a line as part of the value, names neither file nor
line in its errors, and takes 22 ms to look up one host among 1,000 Host blocks. The grammar here is that of OpenSSH's
readconf.c (`process_config_line`) and misc.c (`argv_split`).
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from calico_bgp.errors import ParseError
from calico_bgp.store.bounded import MEGABYTE, read_bounded

#: readconf.c, READCONF_MAX_DEPTH; a file that includes itself ends here.
MAX_DEPTH = 16
#: Bytes of one file.
_LONGEST = 16 * MEGABYTE

#: Keywords whose first value wins.
ONE_WORD = frozenset(
    {
        "hashknownhosts", "hostkeyalias", "hostname", "identitiesonly", "identityagent", "port", "proxyjump", "user",
    }
)  # fmt: skip
#: The same, with several words.
WORDS = frozenset({"globalknownhostsfile", "userknownhostsfile"})
#: Keywords that collect the values of all matching sections.
COLLECTED = frozenset({"certificatefile", "identityfile"})
REST_OF_LINE = frozenset({"proxycommand"})
KNOWN = ONE_WORD | WORDS | COLLECTED | REST_OF_LINE

#: Match criteria that take an argument, and can be judged without running or asking anything.
_CRITERIA = frozenset({"host", "originalhost", "user", "localuser"})
_LINE = re.compile(r"([^\s=\"]+|\"[^\"]*\")(?:\s*=\s*|\s+|$)(.*)")


class Criterion(NamedTuple):
    """One word of a Match line: `kind` is host, originalhost, user, localuser, all, final or never."""

    kind: str
    patterns: tuple[str, ...] = ()
    negated: bool = False


class Setting(NamedTuple):
    """One line that sets something; `values` are its words."""

    keyword: str
    values: tuple[str, ...]
    file: str
    line: int


@dataclass(slots=True)
class Section:
    """Settings that apply together.

    Attributes:
        parent: The index of the section that this one stands in (by Include), which must apply too; None at the top.
        hosts: The patterns of `Host`; None where there is no such line.
        criteria: The words of `Match`.
        settings: In the order of the file.
    """

    parent: int | None = None
    hosts: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] = ()
    settings: list[Setting] = field(default_factory=list)


class _Source(NamedTuple):
    """A file being read: where its relative Includes are sought, and which section includes it."""

    path: Path
    folder: Path
    parent: int | None = None
    depth: int = 0


class Reader:
    """Reads files one after another; collects their sections.

    Attributes:
        sections: In the order of the files.
        problems: Everything wrong, with its place.
        warnings: What was left out on purpose, as `file:line: ...`.
    """

    def __init__(self, home: Path) -> None:
        self.sections: list[Section] = []
        self.problems: list[ParseError] = []
        self.warnings: list[str] = []
        self._home = home
        self._too_deep = False

    def read(self, path: Path, include_folder: Path, *, must_exist: bool) -> None:
        """Read one file and what it includes; a relative Include is sought in `include_folder`."""
        self._file(_Source(path, include_folder), must_exist=must_exist)

    def _file(self, source: _Source, *, must_exist: bool = False) -> None:
        path = source.path
        if self._too_deep:
            return
        if source.depth > MAX_DEPTH:
            self._too_deep = True  # as ssh, give up: files that all include one another would be read for ever
            raise ValueError(f"more than {MAX_DEPTH} files include one another")
        try:
            text = read_bounded(path, limit=_LONGEST).decode("utf-8", "surrogateescape")
        except OSError as error:
            if must_exist or not isinstance(error, FileNotFoundError):
                self.problems.append(ParseError(error.strerror or str(error), str(path)))
            return
        self.sections.append(Section(source.parent))
        for number, raw in enumerate(text.split("\n"), 1):
            match = _LINE.match(raw.strip())
            if match is None or match[1].startswith("#"):
                continue
            try:
                self._line(match[1].strip('"').lower(), match[2], source, number)
            except ValueError as error:
                self.problems.append(ParseError(str(error), str(path), number, raw.strip()))

    def _line(self, keyword: str, rest: str, source: _Source, number: int) -> None:
        if keyword == "host":
            self.sections.append(Section(source.parent, hosts=_words(keyword, rest)))
        elif keyword == "match":
            criteria = tuple(self._criteria(_words(keyword, rest), f"{source.path}:{number}"))
            self.sections.append(Section(source.parent, criteria=criteria))
        elif keyword == "include":
            self._include(_words(keyword, rest), source)
        elif keyword == "canonicalizehostname":
            if _words(keyword, rest)[0].lower() != "no":
                self.warnings.append(f"{source.path}:{number}: host names are not canonicalised; write them in full")
        elif keyword in REST_OF_LINE:
            if not rest:
                raise ValueError(f"{keyword} needs a value")
            self._set(Setting(keyword, (rest,), str(source.path), number))
        elif keyword in KNOWN:
            values = _words(keyword, rest)
            if keyword not in WORDS and len(values) > 1:
                raise ValueError(f"{keyword} takes one value; quote a value that contains blanks")
            _check(keyword, values[0])
            self._set(Setting(keyword, values, str(source.path), number))

    def _set(self, setting: Setting) -> None:
        self.sections[-1].settings.append(setting)

    def _include(self, words: tuple[str, ...], source: _Source) -> None:
        enclosing = len(self.sections) - 1
        for word in words:
            for file in self._included(word, source.folder):
                self._file(_Source(file, source.folder, enclosing, source.depth + 1))
        self.sections.append(Section(enclosing))  # what follows belongs to the section around the Include

    def _included(self, word: str, folder: Path) -> Iterator[Path]:
        if word == "~" or word.startswith("~/"):
            word = str(self._home) + word[1:]
        pattern = word if word.startswith("/") else str(folder / word)
        yield from (Path(name) for name in sorted(glob.glob(pattern)))  # noqa: PTH207  # pattern may be absolute

    def _criteria(self, words: tuple[str, ...], place: str) -> Iterator[Criterion]:
        remaining = [part for word in words for part in _split_assignment(word)]
        kinds = []
        while remaining:
            word = remaining.pop(0).lower()
            negated, kind = word.startswith("!"), word.removeprefix("!")
            kinds.append(kind)
            if kind == "all":
                if remaining or set(kinds) - {"all", "final", "canonical"}:
                    raise ValueError("Match all cannot be combined with other criteria")
                yield Criterion("never" if negated else "all")
            elif kind == "final":
                yield Criterion(kind, (), negated)
            elif kind == "canonical":
                self.warnings.append(f"{place}: host names are not canonicalised; Match canonical never applies")
                yield Criterion("all" if negated else "never")
            elif not remaining:
                raise ValueError(f"Match {kind} needs a value")
            elif kind in _CRITERIA:
                yield Criterion(kind, tuple(remaining.pop(0).split(",")), negated)
            else:
                remaining.pop(0)
                reason = "its command is not run" if kind == "exec" else "it is not supported"
                self.warnings.append(f"{place}: Match {kind} is taken as not matching: {reason}")
                yield Criterion("never")


def _split_assignment(word: str) -> list[str]:
    """`host=a` is two words in a Match line."""
    match = re.fullmatch(r"(!?[A-Za-z]+)=(.*)", word, re.DOTALL)
    return [match[1], match[2]] if match else [word]


def _check(keyword: str, value: str) -> None:
    if keyword == "port" and not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= 65535):
        raise ValueError("a port is a number from 1 to 65535")
    if keyword in {"identitiesonly", "hashknownhosts"} and value.lower() not in {"yes", "true", "no", "false"}:
        raise ValueError(f"{keyword} is yes or no")


def _words(keyword: str, text: str) -> tuple[str, ...]:
    """Split as misc.c's argv_split does: quotes of both kinds, few escapes, a comment where a word would begin."""
    words: list[str] = []
    position, end = 0, len(text)
    while position < end:
        if text[position] in " \t":
            position += 1
            continue
        if text[position] == "#":
            break
        word, quote = "", ""
        while position < end:
            char, after = text[position], text[position + 1 : position + 2]
            if char == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
                word += after
                position += 1
            elif not quote and char in " \t":
                break
            elif not quote and char in "'\"":
                quote = char
            elif quote and char == quote:
                quote = ""
            else:
                word += char
            position += 1
        if quote:
            raise ValueError("a quote is not closed")
        words.append(word)
    if not words or not words[0]:
        raise ValueError(f"{keyword} needs a value")
    return tuple(words)
