"""One BGP address of several nodes: a bridge or a NAT that every host has, a Node left over, or a true duplicate."""

import pytest

from tests.unit.auditing.tables import UP, cluster, commands, node, read, table, told

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
