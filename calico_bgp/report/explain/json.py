"""The answers of `calico-bgp explain` as JSON. Nothing that is meant for people may enter this file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from calico_bgp.messages.info.entry import InfoWords
from calico_bgp.messages.info.reading import Explained
from calico_bgp.report.text.sanitize import json_text

if TYPE_CHECKING:
    from calico_bgp.causes.cause import CauseKind
    from calico_bgp.rules.rule import Rule

SCHEMA = "calico-bgp/explain/1"


def explain_to_json(
    *,
    answers: Iterable[Explained] = (),
    causes: Sequence[CauseKind] = (),
    rules: Sequence[Rule[Any]] = (),
    table: Iterable[InfoWords] = (),
) -> str:
    """Any of the answers as `calico-bgp/explain/1`; what was not asked for is an empty list."""
    document = {
        "schema": SCHEMA,
        "answers": [_answer(answer) for answer in answers],
        "causes": [
            {
                "id": cause.id,
                "title": cause.title,
                "meaning": cause.meaning,
                "evidence": cause.evidence,
                "look_alikes": cause.look_alikes,
                "mending": cause.mending,
            }
            for cause in causes
        ],
        "rules": [
            {
                "id": rule.id,
                "severity": rule.severity.value,
                "title": rule.title,
                "meaning": rule.meaning,
                "evidence": rule.evidence,
                "action": rule.action,
            }
            for rule in rules
        ],
        "table": [_words(words) for words in table],
    }
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _answer(answer: Explained) -> dict[str, Any]:
    return {
        "text": answer.text,
        "known": answer.is_known,
        "words": [_words(words) for words in answer.words],
        "unknown": answer.unknown,
        "nearest": list(answer.nearest),
        "rows": list(answer.rows),
        "cut": answer.cut,
    }


def _words(words: InfoWords) -> dict[str, Any]:
    return {
        "part": words.part.value,
        "text": words.text,
        "also": list(words.also),
        "meaning": words.meaning,
        "look_at": words.look_at.value,
        "next_step": "; ".join(words.next_steps),
        "source": words.source,
    }
