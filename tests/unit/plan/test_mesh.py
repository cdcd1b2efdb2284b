"""The way back to a mesh: which BGPPeers and labels go with which reflector, and which stay."""

from __future__ import annotations

import pytest

from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Drain, Uncordon
from calico_bgp.plan.reflectors import PEERS_NAME, TOGETHER_NAME, plan_reflectors
from tests.clusters import cluster, config, node, peer

ROLE = "node-role.kubernetes.io/rr"
OFF = config(mesh=False)
CLIENTS = [node(f"n{n}", f"10.0.1.{n}", labels="rack=a") for n in (1, 2)]


def reflectors(number=2, labels="rr rack=a"):
    made = [node(f"r{n}", f"10.0.0.{n}", labels=labels, cluster_id="244.0.0.1") for n in range(1, number + 1)]
    return [*CLIENTS, *made, OFF]


def done(resources, **options):
    """What every step does, apart from drains: title → its actions in words."""
    return {
        step.title: [str(action) for action in step.actions if not isinstance(action, (Drain, Uncordon))]
        for step in plan_mesh(resources, **options).steps
        if not step.title.startswith(("Drain", "Let pods come"))
    }


ALL = peer("all", node_selector="all()", peer_selector="has(rr)")
#: Beside BGPPeers by address between reflectors.
CLIENTS_ONLY = peer("all", node_selector="!has(rr)", peer_selector="has(rr)")
BACK = ["Take r1 back into the mesh", "Take r2 back into the mesh"]
LAST = "Delete the BGPPeers for reflectors"


@pytest.mark.parametrize(
    ("selector", "labels", "taken"),
    [
        ("has(rr)", "rr rack=a", ["rr"]),
        ("rr == 'yes'", "rr=yes rack=a", ["rr"]),
        ("rr in {'yes', 'no'}", "rr=yes", ["rr"]),
        # Kubernetes' own is nobody's to take.
        (f"has({ROLE})", ROLE, []),
        # Of more than one test none is taken: who knows what else it is for.
        ("has(rr) && rack == 'b'", "rr rack=b", []),
        # Whose loss does not take it out.
        ("has(rr) && !has(spare)", "rr", []),
        ("rr != 'no' && has(rr)", "rr", []),
    ],
)
def test_the_labels_that_made_a_reflector_go_with_its_cluster_id(selector, labels, taken):
    found = done(cluster(*reflectors(labels=labels), peer("all", node_selector="all()", peer_selector=selector)))
    assert list(found) == ["Turn the mesh on", *reversed(BACK), LAST]
    assert found["Turn the mesh on"] == ["turn the node-to-node mesh on"]
    for title, name in zip(BACK, ("r1", "r2"), strict=True):
        assert found[title] == [
            *(f"take the label {key} from {name}" for key in taken),
            f"take the cluster ID from {name}",
        ]
    assert found[LAST] == ["delete BGPPeer all"]
    why = plan_mesh(
        cluster(*reflectors(labels=labels), peer("all", node_selector="all()", peer_selector=selector))
    ).steps
    assert why[-1].why.startswith("They still match nodes" if not taken else "They match no node any more")


def test_bgppeers_by_address_go_with_the_reflector_at_their_end():
    peers = [
        peer("from-r1", node="r1", peer_ip="10.0.0.2", as_number=64512),
        peer("from-r1-to-client", node="r1", peer_ip="10.0.1.1", as_number=64512),
        peer("from-client", node="n1", peer_ip="10.0.0.2", as_number=64512),
        peer("to-r2", node_selector="all()", peer_ip="10.0.0.2:179", as_number=64512),
        peer("odd", node="r1", node_selector="has(rr)", peer_ip="10.0.0.2", as_number=64512),
        # These are no reflector's.
        peer("among-clients", node="n1", peer_ip="10.0.1.2", as_number=64512),
        peer("switch", node="r1", peer_ip="192.0.2.1", as_number=65001),
        peer("both", node="r1", peer_ip="10.0.0.2", peer_selector="has(nothing)", as_number=64512),
    ]
    resources = cluster(*reflectors(), *peers)
    found = done(resources)
    of_r1, of_r2 = ({action for action in found[title] if "BGPPeer" in action} for title in BACK)
    assert of_r1 == {"delete BGPPeer from-r1", "delete BGPPeer from-r1-to-client"}
    assert of_r2 == {"delete BGPPeer from-client", "delete BGPPeer to-r2", "delete BGPPeer odd"}
    left = {each.name for each in plan_mesh(resources).after.bgp_peers}
    assert left == {"among-clients", "switch", "both"}


def test_only_bgppeers_whose_far_ends_are_all_reflectors_are_for_reflectors():
    peers = [
        ALL,
        peer("rack", node_selector="all()", peer_selector="rack == 'a'"),  # clients as well
        peer("nobody", node_selector="all()", peer_selector="has(nothing)"),
        peer(PEERS_NAME, node_selector="all()", peer_selector="has(nothing)"),
        peer(TOGETHER_NAME, node_selector="has(rr)", peer_selector="has(nothing)"),
        peer("manual", node_selector="!has(rr)", peer_selector="rr == ''", reverse_peering="Manual"),
        peer("switch", peer_ip="192.0.2.1", as_number=65001),
    ]
    assert set(done(cluster(*reflectors(), *peers))[LAST]) == {
        f"delete BGPPeer {name}" for name in ("all", PEERS_NAME, TOGETHER_NAME)
    }


def test_a_bgppeer_that_went_with_a_reflector_is_not_deleted_once_more():
    """Nothing is left to delete in the end where all are by address."""
    by_address = [peer(f"to-r{n}", node_selector="all()", peer_ip=f"10.0.0.{n}", as_number=64512) for n in (1, 2)]
    found = done(cluster(*reflectors(labels=""), *by_address))
    assert list(found) == ["Turn the mesh on", *reversed(BACK)]
    assert found[BACK[0]] == ["delete BGPPeer to-r1", "take the cluster ID from r1"]


@pytest.mark.parametrize(
    ("peers", "leaving", "order"),
    [
        ([CLIENTS_ONLY], [], "r3 r2 r1"),
        # From r2 most BGPPeers by address start: it is the last.
        ([CLIENTS_ONLY, peer("p", node="r2", peer_ip="10.0.0.3", as_number=64512)], [], "r3 r1 r2"),
        (
            [
                CLIENTS_ONLY,
                peer("p", node="r3", peer_ip="10.0.0.1", as_number=64512),
                peer("q", node="r3", peer_ip="10.0.0.2", as_number=64512),
                peer("r", node="r2", peer_ip="10.0.0.1", as_number=64512),
            ],
            [],
            "r1 r2 r3",
        ),
        # Who leaves goes last, whatever starts from others.
        ([CLIENTS_ONLY, peer("p", node="r2", peer_ip="10.0.0.3", as_number=64512)], ["r3"], "r1 r2 r3"),
        ([CLIENTS_ONLY], ["r2", "r3"], "r1 r3 r2"),
    ],
)
def test_the_order_in_which_reflectors_go(peers, leaving, order):
    steps = plan_mesh(cluster(*reflectors(3), *peers), leaving=leaving).steps
    going = []
    for step in steps:
        for action in step.actions:
            name = getattr(action, "node", None) or getattr(action, "name", "")
            if str(action).startswith(("take the cluster ID", "delete Node", "remove")) and name not in going:
                going.append(name)
    assert " ".join(going) == order


def test_with_a_reflector_that_leaves_go_the_bgppeers_to_it_as_well():
    peers = [
        CLIENTS_ONLY,
        peer("from", node="r1", peer_ip="10.0.0.2", as_number=64512),
        peer("to", node="r2", peer_ip="10.0.0.1", as_number=64512),
        peer("switch", node="n1", peer_ip="192.0.2.1", as_number=65001),
    ]
    plan = plan_mesh(cluster(*reflectors(), *peers), leaving=["r1"])
    assert [each.name for each in plan.after.bgp_peers] == ["switch"]
    assert [each.name for each in plan.after.nodes] == ["n1", "n2", "r2"]


def test_of_those_that_leave_each_takes_its_own_bgppeers_with_it():
    peers = [
        CLIENTS_ONLY,
        *(peer(f"of-{name}", node=name, peer_ip="10.0.1.1", as_number=64512) for name in ("r2", "r3")),
    ]
    steps = plan_mesh(cluster(*reflectors(3), *peers), leaving=["r2", "r3"]).steps
    deleted = [[str(action) for action in step.actions if str(action).startswith("delete BGPPeer")] for step in steps]
    assert [each for each in deleted if each] == [
        ["delete BGPPeer of-r3"],
        ["delete BGPPeer of-r2"],
        ["delete BGPPeer all"],
    ]


def whys(*things):
    return {step.title: step.why for step in plan_mesh(cluster(*things)).steps}


def test_who_holds_the_routes_meanwhile():
    mesh = cluster(*(node(f"r{n}", f"10.0.0.{n}") for n in range(1, 6)))
    found = {step.title: step.why for step in plan_mesh(plan_reflectors(mesh, 3).after).steps}
    until = "then peers with every node by the mesh. Until these sessions are up, "
    assert found["Take r3 back into the mesh"] == f"r3 {until}r1 and r2 hold its routes."
    assert found[BACK[1]] == f"r2 {until}r1 holds its routes."
    # Of a mesh that is on already there is nothing to turn on.
    meshed = [each for each in reflectors() if each is not OFF]
    assert "Turn the mesh on" not in whys(*meshed, config(mesh=True), ALL)


@pytest.mark.parametrize(
    ("more", "is_left"),
    [
        # It matches clients as well, and stays.
        (peer("rack", node_selector="all()", peer_selector="rack == 'a'"), False),
        (peer(PEERS_NAME, node_selector="all()", peer_selector="has(nothing)"), False),
        (peer("role", node_selector="all()", peer_selector=f"has({ROLE})"), True),
    ],
)
def test_whether_a_bgppeer_for_reflectors_still_matches_in_the_end(more, is_left):
    found = whys(*reflectors(labels=f"rr rack=a {ROLE}"), ALL, more)[LAST]
    assert found.startswith("They still match nodes by a label" if is_left else "They match no node any more")
