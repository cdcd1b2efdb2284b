"""What becomes of drafts: findings about one subject as one, and which rules have judged everything."""

import pytest

from calico_bgp.cluster.cluster import of_resources
from calico_bgp.failures import Failure
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, stable_id
from calico_bgp.rules.rule import Draft, failed_rule, rule, without_failed
from tests.unit.rules.resources.build import nodes, resources


def of_drafts(*drafts, severity=Severity.WARNING):
    """What a rule finds that yields these."""
    made = rule(
        "of-drafts", severity, title="", meaning="", evidence="", action="", messages={"a": "first", "b": "second"}
    )
    return list(made(lambda _: iter(drafts)).findings(of_resources(resources(nodes(1)))))


def draft(key, *, next_step=None, severity=None, evidence=()):
    return Draft(ClusterSubject(), key, evidence, next_step, severity)


@pytest.mark.parametrize(
    ("steps", "told"),
    [((None, None), None), (("one", None), "one"), ((None, "two"), "two"), (("one", "two"), "one")],
)
def test_of_two_findings_about_one_subject_the_first_says_what_to_do_where_it_does(steps, told):
    (found,) = of_drafts(draft("a", next_step=steps[0]), draft("b", next_step=steps[1]))
    assert (found.message, found.next_step) == ("first", told)
    assert [step.template for step in found.next_steps] == ([] if told is None else ["{command}"])


@pytest.mark.parametrize(
    ("severities", "message"),
    [
        ((None, None), "first"),
        ((Severity.INFO, None), "second"),
        ((None, Severity.ERROR), "second"),
        ((None, Severity.INFO), "first"),
    ],
)
def test_of_two_findings_about_one_subject_the_worse_one_leads(severities, message):
    (found,) = of_drafts(*(draft(key, severity=severity) for key, severity in zip("ab", severities, strict=True)))
    assert found.message == message
    assert found.evidence == ("first" if message == "second" else "second",)


def test_evidence_is_told_once():
    (found,) = of_drafts(draft("a", evidence=("x", "y")), draft("b", evidence=("y", "z")), draft("a", evidence=("x",)))
    assert found.evidence == ("x", "y", "second", "z", "first")


def test_findings_about_two_subjects_are_two():
    about = [Draft(NodeSubject(node=name), "a") for name in ("n1", "n2")]
    assert [str(found.subject) for found in of_drafts(*about)] == ["n1", "n2"]


def test_a_rule_that_lacks_what_it_needs_has_not_judged_everything():
    made = [
        rule(name, Severity.INFO, title="", meaning="", evidence="", action="", messages={})(lambda _: iter(()))
        for name in ("a", "b")
    ]
    assert without_failed(made, [Failure(failed_rule("a"), "not read", matters=False)]) == (made[1],)
    assert without_failed(made, [Failure("a", "of that name, but no rule", matters=True)]) == tuple(made)


def test_a_rule_is_silent_for_want_of_resources_only_where_it_says_so():
    made = rule("a", Severity.INFO, title="", meaning="", evidence="", action="", messages={})(lambda _: iter(()))
    assert not made.shape_only


def test_a_name_that_is_no_utf_8_has_an_id_of_its_own():
    """JSON may hold half a surrogate pair: a rule that fails by it would judge no other name either."""
    ids = {stable_id("a-rule", (NodeSubject(node=name),)) for name in ("\ud800", "\ud801", "?", "n1")}
    assert len(ids) == 4
