"""The answer to a what-if as JSON, `calico-bgp/whatif/1` of docs/json.md. Nothing for people may enter this file."""

from __future__ import annotations

import json
from typing import Any

from calico_bgp.changes.peer_changes import PeerChange
from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.computed.losses import Group, Loss
from calico_bgp.whatif.verdict import FamilyVerdict, NextFailure, WhatIf

WHATIF_SCHEMA = "calico-bgp/whatif/1"


def whatif_to_json(answer: WhatIf) -> str:
    """The document. Pairs are counted as (learner, origin): two nodes are two pairs."""
    document = {
        "schema": WHATIF_SCHEMA,
        "verdict": answer.safety.value,
        "headline": answer.headline,
        "changes": list(answer.changes),
        "removed": list(answer.removed),
        "basis": answer.basis.value,
        "families": {family.family.value: _family(family) for family in answer.families},
        "peers": None if answer.peers is None else [_peers(change) for change in answer.peers],
        "unknown": list(answer.unknown),
        "assumptions": list(answer.assumptions),
    }
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _family(family: FamilyVerdict) -> dict[str, Any]:
    return {
        "nodes": list(family.nodes),
        "pairs": family.pairs,
        "cut_already": family.cut_already,
        "gained": family.gained,
        "lost": [_loss(loss) for loss in family.lost],
        "meanwhile": [_loss(loss) for loss in family.meanwhile],
        "doubts": [{**_group(doubt.group), "why": doubt.why} for doubt in family.doubts],
        "next_failures": [_next(failure) for failure in family.next_failures],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "learners": list(group.learners),
        "origins": list(group.origins),
        "mutual": group.mutual,
        "everyone": group.everyone,
        "pairs": group.pairs,
    }


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        **_group(loss.group),
        "clients": loss.clients,
        "only": list(loss.only),
        "only_reflectors": loss.reflectors,
        "way": loss.way or None,
        "why": loss.why,
    }


def _next(failure: NextFailure) -> dict[str, Any]:
    return {
        "nodes": list(failure.nodes),
        "pairs": failure.pairs,
        "perhaps": failure.perhaps,
        "lonely": failure.lonely,
        "is_new": failure.is_new,
    }


def _peers(change: PeerChange) -> dict[str, Any]:
    return {
        "fate": change.fate.value,
        "kind": change.kind,
        "name": change.name,
        "family": change.family.value,
        "nodes": list(change.nodes),
        "peers": change.peers,
    }
