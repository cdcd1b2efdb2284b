"""What hurts most as JSON, `calico-bgp/risks/1` of docs/json.md. Nothing meant for people may enter this file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.whatif.risks import Risk, Risks

RISKS_SCHEMA = "calico-bgp/risks/1"


def risks_to_json(found: Sequence[Risks]) -> str:
    """The document.

    Args:
        found: One per family.
    """
    document = {"schema": RISKS_SCHEMA, "families": {one.family.value: _family(one) for one in found}}
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _family(found: Risks) -> dict[str, Any]:
    return {
        "nodes": len(found.before.nodes),
        "pairs_cut_off": found.before.count(Answer.NO),
        "pairs_not_known": found.before.count(Answer.PERHAPS),
        "tried": {removal.value: number for removal, number in found.tried.items()},
        "without_zone": list(found.zoneless),
        "ranking": [_risk(risk) for risk in found.ranking],
    }


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        "removal": risk.removal.value,
        "zone": risk.name,
        "nodes": list(risk.nodes),
        "single_point_of_failure": risk.is_single_point,
        "pairs_lost": risk.lost,
        "pairs_doubtful": risk.doubtful,
        "pairs_left": risk.pairs,
        "isolated": list(risk.lonely),
    }
