"""A node that nobody has as a peer although the resources ask for it: nobody followed, or the resources are old."""

from dataclasses import replace

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.unfollowed import lacked_by_all
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, cluster, gathered, node, read, table, told

RESOURCES = cluster(*(node(f"n{n}", f"192.0.2.{n}/24", f"192.0.2.{n}") for n in range(1, 6)))
ADDRESSES = {f"n{n}": f"192.0.2.{n}" for n in range(1, 6)}


def judged(*, followed=()):
    """n5 has its four peers; those in `followed` have it."""
    tables = {}
    for n in range(1, 5):
        rows = [f"192.0.2.{m} {UP}" for m in range(1, 5) if m != n]
        tables[f"n{n}"] = table(f"n{n}", *rows, *([f"192.0.2.5 {UP}"] if n in followed else []))
    infos = {n: UP if n in followed else "Active Socket: Connection closed" for n in range(1, 5)}
    tables["n5"] = table("n5", *(f"192.0.2.{n} {info}" for n, info in infos.items()))
    return read(tables, addresses=ADDRESSES, resources=RESOURCES)


def test_nobody_has_it():
    report = judged()
    (cause,) = report.causes
    assert (cause.kind, cause.confidence, str(cause.subjects[0])) == ("confd-stuck", Confidence.POSSIBLE, "cluster")
    assert "none of 4 nodes has n5 as a peer" in cause.title
    assert report.unexplained == ()


def test_where_others_followed_it_is_no_matter_of_all():
    named = {name for _, subjects in told(judged(followed=(1, 2))) for name in subjects}
    assert named
    assert "cluster" not in named


def test_where_one_of_its_peers_is_not_asked_for_it_is_another_matter():
    """n4 has a cluster ID, so that by the resources it is no peer of n5's."""
    nodes = [replace(one, cluster_id="1.1.1.1") if one.name == "n4" else one for one in RESOURCES.nodes]
    tables = {f"n{n}": table(f"n{n}", *(f"192.0.2.{m} {UP}" for m in (1, 2, 3) if m != n)) for n in (1, 2, 3, 4)}
    tables["n5"] = table("n5", *(f"192.0.2.{n} Active Socket: Connection closed" for n in (1, 2, 3, 4)))
    seen = gathered(tables, addresses=ADDRESSES, resources=cluster(*nodes))
    assert list(lacked_by_all(Case(observe(seen), ()))) == []


@pytest.mark.parametrize(("number", "is_told"), [(2, False), (3, True)])
def test_of_a_single_far_end_it_is_not_said_that_nobody_followed(number, is_told):
    """The last of two or three nodes has its peers, and none of them has it."""
    nodes = RESOURCES.nodes[:number]
    tables = {
        f"n{n}": table(f"n{n}", *(f"192.0.2.{m} {UP}" for m in range(1, number) if m != n)) for n in range(1, number)
    }
    closed = "Active Socket: Connection closed"
    tables[f"n{number}"] = table(f"n{number}", *(f"192.0.2.{m} {closed}" for m in range(1, number)))
    seen = gathered(tables, addresses={name: ADDRESSES[name] for name in tables}, resources=cluster(*nodes))
    assert bool(list(lacked_by_all(Case(observe(seen), ())))) is is_told
