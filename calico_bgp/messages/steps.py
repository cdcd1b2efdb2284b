"""Next steps: the commands that tell or fix more, as templates with the names quoted for a shell. Nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from calico_bgp.messages.formatter import render
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.message import Message, Value
from calico_bgp.shell_words import quote

#: One step or several; a text is a whole command, which says nothing of its parts.
Steps: TypeAlias = Message | str | Sequence[Message | str]


def step(template: str, **values: Value) -> Message:
    """One step. What stands in a command is quoted for a shell already."""
    return Message(template, tuple(values.items()))


def as_steps(steps: Steps | None) -> tuple[Message, ...]:
    """Steps as they stand in a finding."""
    if steps is None:
        return ()
    if isinstance(steps, Message | str):
        steps = (steps,)
    return tuple(each if isinstance(each, Message) else step("{command}", command=each) for each in steps)


def as_line(steps: Sequence[Message]) -> str | None:
    """Steps in one line; None without any."""
    return "; ".join(map(render, steps)) or None


def ask_bird(family: Family, command: str) -> str:
    """A command for BIRD inside calico-node; its one `birdcl` serves both BIRDs, by their sockets."""
    return f"birdcl -s {family.socket} {command}"


def look_at_node(node: str) -> Message:
    """Look at BGP on one node."""
    return step("on {node}: sudo calicoctl node status", node=quote(node))


#: Look what the resources say.
LOOK_AT_RESOURCES = (
    step("calicoctl get nodes -o wide"),
    step("calicoctl get bgpPeer -o yaml"),
    step("calicoctl get bgpConfiguration default -o yaml"),
)
#: The same as one line for a shell.
LOOK_AT_RESOURCES_LINE = "; ".join(each.template for each in LOOK_AT_RESOURCES)
#: Look what keeps routes back: pools that are not exported, filters, and the peers that name them.
LOOK_AT_FILTERS_LINE = "calicoctl get ipPools -o yaml; calicoctl get bgpFilters -o yaml; calicoctl get bgpPeers -o yaml"
