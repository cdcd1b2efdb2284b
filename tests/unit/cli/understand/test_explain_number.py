"""`calico-bgp explain N`: a numbered problem of the last report, its age and source first."""

import os
import re
import shlex
import stat
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.running import last_report as kept
from calico_bgp.cli.running.last_report import age_in_words, cache_file
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.report import NotRead
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.unit.auditing.conftest import snapshot_of


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "calico-bgp" / "last-report.json"


def test_the_problem_with_its_age_and_source_first(run_cli, paste, cache):
    source = paste("bird_stopped_dual")
    assert run_cli("audit", "--pasted", source, "--cluster", "prod-1").exit_code == 1
    result = run_cli("explain", "1")
    assert result.exit_code == 0
    first, blank, second = result.stdout.splitlines()[:3]
    assert first.startswith("Problem 1 of 1 of prod-1, ")
    assert first.endswith(f" ago: calico-bgp audit --pasted {source} --cluster prod-1")
    assert (blank, second) == ("", "CAUSE bird-down")
    assert "verify" not in first
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700


def test_what_it_prints_can_be_run_as_it_stands(run_cli, paste):
    source = paste("bird_stopped_dual")
    shown = run_cli("audit", "--pasted", source, "--limit", "node*", "--width", "70", "--no-color").stdout
    commands = [line.removeprefix("All: ") for line in shown.splitlines() if line.startswith("All: ")]
    assert commands == [f"calico-bgp audit --pasted {source} --limit 'node*' -v"]
    assert run_cli(*shlex.split(commands[0])[1:]).exit_code == 1


def test_an_old_report_only_when_it_is_meant(run_cli, paste, monkeypatch):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    monkeypatch.setattr(kept, "FRESH", timedelta(seconds=-1))
    result = run_cli("explain", "1")
    assert result.exit_code == 2
    assert "the last report is 0 seconds old (calico-bgp audit --pasted " in result.stderr
    assert "audit again, or add --last" in result.stderr
    assert run_cli("explain", "1", "--last").exit_code == 0


def test_a_report_of_another_cluster_only_when_it_is_meant(run_cli, paste):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"), "--cluster", "prod-1")
    assert run_cli("explain", "1", "--cluster", "prod-1").exit_code == 0
    result = run_cli("explain", "1", "--cluster", "prod-2")
    assert result.exit_code == 2
    assert "is of prod-1: add --last if it is meant" in result.stderr
    assert run_cli("explain", "1", "--cluster", "prod-2", "--last").exit_code == 0


def test_an_id_of_the_last_report(run_cli, paste):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"), "--cluster", "prod-1")
    (cause,) = kept.last_report().report.causes
    result = run_cli("explain", cause.id[:8])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Id {cause.id[:8]} of prod-1, ")
    assert "CAUSE bird-down" in result.stdout
    assert run_cli("explain", cause.id, "--cluster", "other").exit_code == 2
    assert run_cli("explain", "abcdef012345").exit_code == 1


def test_an_id_without_a_report_is_a_text_like_any_other(run_cli):
    assert run_cli("explain", "abcdef012345").exit_code == 1


def test_a_number_that_the_report_does_not_have(run_cli, paste):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    result = run_cli("explain", "7")
    assert result.exit_code == 2
    assert "has one problem" in result.stderr


def test_a_healthy_report_takes_the_place_of_the_last_one(run_cli, paste):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    run_cli("audit", "--pasted", paste("mesh_ok_v4"))
    assert "has no problem" in run_cli("explain", "1").stderr


def test_without_a_report(run_cli):
    result = run_cli("explain", "1")
    assert result.exit_code == 2
    assert "run calico-bgp audit" in result.stderr


@pytest.mark.parametrize("text", ["", "{}", '{"format": "calico-bgp/last-report/1"}', "[" * 5000])
def test_a_file_that_is_no_report(run_cli, cache, text):
    cache.parent.mkdir(parents=True)
    cache.write_text(text)
    cache.chmod(0o600)
    result = run_cli("explain", "1")
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_file_that_others_may_write_is_not_read(run_cli, paste, cache):
    run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    cache.chmod(0o666)
    assert "is not only yours" in run_cli("explain", "1").stderr


def test_a_link_is_replaced_and_not_followed(run_cli, paste, cache, tmp_path):
    cache.parent.mkdir(parents=True)
    (tmp_path / "other").write_text("precious")
    cache.symlink_to(tmp_path / "other")
    run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    assert (tmp_path / "other").read_text() == "precious"
    assert not cache.is_symlink()


def test_a_cache_that_cannot_be_written_costs_only_the_number(run_cli, paste, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    result = run_cli("audit", "--pasted", paste("bird_stopped_dual"))
    assert result.exit_code == 1
    assert "explain" not in result.stdout
    assert "All: calico-bgp audit" in result.stdout


def test_a_relative_cache_folder_does_not_count(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_file() == tmp_path / ".cache" / "calico-bgp" / "last-report.json"
    assert os.fspath(cache_file()).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("age", "words"),
    [(0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (7200, "2 hours"), (90_000, "1 day")],
)
def test_an_age(age, words):
    assert age_in_words(timedelta(seconds=age)) == words


def test_the_commands_of_a_ticket_can_be_run_as_they_stand(run_cli, tmp_path):
    cluster = build_cluster(8, topology=Topology.MESH)
    save_snapshot(snapshot_of(cluster, "bird-down:node3", "bird-down:node4"), tmp_path / "monday")
    ticket = run_cli("audit", "--snapshot", tmp_path / "monday", "--format", "markdown").stdout
    commands = re.findall(r"`(calico-bgp explain [^`]+)`", ticket)
    assert len(commands) == 2
    answers = [run_cli(*command.split()[1:]) for command in commands]
    assert [answer.exit_code for answer in answers] == [0, 0]
    assert "node4" in answers[0].stdout
    assert "bird-down" in answers[1].stdout


def test_the_option_that_mends_is_a_command_where_nodes_are_asked(run_cli, cache):
    unread = NotRead(
        nodes=("node1", "node2"), reason="sudo password", option="--ask-sudo-pass", remedy="a sudoers line"
    )
    report = audit(snapshot_of(build_cluster(3))).model_copy(update={"not_read": (unread,), "causes": ()})
    for command, shown in (
        ("calico-bgp audit hosts.txt", "calico-bgp audit hosts.txt --ask-sudo-pass\n"),
        ("calico-bgp audit --snapshot monday", "--ask-sudo-pass; or a sudoers line\n"),
    ):
        assert kept.keep(report, command)
        assert f"  fix     {shown}" in run_cli("explain", "1").stdout
