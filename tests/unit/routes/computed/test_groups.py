"""Groups of nodes that talk among themselves only."""

import pytest

from calico_bgp.routes.computed.groups import talking_groups

A, B, C, NOBODY = ("a1", "a2"), ("b",), ("c",), ()


@pytest.mark.parametrize(
    ("classes", "heard", "groups"),
    [
        # Bit n of a class: whether class n learns its routes; its own bit is about the others of the class.
        ((A, B), (0b00, 0b00), [("a1",), ("a2",), ("b",)]),
        ((A, B), (0b01, 0b00), [("a1", "a2"), ("b",)]),
        ((A, B), (0b10, 0b01), [("a1", "a2", "b")]),
        # One way is no talk.
        ((A, B), (0b10, 0b00), [("a1",), ("a2",), ("b",)]),
        # a and c talk with b, and not with each other.
        ((B, A, C), (0b110, 0b001, 0b001), [("a1", "a2", "b", "c")]),
        # A class of which nobody is left joins nobody.
        ((B, NOBODY, C), (0b010, 0b101, 0b010), [("b",), ("c",)]),
    ],
)
def test_who_talks_with_whom(classes, heard, groups):
    assert list(talking_groups(classes, heard)) == groups
