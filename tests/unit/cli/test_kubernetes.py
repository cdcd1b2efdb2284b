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


def test_gather_and_audit_offline(at_lab, run_cli, tmp_path):
    done = run_cli("gather", "-o", tmp_path / "snap")
    assert done.exit_code == 0
    assert "4 of 4 nodes read" in done.stderr
    assert run_cli("audit", "--snapshot", tmp_path / "snap").exit_code == 0


def test_ssh_fills_in_what_exec_did_not_give(at_lab, lab, live, run_cli, tmp_path):
    lab.set_api_faults(["pod-missing:node3"])
    alone = run_cli("gather", "-o", tmp_path / "alone")
    assert alone.exit_code == 3
    hosts, *options = live
    both = run_cli("gather", "-o", tmp_path / "both", "--also-ssh", hosts, *options)
    assert both.exit_code == 0
    assert "4 of 4 nodes read" in both.stderr


def test_also_ssh_goes_with_a_cluster(lab, run_cli, tmp_path):
    done = run_cli("gather", lab.hosts_file, "-o", tmp_path / "x", "--also-ssh", lab.hosts_file)
    assert done.exit_code == 2


def test_hosts_of_a_cluster(at_lab, run_cli):
    done = run_cli("hosts", "--context", "calico-bgp-lab")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if not line.startswith("#")] == [
        "192.0.2.11",
        "192.0.2.12",
        "192.0.2.13",
        "192.0.2.14",
    ]


def test_hosts_of_nothing(at_lab, run_cli):
    assert run_cli("hosts").exit_code == 2


def test_the_command_in_pods_is_shown(run_cli):
    shown = run_cli("gather", "--show-command").stdout
    assert "kubectl exec -n NAMESPACE POD -c calico-node -- sh -c" in shown
    assert "birdcl -r " in shown
