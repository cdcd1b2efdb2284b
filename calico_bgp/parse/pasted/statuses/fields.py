"""What the fields of tools' results (ansible's, salt's, bolt's) mean: whose one is, what it says. No walking."""

from __future__ import annotations

from typing import Any

from calico_bgp.parse.pasted.hosts.names import Named, is_common_word, name_in

#: Keys whose value names the host that the values beside them come from, best first.
_NAMING = (
    "InstanceName",
    "ComputerName",
    "inventory_hostname",
    "_ansible_item_label",
    "item",
    "host",
    "hostname",
    "node",
    "nodeName",
    "server",
    "target",
    "id",
    "InstanceId",
    "name",
)
#: Keys that say what a value is, not whose.
_NOT_NAMES = frozenset(
    [
        *("stdout", "stdout_lines", "stderr", "stderr_lines", "msg", "message", "log", "output", "out", "text"),
        *("results", "result", "data", "return", "ret", "value", "content", "metadata", "spec", "items"),
    ]
)
TRUE = ("true", "yes", "1")
FAILED = ("failed", "failure", "error", "unreachable", "timedout")


def is_field(key: str) -> bool:
    """Whether a key is a field's name (`calico_status.stdout_lines`) and no host's."""
    # Kubernetes' names have no capitals; `CommandPlugins` is a field.
    is_camel = key[:1].isupper() and key.isalpha()
    # `calico_status` is a field; `node1_1` no name that Kubernetes allows, but one of a host.
    is_snake = "_" in key and not key[-1:].isdigit()
    return is_camel or key.rpartition(".")[2] in _NOT_NAMES or is_snake or is_common_word(key)


def host_beside(value: dict[Any, Any]) -> tuple[Named, ...]:
    """The host that a field of a result names; empty where none does."""
    for key in _NAMING:
        named = value.get(key)
        if isinstance(named, str) and (known := name_in(named)) is not None:
            return (known,)
    return ()


def text_of(value: dict[Any, Any], key: str) -> str:
    """What a result holds under a key, or under `KEY_lines`; empty where that is no text."""
    text, lines = value.get(key), value.get(f"{key}_lines")
    if isinstance(text, str) and text:
        return text
    if isinstance(text, list):
        lines = text
    return "\n".join(each for each in lines if isinstance(each, str)) if isinstance(lines, list) else ""


def reason_of(value: dict[Any, Any]) -> str:
    """Why ansible has no answer, by a result that failed."""
    message = value.get("msg")
    code = value.get("rc")
    word = "UNREACHABLE" if str(value.get("unreachable", "")).lower() in TRUE else "FAILED"
    said = message if isinstance(message, str) and message != "non-zero return code" else ""
    return (
        f"ansible: {word}"
        + (f" with exit code {code}" if code not in {None, ""} else "")
        + (f": {said}" if said else "")
    )


def complaint_of(value: dict[Any, Any]) -> str | None:
    """The message of a result that failed, as bolt nests it: `value._error.msg`."""
    for key in ("value", "_error", "error"):
        inner = value.get(key)
        if isinstance(inner, dict):
            return complaint_of(inner)
        if isinstance(inner, str) and inner and key != "value":
            return inner
    said = value.get("msg") or value.get("message")
    return said if isinstance(said, str) else None
