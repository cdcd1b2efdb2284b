"""A fault of our own: exit 4, one message, and a file of details that holds no secret."""

import re
import stat
from pathlib import Path

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.main import COMMANDS
from calico_bgp.cli.running.failure import failure_text
from calico_bgp.errors import StoreError
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeReading, NodeStatus
from calico_bgp.sources.gather import gather
from calico_bgp.sources.ssh.options import SSHOptions

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def details(stderr):
    path = Path(re.search(r"are in (\S+\.txt)\.", stderr)[1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text()


def broken(*_args, **_kwargs):
    password = SECRET
    options = SSHOptions(password=SECRET, sudo_password="sudo " + SECRET, passphrases=("pass " + SECRET,))
    raise RuntimeError(f"it broke with {password}, {options.sudo_password}\x1b[31m and {options.passphrases}")


#: Something that every command does, and words that make it do so.
BREAKS = {
    "audit": ("calico_bgp.cli.look.audit.audit", "audit", "--pasted", "{paste}"),
    "status": ("calico_bgp.cli.look.status.status_to_text", "status", "--pasted", "{paste}"),
    "gather": ("calico_bgp.cli.files.gather._commands", "gather", "--show-command"),
    "expect": ("calico_bgp.cli.understand.expect.expect", "expect", "{resources}"),
    "lint": ("calico_bgp.cli.change.lint.lint", "lint", "{resources}"),
    "reach": ("calico_bgp.cli.look.reach.reachability", "reach", "--resources", "{resources}"),
    "routes": ("calico_bgp.cli.look.routes.observed", "routes", "--pasted", "{paste}"),
    "route": (
        "calico_bgp.cli.change.route.read_networks",
        "route",
        "10.0.0.0/26",
        "--to",
        "a",
        "--resources",
        "{resources}",
    ),
    "risks": ("calico_bgp.cli.change.risks.read_networks", "risks", "--resources", "{resources}"),
    "whatif": ("calico_bgp.cli.change.whatif.ask", "whatif", "--remove", "a", "--resources", "{resources}"),
    "drain-check": ("calico_bgp.cli.change.drain_check.ask", "drain-check", "a", "--resources", "{resources}"),
    "plan": ("calico_bgp.cli.change.plan.plan_reflectors", "plan", "reflectors", "{resources}"),
    "monitor": ("calico_bgp.cli.watch.monitor.load_config", "monitor", "--once", "--no-history", "--pasted", "{paste}"),
    "history": ("calico_bgp.cli.watch.history.HistoryReader", "history"),
    "flaps": ("calico_bgp.cli.watch.flaps.HistoryReader", "flaps"),
    "diff": ("calico_bgp.cli.look.diff.load_snapshot", "diff", "a", "b"),
    "parse": ("calico_bgp.cli.files.parse.parse_pasted", "parse", "{paste}"),
    "explain": ("calico_bgp.cli.understand.explain_info.topics", "explain", "Idle"),
    "hosts": ("calico_bgp.cli.files.hosts.read_inventory", "hosts", "{resources}"),
    "lab": ("calico_bgp.cli.simulated.lab.fault_list", "lab", "faults"),
    "rbac": ("calico_bgp.cli.files.rbac.roles", "rbac"),
    "anonymise": (
        "calico_bgp.cli.files.anonymise.anonymise",
        "anonymise",
        "--pasted",
        "{paste}",
        "-o",
        "{resources}.out",
    ),
    "completion": ("calico_bgp.cli.files.completion.get_completion_class", "completion", "bash"),
    "demo": ("calico_bgp.cli.simulated.demo.build_cluster", "demo"),
}


def test_every_command_is_broken_here():
    assert set(COMMANDS) <= set(BREAKS)


@pytest.mark.parametrize("command", BREAKS)
def test_a_failure_of_ours_is_4(run_cli, monkeypatch, paste, tmp_path, command):
    resources = tmp_path / "a.yaml"
    resources.write_text(
        "apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: a}\nspec: {bgp: {ipv4Address: 10.0.0.1/24}}\n"
    )
    where, *words = BREAKS[command]
    monkeypatch.setattr(where, broken)
    words = [word.format(paste=paste("mesh_ok_v4"), resources=resources) for word in words]
    result = run_cli(*words, may_fail=True)
    assert result.exit_code == 4
    assert result.stdout == ""
    assert "calico_bgp failed; nothing was judged" in result.stderr
    assert "RuntimeError: it broke with" in result.stderr
    assert "report it" in result.stderr
    text = details(result.stderr)
    assert "test_failure.py" in text
    assert "in broken" in text
    for told in (text, result.stderr):
        assert SECRET not in told
        assert "\x1b" not in result.stderr
        assert str(resources) not in told  # values of the command line are left out


def test_a_failure_behind_a_failure_keeps_the_secret_too():
    def outer():
        try:
            broken()
        except RuntimeError as error:
            raise KeyError(str(error)) from None

    try:
        outer()
    except KeyError as error:
        told = failure_text(error, ["audit"])
    assert SECRET not in told
    assert SECRET not in details(told)


def test_endless_recursion_and_no_memory(run_cli, monkeypatch, paste):
    def recurse(*args, **kwargs):
        return recurse(*args, **kwargs)

    def no_memory(*_args, **_kwargs):
        raise MemoryError

    for raising in (recurse, no_memory):
        monkeypatch.setattr("calico_bgp.cli.look.audit.audit", raising)
        result = run_cli("audit", "--pasted", paste("mesh_ok_v4"), may_fail=True)
        assert result.exit_code == 4
        assert len(details(result.stderr)) < 100_000


def test_no_place_for_the_details(run_cli, monkeypatch, paste, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr("calico_bgp.cli.look.audit.audit", broken)
    result = run_cli("audit", "--pasted", paste("mesh_ok_v4"), may_fail=True)
    assert result.exit_code == 4
    assert "The details could not be written" in result.stderr


def test_a_message_of_a_file_cannot_move_the_cursor(run_cli, tmp_path):
    path = tmp_path / "hosts.txt"
    path.write_text("node1 role=\x1b[2J\u202eevil\n")
    result = run_cli("status", path)
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr
    assert f"{path}:1:" in result.stderr


@pytest.mark.parametrize(
    ("form", "made_by"),
    [
        ("text", "calico_bgp.cli.look.audit_forms.report_to_text"),
        ("json", "calico_bgp.report.audit.json.report_to_json"),
        ("junit", "calico_bgp.report.audit.junit.report_to_junit"),
        ("markdown", "calico_bgp.report.markdown.report.report_to_markdown"),
    ],
)
def test_a_form_that_fails_does_not_take_the_verdict_along(run_cli, monkeypatch, paste, form, made_by):
    monkeypatch.setattr(made_by, broken)
    result = run_cli("audit", "--pasted", paste("no_peers_node4"), "--format", form, may_fail=True)
    assert result.exit_code == 4
    assert f"failed to write the report as {form}" in result.stderr
    assert "What it judged: unhealthy" in result.stderr
    assert "  error " in result.stderr
    assert SECRET not in result.stderr + details(result.stderr)


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_form_of_the_lint_that_fails(run_cli, monkeypatch, tmp_path, form):
    resources = tmp_path / "a.yaml"
    resources.write_text(
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: a}\nspec: {peerIP: nonsense}\n"
    )
    monkeypatch.setattr(f"calico_bgp.cli.change.lint.lint_to_{form}", broken)
    result = run_cli("lint", resources, "--format", form, may_fail=True)
    assert result.exit_code == 4
    assert "What it judged: " in result.stderr


def test_a_snapshot_that_cannot_be_saved_does_not_cost_the_report(run_cli, monkeypatch, paste, tmp_path):
    def full(*_args):
        raise StoreError("cannot write the snapshot: No space left on device")

    monkeypatch.setattr("calico_bgp.cli.look.audit.save_snapshot", full)
    result = run_cli("audit", "--pasted", paste("no_peers_node4"), "--save", tmp_path / "snap")
    assert result.exit_code == 2
    assert result.stdout.startswith("✗ UNHEALTHY")
    assert "No space left on device" in result.stderr


def test_a_source_that_fails_costs_what_it_did_not_read():
    hosts = [Host(f"node{number}") for number in (1, 2, 3)]

    class Half:
        def read(self, hosts):
            yield NodeReading(host=hosts[0].label, status=NodeStatus(felix_running=True))
            raise RuntimeError("a mistake of ours")

    snapshot = gather(hosts, Half())
    assert [reading.host for reading in snapshot.readings] == ["node1"]
    assert [failure.host for failure in snapshot.failures] == ["node2", "node3"]
    assert "a mistake of ours" in snapshot.failures[0].message
    report = audit(snapshot)
    assert report.exit_code() == 3


def test_resources_that_we_cannot_read_do_not_cost_what_the_nodes_say(run_cli, monkeypatch, paste, tmp_path):
    (tmp_path / "a.yaml").write_text("kind: Node")
    monkeypatch.setattr("calico_bgp.cli.sources.resource_files.parse_resources", broken)
    result = run_cli("audit", "--pasted", paste("mesh_ok_v4"), "--resources", tmp_path / "a.yaml")
    assert result.exit_code == 3
    assert result.stdout.startswith("? UNKNOWN")
    assert "calico_bgp failed while it read them: RuntimeError" in result.stdout
