"""Cuts a paste into sections: the lines of one host each, with all hosts that the text names. No tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from calico_bgp.model.stage import Stage
from calico_bgp.parse.pasted.hosts.alike import headings_alike
from calico_bgp.parse.pasted.hosts.boxes import read_boxed
from calico_bgp.parse.pasted.hosts.header import Header, Strength
from calico_bgp.parse.pasted.hosts.headers import read_header
from calico_bgp.parse.pasted.hosts.marked import BARE_WORD, LISTED
from calico_bgp.parse.pasted.hosts.names import Named, is_pod
from calico_bgp.parse.pasted.hosts.reasons import Reason, read_reason
from calico_bgp.parse.pasted.lines.anchors import ANCHOR, find_anchor
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line

#: Stages at which nothing of a host's answer has come.
UNREACHED = frozenset({Stage.RESOLVE, Stage.CONNECT, Stage.HOST_KEY, Stage.AUTHENTICATE})
#: Lines that may stand between a bare name and its answer: blanks, fences, the command.
_NEAR = 3
_EMPTY = LinePattern(r"(?i:\s*(?:output|stdout):\s*)|[\s\-=_*`~#+]*(?:```\w*|~~~\w*)?\s*|[{}\[\]]\s*")
#: A prompt with a command behind it, which is none that prints a status: those are headers.
_PROMPT = LinePattern(
    r"\s*(?:[\w.+-]+@[\w.-]+[:\s][^#$%>|]{0,120}|\[[^\]|]{1,120}\]|PS [^>|]{0,120})?\s?[#$%>\u276f\u279c]\s+\w.*"
)
_STEM = LinePattern(r"[\d.-]+.*")


@dataclass(slots=True)
class _Any:
    """Whether any of some lines is of a kind: asked again and again while lines come, and each is looked at once."""

    is_one: Callable[[str], bool]
    has_one: bool = False
    looked_at: int = 0

    def among(self, lines: Sequence[Line]) -> bool:
        while not self.has_one and self.looked_at < len(lines):
            self.has_one = self.is_one(lines[self.looked_at].text)
            self.looked_at += 1
        return self.has_one


@dataclass(slots=True)
class Section:
    """What one host printed, or several that printed the same.

    Attributes:
        names: Whose it is; empty where the text does not say.
        line: Where it begins.
        strength: How sure its header is.
        reasons: Why it may hold no answer, in the words of its header and its lines.
        lines: Its lines, the header left out.
        has_header: Whether a header begins it.
        title: The header's line, which may be the command.
    """

    names: tuple[Named, ...] = ()
    line: int | None = None
    strength: Strength = Strength.BARE
    reasons: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    has_header: bool = False
    title: str = ""

    _answers: _Any = field(default_factory=lambda: _Any(lambda text: find_anchor(text) is not None))
    _commands: _Any = field(default_factory=lambda: _Any(lambda text: _PROMPT.match(text) is not None))

    @property
    def has_answer(self) -> bool:
        """Whether any of its lines belongs to a status."""
        return self._answers.among(self.lines)

    @property
    def has_another_command(self) -> bool:
        """Whether somebody went on with other commands: a complaint may be about those."""
        return self._commands.among(self.lines)


def sections_of(lines: Sequence[Line], host: Named | None = None) -> list[Section]:
    """The sections of some lines, in their order.

    Args:
        lines: Without prefixes.
        host: Whose they all are, by their prefix.
    """
    headers = _accepted(lines)
    names = () if host is None else (host,)
    current = Section(names, lines[0].number if host is not None and lines else None, Strength.TOOL)
    current.has_header = host is not None
    sections = [current]
    place = 0
    while place < len(lines):
        header = headers.get(place)
        line = lines[place]
        if header is not None:
            current = _begin(sections, header, line, names)
            current.title = line.text
            if header.rest is not None:
                current.lines.append(Line(line.number, header.rest, line.host))
                if (reason := read_reason(header.rest)) is not None:
                    current.reasons.append(reason.text)
            place += header.lines
            continue
        reason = read_reason(line.text)
        if reason is not None:
            if _is_of_another(reason, current, is_text=host is None):
                named = () if reason.host is None else (reason.host,)
                if len(reason.text) < len(line.text.strip(" `'\"")):
                    current.lines.append(line)  # what stands beside it may be the end of an answer
                sections.append(Section(named, line.number, Strength.TOOL, [reason.text], has_header=True))
                current = Section(names, None, Strength.BARE) if current.has_answer else current
                if current is not sections[-2]:
                    sections.append(current)
                place += 1
                continue
            current.reasons.append(reason.text)
            if current.line is None and not current.has_header:
                current.line = line.number
        current.lines.append(line)
        place += 1
    return sections if host is None else _without_speaker(sections)


def _without_speaker(sections: list[Section]) -> list[Section]:
    """Without who only speaks of others: the prefix of a chat's lines, of a pod that asked all nodes."""
    first, *others = sections
    is_speaker = not first.has_answer and not first.reasons
    is_speaker = is_speaker and any(each.names not in ((), first.names) and each.has_answer for each in others)
    return others if is_speaker else sections


def _begin(sections: list[Section], header: Header, line: Line, names: tuple[Named, ...]) -> Section:
    """The section that a header begins: a new one, or the one above where that only waits for its answer."""
    current, number, title = sections[-1], line.number, line.text
    if not header.names and _is_bird6(title) and "birdc" in current.title and not _is_bird6(current.title):
        # BIRD's other half of the node that was asked just before.
        return current
    is_waiting = current.has_header and not current.has_answer and not current.reasons
    pod = header.names[0] if is_waiting and len(header.names) == 1 == len(current.names) else None
    if pod is not None and is_pod(pod) and current.names[0].node is not None:
        # `node1`, and below it `+ kubectl exec calico-node-x ...`.
        current.names = (pod._replace(node=current.names[0].node),)
        current.strength, current.title = max(current.strength, header.strength), title
        return current
    if is_waiting and (not header.names or header.names == current.names):
        current.strength = max(current.strength, header.strength)
        current.reasons += [header.reason] if header.reason else []
        return current
    if header.form == "recap" and not header.reason and any(each.names == header.names for each in sections):
        # It says no more than that the host was asked.
        section = Section(names, None, Strength.BARE)
    else:
        section = Section(header.names or names, number, header.strength, has_header=True)
        section.reasons += [header.reason] if header.reason else []
    sections.append(section)
    return section


def _is_bird6(title: str) -> bool:
    return "birdcl6" in title or "birdc6" in title or "bird6.ctl" in title


def _is_of_another(reason: Reason, current: Section, *, is_text: bool) -> bool:
    """Whether a line that says why a host is silent speaks of another host than the one whose section it is in.

    Args:
        reason: What the line says.
        current: The section.
        is_text: Whether neighbouring lines may be of different hosts; by a prefix they are all of one.
    """
    if reason.host is None:
        # Who answered was reached, and was asked: the name of whom it speaks was lost.
        is_instead = reason.stage in UNREACHED or (reason.is_instead and not current.has_another_command)
        return is_text and is_instead and current.has_answer
    if any(reason.host.host in {named.host, str(named.address)} for named in current.names):
        return False
    # `== node3 ==`, and below it `ssh: connect to host 192.0.2.3 ...`: one host by two names.
    return not current.names or current.has_answer or (reason.host.address is None and bool(current.reasons))


def _accepted(lines: Sequence[Line]) -> dict[int, Header]:
    """The headers among the lines that may be some."""
    possible: list[tuple[int, Header]] = []
    place = 0
    while place < len(lines):
        header = read_boxed(lines, place)
        if header is None and not ANCHOR.match(lines[place].text.strip()):
            header = read_header(lines, place)
        if header is None:
            place += 1
        else:
            possible.append((place, header))
            place += header.lines
    possible = _without_lists(_without_words(lines, possible))
    accepted: dict[int, Header] = {}
    for index, (place, header) in enumerate(possible):
        end = possible[index + 1][0] if index + 1 < len(possible) else len(lines)
        if header.strength >= Strength.COMMAND or _has_answer(lines, place + header.lines, end, header):
            accepted[place] = header
        elif (
            header.strength is not Strength.BARE
            and index + 1 < len(possible)
            and possible[index + 1][1].form in {"command", "defaulted"}
        ):
            # A name, then the command, then the answer.
            after = possible[index + 2][0] if index + 2 < len(possible) else len(lines)
            if _has_answer(lines, end + 1, after, header) and all(map(is_pod, possible[index + 1][1].names)):
                accepted[place] = header
        elif (
            header.strength is Strength.BARE
            and index + 1 < len(possible)
            and end - place <= _NEAR
            and possible[index + 1][1].form in {"command", "defaulted"}
            and all(map(is_pod, possible[index + 1][1].names))
        ):
            accepted[place] = header
    if not any(header.names for header in accepted.values()):
        accepted |= headings_alike(lines)
    with_answer = {(header.form, stem) for header in accepted.values() for stem in _stems(header)}
    for place, header in possible:
        if place not in accepted and any((header.form, stem) in with_answer for stem in _stems(header)):
            accepted[place] = header
    return accepted


def _without_lists(possible: list[tuple[int, Header]]) -> list[tuple[int, Header]]:
    """Without the lines of a list: names on neighbouring lines, where no other line of their form stands anywhere."""
    places: dict[str, list[int]] = {}
    for place, header in possible:
        places.setdefault(header.form, []).append(place)
    lists = {
        form
        for form in LISTED
        if (of := places.get(form)) is not None
        # Two names alone may be a loop whose first host printed nothing.
        and len(of) > (2 if form == "bare" else 1)
        and of[-1] - of[0] == len(of) - 1
    }
    return [(place, header) for place, header in possible if header.form not in lists]


def _without_words(lines: Sequence[Line], possible: list[tuple[int, Header]]) -> list[tuple[int, Header]]:
    """Without single words, but where two or more, each right above an answer, are all that names anybody."""
    words = [
        (place, header)
        for place, header in possible
        if header.form == BARE_WORD and _has_answer(lines, place + 1, len(lines), header)
    ]
    others = [(place, header) for place, header in possible if header.form != BARE_WORD]
    is_loop = len({header.names for _, header in words}) > 1 and not any(header.names for _, header in others)
    return sorted([*others, *words], key=lambda each: each[0]) if is_loop else others


def _has_answer(lines: Sequence[Line], first: int, end: int, header: Header) -> bool:
    """Whether a status, or the reason why there is none, follows a header before the next one."""
    if header.rest is not None and (find_anchor(header.rest) or read_reason(header.rest) is not None):
        return True
    for line in lines[first:end]:
        if find_anchor(line.text) or read_reason(line.text) is not None:
            return True
        if header.strength is Strength.BARE and not _EMPTY.fullmatch(line.text):
            return False
    return False


def _stems(header: Header) -> list[str]:
    """What names of one loop share: `node` of node1 and node2, `calico-node` of pods."""
    return [
        "calico-node-" if named.host.startswith("calico-node-") else _STEM.sub("", named.host) for named in header.names
    ]
