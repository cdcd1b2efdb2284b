"""From what the resources command printed to one text per kind, or to the reason why there is none. No I/O.

Only what a Resource needs is kept of each object: neither a Secret's name nor kubectl's copy of what was applied
reaches a file, and the text of 5,000 Kubernetes Nodes shrinks to a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from calico_bgp.errors import CommandFailed, GatherError, GatherTimeout
from calico_bgp.parse.lines import first_line
from calico_bgp.sources.node.interpret import STOPPED, AnswerUnreadable, no_answer
from calico_bgp.sources.node.rights import why_no_sudo
from calico_bgp.sources.resources.command import ANY_RELEASE, KINDS, ROUTE_KINDS
from calico_bgp.sources.resources.kept import kept_text

_NOT_ALLOWED = re.compile(r"\bforbidden\b|unauthori[sz]ed|must be logged in|permission denied", re.IGNORECASE)
_NO_CLUSTER = re.compile(
    r"connection to the server|connection refused|no configuration has been provided|dial tcp|deadline exceeded"
    r"|no such host|cluster unreachable|failed to create[^\n]{0,100}client",
    re.IGNORECASE,
)
#: What kubectl logs before it says what is wrong (klog), and its warnings.
_LOG = re.compile(r"^([EWIF]\d{4} \d\d:\d\d:.*|Warning: .*)$", re.MULTILINE)
#: The cluster, or this calicoctl, has no such kind: that is no trouble.
_NO_SUCH_KIND = re.compile(r"have a resource type|not supported|could not find the requested resource|unknown resource")
_MOST_REASONS = 4
#: How programs begin and end the first and the last line of what they print as JSON.
_OPENS, _CLOSES = ("{", "["), ("}", "]")
MISMATCH = "calicoctl on {} is of another release than the cluster: fields that it does not know are missing"


@dataclass(frozen=True, slots=True)
class Call:
    """One program that was asked for one kind.

    Attributes:
        user: `login` or `sudo`.
        kind: One of KINDS or ROUTE_KINDS.
        command: What was run, `/usr/local/bin/calicoctl get nodes -o json`.
        text: Its standard output.
        stderr: The end of its error output; what sudo says is in it, too.
        exit_code: None when it did not come back.
    """

    user: str
    kind: str
    command: str
    text: str
    stderr: str = ""
    exit_code: int | None = None

    @property
    def typed(self) -> str:
        """The command as a person would type it."""
        return f"sudo {self.command}" if self.user == "sudo" else self.command

    @property
    def reason(self) -> str:
        """Why it failed, in one line."""
        if self.exit_code is None or self.exit_code in STOPPED:
            return "it did not come back"
        said = first_line(_LOG.sub("", self.stderr)) or first_line(self.stderr) or first_line(self.text)
        return said or f"it said nothing (exit code {self.exit_code})"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Calico's resources as text, as one host printed them.

    Attributes:
        texts: (file name, JSON) of every kind: `nodes.json`. Of ROUTE_KINDS only what was printed is there.
        warning: What the user should know of how they were read, or None.
    """

    texts: tuple[tuple[str, str], ...]
    warning: str | None = None


def fetched_from(text: str, marker: str, *, name: str, cut: str | None) -> Fetched:
    """The texts of all kinds.

    Args:
        text: All that came over the connection.
        marker: The marker of the command.
        name: The host, for the messages.
        cut: Why the text may have ended early; None when the command ended by itself.

    Raises:
        GatherError: There are none, with the reason and what to do.
    """
    has_begun, refused, has_ended, calls = _taken_apart(text, marker)
    if not has_begun:
        raise no_answer(text, cut)
    last = [call for call in calls if call.kind not in ROUTE_KINDS][-len(KINDS) :]
    if tuple(call.kind for call in last) == KINDS and all(call.exit_code == 0 for call in last):
        texts = tuple((f"{call.kind}.json", _json_of(call)) for call in last)
        of_routes, missed = _of_routes(calls)
        mismatch = MISMATCH.format(name) if last[0].command.endswith(ANY_RELEASE) else None
        warnings = [warning for warning in (mismatch, missed and f"not read on {name}: {missed}") if warning]
        return Fetched((*texts, *of_routes), "; ".join(warnings) or None)
    if not has_ended and cut is not None:
        raise _cut_short(calls, cut)
    raise _failed(calls, refused, name)


def _of_routes(calls: list[Call]) -> tuple[list[tuple[str, str]], str]:
    """The texts of ROUTE_KINDS, and why others are missing that this cluster has. Nothing of the peers needs them."""
    texts, missed = [], []
    for kind in ROUTE_KINDS:
        calls_of_kind = [call for call in calls if call.kind == kind]
        text_of_kind = next(
            (text for call in calls_of_kind if call.exit_code == 0 and (text := kept_text(call.text))), None
        )
        if text_of_kind is not None:
            texts.append((f"{kind}.json", text_of_kind))
            continue
        reason = next(
            (call.reason for call in calls_of_kind if not _NO_SUCH_KIND.search(f"{call.stderr}{call.text}")), None
        )
        if reason is not None:
            missed.append(f"{kind} ({reason})")
    return texts, ", ".join(missed)


def _taken_apart(text: str, marker: str) -> tuple[bool, str | None, bool, list[Call]]:
    """Whether it began, what sudo said to the password, whether it ended, and every call in order."""
    begun, ended, refused = False, False, None
    calls: list[Call] = []
    for section, argument, body in _sections(text, marker):
        if section == "begin":
            begun = True
        elif section == "refused":
            refused = body
        elif section == "end":
            ended = True
        elif section == "stdout":
            user, kind, command = [*argument.split(" ", 2), "", "", ""][:3]
            calls.append(Call(user, kind, command, body))
        elif calls and section == "stderr":
            calls[-1] = _with(calls[-1], stderr=body)
        elif calls and section == "exit" and re.fullmatch(r"\d{1,9}", argument):
            calls[-1] = _with(calls[-1], exit_code=int(argument))
    return begun, refused, ended, calls


def _with(call: Call, *, stderr: str | None = None, exit_code: int | None = None) -> Call:
    return Call(call.user, call.kind, call.command, call.text, call.stderr if stderr is None else stderr, exit_code)


def _sections(text: str, marker: str) -> Iterator[tuple[str, str, str]]:
    # What comes before the first marker is chatter of rc files. A marker in mid-line is our own command, echoed.
    for part in f"\n{text}".split(f"\n{marker} ")[1:]:
        head, _, body = part.partition("\n")
        section, _, argument = head.rstrip("\r").partition(" ")
        yield section, argument, body


def _json_of(call: Call) -> str:
    kept = kept_text(_document(call.text))
    if kept is not None:
        return kept
    said = first_line(call.text)
    raise AnswerUnreadable(
        f"{call.typed} printed no JSON{f', but: {said}' if said else '; it printed nothing'}",
        "run it by hand on that host; is it Calico's calicoctl, or Kubernetes' kubectl?",
    )


def _document(text: str) -> str:
    """The one JSON document among lines of a login shell: SSH has its complaints on the same stream, at any moment.

    Of two documents none is dropped: from the first bracket at the begin of a line to the last at the end of one.
    """
    lines = text.splitlines(keepends=True)
    begin = next((place for place, line in enumerate(lines) if line[0] in _OPENS), 0)
    end = next(
        (place for place in range(len(lines), begin, -1) if lines[place - 1].rstrip()[-1:] in _CLOSES), len(lines)
    )
    return "".join(lines[begin:end])


def _cut_short(calls: list[Call], cut: str) -> GatherError:
    doing = f"{calls[-1].typed}: " if calls else ""
    if cut.startswith("more than"):
        return CommandFailed(f"{doing}{cut}", "so much is no list of resources: run it by hand on that host")
    return GatherTimeout(f"{doing}it did not come back: {cut}", "run it by hand on that host; does its cluster answer?")


def _failed(calls: list[Call], refused: str | None, name: str) -> GatherError:
    if not calls and refused is None:
        return CommandFailed(
            f"there is neither calicoctl nor kubectl on {name}",
            "name a host that has one (--calicoctl PATH when it is in an odd place), or give files with --resources",
        )
    failed = [call for call in calls if call.exit_code != 0]
    if not failed and refused is None:
        said = f"what {name} printed is not what the command prints"
        return CommandFailed(
            said, f"run `calicoctl get nodes -o json` or `kubectl get nodes -o json` by hand on {name}"
        )
    # One reason for several ways is named once, with the first of them.
    first = {call.reason: call.typed for call in reversed(failed)}
    reasons = [f"{first[reason]}: {reason}" for reason in dict.fromkeys(call.reason for call in failed)]
    if refused is not None:
        reasons.append(f"sudo: {why_no_sudo(refused) or first_line(refused) or 'it did not take the password'}")
    more = f" (and {len(reasons) - _MOST_REASONS} more)" if len(reasons) > _MOST_REASONS else ""
    message = "; ".join(reasons[:_MOST_REASONS]) + more
    if failed and all(call.exit_code in STOPPED for call in failed):
        return GatherTimeout(message, "run it by hand on that host; does its cluster answer?")
    return CommandFailed(message, _hint(failed, refused))


def _hint(failed: list[Call], refused: str | None) -> str:
    # The login's own trouble says more than sudo's: sudo is tried only because of it.
    said = "\n".join(f"{call.stderr}\n{call.text[:1000]}" for call in failed)
    if _NOT_ALLOWED.search(said):
        return "let that login read them (docs/ssh.md has the ClusterRole), or name another user or host"
    if _NO_CLUSTER.search(said):
        return (
            "that login needs a kubeconfig (KUBECONFIG, ~/.kube/config), or an /etc/calico/calicoctl.cfg, on that host"
        )
    if "have a resource type" in said:
        return "is Calico installed in the cluster that kubectl asks there?"
    if refused is not None or why_no_sudo(said):
        return "log in as a user who may read them, or see --ask-sudo-pass"
    return f"run it by hand on that host: {failed[0].typed}" if failed else "run it by hand on that host"
