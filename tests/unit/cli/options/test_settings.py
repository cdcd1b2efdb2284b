"""Settings on the way to a command: what is typed, the environment, the cluster's, the default one's, in this order."""

import os
from pathlib import Path

import click
import pytest

from calico_bgp.cli.main import cli

OWN = """\
default_cluster = "api"
[clusters.api]
context = "api-context"
version = "v3.31"
[clusters.ssh]
hosts = "ssh.txt"
resources = "calico/"
user = "ubuntu"
jump = "bastion"
timeout = "5s"
identity = ["key"]
host_keys = "accept-new"
[output]
format = "json"
width = 90
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Write the user's own file; `settings.folder` is the current one."""
    own = tmp_path / "config/calico-bgp/calico-bgp.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN)
    own.chmod(0o600)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return own


def params(*words):
    """What a command line means, without running it."""
    with click.Context(cli) as root:
        command = cli.get_command(root, words[0])
        context = command.make_context(words[0], list(words[1:]), parent=root)
    return context.params


def test_the_default_cluster(settings):
    found = params("audit")
    assert (found["context"], found["cluster"], str(found["calico_version"])) == ("api-context", "api", "v3.31")
    assert (found["form"], found["width"], found["hosts"]) == ("json", 90, None)


def test_a_cluster_by_name(settings):
    found = params("audit", "--cluster", "ssh", "--format", "text")
    folder = settings.parent
    assert found["hosts"] == folder / "ssh.txt"
    assert found["paths"] == (str(folder / "calico"),)
    assert found["identity"] == (folder / "key",)
    assert (found["user"], found["jump"], found["host_keys"], found["form"]) == (
        "ubuntu",
        "bastion",
        "accept-new",
        "text",
    )
    assert found["timeout"].total_seconds() == 5
    assert found["context"] is None


def test_who_names_a_source_means_it(settings):
    found = params("audit", "--pasted", "ticket.txt")
    assert (found["cluster"], found["context"], found["hosts"]) == (None, None, None)
    found = params("audit", "other.txt", "--cluster", "ssh", "--user", "root")
    assert (found["hosts"], found["user"], found["jump"]) == (Path("other.txt"), "root", "bastion")
    found = params("audit", "--context", "x", "--cluster", "ssh")
    assert (found["context"], found["hosts"]) == ("x", None)


def test_the_environment_is_between_words_and_files(settings, monkeypatch):
    monkeypatch.setenv("CALICO_BGP_HOSTS", "env.txt")
    monkeypatch.setenv("CALICO_BGP_USER", "ann")
    monkeypatch.setenv("CALICO_BGP_RESOURCES", os.pathsep.join(("a", "b")))
    found = params("audit")
    assert (found["hosts"], found["context"], found["cluster"], found["user"]) == (Path("env.txt"), None, None, "ann")
    assert found["paths"] == ("a", "b")
    # A cluster that is typed says where; how still comes from the environment first.
    found = params("audit", "--cluster", "ssh")
    assert (found["hosts"], found["user"]) == (settings.parent / "ssh.txt", "ann")
    assert params("audit", "--snapshot", "monday", "--user", "root")["user"] == "root"
    assert params("audit", "--snapshot", "monday")["hosts"] is None


def test_the_environment_names_a_cluster_and_a_file(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("CALICO_BGP_CLUSTER", "ssh")
    assert params("audit")["hosts"] == settings.parent / "ssh.txt"
    other = tmp_path / "other.toml"
    other.write_text("[clusters.ssh]\ncontext = 'other'\n")
    other.chmod(0o600)
    monkeypatch.setenv("CALICO_BGP_CONFIG", str(other))
    assert params("status")["context"] == "other"
    assert params("status", "--config", "none")["context"] is None


def test_every_command_that_reads_nodes_takes_them(settings):
    for command in ("status", "reach", "risks", "whatif", "gather"):
        found = params(command, "--cluster", "ssh")
        assert (found["hosts"], found["user"]) == (settings.parent / "ssh.txt", "ubuntu"), command
    assert params("drain-check", "node1", "--cluster", "ssh")["hosts"] == settings.parent / "ssh.txt"


def test_a_form_that_a_command_does_not_write_is_not_meant(settings):
    settings.write_text('[output]\nformat = "csv"\n')
    assert params("status")["form"] == "csv"
    assert params("audit")["form"] == "text"


def test_an_unknown_cluster(run_cli, settings, paste):
    result = run_cli("audit", "--cluster", "shs")
    assert result.exit_code == 2
    assert "no cluster is called 'shs', did you mean ssh?" in result.stderr
    result = run_cli("audit", "--cluster", "elsewhere")
    assert "there are api, ssh" in result.stderr
    result = run_cli("audit", "--cluster", "shs", "--pasted", paste("mesh_ok_v4"), "--format", "text")
    assert result.stdout.startswith("HEALTHY shs") or "shs" in result.stdout.splitlines()[0]
    assert "did you mean ssh? It is taken as a label." in result.stderr
    result = run_cli("audit", "--cluster", "prod", "--pasted", paste("mesh_ok_v4"))
    assert result.stderr.count("did you mean") == 0


def test_a_default_that_is_not_there(run_cli, settings):
    settings.write_text('default_cluster = "a"\n[clusters.ab]\ncontext = "x"\n')
    result = run_cli("audit")
    assert result.exit_code == 2
    assert f"{settings}:1: default_cluster: there is no [clusters.a]" in result.stderr


def test_a_value_that_cannot_be_names_file_and_line(run_cli, settings, monkeypatch):
    settings.write_text('[clusters.a]\ncontext = "x"\nworkers = 100000\n')
    result = run_cli("audit", "--cluster", "a")
    assert result.exit_code == 2
    assert f"calico-bgp: {settings}:3: workers = 100000:" in result.stderr
    monkeypatch.setenv("CALICO_BGP_TIMEOUT", "soon")
    assert "CALICO_BGP_TIMEOUT: timeout = 'soon':" in run_cli("audit", "--config", "none").stderr


def test_help_needs_no_settings(run_cli, settings):
    settings.write_text("this is no TOML")
    assert run_cli("audit", "--help").exit_code == 0
    assert run_cli("--version").exit_code == 0
    result = run_cli("audit")
    assert result.exit_code == 2
    assert f"{settings}:1: not TOML" in result.stderr


def test_a_folder_gives_exceptions_and_no_way_in(run_cli, settings, paste):
    near = Path("calico-bgp.toml")
    near.write_text('[clusters.x]\nhosts = "x.txt"\njump = "evil"\n')
    near.chmod(0o644)
    result = run_cli("audit", "--pasted", paste("rr_one_down"))
    assert result.exit_code == 2
    assert "calico-bgp.toml:3: [clusters.x]: jump does not count in a file of a folder" in result.stderr
    near.write_text('[[ignore]]\nrule = "daemon-not-running"\nreason = "known"\n')
    result = run_cli("audit", "--pasted", paste("rr_one_down"), "--format", "json")
    assert '"reason": "known"' in result.stdout
    near.chmod(0o666)
    result = run_cli("audit", "--pasted", paste("rr_one_down"))
    assert result.exit_code == 2
    assert "may be written by others" in result.stderr


def test_clusters_complete(settings):
    from tests.unit.cli.files.test_completion import completed

    assert completed("calico-bgp status --cluster s") == ["ssh"]
