"""What every JSON document is made with: fields from attributes, half a character, objects in pieces."""

import json
import tracemalloc
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest
from pydantic import Field, ValidationError

from calico_bgp.model.peer import Family
from calico_bgp.report.json.document import Flat, Names, Row, Text, document_text
from calico_bgp.report.json.pieces import object_in_pieces, text_json
from calico_bgp.report.routes.reach_json import reach_to_json
from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.computed.propagation import reachability
from tests.hand_made_networks import mesh


@dataclass
class Way:
    origin: str
    hops: tuple[str, ...] = ()


@dataclass
class Trip:
    way: Way
    family: Family = Family.IPV6


class WayRow(Row):
    from_: Text = Field(validation_alias="origin", serialization_alias="from")
    hops: Names


class TripRow(Flat):
    flat: ClassVar[str] = "way"

    schema_: Literal["s/1"] = Field("s/1", serialization_alias="schema")
    way: WayRow
    family: Family


def test_fields_come_from_attributes_and_keep_their_order():
    text = document_text(TripRow.model_validate(Trip(Way("a", ("b",)))))
    assert text == json.dumps({"schema": "s/1", "from": "a", "hops": ["b"], "family": "ipv6"}, indent=2) + "\n"


def test_fields_may_be_given_by_name():
    assert WayRow.of(from_="a", hops=()) == WayRow.model_validate(Way("a"))


def test_a_field_that_is_not_there_is_no_null():
    with pytest.raises(ValidationError, match="hops"):
        WayRow.of(from_="a")
    with pytest.raises(ValidationError, match="hop\n"):
        WayRow.of(from_="a", hops=(), hop=())


@pytest.mark.parametrize("name", ["\ud800", "é", "\x9b", "\u202e", '"', "\n"])
def test_any_text_comes_back(name):
    text = document_text(WayRow.of(from_=name, hops=(name,)))
    assert json.loads(text) == {"from": name, "hops": [name]}
    assert text.isprintable() or text.replace("\n", "").isprintable()
    assert json.loads(text_json(name)) == name


def test_what_cannot_be_written_by_pydantic_looks_like_the_rest():
    lines = [document_text(WayRow.of(from_=name, hops=("b", "c"))).splitlines() for name in ("a", "\ud800")]
    assert lines[0][2:] == lines[1][2:]


@pytest.mark.parametrize(
    "value", [{}, {"a": {}}, {"a": {"b": {}}, "c": {"d": "e", "f": "g"}}, {"\u202e": "h", "i": {"\ud800": {}}}]
)
def test_objects_in_pieces_are_indented_as_json_indents(value):
    def fields(found, depth):
        for name, inner in found.items():
            is_text = isinstance(inner, str)
            yield name, text_json(inner) if is_text else object_in_pieces(fields(inner, depth + 1), depth)

    text = "".join(object_in_pieces(fields(value, 1)))
    assert text == json_text(json.dumps(value, indent=2, ensure_ascii=False))


def test_no_more_than_a_learner_is_held():
    """Twice the nodes are four times the document, and twice the memory."""

    def peak(nodes):
        reach = reachability(mesh([f"node{number}" for number in range(nodes)]))
        pieces = reach_to_json([reach])
        tracemalloc.start()
        size = sum(map(len, pieces))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, most

    (small, before), (large, after) = peak(200), peak(400)
    assert large > 3.8 * small
    assert after < 2.5 * before
    assert after < large / 4
