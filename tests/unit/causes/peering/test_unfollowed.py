"""A node that nobody has as a peer although the resources ask for it: nobody followed, or the resources are old."""

from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, cluster, node, read, table, told

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
