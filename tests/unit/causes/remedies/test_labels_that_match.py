"""Which labels make a selector match a node, and which label tells some nodes from all others."""

import pytest

from calico_bgp.causes.remedies.labels import label_only_of, labels_that_match
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.engine import expect
from tests.clusters import cluster, node, peer


def labelled(*labels, selectors=()):
    """Nodes n1, n2, ... with these labels, and BGPPeers with these nodeSelectors."""
    nodes = [node(f"n{n}", f"192.0.2.{n}", labels=text) for n, text in enumerate(labels, 1)]
    peers = [peer(f"p{n}", node_selector=text, peer_selector="all()") for n, text in enumerate(selectors)]
    return Configured(expect(cluster(*nodes, *peers)))


@pytest.mark.parametrize(
    ("own", "selector", "added"),
    [
        ("", "rr == 'yes'", {"rr": "yes"}),
        # Only what is lacking.
        ("a=1", "a == '1' && b == '2'", {"b": "2"}),
        ("", "a == '1' && b == '2' && c == '3'", {"a": "1", "b": "2", "c": "3"}),
        # One is enough: the first by name.
        ("", "b == '2' || a == '1'", {"a": "1"}),
        ("", "has(rr)", {"rr": "true"}),
        ("", "rr in {'x', 'y'}", {"rr": "x"}),
        ("", "rr starts with 'x'", {"rr": "x"}),
        ("a=0", "a != '0'", {"a": "true"}),
        # It matches already; it never matches; it cannot be read; it asks for more labels than are worth trying.
        ("rr=yes", "rr == 'yes'", None),
        ("", "a == '1' && a == '2'", None),
        ("", "rr ==", None),
        ("", "a == '1' && b == '2' && c == '3' && d == '4'", None),
    ],
)
def test_the_fewest_labels_that_are_needed(own, selector, added):
    assert labels_that_match(labelled(own, "other=x"), selector, "n1") == added


def test_a_label_that_is_only_asked_to_be_there_says_what_it_says_on_the_others():
    configured = labelled("", "rr=1", "zone=b", selectors=["has(rr)"])
    assert labels_that_match(configured, "has(rr)", "n1") == {"rr": "1"}
    assert labels_that_match(configured, "has(rr)", "n3") == {"rr": "1"}


@pytest.mark.parametrize(
    ("labels", "selector"),
    [
        # Only these two have it, whatever it says.
        (("rr=1", "rr=2", "", ""), "has(rr)"),
        # Others have it as well, with another value.
        (("rr=1", "rr=1", "rr=0", ""), "rr == '1'"),
        # Another one has the same value; one of the two has none; the two have two.
        (("rr=1", "rr=1", "rr=1", ""), None),
        (("rr=1", "", "rr=0", ""), None),
        (("rr=1", "rr=2", "rr=3", ""), None),
        # That these two alone lack a label is no label.
        (("", "", "zone=a", "zone=a"), None),
        (("", "", "zone=a", "zone=b"), None),
        ((), None),
        # What speaks of reflectors comes first, what Kubernetes sets last.
        (("a=1 is-reflector=1", "a=1 is-reflector=1", "", ""), "has(is-reflector)"),
        (("kubernetes.io/a=1 z=1", "kubernetes.io/a=1 z=1", "", ""), "has(z)"),
        (("b=1 a=1", "b=1 a=1", "", ""), "has(a)"),
        # The first label does not tell, and the second does.
        (("a=1 b=1", "a=1 b=1", "a=1", ""), "has(b)"),
    ],
)
def test_the_label_of_two_nodes_and_of_no_other(labels, selector):
    configured = labelled(*(labels or ("", "", "", "")))
    assert label_only_of(configured, frozenset({"n1", "n2"})) == selector
