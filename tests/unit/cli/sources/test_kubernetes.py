"""The command line against the lab's API server: no inventory, no SSH."""

import json
import time

import pytest

from calico_bgp.model.inventory import Role
from calico_bgp.store.snapshot_folder import load_snapshot

#: node1's, as somebody copied it.
PASTE = """
Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 192.0.2.12   | node specific     | up    | 08:00:00 | Established |
| 192.0.2.13   | node specific     | up    | 08:00:00 | Established |
| 192.0.2.14   | node specific     | up    | 08:00:00 | Established |
+--------------+-------------------+-------+----------+-------------+

IPv6 BGP status
No IPv6 peers found.
"""


@pytest.fixture
def at_lab(lab, monkeypatch):
    """The lab's cluster is the kubeconfig's current context."""
    monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))


def test_audit_without_arguments_reads_the_current_context(at_lab, run_cli):
    done = run_cli("audit")
    assert done.exit_code == 0
    assert done.stdout.startswith("✓ HEALTHY  calico-bgp-lab   all ")


@pytest.mark.parametrize(
    "command", [["status"], ["reach"], ["risks", "--help"], ["whatif", "--remove", "node4"], ["drain-check", "node4"]]
)
def test_other_commands_take_the_cluster_too(at_lab, run_cli, command):
    assert run_cli(*command).exit_code in (0, 1)


@pytest.mark.parametrize("command", [["status"], ["reach"], ["risks"], ["drain-check", "node4"]])
def test_the_current_context_is_named_where_no_cluster_was(at_lab, lab, run_cli, command):
    said = "calico-bgp: reading calico-bgp-lab, kubectl's current context"
    assert run_cli(*command).stderr.splitlines()[0] == said
    assert said not in run_cli(*command, "--kubeconfig", lab.kubeconfig).stderr
    assert said not in run_cli("audit").stderr, "its first line names the cluster"


def test_the_report_says_the_way_in(at_lab, lab, run_cli):
    verbose = run_cli("audit", "-v").stdout
    assert (
        "read from   the Kubernetes API, directly; Calico's resources of projectcalico.org/v3; pods of calico-system\n"
        in verbose
    )
    lab.set_api_faults(["api-group-down"])
    assert "Calico's resources of crd.projectcalico.org/v1" in run_cli("audit", "-v").stdout


def test_a_context_that_is_not_there(at_lab, run_cli):
    done = run_cli("audit", "--context", "nope")
    assert done.exit_code == 2
    assert "no context is called 'nope'; it has calico-bgp-lab" in done.stderr


def test_limit_and_snapshot(at_lab, run_cli, tmp_path):
    assert run_cli("audit", "--save", tmp_path / "snap").exit_code == 0
    again = run_cli("audit", "--snapshot", tmp_path / "snap")
    assert again.exit_code == 0
    assert again.stdout.startswith("✓ HEALTHY  calico-bgp-lab")
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


def test_one_source_only(at_lab, lab, run_cli, tmp_path):
    for other in (["--snapshot", tmp_path], [lab.hosts_file, "--snapshot", tmp_path]):
        done = run_cli("audit", "--context", "calico-bgp-lab", *other)
        assert done.exit_code == 2
        assert "give only one of HOSTS" in done.stderr


def test_hosts_beside_a_context_give_roles_and_addresses_and_are_not_asked(at_lab, run_cli, tmp_path):
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("nowhere.invalid node=node1 role=reflector ip=198.51.100.7\nnode2\n192.0.2.13\n")
    done = run_cli("audit", hosts, "--context", "calico-bgp-lab", "--save", tmp_path / "snap")
    assert done.exit_code == 0, done.stderr
    saved = load_snapshot(tmp_path / "snap")
    first, *others = saved.hosts
    assert (first.name, first.role) == ("node1", Role.REFLECTOR)
    assert "198.51.100.7" in map(str, first.addresses)
    assert {host.role for host in others} == {None}
    assert saved.failures == ()


def test_a_host_beside_a_context_that_is_none_of_its_nodes_is_unread(at_lab, run_cli, tmp_path):
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("node1\nnode9\n")
    done = run_cli("audit", hosts, "--context", "calico-bgp-lab", "-v")
    assert done.exit_code == 3
    assert "node9 could not be read (resolve): the cluster has no Node of this name or address" in done.stdout
    assert run_cli("audit", hosts, "--context", "calico-bgp-lab", "--limit", "node1").exit_code != 2


def test_a_context_beside_a_paste_gives_names_and_roles_only(at_lab, lab, run_cli, tmp_path):
    paste = tmp_path / "paste.txt"
    paste.write_text(PASTE)
    done = run_cli("audit", "--pasted", paste, "--context", "calico-bgp-lab", "--format", "json")
    report = json.loads(done.stdout)
    nodes = {node["name"]: node["read"] for node in report["topology"]["nodes"]}
    assert nodes == {"node1": True, "node2": False, "node3": False, "node4": False}
    assert report["checked"]["has_resources"] is False
    again = run_cli("status", lab.hosts_file, "--pasted", paste, "--context", "calico-bgp-lab")
    assert again.exit_code == 2
    assert "not both" in again.stderr


def test_resources_beside_a_context_are_said_in_the_report(at_lab, lab, run_cli, tmp_path):
    given = tmp_path / "resources.yaml"
    given.write_text(lab.resources_file.read_text())
    done = run_cli("audit", "--context", "calico-bgp-lab", "--resources", given, "--format", "json")
    assert done.exit_code == 0, done.stderr
    notes = {note["what"]: note["why"] for note in json.loads(done.stdout)["not_checked"]}
    assert notes["the cluster's own resources of Calico"] == "the files of --resources stand in their place"


def test_resources_from_a_host_are_none_of_a_context(at_lab, lab, run_cli):
    done = run_cli("audit", lab.hosts_file, "--context", "calico-bgp-lab", "--resources-from", "node1")
    assert done.exit_code == 2


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


@pytest.mark.parametrize("deadline", ["--timeout", "--run-timeout"])
def test_deadlines_are_those_of_pods_too(at_lab, lab, run_cli, deadline):
    """A pod that hangs was waited for by 20 s, whatever the command line said."""
    lab.set_api_faults(["exec-hangs:node3"])
    started = time.monotonic()
    result = run_cli("audit", deadline, "2s")
    assert time.monotonic() - started < 10
    assert result.exit_code == 3
    assert "3 of 4 nodes read" in result.stdout
    refused = run_cli("audit", deadline, "0s")
    assert (refused.exit_code, deadline in refused.stderr) == (2, True)


def test_a_reading_of_second_hand_is_kept_and_ssh_stands_before_it(at_lab, lab, live, run_cli, tmp_path):
    lab.set_api_faults(["exec-hangs:node3", "node-status"])
    alone = run_cli("gather", "-o", tmp_path / "alone")
    assert "4 of 4 nodes read (1 of them by a CalicoNodeStatus, as its pod did not answer)" in alone.stderr
    kept = {r.name: r.second_hand for r in load_snapshot(tmp_path / "alone").readings}
    assert {name for name, found in kept.items() if found} == {"node3"}
    assert "node3" in run_cli("audit", "--snapshot", tmp_path / "alone").stdout
    hosts, *options = live
    both = run_cli("gather", "-o", tmp_path / "both", "--also-ssh", hosts, *options)
    assert "4 of 4 nodes read in " in both.stderr
    assert not any(r.second_hand for r in load_snapshot(tmp_path / "both").readings)


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


def test_hosts_without_a_file_are_of_the_current_context(at_lab, run_cli):
    assert run_cli("hosts").stdout == run_cli("hosts", "--context", "calico-bgp-lab").stdout


def test_hosts_of_nothing(run_cli):
    assert run_cli("hosts").exit_code == 2


def test_the_command_in_pods_is_shown(run_cli):
    shown = run_cli("gather", "--show-command").stdout
    assert "kubectl exec -n NAMESPACE POD -c calico-node -- sh -c" in shown
    assert "birdcl -r " in shown
