"""Every command of ours that an answer prints can be run as it stands: its words are those that the parser takes."""

import json
import re
import shlex

import click
import pytest

from calico_bgp.cli.main import cli
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import Fault, FaultKind
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.unit.auditing.conftest import snapshot_of

#: A command ends where a line does, a code span, or the gap between two columns.
_COMMAND = re.compile(r"(?<![\w./\"'-])calico-bgp (?=[a-z-])(?:(?!\s{2,}|`).)*")
#: What names the program without running it: `calico-bgp 0.1.0`, and the prompt of the demo.
_NO_COMMAND = re.compile(r"calico-bgp \d")


def printed(text):
    """The commands of ours in a text."""
    return [found[0] for found in _COMMAND.finditer(text) if not _NO_COMMAND.match(found[0])]


def parse(command):
    """Parse a command as the program would, without running it; its name and its parameters."""
    words = shlex.split(command)[1:]
    for end in ("|", ">", "&&", "||", ";"):
        words = words[: words.index(end)] if end in words else words
    parent, at = click.Context(cli, info_name="calico-bgp"), cli
    while isinstance(at, click.Group):
        name, *words = words
        below = at.get_command(parent, name)
        assert below is not None, f"{command}: there is no {name}"
        parent, at = click.Context(below, parent=parent, info_name=name), below
    try:
        context = at.make_context(name, list(words), parent=parent.parent)
    except click.exceptions.Exit:
        return name, {}
    except click.UsageError as error:
        raise AssertionError(f"{command}: {error.format_message()}") from error
    return name, context.params


@pytest.fixture(scope="module")
def golden_texts(request):
    folder = request.config.rootpath / "tests" / "fixtures" / "golden"
    paths = [path for suffix in ("txt", "md", "html") for path in folder.rglob(f"*.{suffix}")]
    return {path.relative_to(folder): path.read_text("utf-8") for path in paths}


def test_those_of_every_golden_screen(golden_texts, capsys):
    found = {command for text in golden_texts.values() for command in printed(text)}
    assert {"calico-bgp explain 1", "calico-bgp audit --context prod-1 -v"} <= found
    for command in sorted(found):
        parse(command)


@pytest.mark.parametrize(
    "wrong",
    ["calico-bgp reach says why", "calico-bgp audit --no-such", "calico-bgp nothing"],
)
def test_a_wrong_one_is_seen(wrong):
    (command,) = printed(f"12 of 30 are missing already ({wrong})  and more")
    with pytest.raises((AssertionError, ValueError)):
        parse(command)


# Those that repeat the source that was given


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a snapshot and resources of a cluster whose only reflector of two lost its cluster ID."""
    monkeypatch.chdir(tmp_path)
    cluster = build_cluster(5, reflectors=1)
    resources = lab_resources(cluster, [Fault(FaultKind.REINSTALLED, ("node1",))])
    (tmp_path / "my resources.yaml").write_text(resources_to_yaml(resources))
    broken = snapshot_of(build_cluster(4), "bird-down:node4")
    save_snapshot(broken, tmp_path / "monday")
    return tmp_path


RESOURCES = ("--resources", "my resources.yaml")
REPEATED = "--resources 'my resources.yaml'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reach", *RESOURCES), f"Why: calico-bgp reach {REPEATED} --explain node1 node2"),
        (
            ("reach", *RESOURCES, "--down", "node3", "-v", "--no-color"),
            f"Why: calico-bgp reach {REPEATED} --down node3 --explain node1 node2",
        ),
        (("reach", "--snapshot", "monday"), "Why: calico-bgp reach --snapshot monday --explain node1 node4"),
        (
            ("whatif", *RESOURCES, "--remove", "node5"),
            f"why routes are missing now: calico-bgp reach {REPEATED}",
        ),
        (
            ("whatif", "--brief", "--remove", "node5", *RESOURCES, "--calico-version", "v3.30"),
            f"why routes are missing now: calico-bgp reach {REPEATED} --calico-version v3.30",
        ),
        (("drain-check", "node5", *RESOURCES), f"why routes are missing now: calico-bgp reach {REPEATED}"),
        (("audit", "--snapshot", "monday"), "All: calico-bgp audit --snapshot monday -v"),
    ],
)
def test_a_printed_command_repeats_the_source_and_answers(run_cli, folder, words, said):
    result = run_cli(*words)
    assert said in result.stdout
    for command in printed(result.stdout):
        name, *again = shlex.split(command)[1:]
        answer = run_cli(name, *again)
        assert answer.exit_code in {0, 1, 3}, (command, answer.stderr)
        assert answer.stdout


def test_what_is_cut_off_is_explained_by_the_command_that_is_printed(run_cli, folder):
    (command,) = printed(run_cli("reach", *RESOURCES).stdout)
    assert "node1" in run_cli(*shlex.split(command)[1:]).stdout


# What verifies a fix


def checks(run_cli, *words):
    result = run_cli("audit", *words, "--format", "json")
    return {fix["check"] for cause in json.loads(result.stdout)["causes"] for fix in cause["fixes"]}


STALE = "# read the nodes anew and audit that: what was audited is from before the fix"


def test_no_fix_is_verified_at_what_it_does_not_change(run_cli, folder):
    assert checks(run_cli, "--snapshot", "monday") == {STALE}
    assert STALE.removeprefix("# ") in " ".join(run_cli("audit", "--snapshot", "monday").stdout.split())
    for form in ("markdown", "html"):
        text = run_cli("audit", "--snapshot", "monday", "--format", form).stdout
        assert STALE.removeprefix("# ") in text
        assert STALE not in text
    assert "verify" in run_cli("audit", "--snapshot", "monday", "-v").stdout


def test_a_snapshot_knows_the_context_it_was_read_through(run_cli, folder):
    document = json.loads((folder / "monday" / "snapshot.json").read_text())
    document["kubernetes"] = {"context": "prod 1"}
    (folder / "monday" / "snapshot.json").write_text(json.dumps(document))
    assert checks(run_cli, "--snapshot", "monday") == {"calico-bgp audit --context 'prod 1'"}


def test_a_live_cluster_is_asked_again(run_cli, lab, live):
    lab.set_faults(["bird-down:node4"])
    found = checks(run_cli, *live)
    assert found
    for command in found:
        assert parse(command)[1]["hosts"] == lab.hosts_file
