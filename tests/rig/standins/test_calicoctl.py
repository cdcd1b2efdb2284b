"""Fed with BIRD's answers from the captures, the stand-in prints what the real calicoctl printed, byte for byte."""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.rig.standins import calicoctl as standin
from tests.rig.standins.calicoctl import Family

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
BOTH = frozenset("46")

#: Families whose BIRD did not run, by scenario, or by scenario and node.
NOT_RUNNING = {
    "bird_stopped_dual/node2": BOTH,
    "rr_one_down/node1": BOTH,
    "no_bgp_newstyle/node3": BOTH,
    "dual_bird4_stopped/node2": frozenset("4"),
    "fake_peers_v4_t12": frozenset("6"),
    "mesh_ok_v4": frozenset("6"),
    "rr_ok_v4": frozenset("6"),
}
FELIX_STOPPED = "felix_stopped_oldstyle/node2"
#: bird6 ran without peers there; its answer was not kept.
NO_IPV6_PEERS = "single_family_real_v4"

# BIRD and calicoctl were asked one after the other. Where something moved between, the answer is moved likewise here,
# so that the comparison stays byte for byte: SINCE may differ by a second from call to call, ...
SECONDS_LATER = {
    **dict.fromkeys([f"v3.32/mesh_ok_dual/node{n}/{f}" for n in (1, 2, 3, 4) for f in "46"], 1),
    **dict.fromkeys([f"v3.33/mesh_ok_dual/node{n}/{f}" for n in (3, 4) for f in "46"], 1),
    "v3.32/rr_ok_dual/node1/4": 1,
    "v3.32/rr_ok_dual/node1/6": 1,
    "v3.32/rr_ok_dual/node2/6": 1,
    "v3.32/rr_port_ok_dual/node2/4": -1,
    "v3.33/rr_port_ok_dual/node2/4": -1,
    "v3.32/single_family_real_v4/node2/4": 1,
    "v3.32/single_family_real_v4/node3/4": 1,
    "v3.33/single_family_real_v4/node3/4": 1,
    "v3.33/peer_missing_one_side/node3/4": -1,
    "v3.33/peer_missing_one_side/node3/6": -1,
}
# ... and a session that is down moves among Idle, Connect and Active and meets new errors: (protocol, pattern, new).
MOVED = {
    "v3.32/odd_peers_t09/node1": [("192_0_2_199", "Connect", "Active"), ("4444", "Connect", "Active")],
    "v3.33/odd_peers_t09/node1": [("192_0_2_199", "Connect", "Active"), ("4444", "Connect", "Active")],
    "v3.32/rr_one_down/node5": [("192_0_2_11", "Active", "Idle")],
    "v3.32/rr_one_down/node6": [("192_0_2_11", "Active", "Idle"), ("_77__11", "Active", "Idle")],
    "v3.32/wrong_password_t15/node3": [("192_0_2_12", "Active", "Connect"), ("_77__12", "Active", "Connect")],
    "v3.32/link_down_t15/node4": [
        ("192_0_2_13", "BGP Error: Hold timer expired", "Socket: Connection timed out"),
        ("_77__13", "BGP Error: Hold timer expired", "Socket: Connection timed out"),
    ],
    "v3.32/link_down_t15/node3.local": [
        ("192_0_2_12", "BGP Error: Hold timer expired", "Socket: No route to host"),
        ("_77__11", "Connect +BGP Error: Hold timer expired", "Active Socket: Connection timed out"),
        ("_77__12", "Connect +BGP Error: Hold timer expired", "Active Socket: Connection timed out"),
    ],
    "v3.33/link_down_t15/node3.local": [
        ("192_0_2_12", "BGP Error: Hold timer expired", "Socket: No route to host"),
        ("_77__11", "BGP Error: Hold timer expired", "Socket: Connection timed out"),
        ("_77__12", "BGP Error: Hold timer expired", "Socket: Connection timed out"),
    ],
}


def cases() -> Iterator[str]:
    for stdout in sorted(CAPTURES.glob("v3.3*/*/node*.stdout.txt")):
        version, scenario = stdout.parent.parts[-2:]
        if scenario == "pty":
            continue  # no answer of BIRD was kept; the same table with CR LF
        if scenario == "nonroot":
            continue  # see test_not_root
        if stdout.stat().st_size == 0 and scenario == "link_down_t15":
            continue  # what ssh said about a node that it could not reach
        yield f"{version}/{scenario}/{stdout.name.removesuffix('.stdout.txt')}"


def socket_lines(birdc: str) -> list[str]:
    """What the bare socket sends where birdc prints `birdc`: reply codes, then the same text (doc/reply_codes)."""
    ready, heading, first, *others = birdc.splitlines()
    return [f"0001 {ready}", f"2002-{heading}", f"1002-{first}", *(f" {line}" for line in others), "0000 "]


def bird_answer(case: str, family: Family) -> list[str]:
    """BIRD's answer in this capture, moved to the moment at which calicoctl asked."""
    _, scenario, node = case.split("/")
    path = CAPTURES / "birdc" / scenario / f"{node.removesuffix('.local')}.v{family.number}.txt"
    if scenario == NO_IPV6_PEERS and family.number == "6":
        return ["0001 BIRD ready.", "2002-name     proto    table    state  since       info", "0000 "]
    text = path.read_text()
    if not text:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    lines = [_later(line, SECONDS_LATER.get(f"{case}/{family.number}", 0)) for line in text.splitlines()]
    for protocol, before, after in MOVED.get(case, []):
        lines = [re.sub(rf"({protocol} .*?){before}\b", rf"\g<1>{after}", line) for line in lines]
    return socket_lines("\n".join(lines))


def _later(line: str, seconds: int) -> str:
    return re.sub(r"(\d\d:\d\d:)(\d\d)", lambda m: f"{m[1]}{int(m[2]) + seconds:02}", line)


def processes(case: str) -> Iterable[tuple[str, ...]]:
    _, scenario, node = case.split("/")
    stopped = NOT_RUNNING.get(f"{scenario}/{node}", NOT_RUNNING.get(scenario, frozenset()))
    yield ("runsvdir", "-P", "/etc/service/enabled")
    if f"{scenario}/{node}" != FELIX_STOPPED:
        yield ("calico-node", "-felix") if "newstyle" in scenario else ("calico-felix",)
    for family in standin.FAMILIES:
        if family.number not in stopped:
            yield (family.process, "-R", "-d")


def printed(case: str) -> tuple[str, str]:
    """What the stand-in prints in this capture's place: stdout and stderr."""
    out = io.StringIO()
    version = case.split("/", 1)[0]
    try:
        standin.node_status(processes(case), lambda family: bird_answer(case, family), version=version, out=out)
    except standin.CommandError as failure:
        return out.getvalue(), f"{failure}\n"
    return out.getvalue(), ""


def captured(case: str) -> tuple[str, str]:
    stderr = CAPTURES / f"{case}.stderr.txt"
    return (CAPTURES / f"{case}.stdout.txt").read_bytes().decode(), stderr.read_text() if stderr.exists() else ""


@pytest.mark.parametrize("case", list(cases()))
def test_prints_what_the_real_calicoctl_printed(case: str):
    assert printed(case) == captured(case)


def test_no_capture_is_excused_without_need(monkeypatch: pytest.MonkeyPatch):
    excused = {key.rsplit("/", 1)[0] for key in SECONDS_LATER} | set(MOVED)
    monkeypatch.setattr("tests.rig.standins.test_calicoctl.SECONDS_LATER", {})
    monkeypatch.setattr("tests.rig.standins.test_calicoctl.MOVED", {})
    assert {case for case in cases() if printed(case) != captured(case)} == excused


def test_not_root(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert standin.main(["node", "status"]) == 1
    assert capsys.readouterr().out.encode() == (CAPTURES / "v3.33/nonroot/node1.stdout.txt").read_bytes()


def test_a_frozen_bird_leaves_half_an_answer():
    """Its IPv6 half is not even tried; exit code 1 (facts: calicoctl status.go, birdTimeOut)."""

    def frozen(_: Family) -> Iterator[str]:
        yield "0001 BIRD ready."
        raise TimeoutError

    out = io.StringIO()
    with pytest.raises(standin.CommandError, match=r"error executing command: read unix .*i/o timeout"):
        standin.node_status([("calico-felix",), ("bird",), ("bird6",)], frozen, version="v3.33.0", out=out)
    assert out.getvalue() == "Calico process is running.\n\nIPv4 BGP status\n"


def test_version(capsys: pytest.CaptureFixture[str]):
    assert standin.main(["version", "--client"]) == 0
    assert capsys.readouterr().out.startswith(f"Client Version:    {standin.VERSION}\n")
