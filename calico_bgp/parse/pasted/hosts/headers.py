"""Recognises the lines that say whose output follows: of ansible, pssh, clush, salt, loops, prompts. Line by line.

Which of the possible ones are headers is sections.py's to say: it knows what follows them.
"""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.parse.pasted.hosts.header import Header, Strength
from calico_bgp.parse.pasted.hosts.marked import read_marked
from calico_bgp.parse.pasted.hosts.names import is_common_word, looks_like_a_host, names_in, names_of_file
from calico_bgp.parse.pasted.hosts.prompt import read_command_line
from calico_bgp.parse.pasted.hosts.reasons import read_reason
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

_LONGEST = 400
_NAMES = r"(?P<names>[A-Za-z0-9_](?:[\w.:@/,-]|\[[\d,-]+\])*)"

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
#: What ansible's `unixy` prints.
_UNIXY = LinePattern(
    r"\s*(?P<names>\S+) (?P<word>ok|done|changed|failed|unreachable|skipped)!? \| "
    r"(?:stdout|stderr|msg|error): ?(?P<rest>.*)"
)
#: A row of a spreadsheet: a host, and all that it printed in quotes.
_CSV = LinePattern(rf"\s*(?:(?:\"[^\"]{{0,80}}\"|[^\",;]{{0,80}})[,;]){{0,6}}?\"?{_NAMES}\"?[,;]\s?\"(?P<rest>[^\"].*)")
#: A row of a table that has a name, and the beginning of what that host printed.
_CELL = LinePattern(rf"\s*\|\s*{_NAMES}\s*\|\s*(?P<rest>[^|]*?)\s*\|?")
_BEGINNING = LinePattern(r"(?i:calico process is|calico-node container|IPv4 BGP status|BIRD \S+ ready)")
_PSSH = LinePattern(r"\s*\[\d+\] \d\d:\d\d:\d\d \[(?P<word>SUCCESS|FAILURE)\] (?P<names>\S+)(?P<rest> .*)?")
_RULE = LinePattern(r"\s*[-=:]{4,}\s*")
_FOLDED = LinePattern(rf"\s*{_NAMES}(?: \((?P<count>\d+)\))?\s*")
_FILE = LinePattern(r"\s*==> ?(?P<file>\S+) ?<==\s*")
_BOLT = LinePattern(rf"\s*(?P<word>Finished|Failed) on {_NAMES}:\s*|\s*Started on (?P<started>\S+?)\.\.\.\s*")
_WATCH = LinePattern(rf"\s*Every [\d.]+s?: (?P<command>.*)\s{{2,}}{_NAMES}: \w{{3}} \w{{3}} .*")
_DEBUG_POD = LinePattern(
    rf".*\bcontainer \S+ on node {_NAMES}\.?\s*|\s*Starting pod/{_NAMES.replace('names', 'started')}-debug(?:-\w+)? .*"
)
_DEFAULTED = LinePattern(r"\s*Default(?:ed|ing) container .*")


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
    return read_marked(lines, place)


def _of_ansible(text: str) -> Header | None:
    if " | " in text and (match := _ANSIBLE.fullmatch(text)) is not None:
        names = names_in(match["names"])
        if not names:
            return None
        bad = match["word"].startswith(("FAILED", "UNREACHABLE", "SKIPPED"))
        code = f" with exit code {match['rc']}" if match["rc"] else ""
        return Header(
            names,
            Strength.TOOL,
            "ansible",
            f"ansible: {match['word'].rstrip('!')}{code}" if bad else None,
            rest=match["rest"],
        )
    if ": [" in text and (match := _PLAYBOOK.fullmatch(text)) is not None:
        names = names_in(match["names"])
        # A loop on the machine that runs ansible: the item says for whom.
        names = names or names_in((match["item"] or "").strip("'\""))
        if not names:
            return None
        word = (match["bad"] or match["word"]).upper()
        is_bad = word in {"FAILED", "UNREACHABLE", "FATAL", "SKIPPING"}
        return Header(names, Strength.TOOL, "ansible", f"ansible: {word}" if is_bad else None)
    if " | " in text and (match := _UNIXY.fullmatch(text)) is not None:
        names = names_in(match["names"])
        bad = match["word"] if match["word"] in {"failed", "unreachable", "skipped"} else None
        reason = f"ansible: {bad.upper()}" if bad else None
        return Header(names, Strength.TOOL, "ansible", reason, rest=match["rest"]) if names else None
    if ": ok=" in text and (match := _RECAP.fullmatch(text)) is not None:
        names = names_in(match["names"])
        reason = None
        if match["unreachable"] != "0":
            reason = "ansible: UNREACHABLE"
        elif match["failed"] != "0":
            reason = "ansible: FAILED"
        return Header(names, Strength.TOOL, "recap", reason) if names else None
    return None


def _of_pssh(text: str) -> Header | None:
    match = _PSSH.fullmatch(text) if "[" in text else None
    names = names_in(match["names"]) if match is not None else ()
    if match is None or not names:
        return None
    failed = match["word"] == "FAILURE"
    error = (match["rest"] or "").strip()
    return Header(names, Strength.TOOL, "pssh", f"pssh: {error or 'FAILURE'}" if failed else None)


def _of_others(text: str) -> Header | None:
    if text.endswith("<==") and (match := _FILE.fullmatch(text)) is not None:
        names = names_of_file(match["file"])
        return Header(names, Strength.MARKED, "file") if names else None
    if '"' in text and (match := _CSV.fullmatch(text)) is not None:
        names = names_in(match["names"])
        if names and not any(is_common_word(named.host) for named in names):
            return Header(names, Strength.MARKED, "csv", rest=match["rest"])
    if text.count("|") in {2, 3} and (match := _CELL.fullmatch(text)) is not None:
        names = names_in(match["names"])
        if names and all(looks_like_a_host(named) and named.address is None for named in names):
            is_beginning = not match["rest"] or _BEGINNING.match(match["rest"]) or read_reason(match["rest"])
            return Header(names, Strength.MARKED, "cell", rest=match["rest"]) if is_beginning else None
    for pattern, form in ((_BOLT, "bolt"), (_WATCH, "watch"), (_DEBUG_POD, "debug")):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        groups = match.groupdict()
        names = names_in((groups.get("names") or groups.get("started") or "").rstrip("."))
        watched = read_command_line(groups.get("command") or "")
        if watched is not None and watched.named is not None:
            # `watch ssh node1 ...` prints the name of the machine that it runs on.
            names = (watched.named,)
        if names:
            reason = "bolt: it failed" if groups.get("word") == "Failed" else None
            return Header(names, Strength.TOOL if reason else Strength.MARKED, form, reason)
    return None


def _between_rules(lines: Sequence[Line], place: int) -> Header | None:
    """Of clush -b and dshbak: a rule, the names, a rule."""
    if place + 2 >= len(lines) or not _RULE.fullmatch(lines[place + 2].text):
        return None
    match = _FOLDED.fullmatch(lines[place + 1].text)
    if ":" in lines[place].text:
        # more(1) above each of several files.
        names = names_of_file(lines[place + 1].text.strip())
        return Header(names, Strength.MARKED, "file", lines=3) if names else None
    names = names_in(match["names"]) if match is not None else ()
    if match is None or not names or any(is_common_word(named.host) for named in names):
        return None
    return Header(names, Strength.TOOL, "rules", lines=3)
