"""A listenPort: the port that is dialled is named, with what sets it, also where no row carries one."""

import pytest

from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.unit.auditing.tables import UP, cluster, node, pasted, table

HELD, REFUSED = "Active BGP Error: Hold timer expired", "Active Socket: Connection refused"
DEFAULT = BGPConfiguration(name="default", listen_port=1790)
OWN = BGPConfiguration(name="node.n1", listen_port=1800)


def resources(*configs, **fields):
    return cluster(*(node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3, 4)), *configs, **fields)


def n1_down(info, own="Passive", port=""):
    tables = [table("n1", *(f"192.0.2.{m}{port} {own}" for m in (2, 3, 4)))]
    for n in (2, 3, 4):
        tables.append(table(f"n{n}", f"192.0.2.1 {info}", *(f"192.0.2.{m} {UP}" for m in (2, 3, 4) if m != n)))
    return tables


def everything(report):
    (cause,) = report.causes
    return "\n".join(
        (cause.title, cause.explanation, *(d.command for d in cause.decide), *(f.summary for f in cause.fixes))
    )


@pytest.mark.parametrize(
    ("configs", "port", "by"),
    [
        ([DEFAULT], 1790, "listenPort of BGPConfiguration default"),
        ([OWN], 1800, "listenPort of BGPConfiguration node.n1"),
        ([DEFAULT, OWN], 1800, "listenPort of BGPConfiguration node.n1"),
    ],
)
def test_mesh_rows_carry_no_port_and_the_resources_tell_it(configs, port, by):
    said = everything(pasted(*n1_down(REFUSED), resources=resources(*configs)))
    assert f"port {port} ({by})" in said
    assert f":{port}" in said
    assert "179" not in said.replace("1790", "")


def test_without_a_listen_port_it_is_bgps_own():
    for known in (resources(), resources(BGPConfiguration(name="default")), None):
        said = everything(pasted(*n1_down(REFUSED), resources=known))
        assert ":179" in said
        assert "listenPort of BGPConfiguration" not in said


def test_the_port_of_nothing_that_comes_from_anywhere():
    tables = [table(f"n{n}", *(f"192.0.2.{m} {HELD}" for m in (1, 2, 3, 4) if m != n)) for n in (1, 2, 3, 4)]
    said = everything(pasted(*tables, resources=resources(DEFAULT)))
    assert "TCP port 1790 (listenPort of BGPConfiguration default) is dropped everywhere" in said
    assert said.count(" 1790") == said.count("1790")


def test_a_link_between_nodes_of_two_ports_names_both():
    rows = {
        n: [f"192.0.2.{m} {HELD if {n, m} == {1, 2} else UP}" for m in (1, 2, 3, 4) if m != n] for n in (1, 2, 3, 4)
    }
    said = everything(pasted(*(table(f"n{n}", *mine) for n, mine in rows.items()), resources=resources(DEFAULT, OWN)))
    assert "1790 (listenPort of BGPConfiguration default), 1800 (listenPort of BGPConfiguration node.n1)" in said


def test_the_next_step_tries_that_port():
    tables = [table("n2", f"192.0.2.1 {REFUSED}", f"192.0.2.3 {UP}", f"192.0.2.4 {UP}")]
    report = pasted(*tables, resources=resources(DEFAULT))
    assert report.findings[0].next_step == ("on n2: nc -vz 192.0.2.1 1790 (listenPort of BGPConfiguration default)")


@pytest.mark.parametrize("name", ["192.0.2.1", "192.0.2.1.port.1790"])
def test_explicit_peers(name):
    made = resources(DEFAULT, BGPPeer(name="all", node_selector="all()", peer_selector="all()"))
    text = table("n2", f"{name} {REFUSED}", kind="node specific")
    cluster = observe(snapshot_from_pasted(parse_pasted(text)).model_copy(update={"resources": made}))
    key = SessionKey.between(Family.IPV4, "n1", "n2")
    assert str(dialled(cluster, key, "n1")) == "1790 (listenPort of BGPConfiguration default)"
