"""What is in maintenance stands in the head of an audit, and changes nothing else of it."""

from pathlib import Path

from calico_bgp.lab import Lab, build_cluster

WINDOW = """\
[[monitor.maintenance]]
reason = "kernel upgrade"
from = 2020-01-01T00:00:00Z
until = 2990-01-01T00:00:00Z
{nodes}
"""


def config(nodes=""):
    path = Path("windows.toml")
    path.write_text(WINDOW.format(nodes=nodes))
    path.chmod(0o600)
    return "--config", path


def test_a_window_is_named_and_the_verdict_stays(run_cli, paste, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    broken = ("audit", "--pasted", paste("bird_stopped_dual"))
    plain = run_cli(*broken, "--config", "none")
    noted = run_cli(*broken, *config('nodes = ["node[23]"]'))
    assert noted.exit_code == plain.exit_code == 1
    first, second, third, *rest = noted.stdout.replace("--config windows.toml", "--config none").splitlines()
    assert third == "             in maintenance: node2, node3 (kernel upgrade)"
    assert [first, second, *rest] == plain.stdout.splitlines()
    assert "in maintenance: the whole cluster (kernel upgrade)\n" in run_cli(*broken, *config()).stdout


def test_nobody_is_told_of_it_where_it_says_nothing(run_cli, paste, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "maintenance" not in run_cli("audit", "--pasted", paste("mesh_ok_dual"), *config()).stdout
    other = run_cli("audit", "--pasted", paste("bird_stopped_dual"), *config('nodes = ["rack1-*"]'))
    assert "maintenance" not in other.stdout


def test_a_pod_that_has_just_started_needs_no_window(run_cli):
    with Lab(build_cluster(6), faults=["restarting:node4"]) as lab:
        shown = run_cli("audit", "--kubeconfig", lab.kubeconfig, "--config", "none")
    assert "node4 (calico-node started less than 5 minutes ago)\n" in shown.stdout.partition("in maintenance: ")[2]
