"""Regular expressions for one line of a terminal: a longer text matches none of them, so that none takes long.

What is pasted is untrusted, and these expressions are loose: they have to find a row among whatever stands around it.
"""

from __future__ import annotations

import re
from functools import cached_property

#: The longest address and the longest error have room in half of it.
LONGEST = 600


class LinePattern:
    """A regular expression that looks at no text longer than a line.

    It is compiled when it is first tried: most pastes need few of the hundred and fifty.

    Args:
        pattern: As `re` has it.
        flags: Of `re`.
        limit: The longest text that it looks at, in characters.
    """

    def __init__(self, pattern: str, flags: int = 0, *, limit: int = LONGEST) -> None:
        self._pattern = pattern
        self._flags = flags
        self.limit = limit

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self._pattern, self._flags)

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """What begins at a place; None for a text that is too long."""
        return self.regex.match(text, at) if len(text) <= self.limit else None

    def search(self, text: str) -> re.Match[str] | None:
        """The first place where it fits; None for a text that is too long."""
        return self.regex.search(text) if len(text) <= self.limit else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The whole text; None for one that is too long."""
        return self.regex.fullmatch(text) if len(text) <= self.limit else None

    def sub(self, replacement: str, text: str) -> str:
        """The text with every place replaced; a text that is too long stays."""
        return self.regex.sub(replacement, text) if len(text) <= self.limit else text

    def split(self, text: str) -> list[str]:
        """The parts between the places; a text that is too long is one part."""
        return self.regex.split(text) if len(text) <= self.limit else [text]
