"""Recognises the lines that say whose output follows: of ansible, pssh, clush, salt, loops, prompts. Line by line.

Which of the possible ones are headers is sections.py's to say: it knows what follows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.names import Named, is_common_word, looks_like_a_host, name_in, names_in
from calico_bgp.parse.pasted.hosts.prompt import read_command_line
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

_LONGEST = 400
_NAMES = r"(?P<names>[A-Za-z0-9_](?:[\w.:@/,-]|\[[\d,-]+\])*)"


class Strength(IntEnum):
    """How sure it is that a line is a header."""

    BARE = 0
    """A name alone on its line: only right above an answer."""
    MARKED = 1
    """A name between marks: where an answer follows, or others of its kind have one."""
    COMMAND = 2
    """The command itself."""
    TOOL = 3
    """A tool's own words: always."""


class Header(NamedTuple):
    """A line that may say whose output follows.

    Attributes:
        names: Whom it names; none where it only says that something begins (`Defaulted container ...`).
        strength: How sure it is.
        form: Headers of one loop have the same.
        reason: Why there may be nothing below, where the header says so.
        lines: How many lines it is.
        rest: What of the line belongs to the output, None for nothing.
    """

    names: tuple[Named, ...]
    strength: Strength
    form: str
    reason: str | None = None
    lines: int = 1
    rest: str | None = None


_ANSIBLE = LinePattern(
    r"\s*(?P<names>\S+) \| (?P<word>CHANGED|SUCCESS|FAILED!?|UNREACHABLE!?|SKIPPED)(?: \| rc=(?P<rc>-?\d+))?"
    r"(?:(?: \| \((?:stdout|stderr)\) (?P<rest>.*))|\s*(?:>>|=>)?\s*.*)"
)
_ANSIBLE_BEGINS = LinePattern(r"\s{0,8}\S{1,255} \| (?:CHANGED|SUCCESS|FAILED|UNREACHABLE)")
_PLAYBOOK = LinePattern(
    r"\s*(?P<word>ok|changed|failed|fatal|unreachable|skipping|rescued): \[(?P<names>[^\]\s]+)(?: -> [^\]]*)?\]"
    r"(?:: (?P<bad>FAILED|UNREACHABLE)!)?(?: (?:=> )?\(item=(?P<item>.*?)\))?(?P<rest>\s*=>.*|\s*)"
)
_RECAP = LinePattern(
    r"\s*(?P<names>\S+)\s+: ok=\d+\s+changed=\d+\s+unreachable=(?P<unreachable>\d+)\s+failed=(?P<failed>\d+).*"
)
_PSSH = LinePattern(r"\s*\[\d+\] \d\d:\d\d:\d\d \[(?P<word>SUCCESS|FAILURE)\] (?P<names>\S+)(?P<rest> .*)?")
_RULE = LinePattern(r"\s*[-=]{4,}\s*")
_FOLDED = LinePattern(rf"\s*{_NAMES}(?: \((?P<count>\d+)\))?\s*")
_TAIL = LinePattern(rf"\s*==> ?{_NAMES} ?<==\s*")
_BOLT = LinePattern(rf"\s*(?P<word>Finished|Failed) on {_NAMES}:\s*|\s*Started on (?P<started>\S+?)\.\.\.\s*")
_WATCH = LinePattern(rf"\s*Every [\d.]+s?: .*\s{{2,}}{_NAMES}: \w{{3}} \w{{3}} .*")
_DEBUG_POD = LinePattern(
    rf".*\bcontainer \S+ on node {_NAMES}\.?\s*|\s*Starting pod/{_NAMES.replace('names', 'started')}-debug(?:-\w+)? .*"
)
_DEFAULTED = LinePattern(r"\s*Default(?:ed|ing) container .*")
_LABEL = (
    r"(?:(?:outputs? of|outputs? from|output on|results? (?:of|for|from|on)|status (?:of|on|for)|checking|processing|"
    r"connecting to|running on|executing on|node name|nodename|hostname|host name|node|host|server|machine|pod|vm|"
    r"on|from|for)"
    r"\b\s*[:=#]?\s+)"
)
_MARKED = LinePattern(
    rf"(?P<left>[\s=#*\-~_<>|+:\[(`\"'.•\u2013—◆▶►→┄─━═/\\]*?)(?P<label>(?i:{_LABEL}){{0,2}}){_NAMES}"
    r"(?P<aside>\s*[(\[]\s*(?P<address>[\da-fA-F.:]+)\s*[)\]]|\s*\(\d+\)|\s*\([^()]{0,60}\))?"
    r"(?P<more>\s*[:\-\u2013—,]?\s*\$?\s*(?:sudo )?(?:kubectl.*|ssh.*)?"
    r"\b(?:calicoctl|birdcl?|node status|status|output)\b[\w /.-]*)?"
    r"(?P<right>[\s=#*\-~_<>|+:\])`\"'.•\u2013—◆◀◄←┄─━═/\\]*)",
    limit=200,
)


def read_header(lines: Sequence[Line], place: int) -> Header | None:
    """The header that begins at a line, as far as the line may be one."""
    text = lines[place].text
    if not text.strip() or len(text) > _LONGEST:
        # ansible's one-line form puts a whole output behind the name.
        return _of_ansible(text) if _ANSIBLE_BEGINS.match(text) else None
    for read in (_of_ansible, _of_pssh, _of_others):
        header = read(text)
        if header is not None:
            return header
    if _RULE.fullmatch(text):
        return _between_rules(lines, place)
    command = read_command_line(text)
    if command is not None:
        named = command.named
        return Header((named,) if named else (), Strength.COMMAND, "command")
    if _DEFAULTED.fullmatch(text):
        return Header((), Strength.COMMAND, "defaulted")
    return _marked(text)


def _of_ansible(text: str) -> Header | None:
    if " | " in text and (found := _ANSIBLE.fullmatch(text)) is not None:
        names = names_in(found["names"])
        if not names:
            return None
        bad = found["word"].startswith(("FAILED", "UNREACHABLE", "SKIPPED"))
        code = f" with exit code {found['rc']}" if found["rc"] else ""
        return Header(
            names,
            Strength.TOOL,
            "ansible",
            f"ansible: {found['word'].rstrip('!')}{code}" if bad else None,
            rest=found["rest"],
        )
    if ": [" in text and (found := _PLAYBOOK.fullmatch(text)) is not None:
        names = names_in(found["names"])
        # A loop on the machine that runs ansible: the item says for whom.
        names = names or names_in((found["item"] or "").strip("'\""))
        if not names:
            return None
        word = (found["bad"] or found["word"]).upper()
        is_bad = word in {"FAILED", "UNREACHABLE", "FATAL", "SKIPPING"}
        return Header(names, Strength.TOOL, "ansible", f"ansible: {word}" if is_bad else None)
    if ": ok=" in text and (found := _RECAP.fullmatch(text)) is not None:
        names = names_in(found["names"])
        reason = None
        if found["unreachable"] != "0":
            reason = "ansible: UNREACHABLE"
        elif found["failed"] != "0":
            reason = "ansible: FAILED"
        return Header(names, Strength.TOOL, "recap", reason) if names else None
    return None


def _of_pssh(text: str) -> Header | None:
    found = _PSSH.fullmatch(text) if "[" in text else None
    names = names_in(found["names"]) if found is not None else ()
    if found is None or not names:
        return None
    failed = found["word"] == "FAILURE"
    said = (found["rest"] or "").strip()
    return Header(names, Strength.TOOL, "pssh", f"pssh: {said or 'FAILURE'}" if failed else None)


def _of_others(text: str) -> Header | None:
    for pattern, form in ((_TAIL, "tail"), (_BOLT, "bolt"), (_WATCH, "watch"), (_DEBUG_POD, "debug")):
        found = pattern.fullmatch(text)
        if found is None:
            continue
        groups = found.groupdict()
        names = names_in(groups.get("names") or groups.get("started") or "")
        if names:
            reason = "bolt: it failed" if groups.get("word") == "Failed" else None
            return Header(names, Strength.TOOL if reason else Strength.MARKED, form, reason)
    return None


def _between_rules(lines: Sequence[Line], place: int) -> Header | None:
    """Of clush -b and dshbak: a rule, the names, a rule."""
    if place + 2 >= len(lines) or not _RULE.fullmatch(lines[place + 2].text):
        return None
    found = _FOLDED.fullmatch(lines[place + 1].text)
    names = names_in(found["names"]) if found is not None else ()
    if found is None or not names or any(is_common_word(named.host) for named in names):
        return None
    return Header(names, Strength.TOOL, "rules", lines=3)


def _marked(text: str) -> Header | None:
    """A name between any marks, or alone."""
    if len(text) > 200:
        return None
    found = _MARKED.fullmatch(text)
    if found is None or not found["names"]:
        return None
    left, right = _form(found["left"]), _form(found["right"])
    written = found["names"].rstrip(":")
    right = right or (":" if written != found["names"] else "")
    names = names_in(written.strip("/"))
    if not names or any(is_common_word(named.host) for named in names):
        return None
    address = name_in(found["address"]) if found["address"] else None
    if address is not None and address.address is not None and len(names) == 1:
        names = (Named(names[0].host, names[0].node, address.address),)
    label = " ".join(found["label"].lower().split())
    if not left and not right and not label:
        if not all(looks_like_a_host(named) for named in names):
            return None
        return Header(names, Strength.BARE, "bare")
    if "|" in left or "|" in right or left in {".", "/", "\\"}:
        return None
    return Header(names, Strength.MARKED, f"{left} {label} {right}")


def _form(marks: str) -> str:
    """Marks without their number: `====` and `==` are one form."""
    return "".join(dict.fromkeys("".join(marks.split())))
