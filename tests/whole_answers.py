"""An answer as a whole, as text: what tests that look at a part of it leave to its golden file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from calico_bgp.model.reports.report import Report
from calico_bgp.report.audit.json import report_to_json

#: Of the JSON: what stands there twice (a template beside its sentence), or is the same of every answer.
_LEFT_OUT = frozenset({"schema", "said", "next_steps", "rules", "addresses", "snapshot_at"})


def whole(answer: Report) -> str:
    """What an audit says, as YAML; a finding is known by its rule and subject, and what is empty is left out.

    It is the JSON, so that what is added to the answers is in it without a line here.
    """
    document = json.loads(report_to_json(answer))
    names = {finding["id"]: f"{finding['rule']} {_subject(finding['subject'])}" for finding in document["findings"]}
    # A line for each node.
    document["topology"]["nodes"] = [" ".join(map(str, node.values())) for node in _slim(document["topology"]["nodes"])]
    names |= {cause["id"]: f"{cause['kind']} {'; '.join(cause['where'])}" for cause in document["causes"]}
    return as_yaml(_named(document, names))


def as_yaml(document: Any) -> str:
    """JSON as YAML, without what is empty, a line for each text."""
    return yaml.safe_dump(_slim(document), sort_keys=False, width=100_000, allow_unicode=True)


def _subject(subject: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in subject.values() if value is not None)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """With names in the place of ids, which are hashes."""
    if isinstance(value, dict):
        return {
            key: _subject(inner) if key == "subject" else _named(inner, names)
            for key, inner in value.items()
            if key != "id"
        }
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _slim(value: Any) -> Any:
    if isinstance(value, dict):
        slim = {key: _slim(inner) for key, inner in value.items() if key not in _LEFT_OUT}
        return {key: inner for key, inner in slim.items() if inner not in (None, [], {}, "", False)}
    if isinstance(value, list):
        return [_slim(inner) for inner in value]
    return value
