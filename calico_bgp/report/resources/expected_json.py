"""Expected peers as JSON, `calico-bgp/expect/1` of docs/json.md. Nothing meant for people may enter this file.

A mesh of 1,000 nodes has a million peers and half a gigabyte of JSON, but only 2,000 different texts: every node shows
another one alike, but for who dials. So a text is made once for all peers that are shown alike, and put in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pydantic import Field

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family
from calico_bgp.report.json.document import Row, Text, document_text
from calico_bgp.report.json.pieces import object_in_pieces, text_json

SCHEMA = "calico-bgp/expect/1"

#: Texts of peers that are remembered: a mesh of 10,000 nodes has twice as many. 400 bytes each.
_REMEMBERED = 20_000
#: All fields but whose peer it is, and in which family: those say where it stands.
_SHOWN = slice(ExpectedPeer._fields.index("name"), ExpectedPeer._fields.index("because") + 1)


class BecauseRow(Row):
    """A resource that made a peer."""

    kind: Text
    name: Text
    made_by: Text = Field(serialization_alias="pass")


class ExpectedRow(Row):
    """An expected peer."""

    name: Text
    address: Address
    port: int | None
    peer_type: Text
    local_as: int
    peer_as: int
    passive: bool
    reflector_client: bool
    cluster_id: Text | None
    because: tuple[BecauseRow, ...]


def expected_to_json(expectation: Expectation) -> Iterator[str]:
    """The document in pieces, a family of a node each; see `report.json.pieces` for why the braces are ours."""
    nodes = (
        (node, object_in_pieces(((family.value, _peers(family, peers)) for family in Family), depth=2))
        for node, peers in expectation.peers.items()
    )
    yield from object_in_pieces((("schema", text_json(SCHEMA)), ("nodes", object_in_pieces(nodes, depth=1))))
    yield "\n"


def _peers(family: Family, peers: tuple[ExpectedPeer, ...]) -> str:
    texts = [_peer_text(peer[_SHOWN]) for peer in peers if peer.family is family]
    return f"[{','.join(texts)}\n      ]" if texts else "[]"


@lru_cache(_REMEMBERED)
def _peer_text(fields: tuple[object, ...]) -> str:
    """A peer on lines of its own, indented as it stands in the document."""
    peer = ExpectedRow.model_validate(ExpectedPeer("", Family.IPV4, *fields))  # type: ignore[arg-type]  # as cut out
    return f"\n{document_text(peer).rstrip()}".replace("\n", "\n        ")
