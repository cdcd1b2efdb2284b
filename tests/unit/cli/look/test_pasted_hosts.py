"""HOSTS beside `--pasted`: they give names, roles and addresses, and nobody is asked."""

from __future__ import annotations

import pytest

from tests.unit.parse.pasted.test_forms_of_people import answer

TABLE = """\
Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 192.0.2.12   | node-to-node mesh | up    | 07:13:23 | Established |
| 192.0.2.13   | node-to-node mesh | start | 07:13:23 | Passive     |
+--------------+-------------------+-------+----------+-------------+

IPv6 BGP status
No IPv6 peers found.
"""
HOSTS = "a ip=192.0.2.11\nb ip=192.0.2.12\nc ip=192.0.2.13\n"


def test_the_table_without_a_name_is_the_host_that_it_does_not_show(run_cli, tmp_path):
    (tmp_path / "hosts.txt").write_text(HOSTS)
    (tmp_path / "ticket.txt").write_text(TABLE)
    result = run_cli("audit", tmp_path / "hosts.txt", "--pasted", tmp_path / "ticket.txt", "-v")
    assert result.exit_code == 1
    assert "a shows c" in result.stdout or "a and c" in result.stdout
    assert "ticket.txt:1" not in result.stdout


def test_without_names_a_command_says_node(run_cli, tmp_path):
    (tmp_path / "ticket.txt").write_text(TABLE)
    result = run_cli("audit", "--pasted", tmp_path / "ticket.txt", "--verbose")
    assert "ticket.txt:1: " not in result.stdout


LOG = "2026-11-30 10:00:00.123 [INFO][45] felix/int_dataplane.go 1: Applying dataplane updates\n"


@pytest.mark.parametrize(("file", "code"), [("node3.log", 3), ("notes.log", 0)])
def test_a_file_that_holds_something_else(run_cli, tmp_path, file, code):
    """A node's file without a status is a node that was not read; another file is said to be of no use."""
    for node in ("node1", "node2"):
        (tmp_path / f"{node}.log").write_text("\n".join(answer(node)))
    (tmp_path / file).write_text(LOG)
    files = [part for name in ("node1.log", "node2.log", file) for part in ("--pasted", tmp_path / name)]
    result = run_cli("audit", *files)
    assert result.exit_code == code
    assert f"{file}: this looks like calico-node's logs" in result.stderr
    assert ("node3 could not be read" in result.stdout) is (code == 3)
