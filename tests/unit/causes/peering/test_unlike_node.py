"""A BGPPeer by address that says another AS or port of a node than it has: it is at fault, and nobody else."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
AS = 64512


def by_address(number: int, **fields) -> BGPPeer:
    return BGPPeer(name=f"rr-{number}", **({"peer_ip": f"192.0.2.{number}", "as_number": AS} | fields))


def reflected(*peers: BGPPeer, config=OFF, version=4):
    """Two reflectors that everyone peers with by their addresses."""
    pattern = {4: "192.0.2.{}/24", 6: "2001:db8::{}/64"}[version]
    nodes = [
        node(f"n{n}", pattern.format(n), labels="rr" if n < 3 else "", cluster_id="1.1.1.1" if n < 3 else None)
        for n in range(1, 7)
    ]
    return cluster(*nodes, *peers, config)


def patch_of(report):
    return json.loads(shlex.split(report.causes[0].fixes[0].steps[0].kubectl)[-1])["spec"]


@pytest.mark.parametrize("said", [64513, 1])
def test_another_as_than_the_reflector_has(said):
    """It names the reflector no more, whose clients it then knows nothing of: six sessions, one cause, one command."""
    report = audit(Birds(reflected(by_address(1, as_number=said), by_address(2))).snapshot())
    assert told(report) == [("as-mismatch", ["BGPPeer rr-1"])]
    assert report.causes[0].title == f"BGPPeer rr-1 says AS {said} of n1, which has AS {AS}"
    assert report.causes[0].confidence is Confidence.CERTAIN
    assert report.unexplained == ()
    assert patch_of(report) == {"asNumber": AS}
    # Another AS for the reflector would end every other session of it.
    assert not any("node" in shlex.split(command)[2] for command in commands(report))


def test_another_as_for_one_session_between_clients():
    extra = BGPPeer(name="x", node="n5", peer_ip="192.0.2.6", as_number=64999)
    report = audit(Birds(reflected(by_address(1), by_address(2), extra)).snapshot())
    assert told(report) == [("as-mismatch", ["BGPPeer x"])]
    assert report.unexplained == ()
    assert patch_of(report) == {"asNumber": AS}


def test_another_thing_that_is_wrong_with_a_bgp_peer_ends_not_the_look_at_the_next():
    extra = BGPPeer(name="a", node="n5", peer_ip="192.0.2.6", as_number=AS, local_as_number=64999)
    report = audit(Birds(reflected(extra, by_address(1, as_number=64513), by_address(2))).snapshot())
    assert ("as-mismatch", ["BGPPeer rr-1"]) in told(report)


def test_an_as_that_is_right_is_no_fault():
    assert told(audit(Birds(reflected(by_address(1), by_address(2))).snapshot())) == []


@pytest.mark.parametrize(
    ("version", "written", "config", "mended"),
    [
        (4, "192.0.2.1:1790", OFF, "192.0.2.1"),
        (6, "[2001:db8::1]:1790", OFF, "2001:db8::1"),
        (4, "192.0.2.1:179", replace(OFF, listen_port=1790), "192.0.2.1:1790"),
        (6, "[2001:db8::1]:179", replace(OFF, listen_port=1790), "[2001:db8::1]:1790"),
    ],
)
def test_another_port_than_the_reflector_listens_at(version, written, config, mended):
    """No firewall is to be opened for a port at which nobody listens."""
    second = by_address(2) if version == 4 else by_address(2, peer_ip="2001:db8::2")
    birds = Birds(reflected(by_address(1, peer_ip=written), second, config=config, version=version))
    report = audit(birds.snapshot())
    assert told(report)[0] == ("port-refused", ["BGPPeer rr-1"])
    assert patch_of(report) == {"peerIP": mended}
    assert not any("firewall" in fix.summary for fix in report.causes[0].fixes)
