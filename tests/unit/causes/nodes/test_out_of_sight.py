"""A mesh peer whose table is not given is a node of the cluster, never a switch (and a switch is never a node)."""

import pytest

from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, pasted, read, table, told

REFUSED = "Active Socket: Connection refused"
UNREACHABLE = ["Connect Socket: Host is unreachable", "Active Socket: No route to host"]
SILENT = ["Active BGP Error: Hold timer expired", "Connect Socket: Connection timed out"]


def two(address, info, *, version=4, kind="node-to-node mesh"):
    """Two nodes that have each other and not the third."""
    near = {4: ("203.0.113.8", "203.0.113.9"), 6: ("2001:db8::8", "2001:db8::9")}[version]
    rows = [(f"{kind}= {address} {info}", f"{far} {UP}") for far in near]
    if version == 4:
        return [table(name, *mine) for name, mine in zip("ab", rows, strict=True)]
    return [table(name, ipv6=mine) for name, mine in zip("ab", rows, strict=True)]


@pytest.mark.parametrize(("address", "version"), [("10.20.13.220", 4), ("192.0.2.7", 4), ("fd5f::7", 6)])
def test_refused_by_a_node_that_is_not_pasted(address, version):
    report = pasted(*two(address, REFUSED, version=version))
    assert told(report) == [("bird-down", [address])]
    (cause,) = report.causes
    assert cause.confidence is Confidence.LIKELY
    assert cause.fixes[0].steps[0].kubectl is not None
    assert "calico-node" in cause.fixes[0].steps[0].kubectl
    assert [finding.rule for finding in report.findings if finding.severity == "error"] == ["mesh-peer-down"]


@pytest.mark.parametrize("info", [*UNREACHABLE, *SILENT])
@pytest.mark.parametrize("number", [1, 2])
def test_nothing_comes_from_a_node_that_is_not_pasted(info, number):
    report = pasted(*two("198.51.100.4", info)[:number])
    assert told(report) == [("node-down", ["198.51.100.4"])]
    assert report.causes[0].confidence is Confidence.POSSIBLE
    assert "here one whose table is not given." in report.causes[0].explanation


def test_where_all_machines_are_listed_the_list_lacks_it():
    tables = dict(zip("ab", two("198.51.100.4", SILENT[0]), strict=True))
    (cause,) = read(tables, addresses={"a": "203.0.113.9", "b": "203.0.113.8"}).causes
    assert "here one that the inventory lacks." in cause.explanation


def test_one_table_alone_makes_it_possible():
    report = pasted(two("198.51.100.4", REFUSED)[0])
    assert [(cause.kind, cause.confidence) for cause in report.causes] == [("bird-down", Confidence.POSSIBLE)]


@pytest.mark.parametrize("info", [REFUSED, *UNREACHABLE])
def test_a_node_that_the_inventory_lacks(info):
    report = read(dict(zip("ab", two("198.51.100.4", info), strict=True)))
    assert "external-peer-down" not in [kind for kind, _ in told(report)]
    assert told(report)[0][1] == ["198.51.100.4"]


@pytest.mark.parametrize("kind", ["global", "node specific"])
def test_an_explicit_peer_is_still_external(kind):
    report = pasted(*two("198.51.100.4", REFUSED, kind=kind))
    assert told(report) == [("external-peer-down", ["198.51.100.4"])]


def test_a_node_that_is_up_somewhere_is_not_down():
    rows = [table("a", f"198.51.100.4 {REFUSED}", f"203.0.113.9 {UP}"), table("b", f"198.51.100.4 {UP}")]
    assert told(pasted(*rows)) == []
