"""A cause is declared with its page beside the function that finds it: neither can be without the other."""

import importlib
import pkgutil

import pytest

from calico_bgp import causes
from calico_bgp.auditing.engine import audit
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.cause import CauseFamily, also, cause, kinds_of
from calico_bgp.causes.choice import independent
from calico_bgp.causes.families import CAUSE_FAMILIES, CAUSE_KINDS
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject
from tests.unit.auditing.conftest import snapshot_of

PAGE = {
    "title": "A node is painted blue",
    "what": "painted blue",
    "messages": {"x": "{nodes} {nodes:is|are} painted"},
    "meaning": "Its paint is blue.",
    "evidence": "The paint. Certain.",
    "look_alikes": "Green paint.",
    "mending": "Other paint.",
    "no_demo": "The lab has no paint.",
}


def candidate(kind, *nodes, explains=("f1",)):
    return Candidate(
        kind=kind,
        subjects=tuple(NodeSubject(node=name) for name in nodes),
        title=Words("x", nodes=nodes),
        explanation="It is so.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(explains),
    )


def blue(context):
    del context
    yield candidate("painted-blue", "node1")


@pytest.mark.parametrize("missing", sorted(PAGE.keys() - {"no_demo"}))
def test_a_kind_cannot_be_declared_without_its_page(missing):
    with pytest.raises(TypeError, match=missing):
        cause("painted-blue", **{name: text for name, text in PAGE.items() if name != missing})


def test_a_kind_has_a_demo_or_says_why_not():
    with pytest.raises(ValueError, match=r"painted-blue.*demos"):
        cause("painted-blue", **PAGE | {"no_demo": ""})
    with pytest.raises(ValueError, match=r"painted-blue.*demos"):
        cause("painted-blue", **PAGE, demos=("node-down",))


def test_a_family_yields_the_kinds_that_it_declares():
    family = cause("painted-blue", **PAGE)(also("painted-red")(blue))
    assert [found.kind for found in family(None)] == ["painted-blue"]
    assert family.declared == {"painted-blue", "painted-red"}
    assert kinds_of([family, cause("painted-red", **PAGE)(blue)])["painted-blue"].title == PAGE["title"]


def test_the_kinds_of_one_family_stand_in_the_order_in_which_they_are_written():
    family = cause("first", **PAGE)(cause("second", **PAGE)(blue))
    assert list(kinds_of([family])) == ["first", "second"]


def test_a_family_cannot_yield_a_kind_that_it_does_not_declare():
    family = cause("painted-red", **PAGE)(blue)
    with pytest.raises(ValueError, match=r"test_declarations\.blue yields 'painted-blue' and declares painted-red"):
        list(family(None))


@pytest.mark.mistakes
def test_an_audit_names_no_undeclared_cause_and_says_that_the_family_failed():
    def yields_another(case):
        yield candidate("not-declared", "node6", explains=[finding.id for finding in case.findings])

    snapshot = snapshot_of(build_cluster(6, topology=Topology.MESH), "node-down")
    declared = cause("not-declared", **PAGE)(yields_another)
    assert [cause.kind for cause in audit(snapshot, cause_families=[declared]).causes] == ["not-declared"]
    report = audit(snapshot, cause_families=[cause("painted-blue", **PAGE)(yields_another)])
    assert report.causes == ()
    assert [entry.what for entry in report.not_checked if "yields_another" in entry.what]


def test_a_kind_without_any_page_cannot_be_listed():
    with pytest.raises(ValueError, match="'painted-blue' has no page"):
        kinds_of([also("painted-blue")(blue)])


def test_a_kind_has_one_page():
    with pytest.raises(ValueError, match="'painted-blue' has two pages"):
        kinds_of([cause("painted-blue", **PAGE)(blue), cause("painted-blue", **PAGE)(blue)])


def test_every_family_is_asked():
    """One that is declared and not listed would never be."""
    modules = [
        importlib.import_module(info.name) for info in pkgutil.walk_packages(causes.__path__, f"{causes.__name__}.")
    ]
    declared = {
        family.name for module in modules for family in vars(module).values() if isinstance(family, CauseFamily)
    }
    assert declared == {family.name for family in CAUSE_FAMILIES}
    assert len(CAUSE_FAMILIES) == len(declared)


def test_the_choice_names_what_is_certain_of_other_nodes_where_the_aftermath_is_the_same():
    chosen, hidden, other = candidate("a", "node1"), candidate("b", "node2"), candidate("c", "node3")
    aftermaths = {"a": "reflector gone", "b": "reflector gone", "c": "mesh gone"}
    assert independent([chosen, hidden, other], [chosen], aftermaths) == [hidden]
    assert independent([chosen, hidden, other], [chosen], {}) == []
    half_named = candidate("b", "node1", "node2")
    assert independent([chosen, half_named], [chosen], aftermaths) == []


def test_each_kind_of_a_lost_reflector_has_one_aftermath():
    shared = {kind.id for kind in CAUSE_KINDS.values() if kind.aftermath == CAUSE_KINDS["reflector-removed"].aftermath}
    assert shared == {
        "reflector-lost-label",
        "reflector-lost-cluster-id",
        "reflector-reinstalled",
        "reflector-removed",
    }
