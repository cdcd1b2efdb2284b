"""Options as the stand-ins take them: only those that the real command has. No code of calico_bgp may enter it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class CommandError(Exception):
    """Ends a command: its text on stderr, its exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Parsed:
    """A command line taken apart.

    Attributes:
        words: What is no option, in order.
        options: Long name → value; `true` or `false` for a flag.
        rest: What stands behind `--`; None when there is no `--`.
    """

    words: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    rest: list[str] | None = None

    def flag(self, name: str) -> bool:
        """Whether a flag is set."""
        return self.options.get(name) == "true"


class UnknownOption(CommandError):
    """It has no such option, or the option lacks its value."""


def parse(
    arguments: Sequence[str], valued: Mapping[str, str], flags: Mapping[str, str], *, values_of_flags: bool = True
) -> Parsed:
    """Take a command line apart.

    Args:
        arguments: What follows the command's name.
        valued: Options with a value: long name → short letter, or nothing.
        flags: Options without: likewise.
        values_of_flags: Whether `--flag=false` may be written, as with kubectl.

    Raises:
        UnknownOption: What is not in these.
    """
    found, place = Parsed(), 0
    shorts = {letter: name for names in (valued, flags) for name, letter in names.items() if letter}
    while place < len(arguments):
        word = arguments[place]
        place += 1
        if word == "--":
            found.rest = list(arguments[place:])
            break
        if word == "-" or not word.startswith("-"):
            found.words.append(word)
            continue
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            unknown = f"unknown flag: --{name}"
        else:
            name, equals, value = shorts.get(word[1], ""), word[2:], word[2:].removeprefix("=")
            unknown = f"unknown shorthand flag: '{word[1]}' in {word}"
        if name in valued:
            if not equals:
                if place == len(arguments):
                    raise UnknownOption(f"flag needs an argument: {word}")
                value = arguments[place]
                place += 1
            found.options[name] = value
        elif name in flags and (not equals or (values_of_flags and value in {"true", "false"})):
            found.options[name] = value or "true"
        else:
            raise UnknownOption(unknown)
    return found
