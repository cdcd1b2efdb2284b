"""Pair by pair: what arrives, and where it stops. The tables are those that a lab's nodes would print."""

from ipaddress import IPv4Network, ip_address, ip_network

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.resources.pools import IPPool
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import FELIX, KernelHop, KernelRoute
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.observed.compare import observed_routes
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import change_protocols, change_table, with_routes

WIREGUARD = "wireguard.cali"
MESH = build_cluster(4, topology=Topology.MESH)
REFLECTORS = build_cluster(5)
SECOND = ip_network("10.244.0.128/26")
BOTH = build_cluster(4, families=(Family.IPV4, Family.IPV6))


def routes(snapshot, family=Family.IPV4):
    return observed_routes(observe(snapshot), family)


def stops(found):
    return {(missing.learner, missing.origin): (missing.stop, missing.at) for missing in found.missing}


@pytest.mark.parametrize("cluster", [MESH, REFLECTORS, build_cluster(4, topology=Topology.MESH, switch=True)])
def test_where_all_is_well_every_pair_arrives(cluster):
    found = routes(with_routes(cluster))
    number = len(cluster.nodes)
    assert (found.arrive, found.missing, found.unknown, found.kernels) == (number * (number - 1), (), 0, number)
    for node in found.nodes:
        assert (node.learned, node.missing, node.unreachable, node.in_kernel) == (number - 1, (), 0, number - 1)
        assert (node.lost, node.kernel_missing, node.why_unknown) == ((), (), None)


def test_both_families_are_compared():
    snapshot = with_routes(BOTH)
    assert routes(snapshot).arrive == routes(snapshot, Family.IPV6).arrive == 12


def test_without_tables_nothing_is_known():
    assert routes(snapshot_of(MESH)) is None


def test_a_node_that_announces_nothing():
    found = routes(with_routes(REFLECTORS, trouble=Trouble(kept_back=frozenset({"node3"}))))
    learners = ("node1", "node2", "node4", "node5")
    assert stops(found) == {(learner, "node3"): (Stop.NOT_ANNOUNCED, "node3") for learner in learners}
    assert found.missing[0].because == (
        "node3 exports no route to any of its 2 peers; 10.244.0.192/26: packets leave node1 by default to 192.0.2.254, "
        "which is no node"
    )
    assert found.arrive == 16


@pytest.mark.parametrize("cluster", [MESH, REFLECTORS])
def test_a_node_that_lost_its_own_routes_has_pods_that_nobody_finds(cluster):
    found = routes(with_routes(cluster, trouble=Trouble(own_lost=frozenset({"node3"}))))
    assert {(m.origin, m.stop) for m in found.missing} == {("node3", Stop.NOT_ANNOUNCED)}
    assert len(found.missing) == len(cluster.nodes) - 1
    (node,) = (node for node in found.nodes if node.node == "node3")
    assert node.own == (ip_network("10.244.0.194/32"),)


def test_what_calicos_ipam_gave_a_node_and_its_bird_lacks():
    snapshot = with_routes(MESH)
    affinities = tuple(
        BlockAffinity(name=f"a{number}", node=f"node{number}", cidr=f"10.244.0.{64 * number}/26")
        for number in (1, 2, 3)
    )
    more = (*affinities, BlockAffinity(name="b", node="node3", cidr="10.244.9.0/26"))
    pending = (*more, BlockAffinity(name="c", node="node2", cidr="10.244.8.0/26", state="pending"))
    given = Resources(block_affinities=pending)
    # Without a pod in it a block may be new, and nobody misses it.
    assert routes(snapshot.model_copy(update={"resources": given})).missing == ()

    def with_pod(kernel):
        pod = next(route for route in kernel if route.hops and route.hops[0].interface.startswith("cali"))
        return (*kernel, pod._replace(prefix=ip_network("10.244.9.7/32")))

    snapshot = change_table(snapshot, 2, kernel=with_pod)
    found = routes(snapshot.model_copy(update={"resources": given}))
    lost = {node.node: node.lost for node in found.nodes if node.lost}
    assert lost == {"node3": (IPv4Network("10.244.9.0/26"),)}
    assert stops(found) == {(name, "node3"): (Stop.NOT_HELD, "node3") for name in ("node1", "node2", "node4")}


def test_a_limit_that_is_hit_is_where_it_stops():
    limits = frozenset({("node3", "node1"), ("node3", "node2")})
    found = routes(with_routes(REFLECTORS, trouble=Trouble(limits=limits)))
    assert {m.learner for m in found.missing} == {"node3"}
    assert {(m.stop, m.at) for m in found.missing} == {(Stop.NOT_ACCEPTED, "node3")}
    assert "import limit 0 of Global_192_0_2_11 on node3 is hit" in found.missing[0].because


def test_a_limit_refuses_nothing_that_is_not_hit_or_is_of_what_is_sent():
    limits = frozenset({("node3", "node1"), ("node3", "node2")})
    snapshot = with_routes(REFLECTORS, trouble=Trouble(limits=limits))
    harmless = (RouteLimit("Import", 0, is_hit=False), RouteLimit("Export", 0, is_hit=True))
    found = routes(change_protocols(snapshot, 2, "Global_", limits=harmless))
    assert {(m.learner, m.stop) for m in found.missing} == {("node3", Stop.UNTRACED)}


def test_of_two_ways_one_is_enough():
    found = routes(with_routes(REFLECTORS, trouble=Trouble(limits=frozenset({("node3", "node1")}))))
    assert found.missing == ()


def test_a_kernel_that_leads_elsewhere():
    found = routes(with_routes(MESH, trouble=Trouble(kernel_behind=frozenset({"node4"}))))
    assert {(m.learner, m.stop, m.at) for m in found.missing} == {("node4", Stop.KERNEL_ELSEWHERE, "node4")}
    assert "the kernel leads to 192.0.2.253, BIRD to 192.0.2.11" in found.missing[0].because
    (node,) = (node for node in found.nodes if node.node == "node4")
    assert (node.learned, node.in_kernel, len(node.kernel_missing)) == (3, 0, 3)


def test_a_route_that_says_look_further_is_not_the_way():
    """`throw` in a table before `main` sends the kernel on to `main`."""

    def with_throw(routes):
        return (KernelRoute(SECOND, "throw", FELIX, 0, (), table="1"), *routes)

    assert stops(routes(change_table(with_routes(MESH), 0, kernel=with_throw))) == {}


def test_a_kernel_that_drops_what_is_for_a_block():
    """Such a route has no hops, of which one could lead elsewhere."""

    def dropping(routes):
        return tuple(one._replace(type="blackhole", hops=()) if one.prefix == SECOND else one for one in routes)

    found = routes(change_table(with_routes(MESH), 0, kernel=dropping))
    assert stops(found) == {("node1", "node2"): (Stop.KERNEL_ELSEWHERE, "node1")}
    assert found.missing[0].because == "10.244.0.128/26: the kernel has a route of type blackhole"


def test_a_kernel_without_a_route():
    snapshot = change_table(
        with_routes(MESH), 0, kernel=lambda routes: tuple(r for r in routes if str(r.prefix) != "10.244.0.128/26")
    )
    assert stops(routes(snapshot)) == {("node1", "node2"): (Stop.NOT_IN_KERNEL, "node1")}


def encrypted(snapshot, *, numbers=range(4), read=True, lacking=()):
    """Nodes with WireGuard from v3.33 on: BIRD leaves the routes to Felix, which has them in a table of its own."""
    for number in numbers:
        address = ip_network(f"10.244.255.{number}/32")

        def direct(routes, address=address):
            first = routes[0]
            return (*routes, first._replace(prefix=address, destination=Destination.INTERFACE, interface=WIREGUARD))

        def moved(routes):
            over = (KernelHop(None, WIREGUARD),)
            return tuple(
                route._replace(protocol=80, hops=over, table="1") if route.protocol == 12 and route.hops else route
                for route in routes
                if route.protocol != 12 or not route.hops or (read and str(route.prefix) not in lacking)
            )

        snapshot = change_table(snapshot, number, bird=direct, kernel=moved, wireguard_is_read=read)
    return snapshot


def test_wireguards_table_counts_before_main():
    found = routes(encrypted(with_routes(MESH)))
    assert (found.arrive, found.missing, [node.in_kernel for node in found.nodes]) == (12, (), [3] * 4)


def test_what_neither_wireguards_table_nor_main_has_is_missing():
    found = routes(encrypted(with_routes(MESH), lacking=("10.244.0.128/26",)))
    assert {(m.learner, m.origin, m.stop) for m in found.missing} == {
        (name, "node2", Stop.NOT_IN_KERNEL) for name in ("node1", "node3", "node4")
    }


def test_where_wireguards_table_was_not_read_main_proves_nothing():
    """BIRD knows the interface's address; `main` has no route over it."""
    found = routes(encrypted(with_routes(MESH), read=False, numbers=[0]))
    first = found.nodes[0]
    assert (found.arrive, found.missing, first.in_kernel) == (12, (), None)
    assert first.why_unknown == "WireGuard's routes, in a table of their own, were not read"


def test_a_kernel_that_was_not_read_or_is_wireguards_proves_nothing():
    for changes in ({"kernel": None}, {"kernel_is_whole": False}):
        found = routes(change_table(with_routes(MESH), 0, **changes))
        assert (found.arrive, found.missing) == (12, ())


def test_a_tunnel_leads_to_another_address():
    def tunnelled(routes):
        hop = routes[-1].hops[0]._replace(gateway=None, interface="vxlan.calico")
        return tuple(r._replace(hops=(hop,)) if r.protocol == 12 and r.hops else r for r in routes)

    assert routes(change_table(with_routes(MESH), 0, kernel=tunnelled)).missing == ()


def test_a_next_hop_that_leads_nowhere():
    def unreachable(routes):
        return tuple(
            r._replace(destination=Destination.UNREACHABLE, gateway=None) if r.protocol.startswith("Mesh") else r
            for r in routes
        )

    snapshot = change_table(with_routes(MESH), 1, bird=unreachable)
    assert routes(snapshot).missing == (), "packets follow the kernel, in which another program has right routes"

    def nowhere(routes):
        return tuple(r._replace(type="unreachable", hops=()) if r.protocol == 12 else r for r in routes)

    found = routes(change_table(snapshot, 1, kernel=nowhere))
    assert {(m.learner, m.stop) for m in found.missing} == {("node2", Stop.UNREACHABLE)}
    assert len(found.missing) == 3


def test_a_table_that_was_cut_proves_no_absence():
    snapshot = change_table(with_routes(MESH), 0, bird=lambda routes: routes[:2], bird_is_whole=False)
    assert routes(snapshot).arrive == 12, "the kernel has the routes"
    found = routes(change_table(snapshot, 0, kernel=None))
    assert found.missing == ()
    assert (found.unknown, [doubt.pairs for doubt in found.doubts]) == (3, [3])


def test_a_node_that_was_not_read_is_unknown_to_all_and_all_to_it():
    snapshot = with_routes(MESH)
    without = snapshot.model_copy(update={"readings": snapshot.readings[1:]})
    found = routes(without)
    assert (found.arrive, found.missing, found.unknown) == (6, (), 6)
    (node,) = (node for node in found.nodes if node.node == "node1")
    assert (node.learned, node.missing, node.why_unknown) == (None, None, "its routes were not read")


def test_what_was_configured_a_moment_ago_has_not_arrived_everywhere():
    def without(routes):
        return tuple(r for r in routes if str(r.prefix) != "10.244.0.128/26")

    snapshot = change_table(with_routes(MESH), 0, bird=without, kernel=without)
    assert set(stops(routes(snapshot))) == {("node1", "node2")}
    reading = snapshot.readings[1]
    (bird,) = reading.birds
    young = type(bird)(**{f: getattr(bird, f) for f in bird.__slots__} | {"last_reconfiguration": bird.server_time})
    readings = (snapshot.readings[0], reading.model_copy(update={"birds": (young,)}), *snapshot.readings[2:])
    found = routes(snapshot.model_copy(update={"readings": readings}))
    assert (found.missing, found.unknown) == ((), 1)


def test_ranges_of_services_are_nobodys_blocks():
    def with_range(routes):
        static = next(r for r in routes if r.protocol == "static1")
        return (*routes, static._replace(prefix=ip_network("10.96.0.0/12")))

    snapshot = with_routes(MESH)
    for number in range(4):
        snapshot = change_table(snapshot, number, bird=with_range)
    for resources in (None, Resources(ip_pools=(IPPool(name="p", cidr="10.244.0.0/16"),))):
        found = routes(snapshot.model_copy(update={"resources": resources}))
        assert [len(node.own) for node in found.nodes] == [1] * 4
        assert found.missing == ()


def test_a_block_that_two_call_their_own_is_no_missing_route():
    found = routes(with_routes(MESH, trouble=Trouble(shared_blocks=(("node1", "node4"),))))
    assert (found.missing, found.unknown) == ((), 6), "whoever asks for either one's pods may find the other"


def with_another_way(number, gateway):
    """A mesh in which the kernel of a node has another way (ECMP) to the second node's block."""

    def ecmp(routes):
        hop = next(route.hops[0] for route in routes if route.protocol == 12 and route.hops)
        more = hop._replace(gateway=ip_address(gateway))
        return tuple(r._replace(hops=(*r.hops, more)) if r.prefix == SECOND else r for r in routes)

    return change_table(with_routes(MESH), number, kernel=ecmp)


def without_second(routes):
    return tuple(r for r in routes if r.prefix not in {SECOND, ip_network("0.0.0.0/0")})


def test_one_of_several_ways_that_leads_elsewhere_loses_packets():
    found = routes(with_another_way(0, "192.0.2.99"))
    assert stops(found) == {("node1", "node2"): (Stop.KERNEL_ELSEWHERE, "node1")}
    assert "the kernel also leads to 192.0.2.99, BIRD to 192.0.2.12" in found.missing[0].because


def test_of_several_ways_that_bird_does_not_know_the_one_to_the_owner_is_not_astray():
    def over_the_third(routes):
        third = ip_address("192.0.2.13")
        return tuple(one._replace(gateway=third) if one.prefix == SECOND else one for one in routes)

    found = routes(change_table(with_another_way(0, "192.0.2.99"), 0, bird=over_the_third))
    assert stops(found) == {("node1", "node2"): (Stop.KERNEL_ELSEWHERE, "node1")}
    assert "the kernel also leads to 192.0.2.99, BIRD to" in found.missing[0].because
    assert "192.0.2.12" not in found.missing[0].because


def test_a_way_over_another_node_leads_where_that_node_leads():
    """As between nodes of several AS numbers, whose kernels have a way over each of them."""
    snapshot = with_another_way(0, "192.0.2.13")
    assert routes(snapshot).missing == ()
    found = routes(change_table(snapshot, 2, kernel=without_second))
    assert stops(found) == {
        ("node1", "node2"): (Stop.KERNEL_ELSEWHERE, "node3"),
        ("node3", "node2"): (Stop.NOT_IN_KERNEL, "node3"),
    }
    assert found.missing[0].because == "10.244.0.128/26: the kernel of node3 has no route"


def test_two_nodes_that_lead_to_each_other_lead_in_a_circle():
    snapshot = with_another_way(0, "192.0.2.13")
    back = next(table for table in with_another_way(2, "192.0.2.11").readings[2].tables)
    found = routes(change_table(snapshot, 2, kernel=back.kernel))
    assert stops(found)["node1", "node2"][0] is Stop.KERNEL_ELSEWHERE
    assert "10.244.0.128/26: the kernels lead in a circle" in {missing.because for missing in found.missing}


def test_a_route_that_bird_left_in_the_kernel_leads_there_still():
    """Packets follow it; that it is stale is a matter of its own."""
    snapshot = change_table(with_routes(MESH), 0, bird=without_second)
    assert (routes(snapshot).missing, routes(snapshot).arrive) == ((), 12)
    (node,) = (node for node in routes(snapshot).nodes if node.node == "node1")
    assert node.missing == (SECOND,)


def through_a_router(gateway, *, kept=True):
    """A mesh in which the first node's way to the second one's block leads over a router, as BIRD finds it."""

    def bird(routes):
        return tuple(r._replace(gateway=ip_address(gateway)) if r.prefix == SECOND else r for r in routes if kept)

    def kernel(routes):
        hop = next(route.hops[0] for route in routes if route.protocol == 12 and route.hops)
        return tuple(
            r._replace(hops=(hop._replace(gateway=ip_address(gateway)),)) if r.prefix == SECOND else r for r in routes
        )

    return bird, kernel


def test_what_a_router_does_with_pods_packets_is_not_known():
    bird, kernel = through_a_router("192.0.2.250")
    found = routes(change_table(with_routes(MESH), 0, bird=bird, kernel=kernel))
    assert (found.arrive, found.missing, found.unknown) == (11, (), 1)
    (doubt,) = found.doubts
    assert (str(doubt.gateway), doubt.pairs) == ("192.0.2.250", 1)
    assert doubt.because.startswith("packets go to 192.0.2.250, which is no node")


def test_a_switch_that_the_owner_tells_of_its_block_leads_on():
    """Over iBGP the next hop is in another subnet, and the switch on the way there has the block over BGP."""
    cluster = build_cluster(4, topology=Topology.MESH, switch=True)
    (switch,) = {row.address for row in with_routes(cluster).readings[1].peers} - {
        row.address for row in with_routes(MESH).readings[0].peers + with_routes(MESH).readings[1].peers
    }
    bird, kernel = through_a_router(switch)
    snapshot = change_table(with_routes(cluster), 0, bird=bird, kernel=kernel)
    assert routes(snapshot).unknown == 1, "without resources a filter may keep the block from the switch"
    snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster)})
    found = routes(snapshot)
    assert (found.arrive, found.missing, found.unknown) == (12, (), 0)
    # The switch may take the way over any node that tells it of the block.
    astray = change_table(snapshot, 2, kernel=without_second)
    assert routes(astray).unknown == 1
    # Where the owner's BIRD has no longer got the block, it told nobody.
    gone = change_table(snapshot, 1, bird=lambda all_of: tuple(r for r in all_of if r.prefix != SECOND))
    assert routes(gone).arrive < 12


def test_whom_a_switch_told_is_not_known_of_a_node_whose_tables_were_not_read():
    """The node's session with the switch stands, and it said so; its routes it did not say."""
    cluster = build_cluster(4, topology=Topology.MESH, switch=True)
    bird, kernel = through_a_router("192.0.2.250")
    snapshot = change_table(with_routes(cluster), 0, bird=bird, kernel=kernel)
    unread = snapshot.readings[3].model_copy(update={"tables": ()})
    snapshot = snapshot.model_copy(update={"readings": (*snapshot.readings[:3], unread)})
    found = routes(snapshot)
    # What the fourth node holds, and which blocks are its own, is not known; nor where the first one's way leads.
    assert (found.arrive, found.missing, found.unknown) == (5, (), 3 + 3 + 1)
    assert {str(doubt.gateway) for doubt in found.doubts} >= {"192.0.2.250"}


def test_a_node_that_announces_anothers_block_from_its_kernel_is_named():
    """As with a route of Felix of old: BIRD learns it, announces it, and others take it."""
    elsewhere = ip_address("192.0.2.99")

    def leaking(routes):
        leaked = next(r for r in routes if r.prefix == SECOND)._replace(
            protocol="kernel1", gateway=elsewhere, from_peer=None, is_best=False, kernel_source=80
        )
        return (*routes, leaked)

    def kernel(routes):
        hop = next(route.hops[0] for route in routes if route.protocol == 12 and route.hops)
        hops = (hop._replace(gateway=elsewhere),)
        return tuple(r._replace(hops=hops, protocol=80) if r.prefix == SECOND else r for r in routes)

    def misled(routes):
        return tuple(
            r._replace(gateway=elsewhere, protocol="Mesh_192_0_2_13", from_peer=ip_address("192.0.2.13"))
            if r.prefix == SECOND
            else r
            for r in routes
        )

    snapshot = change_table(with_routes(MESH), 2, bird=leaking, kernel=kernel)
    found = routes(change_table(snapshot, 0, bird=misled, kernel=kernel))
    assert stops(found) == {
        ("node1", "node2"): (Stop.KERNEL_ELSEWHERE, "node3"),
        ("node3", "node2"): (Stop.KERNEL_ELSEWHERE, "node3"),
    }
    because = {missing.learner: missing.because for missing in found.missing}
    assert because["node1"] == "node3 announces 10.244.0.128/26 of node2, which it has from its own kernel"


def test_single_pods_that_a_filter_announces_count_before_their_block():
    snapshot = change_table(with_routes(MESH), 0, bird=without_second, kernel=without_second)
    pod = next(r.prefix for r in snapshot.readings[1].tables[0].kernel if r.hops and "cali" in r.hops[0].interface)

    def with_pod(all_of):
        hop = next(route.hops[0] for route in all_of if route.protocol == 12 and route.hops)
        route = next(route for route in all_of if route.protocol == 12 and route.hops)
        return (*all_of, route._replace(prefix=pod, hops=(hop._replace(gateway=ip_address("192.0.2.12")),)))

    def bird(all_of):
        path = next(path for path in all_of if path.protocol == "Mesh_192_0_2_12" or path.gateway is not None)
        return (*all_of, path._replace(prefix=pod, protocol="Mesh_192_0_2_12", gateway=ip_address("192.0.2.12")))

    assert set(stops(routes(snapshot))) == {("node1", "node2")}
    assert routes(change_table(snapshot, 0, bird=bird, kernel=with_pod)).missing == ()


def test_a_kernel_that_still_leads_to_a_router_leaves_it_open_what_bird_cannot_reach():
    """Without its kernel protocol BIRD forgets the way to next hops in other subnets, and the kernel does not."""
    bird, kernel = through_a_router("192.0.2.250")

    def unreachable(all_of):
        lost = {"destination": Destination.UNREACHABLE, "gateway": None}
        return tuple(r._replace(**lost) if r.prefix == SECOND else r for r in bird(all_of))

    found = routes(change_table(with_routes(MESH), 0, bird=unreachable, kernel=kernel))
    assert (found.missing, found.unknown) == ((), 1)


def test_a_wider_route_to_a_router_is_told_beside_what_is_missing():
    snapshot = change_table(
        with_routes(MESH),
        0,
        bird=without_second,
        kernel=lambda all_of: tuple(r for r in all_of if r.prefix != SECOND),
    )
    found = routes(snapshot)
    assert set(stops(found)) == {("node1", "node2")}
    assert "packets leave node1 by default to 192.0.2.254, which is no node" in found.missing[0].because


def test_half_a_table_without_its_own_block_accuses_nobody():
    """The block may stand in the other half: that the others lack a route to each single pod is no finding."""
    half = change_table(with_routes(MESH), 3, bird=lambda routes: routes[:1], bird_is_whole=False)
    found = routes(half)
    # Its own kernel leads to the others; of its own block nobody tells.
    assert (found.missing, found.unknown, found.arrive) == ((), 3, 9)
