"""A kernel in which another program holds BIRD's routes: the commands delete these routes and nothing else."""

import shlex
from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.routes import kernel
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.routes.missing import missing_at
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import change_table, with_routes

DUAL = build_cluster(4, topology=Topology.MESH, families=(Family.IPV4, Family.IPV6))


def deletions(report):
    """(family, all words behind `ip route del`) of each step."""
    (cause,) = report.causes
    assert cause.kind == "kernel-behind-bird"
    (fix,) = cause.fixes
    words = [shlex.split(step.kubectl.split(" -- ")[1]) for step in fix.steps]
    assert all(each[0] == "ip" and each[2:4] == ["route", "del"] for each in words)
    return sorted((each[1], " ".join(each[4:])) for each in words)


def held_by_others(snapshot, *families):
    """The same of each route that another program wrote into node4's kernel."""
    held = sorted(
        (f"-{table.family.version}", f"{route.prefix} via {route.hops[0].gateway} dev eth0 proto 80")
        for table in snapshot.readings[3].tables
        for route in table.kernel
        if route.protocol == 80 and route.hops and table.family in families
    )
    assert len(held) == len(families) * 3, "the blocks of three other nodes, of each family"
    return held


def test_each_route_of_the_other_writer_is_deleted():
    snapshot = with_routes(DUAL, "kernel-behind:node4")
    assert deletions(audit(snapshot)) == held_by_others(snapshot, Family.IPV4, Family.IPV6)


def test_routes_that_lose_the_packets_of_others_as_well_are_deleted_once(monkeypatch):
    """Packets of node1 that end at node4 are lost by the routes that node4's own packets follow."""
    snapshot = with_routes(DUAL, "kernel-behind:node4")

    def missing(cluster, *stops):
        for family, one in missing_at(cluster, *stops):
            yield from ((family, one), (family, replace(one, learner="node1")))

    monkeypatch.setattr(kernel, "missing_at", missing)
    assert deletions(audit(snapshot)) == held_by_others(snapshot, Family.IPV4, Family.IPV6)


def test_where_one_family_lacks_routes_and_the_other_has_another_writer_s_only_those_are_deleted():
    snapshot = change_table(with_routes(DUAL, "kernel-behind:node4"), 3, kernel=())
    steps = {str(*cause.subjects): cause.fixes[0].steps for cause in audit(snapshot).causes}
    assert {about: len(of_family) for about, of_family in steps.items()} == {"node4 (IPv4)": 0, "node4 (IPv6)": 3}


@pytest.mark.parametrize(("most", "more"), [(2, "; likewise 4 more"), (5, "; likewise 1 more"), (6, ""), (7, "")])
def test_of_many_the_first_show_how(most, more, monkeypatch):
    monkeypatch.setattr(kernel, "_MOST_STEPS", most)
    (cause,) = audit(with_routes(DUAL, "kernel-behind:node4")).causes
    assert [step.what.rpartition("wrote")[2] for step in cause.fixes[0].steps] == [more] * min(most, 6)


def test_only_one_plain_route_to_a_network_of_the_main_table_has_a_command():
    """Not one of another table, nor one with several hops; of two routes to a network that which counts."""
    snapshot = with_routes(DUAL, "kernel-behind:node4")
    elsewhere, several, plain = (route for route in snapshot.readings[3].tables[0].kernel if route.protocol == 80)
    behind = plain._replace(metric=2048)
    changed = {elsewhere: elsewhere._replace(table="100"), several: several._replace(hops=several.hops * 2)}

    def kernel_now(routes):
        return (*(changed.get(route, route) for route in routes), behind)

    found = deletions(audit(change_table(snapshot, 3, kernel=kernel_now)))
    assert [words for version, words in found if version == "-4"] == [
        f"{plain.prefix} via {plain.hops[0].gateway} dev eth0 proto 80"
    ]


def test_a_harmless_half_of_a_session_has_the_command_for_the_other():
    """All routes come by the reflectors; only the session that one end is asked for is down."""
    lab = build_cluster(6)
    resources = lab_resources(lab, [parse_fault("one-sided-config", lab)])
    (cause,) = audit(snapshot_of(lab, "one-sided-config").model_copy(update={"resources": resources})).causes
    (fix,) = cause.fixes
    assert "reversePeering" in fix.steps[0].kubectl
    assert (fix.restores, cause.routes_lost) == (0, 0)
    assert "loses none" in fix.tried
