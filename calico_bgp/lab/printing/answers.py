"""What one node of the lab prints for a command: the gather command, and those that people type. Pure; no SSH here."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from calico_bgp.lab.faults.fault import FaultKind
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable
from calico_bgp.lab.printing.render import Printed, render_node_status, render_show_protocols
from calico_bgp.lab.printing.resources import resources_to_json
from calico_bgp.lab.routing.answers import RoutesState, as_reduced, details_of, tables_of
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.model.resources import Resources
from calico_bgp.parse.answer.frame import frame_answer, marker_of
from calico_bgp.parse.answer.values import Answer, BirdAnswer
from calico_bgp.sources.node.route_scripts import wanted_by
from calico_bgp.sources.resources.command import KINDS, ROUTE_KINDS

_VERSIONS = {Layout.CENTRED: "v3.32.0", Layout.LEFT: "v3.33.0"}
_CALICOCTL = "/usr/local/bin/calicoctl"
_SUDO_REFUSED = Printed("", "sudo: a password is required\n", 1)
_NO_SUCH_COMMAND = Printed(
    "", "simulated node: it knows only `sudo calicoctl node status`, `birdcl show protocols` and `hostname`\n", 127
)
_ALIVE = (DaemonState.RUNNING, DaemonState.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class NodeState:
    """All that a node's answers depend on.

    Attributes:
        name: What the node calls itself.
        addresses: Those on its interfaces.
        table: Its tables at this moment.
        faults: The kinds of fault that befall it as a whole.
        clock: Its own clock.
        layout: Which calicoctl it has.
        resources: What that calicoctl finds in the datastore.
        routes: What it says of its routes; None where it says nothing of them.
    """

    name: str
    addresses: tuple[Address, ...]
    table: NodeTable
    faults: Collection[FaultKind]
    clock: datetime
    layout: Layout
    resources: Resources = field(default_factory=Resources)
    routes: RoutesState | None = None


def answer_command(command: str, state: NodeState) -> Printed | None:
    """What the node prints for a command; None when it never answers.

    Besides the gather command and the one for the resources it knows `calicoctl node status` (with and without sudo),
    `birdcl [-s SOCKET] show protocols` and `hostname`. Anything else ends with exit 127, as where a shell does
    not find a program.
    """
    marker = marker_of(command)
    if marker is not None and " ".join(KINDS) in command:
        return _print_resources(marker, state)
    if marker is not None:
        status = _status(state)
        if status is None:
            # A node tells who it is before it asks calicoctl, which then never answers.
            begun = replace(_answer(command, Printed(""), state), exit_code=None, version=None, complete=False)
            return Printed(frame_answer(marker, begun), exit_code=None)
        return Printed(frame_answer(marker, _answer(command, status, state)))
    try:
        words = shlex.split(command)
    except ValueError:
        words = [command]
    if words[:1] == ["hostname"]:
        return Printed(f"{state.name}\n")
    root = words[:1] == ["sudo"]
    words = words[1:] if root else words
    if root and FaultKind.NO_SUDO in state.faults:
        return _SUDO_REFUSED
    if words[1:] == ["node", "status"] and words[0].rpartition("/")[2] == "calicoctl":
        return _typed_status(state, root=root)
    if words[:1] in (["birdcl"], ["birdc"]):
        return _typed_birdcl(words, state)
    return _NO_SUCH_COMMAND


def _typed_birdcl(words: list[str], state: NodeState) -> Printed:
    """What `birdcl -s SOCKET show protocols` prints; this BIRD knows nothing else."""
    if words[-2:] != ["show", "protocols"]:
        return _NO_SUCH_COMMAND
    family = Family.IPV6 if any("bird6" in word for word in words) else Family.IPV4
    answer = _ask_bird(state.table.family(family))
    return Printed(answer.text, "", answer.exit_code)


def answer_in_pod(command: Sequence[str], state: NodeState) -> Printed:
    """What a command in the node's calico-node pod prints: ours, or `birdcl` as a person would call it.

    The image holds neither calicoctl nor sudo, and who runs a command there is root.
    """
    marker = marker_of(command[-1]) if command else None
    tables = state.table.families
    if marker is None:
        return _typed_birdcl(list(command), state) if command[:1] == ["birdcl"] else _NO_SUCH_COMMAND
    answer = replace(
        _answer(command[-1], Printed(""), state),
        rights="root",
        calicoctl=None,
        stdout=None,
        exit_code=None,
        version=None,
        sockets=tuple((table.family, table.family.socket) for table in tables if _has_socket(table)),
        birds=tuple(replace(_ask_bird(table), tool="birdcl") for table in tables),
    )
    return Printed(frame_answer(marker, answer))


def _print_resources(marker: str, state: NodeState) -> Printed:
    """The sections that the command for the resources prints (sources/resources/command.py)."""
    parts = [f"begin 1\n{marker} rights sudo"]
    if FaultKind.CALICOCTL_HUNG in state.faults:
        return Printed(f"\n{marker} {parts[0]}\n", exit_code=None)
    if FaultKind.CALICOCTL_MISSING not in state.faults:
        for kind in (*KINDS, *ROUTE_KINDS):
            printed = Printed(resources_to_json(state.resources, kind))
            if kind == "blockaffinities":
                printed = Printed("", f"Failed to get resources: resource type '{kind}' is not supported\n", 1)
            printed_command = f"{_CALICOCTL} get {kind} -o json"
            parts += [f"stdout login {kind} {printed_command}\n{printed.stdout}", f"stderr\n{printed.stderr}"]
            parts += [f"exit {printed.exit_code}"]
    return Printed("".join(f"\n{marker} {part}" for part in [*parts, "end\n"]))


def _typed_status(state: NodeState, *, root: bool) -> Printed | None:
    if FaultKind.CALICOCTL_MISSING in state.faults:
        return Printed("", "sh: calicoctl: not found\n", 127)
    if not root:
        return Printed("Need super user privileges: Operation not permitted\n", "", 1)
    return _status(state)


def _status(state: NodeState) -> Printed | None:
    """`sudo calicoctl node status`."""
    if FaultKind.CALICOCTL_HUNG in state.faults:
        return None
    if FaultKind.NO_SUDO in state.faults:
        return _SUDO_REFUSED
    return render_node_status(state.table.status, state.layout)


def _answer(command: str, status: Printed, state: NodeState) -> Answer:
    """The sections that the gather command prints (sources/node/command.py)."""
    missing = FaultKind.CALICOCTL_MISSING in state.faults
    tables = state.table.families
    running = [table.family.process for table in tables if table.state in _ALIVE]
    no_sudo = FaultKind.NO_SUDO in state.faults
    return Answer(
        node=state.name,
        hostname=state.name,
        clock=state.clock,
        addresses=state.addresses,
        rights="sudo-password" if "sudo-password" in command else "sudo",
        processes=frozenset(["felix"] * state.table.felix_running + running),
        calicoctl=None if missing else _CALICOCTL,
        stdout=None if missing else status.stdout,
        stderr="" if missing else status.stderr,
        exit_code=None if missing else status.exit_code,
        sockets=tuple((table.family, table.family.socket) for table in tables if _has_socket(table)) if missing else (),
        birds=tuple(_refused(table) if no_sudo else _ask_bird(table) for table in tables) if missing else (),
        version=None if missing else _VERSIONS[state.layout],
        **({} if no_sudo or state.routes is None else _routes(command, state, state.routes)),
    )


def _routes(command: str, state: NodeState, routes: RoutesState) -> dict[str, Any]:
    """What is said of routes, as far as the command asks."""
    route_texts: dict[str, Any] = {}
    if "show protocols all" in command:
        route_texts["details"] = tuple(details_of(state.table, routes, state.clock))
    asked_for = wanted_by(command)
    if asked_for.tables:
        tables = tables_of(state.table, routes)
        route_texts["tables"] = tuple(as_reduced(table, asked_for) if asked_for.reduced else table for table in tables)
    return route_texts


def _has_socket(table: FamilyTable) -> bool:
    return table.state is DaemonState.RUNNING


def _ask_bird(table: FamilyTable) -> BirdAnswer:
    """`birdcl show protocols` inside the calico-node container, which crictl finds."""
    text = render_show_protocols(table)
    if text:
        return BirdAnswer(table.family, "crictl", 0, text)
    reason = f"Unable to connect to server control socket ({table.family.socket}): No such file or directory"
    return BirdAnswer(table.family, "crictl", 1, f"{reason}\n")


def _refused(table: FamilyTable) -> BirdAnswer:
    return BirdAnswer(table.family, "birdcl", 1, _SUDO_REFUSED.stderr)
