"""`calico-bgp hosts`: from kubectl's JSON to a file that every command reads."""

import os
import stat
import subprocess
import sys

from calico_bgp.parse.hosts.reader import parse_hosts


def test_from_a_file_to_a_file(run_cli, fixtures, tmp_path):
    output = tmp_path / "hosts.txt"
    output.write_text("old")
    output.chmod(0o640)
    nodes = fixtures / "kubernetes" / "reflectors" / "nodes.json"
    result = run_cli("hosts", nodes, "-o", output, "--user", "ubuntu")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"5 hosts written to {output}\n"
    hosts = parse_hosts(output.read_text())
    assert [host.user for host in hosts] == ["ubuntu"] * 5
    assert [host.node for host in hosts if host.role] == ["reflector-a", "reflector-b"]
    assert stat.S_IMODE(output.stat().st_mode) == 0o640


def test_from_standard_input_to_standard_output(run_cli, fixtures):
    text = (fixtures / "kubernetes" / "reflectors" / "nodes.json").read_text()
    result = run_cli("hosts", "-", "--address", "hostname", stdin=text)
    assert result.exit_code == 0
    assert [host.name for host in parse_hosts(result.stdout)] == [
        "control-plane-1", "reflector-a", "reflector-b", "worker-1", "worker-2",
    ]  # fmt: skip


def test_errors_leave_the_file_alone(run_cli, fixtures, tmp_path):
    output = tmp_path / "hosts.txt"
    output.write_text("old")
    nodes = fixtures / "kubernetes" / "reflectors" / "nodes.json"
    for arguments, words in (
        ((nodes, "--address", "external"), "node worker-1 has no ExternalIP"),
        ((tmp_path / "none.json",), "cannot be read: No such file"),
        ((nodes, "--user", "-oProxyCommand"), "is not a user name"),
        ((fixtures / "kubernetes" / "reflectors" / "README.md",), "this is no inventory"),
    ):
        result = run_cli("hosts", *arguments, "-o", output)
        assert result.exit_code == 2
        assert words in result.stderr
        assert output.read_text() == "old"


def test_what_powershell_writes_is_read(run_cli):
    text = '[{"name": "n1", "ip": "10.0.0.1"}]'
    assert run_cli("hosts", "-", stdin=text.encode("utf-16")).stdout == run_cli("hosts", "-", stdin=text).stdout


def test_another_encoding_is_said(run_cli):
    result = run_cli("hosts", "-", stdin="n\u00f6de1\n".encode("latin-1"))
    assert result.exit_code == 2
    assert "this is not UTF-8" in result.stderr


def test_a_document_that_breaks_is_said_with_its_line(run_cli):
    result = run_cli("hosts", "-", stdin="all:\n\thosts:\n")
    assert result.exit_code == 2
    assert "-:2: not YAML" in result.stderr.replace("standard input", "-").replace("document 1: ", "")


def test_two_nodes_behind_one_address(run_cli, fixtures):
    text = (fixtures / "kubernetes" / "reflectors" / "nodes.json").read_text()
    result = run_cli("hosts", "-", stdin=text.replace("10.192.0.6", "10.192.0.5"))
    assert result.exit_code == 2
    assert "10.192.0.5 stands already on line 4" in result.stderr


def test_help_has_examples(run_cli):
    assert "kubectl get nodes -o json" in run_cli("hosts", "--help").stdout


def test_without_a_file_it_is_the_current_cluster(run_cli, lab):
    result = run_cli("hosts", env={"KUBECONFIG": str(lab.kubeconfig)})
    assert result.exit_code == 0
    assert result.stderr == "calico-bgp: reading calico-bgp-lab, kubectl's current context\n"
    assert [host.node for host in parse_hosts(result.stdout)] == ["node1", "node2", "node3", "node4"]


def test_a_pipe_whose_dash_was_forgotten_is_not_passed_over(lab):
    """Else the hosts of another cluster than that of the pipe would be written."""
    done = subprocess.run(
        [sys.executable, "-m", "calico_bgp", "hosts"],
        input="10.0.0.1\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"KUBECONFIG": str(lab.kubeconfig)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input is a pipe: give - to read it" in done.stderr


def test_without_a_file_and_a_cluster(run_cli, tmp_path):
    result = run_cli("hosts", env={"KUBECONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)})
    assert result.exit_code == 2
    assert "there is no kubeconfig with a current context" in " ".join(result.stderr.split())
