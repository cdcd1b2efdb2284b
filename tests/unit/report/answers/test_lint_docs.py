"""docs/lint.md and docs/json.md promise what the lint does: the examples are run."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from calico_bgp.model.reports.lint import LintReport

DOCS = Path(__file__).parents[4] / "docs"
LINT = (DOCS / "lint.md").read_text("utf-8")
JSON = (DOCS / "json.md").read_text("utf-8")


def block(title, page=LINT):
    """The code block of a page that has this title."""
    (text,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', page, re.DOTALL)
    return text


def test_the_example_is_a_report():
    document = json.loads(block("calico-bgp/lint/1", JSON))
    assert LintReport.model_validate(document).model_dump(mode="json") == document


@pytest.mark.parametrize("field", sorted(LintReport.model_json_schema(by_alias=True)["properties"]))
def test_every_field_is_documented(field):
    section = JSON.split("## calico-bgp/lint/1")[1].split("\n## ")[0]
    assert f"`{field}`" in section


def test_the_finding_is_what_the_lint_prints(fixtures):
    assert block("One finding") in (fixtures / "golden" / "report" / "answers" / "lint_forms" / "broken.txt").read_text(
        "utf-8"
    )


def _in_a_repository(fixtures, tmp_path, name):
    shutil.copytree(fixtures / "resources" / name, tmp_path / "resources")
    return tmp_path


@pytest.mark.parametrize(("name", "code"), [("docs-route-reflectors", 0), ("broken", 1)])
def test_the_pre_commit_hook(run_process, fixtures, tmp_path, name, code):
    (repo,) = yaml.safe_load(block(".pre-commit-config.yaml"))["repos"]
    (hook,) = repo["hooks"]
    # What pre-commit asks of a local hook (pre-commit.com, Repository local hooks).
    assert repo["repo"] == "local"
    assert {"id", "name", "language", "entry"} <= hook.keys()
    assert hook["pass_filenames"] is False
    for file in ("resources/bgp.yaml", "resources/prod/nodes.json"):
        assert re.search(hook["files"], file)
    assert not re.search(hook["files"], "src/bgp.yaml")
    program, *arguments = shlex.split(hook["entry"])
    assert program == "calico-bgp"
    result = run_process(*arguments, cwd=_in_a_repository(fixtures, tmp_path, name))
    assert result.exit_code == code, result.stderr


def test_the_workflow(run_process, fixtures, tmp_path):
    steps = yaml.safe_load(block(".github/workflows/lint.yml"))["jobs"]["lint"]["steps"]
    result = run_process(*shlex.split(steps[-1]["run"])[1:], cwd=_in_a_repository(fixtures, tmp_path, "broken"))
    assert result.exit_code == 1
    assert "::error file=resources/bgp.yaml,line=24,title=peer-without-as::" in result.stdout


def test_the_ci_job(run_process, fixtures, tmp_path):
    job = yaml.safe_load(block(".gitlab-ci.yml"))["calico-bgp-lint"]
    (script,) = job["script"]
    result = run_process(*shlex.split(script)[1:], cwd=_in_a_repository(fixtures, tmp_path, "broken"))
    assert result.exit_code == 1
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).read_text("utf-8").startswith("<?xml")


def test_the_exception_is_understood():
    from calico_bgp.parse.settings.config import parse_config
    from calico_bgp.rules.catalogue import ALL_IDS

    (text,) = re.findall(r"```toml\n(.*?)```", LINT, re.DOTALL)
    assert parse_config(text, known_rules=ALL_IDS).ignore[0].subject == "BGPPeer rack9-tor"


def test_the_library_example(fixtures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(_in_a_repository(fixtures, tmp_path, "broken"))
    (text,) = re.findall(r"```python\n(.*?)```", LINT, re.DOTALL)
    exec(compile(text, "docs/lint.md", "exec"), {})
    assert "error BGPPeer rack-a-tor rack-a-tor has no asNumber" in capsys.readouterr().out
