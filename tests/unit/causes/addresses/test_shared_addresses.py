"""One BGP address of several nodes: a bridge or a NAT that every host has, a Node left over, or a true duplicate."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.duplicates import addresses_of_several
from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.refusals import refused_nodes
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, commands, gathered, node, read, table, told

DOWN = "Connect Socket: No route to host"
NAT = "10.0.2.15"


def three(*more):
    """n1, n2 and n3 of one network, which have each other; `more` are further Nodes."""
    own = [node(f"n{n}", f"192.0.2.{n}/24", f"192.0.2.{n}") for n in (1, 2, 3)]
    return cluster(*own, *more)


def meshed(*others):
    """What they print."""
    return {
        f"n{n}": table(f"n{n}", *(f"192.0.2.{m} {UP}" for m in (1, 2, 3) if m != n), *(f"{a} {DOWN}" for a in others))
        for n in (1, 2, 3)
    }


def of_hosts(**more):
    return {f"n{n}": f"192.0.2.{n}" for n in (1, 2, 3)} | more


def test_a_bridge_that_two_nodes_took_is_a_wrong_address_of_both():
    bridged = [node(f"n{n}", "172.17.0.1/16", f"192.0.2.{n}") for n in (4, 5)]
    lonely = {f"n{n}": table(f"n{n}", *(f"192.0.2.{m} Passive" for m in (1, 2, 3))) for n in (4, 5)}
    addresses = of_hosts(n4="192.0.2.4 172.17.0.1", n5="192.0.2.5 172.17.0.1")
    report = read(meshed("172.17.0.1") | lonely, addresses=addresses, resources=three(*bridged))
    assert told(report) == [("wrong-address", ["n4", "n5"])]
    assert "that of a Docker bridge" in report.causes[0].title
    assert report.unexplained == ()
    assert commands(report)[1].endswith("IP_AUTODETECTION_METHOD=kubernetes-internal-ip")


#: What every machine has, what Kubernetes took, and the autodetection that is right then.
VAGRANT = {
    "InternalIPs are right": ("192.168.56.{}", f"{NAT} 192.168.56.{{}}", "kubernetes-internal-ip"),
    "the kubelets took the NAT as well": (NAT, f"{NAT} 192.168.56.{{}}", "cidr=192.168.56.0/24"),
    "no InternalIPs": ("", f"{NAT} 192.168.56.{{}}", "cidr=192.168.56.0/24"),
    "nothing tells": (NAT, "", '"cidr=${CIDR:?}"'),
}


@pytest.mark.parametrize("case", VAGRANT)
def test_virtual_machines_with_one_address_are_not_told_to_take_it_again(case):
    internal, has, method = VAGRANT[case]
    names = {f"n{n}": n for n in (1, 2, 3)}
    asked = cluster(*(node(name, f"{NAT}/24", internal.format(n)) for name, n in names.items()))
    addresses = {name: has.format(n) for name, n in names.items() if has}
    report = read({name: table(name) for name in names}, addresses=addresses, resources=asked)
    assert told(report) == [("wrong-address", ["n1", "n2", "n3"])]
    assert report.unexplained == ()
    assert commands(report)[1].endswith(f"IP_AUTODETECTION_METHOD={method}")
    assert [value.variable for value in report.causes[0].fixes[1].asks] == (["CIDR"] if "CIDR" in method else [])
    assert not any("10.0.2" in command for command in commands(report))


def test_a_renamed_machine_leaves_a_node_with_its_address_and_no_other_node_is_touched():
    old = node("n3-old", "192.0.2.3/24", "192.0.2.3")
    report = read(meshed(), addresses=of_hosts(), resources=three(old))
    assert told(report) == [("stale-address", ["n3-old"])]
    assert commands(report) == []
    assert "kubectl delete node n3-old" in report.causes[0].fixes[0].summary
    assert report.unexplained == ()


def test_two_hosts_with_one_address_stay_a_duplicate():
    other = node("n4", "192.0.2.3/24", "192.0.2.3")
    tables = meshed() | {"n4": table("n4", f"192.0.2.1 {UP}", f"192.0.2.2 {UP}")}
    report = read(tables, addresses=of_hosts(n4="192.0.2.3"), resources=three(other))
    assert ("duplicate-address", ["n3", "n4"]) in told(report)
    assert not {"wrong-address", "stale-address"} & {kind for kind, _ in told(report)}


def test_a_host_whose_address_changed_is_the_only_one_whose_calico_node_starts_anew():
    """By the tables alone: what the others dial is no host's, and nobody dials what the one host has."""
    tables = meshed("192.0.2.4") | {"n4": table("n4", *(f"192.0.2.{m} Passive" for m in (1, 2, 3)))}
    report = read(tables, addresses=of_hosts(n4="192.0.2.104"))
    assert told(report) == [("wrong-address", ["n4"])]
    assert len(commands(report)) == 1
    assert "spec.nodeName=n4" in commands(report)[0]
    assert report.unexplained == ()


def test_where_nobody_tells_whose_it_is_each_node_has_a_fix_of_its_own_before_the_daemonset():
    """A change of autodetection starts calico-node anew everywhere, for what is wrong with one of two nodes."""
    nodes = [node(f"n{n}", f"192.0.2.{address}/24") for n, address in ((1, 1), (2, 2), (3, 3), (4, 3))]
    tables = {
        f"n{n}": table(f"n{n}", *(f"192.0.2.{m} {UP}" for m in (1, 2, 3) if m != min(n, 3))) for n in (1, 2, 3, 4)
    }
    (cause,) = read(tables, resources=cluster(*nodes)).causes
    assert (cause.kind, len(cause.findings) > 0) == ("duplicate-address", True)
    first, second, *others = cause.fixes
    assert [fix.steps[0].kubectl.split()[3] for fix in (first, second)] == ["n3", "n4"]
    assert all("Autodetection" in fix.summary or "AUTODETECTION" in fix.summary for fix in others)
    assert all(fix.restarts is not None and fix.restarts <= others[0].restarts for fix in (first, second))


def finding(rule, subject):
    return Finding(f"{rule} {subject}", rule, Severity.WARNING, subject, message="")


def test_an_address_of_two_nodes_explains_what_is_said_of_those_whose_file_is_refused_because_of_it():
    """Also where BIRD refuses something else of it as well; not where it refuses that alone."""
    asked = three(
        node("n4", "192.0.2.3/24"),
        *(node(f"n{n}", f"2001:db8::{n}/64") for n in (5, 6)),
        BGPPeer(name="no-as", node="n1", peer_ip="203.0.113.1", as_number=0),
        BGPPeer(name="no-as-either", node="n5", peer_ip="2001:db8::99", as_number=0),
    )
    cluster_seen = observe(gathered({f"n{n}": table(f"n{n}") for n in (1, 2, 3, 4, 5, 6)}, resources=asked))
    twice = finding("node-address-twice", AddressSubject(address=ip_address("192.0.2.3")))
    behind = {n: finding("configuration-behind", NodeSubject(node=f"n{n}")) for n in (1, 2, 3, 4, 5, 6)}
    case = Case(cluster_seen, (twice, *behind.values()))
    assert refused_nodes(case).keys() == {"n1", "n2", "n5"}
    (shared,) = addresses_of_several(case)
    assert shared.findings == {twice.id, *(behind[n].id for n in (1, 2, 3, 4))}


@pytest.mark.parametrize("others_follow", [True, False])
def test_that_most_nodes_are_behind_is_explained_where_one_address_twice_hits_all_of_them(others_follow):
    """n1 and n2 have two neighbours of one address; the others are a mesh over IPv6, by no address of several."""
    of_ipv6 = (5, 6, 7)
    asked = three(node("n4", "192.0.2.3/24"), *(node(f"n{n}", f"2001:db8::{n}/64") for n in of_ipv6))
    tables = {f"n{n}": table(f"n{n}") for n in (1, 2, *of_ipv6)}
    tables |= {f"n{n}": table(f"n{n}", f"192.0.2.1 {DOWN}", f"192.0.2.2 {DOWN}") for n in (3, 4)}
    if others_follow:
        rows = {n: [f"2001:db8::{far} {UP}" for far in of_ipv6 if far != n] for n in of_ipv6}
        tables |= {f"n{n}": table(f"n{n}", ipv6=of_node) for n, of_node in rows.items()}
    seen = observe(gathered(tables, resources=asked))
    behind = {deviation.node for deviation in seen.judged.deviations.behind}
    assert behind == ({"n1", "n2"} if others_follow else {"n1", "n2", "n5", "n6", "n7"})
    twice = finding("node-address-twice", AddressSubject(address=ip_address("192.0.2.3")))
    most = finding("configuration-behind", ClusterSubject())
    (shared,) = addresses_of_several(Case(seen, (twice, most)))
    assert shared.findings == ({twice.id, most.id} if others_follow else {twice.id})


def test_each_of_two_addresses_explains_its_own():
    asked = cluster(*(node(f"n{n}", f"192.0.2.{address}/24") for n, address in ((1, 1), (2, 1), (3, 3), (4, 3))))
    subjects = [AddressSubject(address=ip_address(f"192.0.2.{n}")) for n in (1, 3)]
    findings = tuple(finding("node-address-twice", subject) for subject in subjects)
    of_all = finding("no-peers-anywhere", ClusterSubject())
    seen = observe(gathered({f"n{n}": table(f"n{n}") for n in (1, 2, 3, 4)}, resources=asked))
    case = Case(seen, (*findings, of_all))
    found = [(shared.names, shared.findings) for shared in addresses_of_several(case)]
    assert found == [(("n1", "n2"), {findings[0].id}), (("n3", "n4"), {findings[1].id})]
    # One that nobody speaks of, as its finding is an accepted exception, keeps no other one back.
    accepted = Case(case.cluster, findings[1:])
    assert [shared.names for shared in addresses_of_several(accepted)] == [("n3", "n4")]


def test_machines_of_one_name_keep_no_other_address_back():
    """Their address is the fewest: the other one comes later, and is one of two nodes."""
    machines = {"a": ("n1", 1), "b": ("n1", 1), "c": ("n3", 3), "d": ("n4", 3), "e": ("n5", 5)}
    readings = gathered(
        {
            host: table(host, *(f"192.0.2.{n} {DOWN}" for n in (1, 3, 5) if n != own))
            for host, (_, own) in machines.items()
        },
        addresses={"a": "192.0.2.1", "b": "192.0.2.1 192.0.2.99", "c": "192.0.2.3", "d": "192.0.2.3", "e": "192.0.2.5"},
    )
    named = tuple(one.model_copy(update={"node": machines[one.host][0]}) for one in readings.readings)
    hosts = tuple(replace(host, node=None) for host in readings.hosts)
    made = readings.model_copy(update={"hosts": hosts, "readings": named})
    found = addresses_of_several(Case(observe(made), audit(made).findings))
    assert [(str(shared.address), shared.names) for shared in found] == [("192.0.2.3", ("n3", "n4"))]


def test_where_all_nodes_have_one_address_it_explains_that_they_have_no_peers():
    asked = cluster(node("n1", "192.0.2.3/24"), node("n2", "192.0.2.3/24"))
    twice = finding("node-address-twice", AddressSubject(address=ip_address("192.0.2.3")))
    nobody = finding("no-peers-anywhere", ClusterSubject())
    seen = observe(gathered({"n1": table("n1"), "n2": table("n2")}, resources=asked))
    (shared,) = addresses_of_several(Case(seen, (twice, nobody)))
    assert shared.findings == {twice.id, nobody.id}


OLD = node("n9", "192.0.2.3/24", "192.0.2.3")
LEFT_OVER = {
    "nobody was asked to read it": ({}, node("n9", "192.0.2.3/24", "192.0.2.9"), True),
    "the heir says by its own list that it has the address": ({"n3": "192.0.2.3"}, OLD, True),
    "the heir has another one by its own list": ({"n3": "192.0.2.33"}, OLD, False),
    "it was read": ({"n9": "192.0.2.9"}, OLD, False),
    "nothing comes of it, and it is of the heir's InternalIP": ({"n9": None}, OLD, True),
    "nothing comes of it, and it is of another InternalIP": (
        {"n9": None},
        node("n9", "192.0.2.3/24", "192.0.2.9"),
        False,
    ),
    "nothing comes of it, and it has the heir's short name": (
        {"n3.old.example": None},
        node("n3.old.example", "192.0.2.3/24"),
        True,
    ),
    "no BIRD runs there, so that nobody could read it": (
        {},
        node("n9", "192.0.2.3/24", "192.0.2.9", without_bird="Windows"),
        False,
    ),
    "nothing comes of the heir": ({"n3": None}, OLD, False),
}


@pytest.mark.parametrize("case", LEFT_OVER)
def test_which_node_is_what_another_machine_s_old_name_left(case):
    """n3 and the old Node have one address; n3 lists no addresses of its own unless the case says so."""
    has, old, expected = LEFT_OVER[case]
    assert left_over(seen_with(has, old)) == ([old.name] if expected else [])


def test_what_kubernetes_says_of_the_heir_counts_where_it_lists_nothing():
    elsewhere = [node(f"n{n}", f"192.0.2.{n}/24", f"198.51.100.{n}") for n in (1, 2, 3)]
    made = seen_with({}, OLD).model_copy(update={"resources": cluster(*elsewhere, OLD)})
    assert left_over(made) == []


def test_without_an_inventory_of_all_nobody_is_left_over():
    made = seen_with({}, OLD)
    assert left_over(made.model_copy(update={"limited": True})) == []
    assert left_over(made.model_copy(update={"hosts": ()})) == []


def seen_with(has, old):
    """What is gathered of three nodes and the old one: `has` are own addresses of nodes, None where nothing comes."""
    names = [name for name in ("n1", "n2", "n3", old.name) if has.get(name, name != old.name) is not None]
    read_of = [name for name in names if name != old.name or name in has]
    own = {name: addresses for name, addresses in has.items() if addresses is not None}
    unread = [name for name, addresses in has.items() if addresses is None]
    return gathered({name: table(name) for name in read_of}, addresses=own, unread=unread, resources=three(old))


def left_over(made):
    twice = finding("node-address-twice", AddressSubject(address=ip_address("192.0.2.3")))
    (shared,) = addresses_of_several(Case(observe(made), (twice,)))
    return list(shared.left_over)
