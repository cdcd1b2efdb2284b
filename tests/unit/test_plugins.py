"""Rules of installed packages: found by entry points, never in the current folder, and no danger to the audit."""

import json
import sys

import pytest

from calico_bgp.cli.help.completing import complete_rules, complete_topics
from calico_bgp.model.reports.report import Report
from calico_bgp.plugins import LINT_GROUP, installed_rules
from calico_bgp.report.problems.values import problems_of

OWN = """
from calico_bgp import Cluster, ClusterSubject, Context, Draft, Severity, rule

WORDS = {"title": "t", "meaning": "m", "evidence": "e", "action": "a"}

@rule("too-few-nodes", Severity.WARNING, **WORDS, messages={"few": "only {nodes:count node}"})
def too_few(context: Context):
    yield Draft(ClusterSubject(), "few", nodes=len(context.view.members))

@rule("not-a-tor", Severity.ERROR, **WORDS, messages={"x": "no ToR"})
def lint_rule(context):
    yield Draft(ClusterSubject(), "x")

@rule("as-many-nodes", Severity.INFO, **WORDS, messages={"many": "{nodes:count node}"})
def as_many(cluster: Cluster):
    yield Draft(ClusterSubject(), "many", nodes=len(cluster.members))

@rule("too-few-resources", Severity.ERROR, **WORDS, messages={"few": "{nodes:count Node}"})
def needs_resources(cluster: Cluster):
    yield Draft(ClusterSubject(), "few", nodes=len(cluster.configured.nodes))

@rule("isolated-node", Severity.ERROR, **WORDS, messages={"x": "x"})
def taken(context):
    yield Draft(ClusterSubject(), "x")

@rule("it-breaks", Severity.ERROR, **WORDS, messages={"x": "x"})
def breaks(context):
    yield Draft(ClusterSubject(), "no such message")

number = 3
"""
POINTS = """[calico_bgp.rules]
few = our_rules:too_few
{more}
[calico_bgp.lint_rules]
tor = our_rules:lint_rule
"""


@pytest.fixture
def package(tmp_path):
    """`package(more="x = our_rules:y")` is a folder into which a package is installed."""

    def install(more=""):
        folder = tmp_path / "site"
        info = folder / "our_rules-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / "our_rules.py").write_text(OWN)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-rules\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(POINTS.format(more=more))
        return folder

    yield install
    sys.modules.pop("our_rules", None)


def test_they_run_with_the_others(package, run_process, captures, tmp_path):
    folder = package()
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    result = run_process("audit", "--pasted", "-", "--format", "json", stdin=text, env={"PYTHONPATH": str(folder)})
    report = json.loads(result.stdout)
    assert [f["message"] for f in report["findings"] if f["rule"] == "too-few-nodes"] == ["only 1 node"]
    assert "too-few-nodes" in report["checked"]["rules"]
    assert result.stderr == ""


def test_an_exception_may_name_them(package, run_process, captures, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[[ignore]]\nrule = "too-few-nodes"\nreason = "it is a lab"\n')
    path.chmod(0o600)
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    words = ("audit", "--pasted", "-", "--config", path, "--format", "json")
    result = run_process(*words, stdin=text, env={"PYTHONPATH": str(package())})
    assert [each["reason"] for each in json.loads(result.stdout)["ignored"]] == ["it is a lab"]
    assert run_process(*words, stdin=text).exit_code == 2


def test_those_of_the_lint(package, run_process, fixtures):
    words = ("lint", fixtures / "resources/docs-route-reflectors")
    result = run_process(*words, env={"PYTHONPATH": str(package())})
    assert result.exit_code == 1
    assert "cluster: error not-a-tor: no ToR" in result.stdout


@pytest.mark.parametrize("words", [("explain",), ("audit", "--explain"), ("lint", "--explain")])
@pytest.mark.parametrize("rule", ["too-few-nodes", "not-a-tor", "Not-A-ToR"])
def test_they_are_explained(package, run_process, words, rule):
    result = run_process(*words, rule, env={"PYTHONPATH": str(package())})
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{rule.lower()}: t (")
    assert "What to do" in result.stdout


def test_they_are_explained_as_json(package, run_process):
    result = run_process("explain", "not-a-tor", "--format", "json", env={"PYTHONPATH": str(package())})
    assert [rule["id"] for rule in json.loads(result.stdout)["rules"]] == ["not-a-tor"]


def test_a_slip_finds_them(package, run_process):
    result = run_process("explain", "too-few-node", env={"PYTHONPATH": str(package())})
    assert (result.exit_code, result.stderr) == (1, "calico-bgp: did you mean too-few-nodes?\n")
    assert run_process("explain", "too-few-nodes").exit_code == 1


def test_a_shell_completes_them(package, monkeypatch):
    monkeypatch.syspath_prepend(str(package()))
    for complete in (complete_topics, complete_rules):
        assert [(item.value, item.help) for item in complete(None, None, "too-f")] == [("too-few-nodes", "t")]


def test_sarif_has_their_documentation(package, run_process, fixtures):
    words = ("lint", fixtures / "resources/docs-route-reflectors", "--format", "sarif")
    result = run_process(*words, env={"PYTHONPATH": str(package())})
    rules = json.loads(result.stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["shortDescription"]["text"] for rule in rules if rule["id"] == "not-a-tor"] == ["t"]


def test_the_current_folder_offers_nothing(package, run_process, captures):
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    result = run_process("audit", "--pasted", "-", "--format", "json", stdin=text, cwd=package())
    assert "too-few-nodes" not in result.stdout


def test_nor_does_it_at_a_prompt(package, monkeypatch):
    monkeypatch.chdir(package())
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert installed_rules().rules == ()
    assert sys.path[0] == ""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("a = our_rules:nothing", "own rule a (our_rules:nothing, of our-rules) cannot be used: AttributeError: "),
        ("a = no_such_module:x", "ModuleNotFoundError"),
        ("a = our_rules:number", "TypeError: int is no Rule; make one with calico_bgp.rule"),
        ("a = our_rules:taken", "there is a rule isolated-node already"),
        ("a = our_rules:too_few", "there is a rule too-few-nodes already"),
    ],
)
def test_what_cannot_be_used_is_told(package, monkeypatch, more, problem):
    monkeypatch.syspath_prepend(str(package(more)))
    found = installed_rules()
    assert [rule.id for rule in found.rules] == ["too-few-nodes"]
    assert len(found.problems) == 1
    assert problem in found.problems[0]
    assert [rule.id for rule in installed_rules(LINT_GROUP).rules] == ["not-a-tor"]


def test_one_object_of_facts_for_all_of_them(package, run_process, captures):
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    env = {"PYTHONPATH": str(package("a = our_rules:as_many\nb = our_rules:needs_resources"))}
    report = json.loads(run_process("audit", "--pasted", "-", "--format", "json", stdin=text, env=env).stdout)
    assert [f["message"] for f in report["findings"] if f["rule"] == "as-many-nodes"] == ["1 node"]
    lacking = [each["why"] for each in report["not_checked"] if each["what"] == "rule too-few-resources"]
    assert lacking == ["Calico's resources were not read"]
    assert "too-few-resources" not in report["checked"]["rules"]


def test_one_that_fails_is_not_checked(package, run_process, captures):
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    env = {"PYTHONPATH": str(package("a = our_rules:breaks"))}
    result = run_process("audit", "--pasted", "-", "--format", "json", stdin=text, env=env)
    assert "rule it-breaks" in json.dumps(json.loads(result.stdout)["not_checked"])


def test_a_row_of_theirs_has_their_title(package, run_process, captures, tmp_path):
    """Of the library's reports too, and of one that was kept: it is explained without the package."""
    text = captures.texts("v3.32", "mesh_ok_v4")["node1"]
    env = {"PYTHONPATH": str(package("x = our_rules:as_many")), "XDG_CACHE_HOME": str(tmp_path)}
    result = run_process("audit", "--pasted", "-", "--format", "json", stdin=text, env=env)
    own = json.loads(result.stdout)["checked"]["own_rules"]
    assert own == [{"id": "too-few-nodes", "title": "t"}, {"id": "as-many-nodes", "title": "t"}]
    report = Report.model_validate_json(result.stdout)
    rows = {problem.group.rule: problem.what for problem in problems_of(report) if problem.group is not None}
    assert rows["too-few-nodes"] == "t"
    assert rows.get("family-without-peers") != "family-without-peers"
