"""One of a thing is said as one on standard error, too: of hosts, of nodes, of files that were passed over."""

from datetime import UTC, datetime

import pytest

from calico_bgp.cli.files.gather import _tell
from calico_bgp.cli.running.progress import ReadingLog
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus, SecondHand, Stage
from calico_bgp.model.snapshot import Snapshot


@pytest.mark.parametrize(("hosts", "words"), [("node1 10.0.0.1\n", "1 host"), ("node1\nnode2\n", "2 hosts")])
def test_hosts_that_were_written(run_cli, tmp_path, hosts, words):
    given = tmp_path / "given.txt"
    given.write_text(hosts)
    result = run_cli("hosts", given, "-o", tmp_path / "hosts.txt")
    assert result.stderr == f"{words} written to {tmp_path / 'hosts.txt'}\n"


@pytest.mark.parametrize(("files", "words"), [(6, "1 more file"), (7, "2 more files")])
def test_files_of_a_folder_that_are_no_resources(run_cli, tmp_path, files, words):
    (tmp_path / "node.yaml").write_text(
        "apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {name: a}\nspec: {bgp: {ipv4Address: 192.0.2.1/24}}\n"
    )
    for number in range(files):
        (tmp_path / f"other{number}.yaml").write_text("[1, 2")
    assert f"calico-bgp: and {words} like these\n" in run_cli("lint", tmp_path).stderr


@pytest.mark.parametrize(("nodes", "words"), [(1, "the one Node"), (2, "any of the 2 Nodes")])
def test_nodes_without_an_address_of_calicos(run_cli, tmp_path, nodes, words):
    path = tmp_path / "nodes.yaml"
    path.write_text(
        "---\n".join(
            f"apiVersion: v1\nkind: Node\nmetadata: {{name: n{number}}}\nspec: {{}}\n" for number in range(nodes)
        )
    )
    result = run_cli("expect", path)
    assert result.exit_code == 2
    assert f"there is no address of Calico's on {words}, so nothing can be said" in " ".join(result.stderr.split())


def test_one_node_that_is_read_and_its_pod_did_not_answer(capsys, tmp_path):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    second_hand = SecondHand(age=1.0, instead_of="the pod did not answer")
    reading = NodeReading(host="n1", node="n1", status=NodeStatus(), taken_at=at, second_hand=second_hand)
    failures = tuple(
        GatherFailure(host=f"n{number}", stage=Stage.CONNECT, message=f"reason {chr(97 + number)}")
        for number in range(21)
    )
    _tell(Snapshot(hosts=(Host("n1"),), readings=(reading,), failures=failures), tmp_path, None)
    said = capsys.readouterr().err
    assert "1 of 1 node read (1 of them by a CalicoNodeStatus, as its pod did not answer), saved in" in said
    assert "... and 1 more reason\n" in said


def test_one_node_that_is_waited_for():
    log = ReadingLog([Host("node1")], lambda: 0.0)
    assert log.line() == "reading: 0 of 1 node after 0s; waiting for node1"


def test_a_pattern_that_no_node_has_is_answered_with_those_that_there_are(run_cli, paste):
    table = paste("rr_one_down", nodes=("node1",))
    result = run_cli("status", "--pasted", table, "--node", "nide1")
    assert result.exit_code == 2
    assert "no node is called 'nide1'; did you mean node1?" in result.stderr
    assert "no node is called 'xyz'; there is node1." in run_cli("status", "--pasted", table, "--node", "xyz").stderr
