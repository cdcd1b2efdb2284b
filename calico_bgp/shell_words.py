"""Words of the commands that are printed: quoted for a shell, or replaced by what a shell refuses. Nothing is run.

Printed commands are pasted into root shells, and the names in them come from nodes, files and strangers. So a word is
judged before it is quoted: what is stripped from a terminal afterwards (an escape sequence takes the quote behind it
along) must not be in it, nor may it be taken for an option. What cannot be used becomes a variable that is not set:
`${...:?}` ends the command before anything of it runs (POSIX, Shell Command Language, 2.6.2).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any

#: RFC 1123 subdomain: what Kubernetes and Calico allow as the name of a Node, a BGPPeer and so on
#: (libcalico-go/lib/validator/v3/validator.go, nameSubdomainFmt).
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
#: A label's key and value (k8s.io/apimachinery/pkg/util/validation IsQualifiedName, IsValidLabelValue).
_KEY_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
#: What BIRD takes as a name without quotes (conf/cf-lex.l).
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
#: In a command, where the name of a node is not known.
NODE = "NODE"
_PLACE = re.compile(r"[^\n]+:[0-9]{1,9}")
#: What joins the steps of a finding's `next_step`, which is one line in JSON; in a word it would look like two steps.
_BETWEEN_STEPS = ("; ", ", then ")
#: In a large cluster each name stands in as many commands as its node has sessions.
_REMEMBERED = 16_384
_NO_NAME = '"${USABLE_NAME:?Kubernetes allows no such name}"'
_NO_WORD = '"${USABLE_WORD:?it is not fit for a shell}"'


def is_name(text: str) -> bool:
    """Whether Kubernetes allows a resource of this name."""
    # A part may neither begin nor end with a dash, nor be empty.
    return _NAME.fullmatch(text) is not None and not any(odd in text for odd in ("..", ".-", "-."))


def is_label_value(text: str) -> bool:
    """Whether Kubernetes allows this as the value of a label."""
    return not text or _KEY_NAME.fullmatch(text) is not None


def name(text: str) -> str:
    """The name of a resource."""
    return text if is_name(text) else _NO_NAME


def is_place(text: str) -> bool:
    """Whether a node is called by the place of its text, as one that nothing names: `ticket.txt:12`, `stdin:1`."""
    if _PLACE.fullmatch(text) is None:
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return True
    return False


def node(text: str) -> str:
    """The name of a node."""
    return NODE if is_place(text) else name(text)


def host(text: str) -> str:
    """What a program finds a node by: its address, else its name."""
    return NODE if is_place(text) else quote(text)


def field_selector(field: str, text: str) -> str:
    """`FIELD=NODE` for `--field-selector`, where a comma would begin another one."""
    return f"{field}={node(text)}"


def label(key: str, value: str) -> str:
    """`KEY=VALUE` for `kubectl label`."""
    return f"{label_key(key)}={value}" if is_label_value(value) and _is_key(key) else _NO_WORD


def label_key(key: str) -> str:
    """The key of a label or annotation."""
    return key if _is_key(key) else _NO_WORD


def _is_key(key: str) -> bool:
    prefix, slash, last = key.rpartition("/")
    return _KEY_NAME.fullmatch(last) is not None and (is_name(prefix) if slash else True)


def symbol(text: str) -> str:
    """The name of a protocol of BIRD, for birdcl."""
    return text if _SYMBOL.fullmatch(text) else _NO_WORD


def is_fit(text: str) -> bool:
    """Whether a text is shown as it is and is no option."""
    return text.isprintable() and not text.startswith("-") and not any(mark in text for mark in _BETWEEN_STEPS)


@lru_cache(_REMEMBERED)
def quote(text: str) -> str:
    """Any other word: a host, a path, a value."""
    return shlex.quote(text) if is_fit(text) else _NO_WORD


def quoted_json(value: Any, variables: Collection[str] = (), numbers: Collection[str] = ()) -> str:
    """A value as JSON, in ASCII: whatever it holds, nothing of it is stripped, and no report breaks it.

    Args:
        value: What is to be written.
        variables: Shell variables that are asked for; texts hold them as `$NAME`.
        numbers: Those of them that stand for a number: JSON has it without quotes.
    """
    text = json.dumps(value).replace("\x7f", "\\u007f")
    # Neither of them stands outside of a text in JSON.
    text = text.replace("; ", "\\u003b ").replace(", then ", "\\u002c then ")
    for number in numbers:
        text = text.replace(f'"${number}"', f"${number}")
    parts = _parts(text, variables)
    return "".join(f'"${{{part}:?}}"' if place % 2 else shlex.quote(part) for place, part in enumerate(parts))


def _parts(text: str, variables: Collection[str]) -> list[str]:
    """What stands before, between and behind variables; every second part is the name of one."""
    return re.split(r"\$(" + "|".join(map(re.escape, variables)) + r")\b", text) if variables else [text]


def filled_in(text: str, variables: Collection[str]) -> str:
    """A word in double quotes with shell variables that are asked for.

    While one is not filled in, nothing runs: an annotation without its prefix length would take a node out of BGP.

    Args:
        text: Holds them as `$NAME`; every other `$` is one.
        variables: Their names.
    """
    if not is_fit(text):
        return _NO_WORD
    parts = _parts(text, variables)
    if len(parts) == 1:
        return shlex.quote(text)
    # Between double quotes an interactive bash looks for `!`.
    if "!" in text:
        return _NO_WORD
    return '"' + "".join(f"${{{part}:?}}" if place % 2 else _escaped(part) for place, part in enumerate(parts)) + '"'


def _escaped(text: str) -> str:
    """For between double quotes (POSIX, Shell Command Language, 2.2.3)."""
    return re.sub(r'([\\"`$])', r"\\\1", text)


def with_input(command: str, text: str) -> str:
    """A command with a text on its standard input, over several lines.

    Args:
        command: Of words that are quoted.
        text: Whole lines.
    """
    lines = text.split("\n")
    if "EOF" in lines or not all(line.isprintable() for line in lines):
        return f": {_NO_WORD}"
    return f"{command} <<'EOF'\n{text}EOF"
