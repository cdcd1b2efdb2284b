"""`calico-bgp lint`: exit codes, forms, exceptions; the rules themselves are tested in tests/unit/rules/resources."""

import json

import pytest

TRAP = """
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: rr}
spec:
  nodeSelector: !has(route-reflector)
  peerSelector: has(route-reflector)
"""
REFUSED = """
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: tor}
spec: {peerIP: 192.0.2.1}
"""

MESH = """
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: default}
spec: {nodeToNodeMeshEnabled: true}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """`file(text)` writes bgp.yaml into the current folder, which holds no calico-bgp.toml."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="bgp.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        (REFUSED, "error", 1),
        (TRAP, "error", 0),
        (TRAP, "warning", 1),
        (MESH, "info", 0),
    ],
)
def test_exit_codes(run_cli, file, text, fail_on, code):
    result = run_cli("lint", file(text), "--fail-on", fail_on)
    assert result.exit_code == code
    assert result.stderr == ""


def test_a_folder_that_is_right(run_cli, fixtures):
    result = run_cli("lint", fixtures / "resources" / "docs-route-reflectors", "--fail-on", "warning")
    assert result.exit_code == 0
    assert result.stdout.startswith("HEALTHY: ")


def test_the_place_can_be_clicked(run_cli, file):
    assert run_cli("lint", file(TRAP)).stdout.startswith("bgp.yaml:6: warning yaml-tag: ")


def test_from_standard_input(run_cli):
    result = run_cli("lint", "-", stdin=REFUSED)
    assert result.exit_code == 1
    assert "-:5" in result.stdout


def test_json(run_cli, file):
    result = run_cli("lint", file(REFUSED), "--format", "json", "--calico-version", "v3.31.2")
    document = json.loads(result.stdout)
    assert document["schema"] == "calico-bgp/lint/1"
    assert document["calico_version"] == "v3.31"
    assert [f["rule"] for f in document["findings"]] == ["peer-without-as"]
    assert document["findings"][0]["subject"] == {
        "kind": "resource",
        "resource": "BGPPeer",
        "name": "tor",
        "file": "bgp.yaml",
        "line": 5,
    }


def test_junit_into_a_file(run_cli, file, tmp_path):
    result = run_cli("lint", file(REFUSED), "--format", "junit", "-o", "lint.xml")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "the report is in lint.xml" in result.stderr
    assert 'failures="1"' in (tmp_path / "lint.xml").read_text("utf-8")


def test_the_version_matters(run_cli, file):
    nodes = "".join(
        f"---\napiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {{name: n{i}}}\n"
        f"spec: {{bgp: {{ipv4Address: 192.0.2.{i}/24{more}}}}}\n"
        for i, more in ((1, ""), (2, ", asNumber: 65001"))
    )
    name = file(nodes)
    assert run_cli("lint", name).exit_code == 1
    assert run_cli("lint", name, "--calico-version", "3.31").exit_code == 0


def test_exceptions_of_the_current_folder_may_name_rules_of_the_audit(run_cli, file):
    file(
        '[[ignore]]\nrule = "peer-without-as"\nreason = "comes on Monday"\n'
        '[[ignore]]\nrule = "session-not-established"\nreason = "rack 1"\n',
        "calico-bgp.toml",
    )
    result = run_cli("lint", file(REFUSED))
    assert result.exit_code == 0
    assert "comes on Monday" in result.stdout


def test_the_audit_takes_exceptions_of_the_lint(run_cli, file):
    file('[[ignore]]\nrule = "peer-without-as"\nreason = "x"\n', "calico-bgp.toml")
    result = run_cli("audit", "--pasted", "-", stdin="nothing")
    assert "unknown rule" not in result.stderr


def test_an_expired_exception_hides_nothing(run_cli, file):
    exception = '[[ignore]]\nrule = "peer-without-as"\nreason = "x"\nuntil = 2020-01-31\n'
    result = run_cli("lint", file(REFUSED), "--config", file(exception, "x.toml"))
    assert result.exit_code == 1
    assert "it expired on 2020-01-31" in result.stdout


def test_an_unknown_rule_in_the_exceptions(run_process, file, tmp_path):
    exception = file('[[ignore]]\nrule = "peer-without-an-as"\nreason = "x"\n', "x.toml")
    result = run_process("lint", file(REFUSED), "--config", exception, cwd=tmp_path)
    assert result.exit_code == 2
    assert "did you mean peer-without-as?" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: [", "bgp.yaml"),
        (REFUSED.replace("{peerIP: 192.0.2.1}", "{peerIP: [1]}"), "peerIP"),
    ],
)
def test_what_cannot_be_read_is_no_verdict(run_process, file, tmp_path, text, said):
    result = run_process("lint", file(text), cwd=tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_missing_file(run_process, tmp_path):
    result = run_process("lint", "nowhere.yaml", cwd=tmp_path)
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr
    assert "does not exist" in result.stderr


@pytest.mark.parametrize("command", ["lint", "audit"])
@pytest.mark.parametrize("rule", ["yaml-tag", "isolated-node"])
def test_explain_knows_the_rules_of_both(run_cli, command, rule):
    result = run_cli(command, "--explain", rule)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{rule}: ")


def test_help_has_examples(run_cli):
    result = run_cli("lint", "--help")
    assert result.exit_code == 0
    assert "calico-bgp lint resources/" in result.stdout
    assert "Exit codes" in result.stdout


FILTERS = """\
apiVersion: projectcalico.org/v3
kind: BGPFilter
metadata: {name: typo}
spec:
  exportV4:
  - action: Accept
    matchOperator: Inn
    cidr: 10.0.0.0/8
---
apiVersion: projectcalico.org/v3
kind: BGPFilter
metadata: {name: right}
spec: {exportV4: [{action: Accept}]}
"""


def test_why_a_filter_is_left_out(run_cli, tmp_path):
    """It said `skipped: 1 BGPFilter`, and nobody knew which, or why."""
    path = tmp_path / "filters.yaml"
    path.write_text(FILTERS)
    why = f"{path}:7: spec.exportV4[0].matchOperator is 'Inn'; expected Equal or NotEqual or In or NotIn"
    assert f"not checked: BGPFilter typo, which is left out: {why}\n" in run_cli("lint", path, "--width", "400").stdout
    unchecked = json.loads(run_cli("lint", path, "--format", "json").stdout)["not_checked"]
    assert [each["why"] for each in unchecked if each["what"] == "BGPFilter typo, which is left out"] == [why]


def test_what_rules_look_at_is_not_called_skipped(run_cli, tmp_path):
    path = tmp_path / "all.yaml"
    kinds = ("BGPFilter", "FelixConfiguration", "BlockAffinity", "NetworkSet")
    path.write_text(
        "---\n".join(f"{{apiVersion: projectcalico.org/v3, kind: {kind}, metadata: {{name: a}}}}\n" for kind in kinds)
    )
    read = json.loads(run_cli("lint", path, "--format", "json").stdout)["resources"]
    assert {each["kind"]: each["read"] for each in read if each["number"]} == dict(
        zip(kinds, (True, True, False, False), strict=True)
    )
    assert "skipped: 1 BlockAffinity, 1 NetworkSet\n" in run_cli("lint", path).stdout
