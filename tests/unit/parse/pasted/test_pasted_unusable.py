"""A text without a status is called what it is."""

from __future__ import annotations

import pytest

from calico_bgp.parse.pasted.reader import parse_pasted
from calico_bgp.parse.pasted.unusable import what_it_is


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "2026-11-29 07:13:23.123 [INFO][52] felix/int_dataplane.go 1836: Received interface update\n",
            "calico-node's logs",
        ),
        ("bird: Mesh_192_0_2_12: State changed to start\n", "BIRD's log"),
        ("default via 192.0.2.1 dev eth0 proto static\n192.0.2.0/24 dev eth0 proto kernel\n", "a kernel's routes"),
        ("NAME    READY   STATUS    RESTARTS   AGE\ncalico-node-4kq2z   1/1   Running   0   5d\n", "table of pods"),
        (
            "ComputerName : node1\nOutput       : {Calico process is running., , IPv4 BGP status, +---...}\n",
            "PowerShell's list of objects, which leaves lines out",
        ),
        ("apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata:\n  name: rr\n", "Calico's resources"),
    ],
)
def test_it_is_called_what_it_is(text, what):
    assert parse_pasted(text) == ()
    said = what_it_is(text)
    assert said is not None
    assert what in said


def test_prose_is_not_called_anything():
    assert what_it_is("Hello,\nthe network is slow since Monday.\n") is None


def test_the_audit_says_it(run_cli, tmp_path):
    (tmp_path / "ticket.txt").write_text("bird: Mesh_192_0_2_12: State changed to start\n")
    result = run_cli("audit", "--pasted", tmp_path / "ticket.txt")
    assert result.exit_code == 2
    assert "this looks like BIRD's log" in result.stderr


def test_what_powershell_wrote_is_read(run_cli, tmp_path):
    text = "IPv4 BGP status\r\n| 192.0.2.12 | global | up | 07:13:23 | Established |\r\n"
    (tmp_path / "ticket.txt").write_bytes(text.encode("utf-16"))
    assert run_cli("audit", "--pasted", tmp_path / "ticket.txt").exit_code != 2
