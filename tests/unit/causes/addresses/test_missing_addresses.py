"""Nodes that have no BGP address, or none of a family: certain by the resources, with the address that the host has."""

import pytest

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import UP, cluster, commands, node, read, table, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
V4, V6 = "192.0.2.{}/24", "2001:db8::{}/64"


def nodes(number=5, *, lacking=(), families=(V4, V6), reflectors=()):
    """Nodes of both families; `lacking` is (node, template) of what is not in Calico's Node, and the host has."""
    return [
        node(
            f"n{n}",
            " ".join(form.format(n) for form in families if (f"n{n}", form) not in lacking),
            labels="rr=true" if f"n{n}" in reflectors else "",
            cluster_id="244.0.0.1" if f"n{n}" in reflectors else None,
        )
        for n in range(1, number + 1)
    ]


def judged(found, *more, families=(V4, V6), pairs=lambda a, b: True, silent_hosts=False):
    """All sessions that the Nodes ask for are up."""
    tables, addresses = {}, {}
    for one in found:
        rows = {
            version: [
                f"{address} {UP}"
                for other in found
                if other is not one and pairs(one.name, other.name)
                for address in (other.ipv4 if version == 4 else other.ipv6,)
                if address is not None and (one.ipv4 if version == 4 else one.ipv6) is not None
            ]
            for version in (4, 6)
        }
        kind = "node specific" if more else "node-to-node mesh"
        tables[one.name] = table(one.name, *rows[4], ipv6=rows[6], kind=kind)
        if not silent_hosts:
            addresses[one.name] = " ".join(form.format(one.name[1:]).partition("/")[0] for form in families)
    return read(tables, addresses=addresses, resources=cluster(*found, *more))


@pytest.mark.parametrize(("form", "field", "variable"), [(V4, "IPv4Address", "IP"), (V6, "IPv6Address", "IP6")])
def test_a_node_of_a_dual_stack_mesh_without_one_family(form, field, variable):
    report = judged(nodes(lacking={("n3", form)}))
    (cause,) = report.causes
    assert (cause.kind, cause.confidence) == ("address-missing", Confidence.CERTAIN)
    assert [str(subject) for subject in cause.subjects] == [f"n3 ({field[:4]})"]
    assert commands(report)[0] == f"kubectl annotate node n3 projectcalico.org/{field}={form.format(3)} --overwrite"
    assert f"unless {variable} in its environment is none" in cause.fixes[0].summary
    assert (cause.routes_lost, cause.costs) == (8, "8 routes are lost because of it")
    assert report.unexplained == ()


def test_a_node_without_any_address():
    report = judged(nodes(lacking={("n3", V4)}, families=(V4,)), families=(V4,))
    assert told(report) == [("address-missing", ["n3"])]
    assert commands(report)[0].endswith("projectcalico.org/IPv4Address=192.0.2.3/24 --overwrite")
    assert report.causes[0].evidence[:2] == ("n3: BGP address none", "n3 itself has 192.0.2.3")
    assert report.unexplained == ()


def test_an_address_that_nothing_tells_is_asked_for():
    report = judged(nodes(lacking={("n3", V4)}, families=(V4,)), families=(V4,), silent_hosts=True)
    assert told(report) == [("address-missing", ["n3"])]
    assert [asked.variable for asked in report.causes[0].fixes[0].asks] == ["ADDRESS", "PREFIX_LENGTH"]
    assert not any("198.51.100" in command for command in commands(report))
    assert report.causes[0].evidence == ("n3: BGP address none",)


def test_reflectors_that_all_lack_a_family_pass_none_of_its_routes_on():
    found = nodes(6, lacking={("n1", V6), ("n2", V6)}, reflectors=("n1", "n2"))
    joined = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")
    report = judged(found, joined, OFF, pairs=lambda a, b: {a, b} & {"n1", "n2"})
    assert told(report) == [("address-missing", ["n1 (IPv6)", "n2 (IPv6)"])]
    assert len(report.causes[0].fixes[0].steps) == 2
    assert report.causes[0].fixes[0].restores == 12
    assert report.unexplained == ()


def test_a_cluster_in_which_few_have_the_second_family_lacks_nothing():
    found = nodes(6, lacking={(f"n{n}", V6) for n in (1, 2, 3, 4)})
    report = judged(found, families=(V4,))
    assert report.causes == ()
    assert report.exit_code() == 0


@pytest.mark.parametrize(
    ("lacking", "lost"),
    # Of each that lacks it to and from each that has it, and between those that lack it.
    [(("n3",), 2 * 4), (("n3", "n4"), 2 * 2 * 3 + 2), (("n1", "n3", "n4"), 2 * 3 * 2 + 3 * 2)],
)
def test_what_it_costs_that_several_lack_a_family_or_all(lacking, lost):
    of_family = judged(nodes(lacking={(name, V6) for name in lacking}))
    at_all = judged(nodes(lacking={(name, V4) for name in lacking}, families=(V4,)), families=(V4,))
    assert [cause.kind for report in (of_family, at_all) for cause in report.causes] == ["address-missing"] * 2
    assert [cause.routes_lost for report in (of_family, at_all) for cause in report.causes] == [lost, lost]


@pytest.mark.parametrize(("number", "kinds"), [(2, []), (3, ["address-missing"])])
def test_of_a_single_node_with_an_address_nobody_knows_whether_it_is_meant(number, kinds):
    last = f"n{number}"
    assert [cause.kind for cause in judged(nodes(number, lacking={(last, V6)})).causes] == kinds
    at_all = judged(nodes(number, lacking={(last, V4)}, families=(V4,)), families=(V4,))
    assert [cause.kind for cause in at_all.causes] == kinds


def test_a_node_without_any_address_lacks_that_of_the_family_that_most_have():
    found = nodes(lacking={("n5", V4), *((f"n{n}", V6) for n in (2, 3, 4, 5))})
    (cause,) = judged(found, families=(V4,)).causes
    assert cause.routes_lost == 2 * 4
    assert "IPv4Address=192.0.2.5" in (cause.fixes[0].steps[0].kubectl or "")
