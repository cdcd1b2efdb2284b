"""The commands of a plan: those of its changes, and those that change no resource. Nothing is run."""

from __future__ import annotations

from calico_bgp import shell_words
from calico_bgp.changes import commands as changes
from calico_bgp.changes.change import CreateNode
from calico_bgp.model.resources import Resources
from calico_bgp.plan.joining import StartNode
from calico_bgp.plan.plan import Action, Drain, PlanStep, Uncordon


def commands(step: PlanStep) -> list[str]:
    """One for each action, in order; one that carries a manifest has several lines."""
    printed, resources = [], step.before
    for action in step.actions:
        printed.append(command(action, resources))
        if not isinstance(action, Drain | Uncordon):
            resources = action.apply(resources)
    return printed


def command(action: Action, resources: Resources) -> str:
    """The command of one action.

    Args:
        action: What is done.
        resources: As they are before, which tells what differs.
    """
    match action:
        case StartNode():
            # What joins a node is not known here; this prints the command of those that kubeadm made.
            return "kubeadm token create --print-join-command"
        case Drain():
            return f"kubectl drain {shell_words.name(action.node)} --ignore-daemonsets"
        case Uncordon():
            return f"kubectl uncordon {shell_words.name(action.node)}"
        case _:
            return "\n".join(each.best for each in changes.commands(action, resources, in_one_line=False))


def with_etcd(step: PlanStep) -> list[str]:
    """What stands in the place of `kubectl create` where Calico keeps its resources in etcd; nothing elsewhere."""
    creations = [action for action in step.actions if isinstance(action, CreateNode)]
    commands = [
        each.calicoctl for action in creations for each in changes.commands(action, step.before, in_one_line=False)
    ]
    return [command for command in commands if command is not None]
