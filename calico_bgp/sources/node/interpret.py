"""From a framed answer to a reading, or to the reason why there is none. Text in, value or error out."""

from __future__ import annotations

import re
from datetime import datetime

from calico_bgp.errors import CommandFailed, GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus, Silent
from calico_bgp.parse.answer.frame import MARKER_PREFIX, parse_answer
from calico_bgp.parse.answer.values import Answer, BirdAnswer
from calico_bgp.parse.bird.birdc import node_status_from_bird
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.parse.lines import first_line
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.sources.node.rights import NO_ROOT_HINT, raise_for_rights
from calico_bgp.sources.node.route_tables import route_tables
from calico_bgp.upstream import BIRD_SOCKET

#: `timeout` ends with 124, or with 128 + the signal where it had to kill (busybox: always).
STOPPED = frozenset({124, 137, 143})
#: The shell could not run the program (126) or did not find it (127).
NOT_RUN = frozenset({126, 127})


#: What asks BIRD by way of a container runtime.
_RUNTIMES = frozenset({"crictl", "nerdctl", "docker"})
#: birdc and birdcl (bird: client/client.c, server_connect).
_NO_SOCKET = "Unable to connect to server control socket"

_FIRST_TABLE = re.compile(rf"^{MARKER_PREFIX}[0-9a-f]{{32}} (?:table|kernel) ", re.MULTILINE)

#: Lines of an answer that are read: 5,000 peers of each family, wrapped over three lines. It bounds the time, about a
#: second, for which one node's answer keeps the others from their turn.
_MOST_LINES = 50_000


class AnswerUnreadable(CommandFailed):
    """The command ran, but what it printed is not the answer."""

    stage = "parse"


def reading_from(
    text: str,
    marker: str,
    host: Host,
    *,
    taken_at: datetime,
    ssh_address: Address | None = None,
    cut: str | None = None,
) -> NodeReading:
    """The reading of one node.

    Args:
        text: All that came over the connection.
        marker: The marker of the command.
        host: Whom we asked.
        taken_at: Our clock when the answer was complete (aware).
        ssh_address: The address we were connected to.
        cut: Why the text may have ended early (a deadline, the output cap); None when the command ended by itself.

    Raises:
        CommandFailed: There is no reading, with the reason and what to do.
        GatherTimeout: The same, because something hung.
    """
    bounded, excess = _bounded(text, marker)
    cut = cut or excess
    answer = parse_answer(bounded, marker)
    if answer is None:
        raise no_answer(text, cut)
    raise_for_rights(answer, host)
    status = (
        _from_bird(answer, host, cut)
        if answer.stdout is None or answer.exit_code in NOT_RUN
        else _from_calicoctl(answer, cut)
    )
    if answer.too_many_addresses:
        why = "not all of its addresses were read: there are too many"
        status = status.model_copy(update={"complete": False, "messages": (*status.messages, why)})
    return NodeReading(
        host=host.label,
        node=answer.node or host.node or answer.hostname,
        status=status,
        addresses=answer.addresses,
        ssh_address=ssh_address,
        taken_at=taken_at,
        clock=answer.clock,
        calicoctl_version=answer.version,
        exit_code=answer.exit_code,
        complete=status.complete,
        birds=tuple(filter(None, (bird_reading(details.text, details.family) for details in answer.details))),
        tables=route_tables(answer.tables),
        raw=text,
    )


def _bounded(text: str, marker: str) -> tuple[str, str | None]:
    """The lines that are read, and why not all are. Tables of routes, which come last, have a bound of their own."""
    tables = _FIRST_TABLE.search(text, max(0, text.find(marker)))
    if text.count("\n", 0, len(text) if tables is None else tables.start()) <= _MOST_LINES:
        return text, None
    return "\n".join(text.split("\n", _MOST_LINES)[:_MOST_LINES]), f"more than {_MOST_LINES:,} lines came"


def no_answer(text: str, cut: str | None) -> CommandFailed | GatherTimeout:
    """Why not even the beginning of an answer came."""
    said = first_line(text)
    if cut is not None and not said:
        return GatherTimeout(
            f"the login shell started but ran nothing: {cut}", "look at the rc files of that user on that host"
        )
    message = f"the host ran another program than ours; it said: {said}" if said else "the host ran nothing of ours"
    return CommandFailed(message, "the user needs a login shell, and no forced command (command= in authorized_keys)")


def _from_calicoctl(answer: Answer, cut: str | None) -> NodeStatus:
    hung = answer.exit_code in STOPPED
    stopped = hung or answer.exit_code is None
    stderr = "\n".join(line for line in answer.stderr.splitlines() if not line.startswith("sudo: "))
    stdout = answer.stdout or ""
    status = parse_node_status(f"{stdout.rstrip()}\n{stderr}\n" if stderr.strip() else stdout)
    empty = status.felix_running is None and not status.daemons and not status.peers
    if not empty:
        if not stopped:
            return status
        why = "calicoctl node status was stopped: it did not end by itself" if hung else f"the answer was cut: {cut}"
        return status.model_copy(update={"complete": False, "messages": (*status.messages, why)})
    if stopped:
        raise GatherTimeout(
            "calicoctl node status hung" if hung else f"calicoctl node status did not come back: {cut}",
            "run it on that host; a BIRD that is frozen, or a file system that hangs, holds it up",
        )
    said = first_line(stderr) or first_line(stdout)
    raise AnswerUnreadable(
        f"calicoctl said: {said}" if said else f"calicoctl printed nothing (exit code {answer.exit_code})",
        f"is {answer.calicoctl or 'calicoctl'} Calico's calicoctl? --calicoctl names another one",
    )


def _from_bird(answer: Answer, host: Host, cut: str | None) -> NodeStatus:
    felix = None if answer.processes is None else "felix" in answer.processes
    texts = {bird.family: _from_greeting(bird.text) for bird in answer.birds if bird.answered}
    others = [_silent_daemon(answer, family) for family in Family if family not in texts]
    if not texts:
        _raise_when_unknown(answer, host, others, cut)
        return NodeStatus(felix_running=felix, daemons=tuple(others), origin="birdc", complete=answer.complete)
    status = node_status_from_bird(texts)
    spoke = [
        _cut_off(daemon.family)
        if daemon.state is DaemonState.UNREACHABLE and _is_cut_off(answer, daemon.family)
        else daemon
        for daemon in status.daemons
    ]
    daemons = sorted((*spoke, *others), key=lambda daemon: daemon.family)
    # BIRD's client does not say where a table ends: it is whole where something follows.
    is_followed = bool(answer.details) and answer.details[-1].family is answer.birds[-1].family
    whole = _has_asked_every_bird(answer) or (len(texts) == len(Family) and is_followed)
    complete = status.complete and whole
    return status.model_copy(update={"felix_running": felix, "daemons": tuple(daemons), "complete": complete})


def _has_asked_every_bird(answer: Answer) -> bool:
    """Whether nothing is missing of what a status is made of: tables of routes come after all of that."""
    return answer.complete or bool(answer.tables)


def _is_cut_off(answer: Answer, family: Family) -> bool:
    """Whether the answer ended before a BIRD was asked, or in what it said."""
    if _has_asked_every_bird(answer):
        return False
    tries = [bird for bird in answer.birds if bird.family is family]
    return not tries or (tries[-1] is answer.birds[-1] and tries[-1].exit_code not in STOPPED)


def _cut_off(family: Family) -> Daemon:
    return Daemon(family, DaemonState.UNKNOWN, f"the answer was cut off before BIRD ({family.label}) had said all")


def _silent_daemon(answer: Answer, family: Family) -> Daemon:
    """What is known of a BIRD that did not answer: not running needs evidence, the rest is unreachable or unknown."""
    sockets = [path for socket_family, path in answer.sockets if socket_family is family]
    tries = [bird for bird in answer.birds if bird.family is family]
    refused = any("refused" in bird.text for bird in tries)
    nobody_there = refused or (not sockets and _has_asked_every_bird(answer))
    if answer.processes is not None and family.process not in answer.processes and nobody_there:
        return Daemon(family, DaemonState.NOT_RUNNING, f"no {family.process} process, and nobody at its control socket")
    hanging = [bird.tool for bird in tries if _hangs(bird)]
    if hanging:
        why = f"{hanging[0]}: BIRD took the connection, said nothing, and the time for it was up: timed out"
        return Daemon(family, DaemonState.UNREACHABLE, why)
    if _is_cut_off(answer, family):
        return _cut_off(family)
    if tries:
        said = first_line(tries[-1].text)
        return Daemon(family, DaemonState.UNREACHABLE, f"{tries[-1].tool}: {said}" if said else tries[-1].tool)
    if sockets:
        return Daemon(family, DaemonState.UNREACHABLE, f"{sockets[0]}: nothing to ask with")
    return Daemon(family, DaemonState.UNKNOWN, "no control socket to be seen")


def _raise_when_unknown(answer: Answer, host: Host, daemons: list[Daemon], cut: str | None) -> None:
    """No BIRD spoke. Return only where that is an answer: a Calico node on which no BIRD runs, or which hangs."""
    processes = answer.processes or frozenset()
    if not answer.complete and not answer.birds:
        raise GatherTimeout(
            f"BIRD did not answer: {cut}",
            "is BIRD frozen on that host, or the container runtime?",
            silent=Silent.BIRD,
        )
    if not (answer.node or answer.sockets or processes):
        raise CommandFailed(
            f"{host.name} does not look like a Calico node: no /var/lib/calico/nodename, no Felix and no BIRD",
            "take it out of the list, or is calico-node not running there?",
        )
    not_running = [daemon.state is DaemonState.NOT_RUNNING for daemon in daemons]
    if all(not_running) or (not answer.complete and any(not_running)):
        return
    if not answer.complete:
        raise GatherTimeout(
            "BIRD took the connection but did not answer",
            "BIRD hangs: look at calico-node's logs",
            silent=Silent.BIRD,
        )
    if any(map(_hangs, answer.birds)):
        return
    if any(bird.exit_code in STOPPED for bird in answer.birds):
        raise GatherTimeout(
            f"{answer.birds[-1].tool} did not come back", "does the container runtime on that host answer?"
        )
    if answer.rights == "none" and (answer.birds or not answer.sockets):
        raise CommandFailed("BIRD's control socket needs root, and the user is not root and has no sudo", NO_ROOT_HINT)
    if answer.sockets and not answer.birds:
        raise CommandFailed(
            "there is no calicoctl, and nothing to ask BIRD's control socket with",
            "install calicoctl on the hosts (--calicoctl PATH when it is in an odd place), or one of birdcl, socat, "
            "python3, nc; crictl, nerdctl or docker do when calico-node runs in a container",
        )
    if _socket_is_gone(answer):
        return
    if answer.birds:
        last = answer.birds[-1]
        raise CommandFailed(
            f"BIRD could not be asked; {last.tool} said: {first_line(last.text) or 'nothing'}",
            f"run that as root on the host: birdcl -s {BIRD_SOCKET} show protocols",
        )


def _hangs(bird: BirdAnswer) -> bool:
    """Whether BIRD itself kept the program waiting that asked it; a container runtime may hang by itself."""
    return bird.exit_code in STOPPED and bird.tool not in _RUNTIMES


def _socket_is_gone(answer: Answer) -> bool:
    """Whether BIRD runs and root found nobody at its socket, as calicoctl says it, too: that is known of the node."""
    return (
        answer.rights in ("root", "sudo")
        and any(family.process in (answer.processes or ()) for family in Family)
        and bool(answer.birds)
        and all(_NO_SOCKET in bird.text for bird in answer.birds)
    )


def _from_greeting(text: str) -> str:
    """BIRD's own words: what sudo or the container runtime printed before the greeting is left out."""
    greeting = re.search(r"^(0001 )?BIRD\b", text, re.MULTILINE)
    return text[greeting.start() :] if greeting else text
