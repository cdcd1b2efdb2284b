"""The rig itself: BIRD's sessions stand, and calicoctl's stand-in shows them over real SSH."""

from __future__ import annotations

import pytest

from calico_bgp.model.peer import PeerType
from calico_bgp.parse.status.node import parse_node_status
from tests.rig.machines.cluster import Rig

pytestmark = pytest.mark.rig


def test_a_mesh_stands(mesh_rig: Rig):
    for name in mesh_rig.nodes:
        answer = mesh_rig.ssh(name, "calicoctl node status")
        assert (answer.returncode, answer.stderr) == (0, "")
        status = parse_node_status(answer.stdout, strict=True)
        assert status.felix_running
        assert {str(peer.address) for peer in status.peers} == {
            address for node in mesh_rig.nodes.values() if node.name != name for address in (node.ipv4, node.ipv6)
        }
        assert all(peer.is_established and peer.peer_type is PeerType.MESH for peer in status.peers)


def test_reflectors_stand(reflector_rig: Rig):
    kinds = {}
    for name in reflector_rig.nodes:
        status = parse_node_status(reflector_rig.ssh(name, "calicoctl node status").stdout, strict=True)
        assert all(peer.is_established for peer in status.peers)
        kinds[name] = [peer.peer_type for peer in status.peers]
    for_reflector = [PeerType.GLOBAL, *[PeerType.NODE] * 4] * 2  # both families
    assert kinds == {
        "node1": for_reflector,
        "node2": for_reflector,
        **{f"node{number}": [PeerType.GLOBAL] * 4 for number in (3, 4, 5, 6)},
    }


def test_reflectors_pass_routes_on(reflector_rig: Rig):
    """A client learns the other clients' blocks, which it has no session with."""
    for version, block in ((4, "10.65.6.0/26"), (6, "fd65:0:0:6::/122")):
        assert block in reflector_rig["node3"].birdc(version, "show route")


def test_login_is_quick_and_clean(mesh_rig: Rig):
    """No rc file of this machine is read: they may print, and may take a minute."""
    answer = mesh_rig.ssh("node1", "hostname; cat /var/lib/calico/nodename; ls -A ~; pwd")
    assert answer.stdout.split() == ["node1", "node1", "/root"]
    assert answer.stderr == ""
