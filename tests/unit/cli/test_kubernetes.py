"""The command line against the lab's API server: no inventory, no SSH."""

import pytest


@pytest.fixture
def at_lab(lab, monkeypatch):
    """The lab's cluster is the kubeconfig's current context."""
    monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))


def test_audit_without_arguments_reads_the_current_context(at_lab, run_cli):
    done = run_cli("audit")
    assert done.exit_code == 0
    assert done.stdout.startswith("HEALTHY calico-bgp-lab: all ")


@pytest.mark.parametrize(
    "command", [["status"], ["reach"], ["risks", "--help"], ["whatif", "--remove", "node4"], ["drain-check", "node4"]]
)
def test_other_commands_take_the_cluster_too(at_lab, run_cli, command):
    assert run_cli(*command).exit_code in (0, 1)


def test_a_context_that_is_not_there(at_lab, run_cli):
    done = run_cli("audit", "--context", "nope")
    assert done.exit_code == 2
    assert "no context is called 'nope'; it has calico-bgp-lab" in done.stderr


def test_limit_and_snapshot(at_lab, run_cli, tmp_path):
    assert run_cli("audit", "--save", tmp_path / "snap").exit_code == 0
    again = run_cli("audit", "--snapshot", tmp_path / "snap")
    assert again.exit_code == 0
    assert again.stdout.startswith("HEALTHY calico-bgp-lab")
    assert "4 " in run_cli("status", "--limit", "node1").stdout


def test_a_saved_snapshot_holds_no_token(at_lab, lab, run_cli, tmp_path):
    run_cli("audit", "--save", tmp_path / "snap")
    token = next(line.split()[-1] for line in lab.kubeconfig.read_text().splitlines() if "token:" in line)
    texts = [path.read_text() for path in (tmp_path / "snap").rglob("*") if path.is_file()]
    assert texts
    assert not any(token in text for text in texts)


def test_an_api_server_that_is_gone_is_exit_3(lab, run_cli, monkeypatch, tmp_path):
    kubeconfig = tmp_path / "config"
    text = lab.kubeconfig.read_text()
    kubeconfig.write_text(text.replace(text.split("server: ")[1].split("\n")[0], "https://127.0.0.1:9"))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    done = run_cli("audit")
    assert done.exit_code == 3
    assert "nothing could be read: the API server at 127.0.0.1:9 does not answer" in done.stderr


def test_one_source_only(at_lab, lab, run_cli):
    done = run_cli("audit", lab.hosts_file, "--context", "calico-bgp-lab")
    assert done.exit_code == 2
    assert "give only one of HOSTS" in done.stderr


def test_nothing_named_and_no_kubeconfig(run_cli):
    done = run_cli("audit")
    assert done.exit_code == 2
    assert "say what to look at" in done.stderr
