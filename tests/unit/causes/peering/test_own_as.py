"""A device that refuses a node's AS: which AS the node has, as far as the resources tell."""

import pytest

from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, node, read, table

TOR = "198.51.100.1"


@pytest.mark.parametrize(
    ("refused", "other_as", "told"),
    [
        # The node's own, whatever others have.
        ("n1", None, " (AS 64512)"),
        ("n1", 65001, " (AS 64512)"),
        # Of a node that no Node is, that of all; where they differ nobody knows.
        ("x9", None, " (AS 64512)"),
        ("x9", 65001, ""),
    ],
)
def test_the_as_that_the_device_does_not_expect(refused, other_as, told):
    rows = {"n1": [f"10.0.0.2 {UP}"], "n2": [f"10.0.0.1 {UP}"], "x9": []}
    rows[refused].append(f"global= {TOR} Idle Received: Bad peer AS")
    resources = cluster(
        node("n1", "10.0.0.1/24"),
        node("n2", "10.0.0.2/24", as_number=other_as),
        BGPPeer(name="tor", peer_ip=TOR, as_number=65000, node="n1"),
    )
    tables = {name: table(name, *mine) for name, mine in rows.items()}
    (cause,) = read(tables, addresses={"n1": "10.0.0.1", "n2": "10.0.0.2"}, resources=resources).causes
    assert cause.kind == "as-mismatch"
    assert cause.title == f"{TOR} expects another AS number of {refused} than it has{told}"
    assert f"{TOR} expects the AS of the node{told}, which its Node" in cause.fixes[0].summary
