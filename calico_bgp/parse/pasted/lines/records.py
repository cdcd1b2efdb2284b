"""Takes texts out of records of named fields: `journalctl -o export` and `-o verbose`, PowerShell's `Format-List`."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.parse.pasted.hosts.names import is_common_word, name_in
from calico_bgp.parse.pasted.lines.anchors import find_anchor
from calico_bgp.parse.pasted.lines.patterns import LinePattern

#: A field of the journal (systemd.journal-fields), indented by `-o verbose`.
_JOURNAL_FIELD = LinePattern(r"\s{0,8}(?P<name>_HOSTNAME|MESSAGE)=(?P<value>.*)")
#: With what a record of the journal begins: the cursor, or the time in `-o verbose`.
_JOURNAL_RECORD = LinePattern(r"__CURSOR=.*|\S{2,5} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*\[s=.*")
#: A field of an object as PowerShell lists it: names of one width, a colon, and the value's further lines below it.
_LISTED_FIELD = LinePattern(r"(?P<head>(?P<name>[A-Za-z]\w{0,40}) {0,40} : )(?P<value>.*)")
#: How scripts call the field of the host, in small letters.
_HOSTS = frozenset(
    ("computername", "pscomputername", "host", "hostname", "node", "nodename", "server", "name", "vmname")
)
#: Fewer records are no log.
_FEWEST = 3


def without_records(text: str) -> str:
    """The text with what each record says in the record's place, and its host; any other text as it is.

    Args:
        text: Lines separated by LF alone.
    """
    if "_HOSTNAME=" in text and text.count("MESSAGE=") >= _FEWEST:
        return "\n".join(_journal(text.split("\n")))
    if " : " in text:
        listed = _listed(text.split("\n"))
        return text if listed is None else "\n".join(listed)
    return text


def _journal(lines: list[str]) -> list[str]:
    """Each record's message in the message's line, behind its host; all other fields are passed over."""
    said = [""] * len(lines)
    host, messages = "", list[tuple[int, str]]()
    for place, line in enumerate([*lines, "__CURSOR="]):
        field = _JOURNAL_FIELD.fullmatch(line)
        if field is None and _JOURNAL_RECORD.fullmatch(line) is None:
            if place < len(lines) and "=" not in line:
                said[place] = line
            continue
        if field is None:
            for at, message in messages:
                said[at] = f"{host}: {message}" if host else message
            host, messages = "", []
        elif field["name"] == "MESSAGE":
            messages.append((place, field["value"]))
        else:
            host = field["value"]
    return said


def _listed(lines: list[str]) -> list[str] | None:
    """The values of objects below a heading with the host of each; None where these are no objects with an answer."""
    fields = list(_fields(lines))
    if not fields:
        return None
    first = fields[0][1]
    begins = [place for place, name, _, _ in fields if name == first]
    hosts = [(place, value) for place, name, value, _ in fields if name.lower() in _HOSTS]
    if len(hosts) != len(begins) or not any(find_anchor(value) for _, _, value, _ in fields):
        return None
    names = [name_in(value.strip()) for _, value in hosts]
    if any(named is None or is_common_word(named.host) for named in names):
        return None
    said = list(lines)
    for place, name, value, end in fields:
        width = len(lines[place]) - len(value)
        said[place] = "" if name.lower() in _HOSTS or value.strip().isdecimal() else value
        for below in range(place + 1, end):
            said[below] = lines[below][width:]
    for begin, (_, host) in zip(begins, hosts, strict=True):
        if begin and said[begin - 1].strip():
            return None  # there is no room for a heading: these are no objects that somebody listed
        said[max(begin - 1, 0)] = f"== {host.strip()} =="
    return said


def _fields(lines: list[str]) -> Iterator[tuple[int, str, str, int]]:
    """(line, name, value, behind its last line) of each field that has the width of the first one."""
    place, head = 0, 0
    while place < len(lines):
        field = _LISTED_FIELD.fullmatch(lines[place])
        if field is None or (head and len(field["head"]) != head):
            place += 1
            continue
        head = len(field["head"])
        end = place + 1
        while end < len(lines) and (lines[end].startswith(" " * head) or _is_blank_inside(lines, end, head)):
            end += 1
        yield place, field["name"], field["value"], end
        place = end


def _is_blank_inside(lines: list[str], place: int, head: int) -> bool:
    """Whether a blank line belongs to a value: the next line goes on with it."""
    return not lines[place].strip() and place + 1 < len(lines) and lines[place + 1].startswith(" " * head)
