"""Which command was perhaps meant. Imported only where one is not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

#: What people who know other tools type first.
_MEANT = {
    "check": "audit",
    "health": "audit",
    "doctor": "audit",
    "verify": "audit",
    "show": "status",
    "peers": "status",
    "list": "status",
    "ls": "status",
    "save": "gather",
    "collect": "gather",
    "snapshot": "gather",
    "what-if": "whatif",
    "drain": "drain-check",
    "routes": "reach",
    "compare": "diff",
    "why": "explain",
    "init": "hosts",
}


def no_such_command(arguments: Sequence[str], commands: Sequence[str], program: str) -> str:
    """What to say of a command line that begins with no command.

    Args:
        arguments: The words behind the program's name.
        commands: The commands that there are.
        program: Its name, as it was called.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - most command lines are right

    word = arguments[0]
    meant = _MEANT.get(word.lower())
    close = get_close_matches(word.lower()[:100], commands, n=1)
    if not close:
        # A slip in a word of another tool: `helath`.
        close = [_MEANT[foreign_word] for foreign_word in get_close_matches(word.lower()[:100], _MEANT, n=1)]
    near = meant if meant in commands else close[0] if close and close[0] in commands else None
    if near is not None:
        return f"there is no command '{word}'; did you mean '{near}'?"
    if "audit" in commands and Path(word).exists():
        return f"there is no command '{word}'; did you mean '{program} audit {word}'?"
    what_there_is = f"there are {', '.join(commands)}" if len(commands) > 1 else f"the only one is '{commands[0]}'"
    return f"there is no command '{word}'; {what_there_is}."
