"""Finds the command line in a paste and the host that its prompt, its ssh or its kubectl names. Not its output."""

from __future__ import annotations

import re
from typing import NamedTuple

from calico_bgp.parse.pasted.hosts.names import Named, name_in
from calico_bgp.parse.pasted.lines.patterns import LinePattern

# Longer lines are no command lines; the limit bounds the time that the patterns below can take.
_LONGEST = 400

#: What prints a status: calicoctl, kubectl's plug-in, BIRD's client, calico-node itself.
_COMMAND = LinePattern(
    r"\S*\bcalicoctl\S*\s+(?:-\S+\s+)*(?:node\s+)?status\b"
    r"|\bkubectl\s+calico\s+(?:-\S+\s+)*node\s+status\b"
    r"|\S*\bbirdcl?6?\b\s+(?:-\S+\s+(?:/\S+\s+)?)*[\"']?sh(?:ow)?\s+prot\w*\b"
    r"|\bcalico-node\s+-show-status\b",
    re.IGNORECASE,
)
# What may stand between the prompt and the command: sudo and its like with their options, assignments, quotes.
_BEFORE_COMMAND = LinePattern(
    r"(?:\s*(?:sudo|doas|env|time|watch|exec|nohup)\b(?:\s+-\S+)*|\s*[A-Z_]+=\S*|\s*[\"'])*\s*$"
)
_MARK = r"[#$%>\u276f\u279c\u00bb\u03bb]"  # the last four are fashionable
_PROMPT_END = LinePattern(_MARK + r"\s*$")
# ansible-console names its pattern, which may be many hosts; what they print names them.
_ANSIBLE_CONSOLE = LinePattern(r" \(\d{1,6}\)\[f:\d{1,6}\][$#] ")
_SSH = LinePattern(
    r"\bssh\s+(?:-[bcDEeFIiJLlmOopQRSWw]\s*\S+\s+|-\S+\s+)*(?:[^\s@]+@)?(?P<host>\[?[A-Za-z0-9][\w.:-]*)\]?(?=\s|$)"
)
# Programs that run a command on a machine or in a container that they name.
_ELSEWHERE = tuple(
    LinePattern(pattern)
    for pattern in (
        r"\bgcloud\s+(?:\S+\s+)*?compute\s+ssh\s+(?:--\S+\s+)*(?:\w+@)?(?P<host>[\w.-]+)",
        r"\b(?:vagrant|docker-machine|limactl)\s+(?:ssh|shell)\s+(?P<host>[\w.-]+)",
        r"\bminikube\s+ssh\s+(?:-p\s+\S+\s+)?(?:-n|--node)[ =](?P<host>[\w.-]+)",
        r"\bmultipass\s+exec\s+(?P<host>[\w.-]+)",
        r"\b(?:lxc|incus)\s+exec\s+(?P<host>[\w.-]+)",
        r"\b(?:oc|kubectl)\s+(?:\S+\s+)*?debug\s+(?:-\S+\s+)*nodes?/(?P<host>[\w.-]+)",
        r"\bkubectl\s+node-shell\s+(?P<host>[\w.-]+)",
        r"\btalosctl\s+(?:\S+\s+)*?(?:-n|--nodes)[ =](?P<host>[\w.:-]+)",
    )
)
_EXEC = LinePattern(r"\b(?:kubectl|oc|k|k3s|microk8s\S*)\s.*?\bexec\s+(?P<rest>.*)")
_CONTAINER = LinePattern(r"\b(?:docker|podman|nerdctl|crictl)\s+exec\s+(?:-\S+\s+)*(?P<host>[\w.-]+)")
_WITH_VALUE = frozenset({"-n", "--namespace", "-c", "--container", "--context", "--kubeconfig", "--request-timeout"})
_HOST = (
    LinePattern(r"[\w.+-]+@(?P<host>[A-Za-z0-9][\w.-]*)"),  # root@node1:~#
    LinePattern(r"^\W{0,3}\[(?P<host>[A-Za-z0-9][\w.-]*)(?:\s[^\]]*)?\]"),  # [node1 ~]#
    LinePattern(r"^\s*(?P<host>[A-Za-z0-9][\w.-]*)(?::\S*)?\s*" + _MARK),  # node1:~ #
)


class CommandLine(NamedTuple):
    """A line that begins an output; `named` is None where it does not say whose."""

    named: Named | None

    @property
    def node(self) -> str | None:
        """The node's name, where the line has it."""
        return None if self.named is None else self.named.node


def read_command_line(line: str) -> CommandLine | None:
    """The command that prints a status, with the host that its line names.

    Returns:
        None for every other line, prose that mentions the command included.
    """
    if len(line) > _LONGEST:
        return None
    command = _COMMAND.search(line)
    if command is None:
        return None
    before = line[: command.start()].replace("**", "").replace("`", "")
    if _ANSIBLE_CONSOLE.search(before) is not None:
        return CommandLine(None)
    for pattern in (_SSH, *_ELSEWHERE):
        if (match := pattern.search(before)) is not None:
            return CommandLine(name_in(match["host"].strip("[]")))
    if (executed := _EXEC.search(before)) is not None:
        return CommandLine(_pod(executed["rest"]))
    if (contained := _CONTAINER.search(before)) is not None:
        # kind's nodes are containers; calico-node's own container is on the machine of the prompt.
        inside = name_in(contained["host"])
        if inside is not None and "calico" not in inside.host:
            return CommandLine(inside)
        before = before[: contained.start()]
    elif "--" in before.split():
        return CommandLine(None)
    before = before[: match.start()] if (match := _BEFORE_COMMAND.search(before)) is not None else before
    if not before.strip():
        return CommandLine(None)
    if _PROMPT_END.search(before) is None and not before.rstrip().endswith("]"):
        return None
    for pattern in _HOST:
        if (match := pattern.search(before)) is not None:
            return CommandLine(name_in(match["host"]))
    return CommandLine(None)


def _pod(arguments: str) -> Named | None:
    """The pod behind `kubectl exec`, whose options may stand before and behind it."""
    words = iter(arguments.split())
    for word in words:
        if word == "--":
            return None
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            pod = name_in(word.removeprefix("ds/").removeprefix("daemonset/")) if "$" not in word else None
            return None if pod is None or word.startswith(("ds/", "daemonset")) else Named(pod.host, None, None)
    return None
