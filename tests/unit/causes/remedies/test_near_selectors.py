"""What a selector that matches the wrong nodes was probably meant to be, and labels that are a slip."""

import pytest

from calico_bgp.causes.remedies.layouts import _is_slip, _likely_selectors, _near_selectors, _one_of, _other_ids
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.engine import expect
from tests.clusters import cluster, node


def labelled(*labels, ids=()):
    """Nodes n1, n2, ... with these labels, the first of them with cluster IDs."""
    nodes = [
        node(f"n{n}", f"192.0.2.{n}", labels=text, cluster_id=ids[n - 1] if n <= len(ids) else None)
        for n, text in enumerate(labels, 1)
    ]
    return Configured(expect(cluster(*nodes)))


@pytest.mark.parametrize(
    ("text", "left", "near"),
    [
        # A value, a label, and both: what is wrong with the first ends nothing.
        ("rack == 'rakc1'", (), ["rack == 'rack1'", "rack == 'rack2'"]),
        ("rakc == 'rack1'", (), ["rack == 'rack1'"]),
        (
            "raack == 'rack1' && role == 'wroker'",
            (),
            ["rack == 'rack1' && role == 'wroker'", "raack == 'rack1' && role == 'worker'"],
        ),
        # Only what nodes have; what it says already is no other selector.
        ("role == 'worker'", (), []),
        ("size == '7'", (), []),
        # A value that no node has may stand for one of the nodes that it leaves out; one that some have does not.
        ("role == 'xyz'", ("n1", "n2"), ["role == 'worker'"]),
        ("role == 'xyz'", (), []),
        ("role == 'worker'", ("n3",), []),
        # As it is written.
        ('rack == "rakc1"', (), ['rack == "rack1"', 'rack == "rack2"']),
    ],
)
def test_what_is_written_nearly_so(text, left, near):
    configured = labelled("rack=rack1 role=worker", "rack=rack2 role=worker", "role=infra")
    assert list(_near_selectors(configured, text, left)) == near


def test_afterwards_its_contrary_and_all_nodes_are_tried():
    assert list(_likely_selectors(labelled("a=1"), "b == 'x'", ())) == ["!(b == 'x')", "all()"]


@pytest.mark.parametrize(
    ("labels", "asked", "is_slip"),
    [
        (("rack=rack1x", "rack=rack1"), "rack1", True),
        # Two nodes say it; it differs by its number alone; it is another word.
        (("rack=rack1x", "rack=rack1x"), "rack1", False),
        (("rack=rack2", "rack=rack1"), "rack1", False),
        (("rack=garage", "rack=rack1"), "rack1", False),
        # It lacks the label.
        (("", "rack=rack1"), "rack1", True),
    ],
)
def test_what_a_node_has_is_a_slip(labels, asked, is_slip):
    assert _is_slip(labelled(*labels), "n1", "rack", asked) is is_slip


@pytest.mark.parametrize(
    ("labels", "selector"),
    [
        (("name=a", "name=b", "name=c", ""), "name in {'a', 'b'}"),
        # Another node has a value of theirs; one of them lacks the label; the second label tells.
        (("name=a", "name=b", "name=b", ""), None),
        (("name=a", "", "name=c", ""), None),
        (("name=a z=1", "name=b z=2", "name=b", "z=3"), "z in {'1', '2'}"),
        # What speaks of reflectors comes first, then the host's name.
        (("a=1 hostname=x", "a=2 hostname=y", "", ""), "hostname in {'x', 'y'}"),
        (("hostname=x reflector=p", "hostname=y reflector=q", "", ""), "reflector in {'p', 'q'}"),
    ],
)
def test_a_label_whose_values_the_reflectors_share_with_nobody(labels, selector):
    assert _one_of(labelled(*labels, ids=("244.0.0.1", "244.0.0.2"))) == selector


@pytest.mark.parametrize(
    ("ids", "groups", "changed"),
    [
        # The largest group keeps its own, of several the first.
        (("244.0.0.1", "244.0.0.1"), ("n1", "n2"), {"n2": "244.0.0.2"}),
        (("244.0.0.1",) * 3, ("n1", "n2", "n3"), {"n2": "244.0.0.2", "n3": "244.0.0.3"}),
        (("244.0.0.9",) * 2, ("n1", "n2"), {"n2": "244.0.0.1"}),
        (("244.0.0.1", "244.0.0.2"), ("n1", "n2"), {}),
        # An ID that another node has is not given again.
        (("1.1.1.1", "1.1.1.1", "244.0.0.1"), ("n1", "n2"), {"n2": "244.0.0.2"}),
        # A reflector of both groups stays as it is, and so does one that has an ID of its own.
        (("1.1.1.1",) * 3, ("n1 n2", "n2 n3"), {"n3": "244.0.0.1"}),
        (("1.1.1.1", "1.1.1.1", "2.2.2.2"), ("n1", "n2 n3"), {"n1": "244.0.0.1"}),
        # So that the fewest nodes change.
        (("1.1.1.1",) * 3, ("n1", "n2 n3"), {"n1": "244.0.0.1"}),
    ],
)
def test_other_cluster_ids_for_all_groups_but_the_largest(ids, groups, changed):
    configured = labelled("", "", "", "", ids=ids)
    steps = _other_ids(configured, [frozenset(group.split()) for group in groups])
    assert {step.change.node: step.change.cluster_id for step in steps} == changed
