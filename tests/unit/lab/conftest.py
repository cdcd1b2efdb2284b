"""The captures as lab configurations: what was configured (truth.json) and what had been broken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from calico_bgp.lab.cluster import ExternalPeer, LabCluster, LabNode, Topology, Variant
from calico_bgp.lab.faults.fault import Fault, FaultKind
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"

#: Scenario -> the faults that were there when it was captured.
FAULTS = {
    "bird_stopped_dual": [Fault(FaultKind.BIRD_DOWN, ("node2",))],
    "dual_bird4_stopped": [Fault(FaultKind.BIRD4_DOWN, ("node2",))],
    "felix_stopped_oldstyle": [Fault(FaultKind.FELIX_DOWN, ("node2",))],
    "link_down_t15": [Fault(FaultKind.LINK_CUT, ("node3",))],
    "no_bgp_newstyle": [Fault(FaultKind.BIRD_DOWN, ("node3",))],
    "no_peers_node4": [Fault(FaultKind.MISSING_PEER, ("node4",))],
    "peer_missing_one_side": [Fault(FaultKind.MISSING_PEER, ("node2", "node3"))],
    "proto_disabled": [Fault(FaultKind.DISABLED_PEER, ("node2", "node3"))],
    "rr_one_down": [Fault(FaultKind.BIRD_DOWN, ("node1",))],
    "socket_missing": [
        Fault(FaultKind.SOCKET4_MISSING, ("node1",)),
        Fault(FaultKind.SOCKET6_MISSING, ("node2",)),
        Fault(FaultKind.SOCKET_MISSING, ("node3",)),
    ],
    "wrong_as_t12": [Fault(FaultKind.WRONG_AS, ("node2", "node3"))],
    "wrong_password_t15": [Fault(FaultKind.WRONG_PASSWORD, ("node2", "node3"))],
}

#: These were captured one after the other on one cluster; what came before left its traces in BIRD's order.
ONE_AFTER_THE_OTHER = ("wrong_as_t12", "proto_disabled", "peer_missing_one_side", "no_peers_node4")

#: fake_peers: what truth.json says each peer did -> the lab's word for it.
MODES = {
    "silent": "silent",
    "openonly": "no-keepalives",
    "notify:6.2": "says-shutdown",
    "notify:6.5": "says-rejected",
    "notify:6.7": "says-collision",
    "notify:6.9": "says-unknown",
    "notify:4.0": "says-hold-timer-expired",
    "notify:2.2": "says-bad-as",
    "notify:2.7": "says-capability-missing",
    "notifyup:6.1": "says-prefix-limit",
    "notifyup:6.3": "says-deconfigured",
    "notifyup:6.4": "says-reset",
    "notifyup:6.6": "says-config-change",
    "notifyup:4.0": "says-hold-timer-expired",
    "garbage": "garbage",
    "close": "resets",
    "reset": "resets",
    "holdonly": "no-keepalives",
    "badopen": "old-version",
    "badid": "same-router-id",
    "badhold": "short-hold-time",
    "established": "established",
}

#: odd_peers: the protocols of node1 besides the mesh, and what was at their far ends. node3 is left out of the mesh.
ODD_PEERS = {
    Family.IPV4: {
        "Mesh_192_0_2_13": "too-many-routes",
        "Local_Workload_192_0_2_12_port_1791": "refuses",
        "Local_Workload_192_0_2_13": "refuses",
        "Node_192_0_2_199": "nobody-there",
        "Node_203_0_113_7": "no-route",
        "Global_192_0_2_12_port_50179": "refuses",
        "Global_203_0_113_9": "not-direct",
        "Global_192_0_2_198": "never-dials",
        "uplink1": "nobody-there",
        "Nodeless_192_0_2_196": "nobody-there",
        "Node_192_0_2_195": "disabled-here",
        "Mesh_10_0_0_1": "no-route",
    },
    Family.IPV6: {
        "Mesh_2001_db8_77__13": "too-many-routes",
        "Local_Workload_2001_db8_77__12_port_1791": "refuses",
        "Node_2001_db8_77_0_1111_2222_3333_4444": "nobody-there",
        "Node_2001_db8_ffff_1111_2222_3333_4444_5555": "no-route",
        "Global_2001_db8_77__12_port_50179": "refuses",
        "Global_2001_db8_fffe__9": "not-direct",
        "Global_2001_db8_77__198": "never-dials",
        "uplink1": "nobody-there",
        "Nodeless_192_0_2_196": "nobody-there",
        "Node_2001_db8_77__195": "disabled-here",
    },
}


@dataclass(frozen=True)
class Scenario:
    name: str
    cluster: LabCluster
    history: tuple[tuple[Fault, ...], ...]
    captured_nodes: frozenset[str]


def load_scenario(folder: Path) -> Scenario:
    """A capture's truth.json as a lab configuration."""
    truth = json.loads((folder / "truth.json").read_text())
    name = truth["scenario"]
    families = tuple(Family(f"ipv{digit}") for digit in truth["family"])
    one_daemon = families if name in ("mesh_ok_v4", "rr_ok_v4", "fake_peers_v4_t12") else tuple(Family)
    names = list(truth["nodes"])
    external: list[ExternalPeer] = []
    if name == "odd_peers_t09":
        names = ["node1", "node2"]
        for family, peers in ODD_PEERS.items():
            external += [ExternalPeer("node1", peer, family, behaviour) for peer, behaviour in peers.items()]
        external.append(ExternalPeer("node2", "Mesh_192_0_2_13", Family.IPV4))
        external.append(ExternalPeer("node2", "Mesh_2001_db8_77__13", Family.IPV6))
    if name == "fake_peers_v4_t12":
        peers = truth["nodes"]["node1"]["peers"]
        names = ["node1"]
        external = [ExternalPeer("node1", peer["names"]["4"], Family.IPV4, MODES[peer["mode"]]) for peer in peers]
    topologies = {"rr": Topology.REFLECTORS, "rr-nodesel": Topology.REFLECTORS}
    roles = {"rr": Role.REFLECTOR, "client": Role.CLIENT, "node": None}
    cluster = LabCluster(
        nodes=tuple(
            LabNode(node, IPv4Address(value["ip4"]), IPv6Address(value["ip6"]), roles[value["role"]])
            for node, value in truth["nodes"].items()
            if node in names
        ),
        topology=topologies.get(truth["topology"], Topology.MESH),
        variant=Variant.ALL if truth["topology"] == "rr-nodesel" else Variant.GLOBAL,
        families=families,
        daemons=one_daemon,
        listen_port=1790 if name == "rr_port_ok_dual" else None,
        external_peers=tuple(external),
        musl=False,
    )
    captured = frozenset(path.name.partition(".")[0] for path in folder.glob("*.stdout.txt"))
    past = ONE_AFTER_THE_OTHER[: ONE_AFTER_THE_OTHER.index(name)] if name in ONE_AFTER_THE_OTHER else ()
    return Scenario(name, cluster, tuple(tuple(FAULTS.get(step, ())) for step in (*past, name)), captured)


SCENARIOS = [load_scenario(path.parent) for path in sorted(CAPTURES.glob("v3.33/*/truth.json"))]


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name)
def scenario(request) -> Scenario:
    """Each capture that says what was configured."""
    return request.param


@pytest.fixture(scope="session")
def scenarios() -> list[Scenario]:
    """All of them."""
    return SCENARIOS
