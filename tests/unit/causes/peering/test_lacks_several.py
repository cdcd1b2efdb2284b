"""A node that lacks several peers that a resource asks for: its file is behind; a single one may be disabled."""

import pytest

from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, node, read, table, told

TORS = ["198.51.100.1", "198.51.100.2"]


@pytest.mark.parametrize(
    ("lacks", "is_behind"),
    [
        ([], False),
        (TORS[:1], False),
        # Two switches are two peers, though none of them is a node.
        (TORS, True),
        ([f"10.0.0.{n}" for n in (2, 3)], True),
        (["10.0.0.2", TORS[0]], True),
    ],
)
def test_two_peers_that_are_missing_are_a_file_that_is_behind(lacks, is_behind):
    numbers = range(1, 5)
    tables = {}
    for n in numbers:
        rows = {f"10.0.0.{m}": f"10.0.0.{m} {UP}" for m in numbers if m != n}
        rows |= {tor: f"global= {tor} {UP}" for tor in TORS}
        if n == 1:
            rows = {address: row for address, row in rows.items() if address not in lacks}
        elif f"10.0.0.{n}" in lacks:
            rows["10.0.0.1"] = "10.0.0.1 Active Socket: Connection closed"
        tables[f"n{n}"] = table(f"n{n}", *rows.values())
    peers = [BGPPeer(name=f"tor-{n}", peer_ip=tor, as_number=65001) for n, tor in enumerate(TORS)]
    resources = cluster(*(node(f"n{n}", f"10.0.0.{n}/24") for n in numbers), *peers)
    report = read(tables, addresses={f"n{n}": f"10.0.0.{n}" for n in numbers}, resources=resources)
    assert (("confd-stuck", ["n1"]) in told(report)) is is_behind
    if is_behind:
        (cause,) = report.causes
        assert cause.title == "BIRD on n1 lacks 2 peers that the resources ask for: confd did not follow"
        assert report.unexplained == ()
