"""Expected peers as JSON, `calico-bgp/expect/1` of docs/json.md. Nothing meant for people may enter this file.

A mesh of 1,000 nodes has a million peers and half a gigabyte of JSON, but only 2,000 different texts: every node shows
another one alike, but for who dials. So a text is made once for all peers that are shown alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.report.text.sanitize import json_text

SCHEMA = "calico-bgp/expect/1"

#: Texts of peers that are remembered: a mesh of 10,000 nodes has twice as many. 400 bytes each.
_REMEMBERED = 20_000
#: All fields but whose peer it is, and in which family: those say where it stands.
_SHOWN = slice(ExpectedPeer._fields.index("name"), ExpectedPeer._fields.index("because") + 1)


def expected_to_json(expectation: Expectation) -> Iterator[str]:
    """The document in pieces, a node each."""
    yield f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "nodes": {{'
    for place, (node, peers) in enumerate(expectation.peers.items()):
        families = ",".join(_family(family, peers) for family in Family)
        yield f"{',' if place else ''}\n    {_text(node)}: {{{families}\n    }}"
    yield "\n  }\n}\n" if expectation.peers else "}\n}\n"


def _family(family: Family, peers: tuple[ExpectedPeer, ...]) -> str:
    texts = [_peer_text(peer[_SHOWN]) for peer in peers if peer.family is family]
    return f"\n      {_text(family.value)}: " + (f"[{','.join(texts)}\n      ]" if texts else "[]")


@lru_cache(_REMEMBERED)
def _peer_text(shown: tuple[object, ...]) -> str:
    """A peer on lines of its own, indented as it stands in the document."""
    fields = ExpectedPeer("", Family.IPV4, *shown)  # type: ignore[arg-type]  # as it was cut out
    value = {
        "name": fields.name,
        "address": str(fields.address),
        "port": fields.port,
        "peer_type": fields.peer_type,
        "local_as": fields.local_as,
        "peer_as": fields.peer_as,
        "passive": fields.passive,
        "reflector_client": fields.reflector_client,
        "cluster_id": fields.cluster_id,
        "because": [{"kind": b.kind, "name": b.name, "pass": b.made_by} for b in fields.because],
    }
    return f"\n{_text(value)}".replace("\n", "\n        ")


def _text(value: object) -> str:
    # By json: pydantic refuses surrogates, which a name in a JSON file may hold.
    return json_text(json.dumps(value, indent=2, ensure_ascii=False))
