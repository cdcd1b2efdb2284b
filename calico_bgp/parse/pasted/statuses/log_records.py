"""Takes lines out of the JSON records that a log keeps them in: Docker's, fluentd's, journald's. A record is a line."""

from __future__ import annotations

from typing import Any

from calico_bgp.parse.pasted.hosts.names import name_in

#: Fewer are results of a tool, each with a whole answer.
_FEWEST = 3
_LONGEST = 20_000
_TEXTS = ("log", "message", "MESSAGE", "msg", "line", "textPayload", "short_message", "text")
_HOSTS = ("host", "hostname", "_HOSTNAME", "node", "nodename", "node_name", "host.name", "kubernetes.node.name")


def without_log_records(text: str) -> str:
    """The text with the line that each record holds in the record's place, behind its host where the record names one.

    Args:
        text: Lines separated by LF alone.
    """
    if text.count("\n{") + text.startswith("{") < _FEWEST:
        return text
    lines = text.split("\n")
    plain = {place: said for place, line in enumerate(lines) if (said := _line_of(line)) is not None}
    if len(plain) < _FEWEST:
        return text
    return "\n".join(plain.get(place, line) for place, line in enumerate(lines))


def _line_of(record: str) -> str | None:
    """The one line that a record holds; None where it is no record of a log."""
    if not record.startswith("{") or not record.endswith("}") or len(record) > _LONGEST:
        return None
    import json  # noqa: PLC0415 - most pastes hold no object

    try:
        values = json.loads(record)
    except (ValueError, RecursionError):
        return None
    said = next((values[key] for key in _TEXTS if isinstance(values.get(key), str)), None)
    if said is None or "\n" in (said := said.removesuffix("\n").removesuffix("\r")):
        return None
    host = _host_of(values)
    return said if host is None else f"{host}: {said}"


def _host_of(values: dict[str, Any]) -> str | None:
    inner = values.get("kubernetes")
    named = [values.get(key) for key in _HOSTS] + (
        [inner.get("host"), inner.get("node")] if isinstance(inner, dict) else []
    )
    # `{"host": {"name": "node1"}}`, as Elastic's agents write it.
    named = [each.get("name", each.get("hostname")) if isinstance(each, dict) else each for each in named]
    return next((each for each in named if isinstance(each, str) and name_in(each) is not None), None)
