"""Finding rules and kinds of causes by name, and saying which name was perhaps meant.

All rules and causes are read only for what may be a name: most texts that somebody asks about are none. To look through
the installed packages takes longer than all else that `explain` does, so that whoever asks knows it to be none of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from calico_bgp.causes.cause import CauseKind
    from calico_bgp.rules.rule import Rule


class Topics(NamedTuple):
    """What a name stands for. A cause and a rule may share one."""

    causes: tuple[CauseKind, ...]
    rules: tuple[Rule, ...]


def topics(name: str) -> Topics:
    """The kind of cause and the rule of this name; both empty where there is none."""
    name = name.strip().casefold()
    if len(name.split()) != 1:
        return Topics((), ())
    from calico_bgp.causes.families import CAUSE_KINDS  # noqa: PLC0415 - see the head of this file
    from calico_bgp.rules.catalogue import ALL_RULES  # noqa: PLC0415

    kind = CAUSE_KINDS.get(name)
    return Topics(() if kind is None else (kind,), tuple(rule for rule in ALL_RULES if rule.id == name))


def installed_topics(name: str) -> Topics:
    """The rule of this name that an installed package brings."""
    name = name.strip().casefold()
    if len(name.split()) != 1:
        return Topics((), ())
    return Topics((), tuple(rule for rule in _installed() if rule.id.casefold() == name))


def _installed() -> tuple[Rule, ...]:
    from calico_bgp.cli.running.own_rules import own_lint_rules, own_rules  # noqa: PLC0415

    return (*own_rules(), *own_lint_rules())


def nearest_topic(name: str) -> str | None:
    """The name of a rule or a kind of cause that was perhaps meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - see the head of this file

    from calico_bgp.causes.families import CAUSE_KINDS  # noqa: PLC0415
    from calico_bgp.rules.catalogue import ALL_RULES  # noqa: PLC0415

    names = dict.fromkeys([*(rule.id for rule in (*ALL_RULES, *_installed())), *CAUSE_KINDS])
    return next(iter(get_close_matches(name[:100].casefold(), names, n=1)), None)
