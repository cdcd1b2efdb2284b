"""A node's BGP port: which one is dialled, and whether it is worth a word."""

from __future__ import annotations

import pytest

from calico_bgp.causes.network.port_checks import dialled_port, unusual
from calico_bgp.cluster.sessions.ports import ListenPort
from calico_bgp.model.resources import BGPConfiguration
from tests.unit.auditing.tables import NODE, UP, cluster, gathered, node, table
from tests.unit.causes.asked import case_of

SET_BY = "listenPort of BGPConfiguration default"


def case(*ports, listen_port=None):
    """n1, and peers n2, n3, ... of which each row for it has such a port in its name; None where it has none."""
    tables = {"n1": table("n1", *(f"192.0.2.{n} {UP}" for n in range(2, len(ports) + 2)), kind=NODE)}
    for n, port in enumerate(ports, start=2):
        name = "192.0.2.1" if port is None else f"192.0.2.1.port.{port}"
        tables[f"n{n}"] = table(f"n{n}", f"{name} {UP}", kind=NODE)
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in range(1, len(ports) + 2)]
    resources = cluster(*nodes, BGPConfiguration(name="default", listen_port=listen_port))
    return case_of(gathered(tables, resources=resources))


@pytest.mark.parametrize(
    ("ports", "listen_port", "port"),
    [
        ((None, None), None, ListenPort(179)),
        ((None, None), 1790, ListenPort(1790, SET_BY)),
        # What most rows name.
        ((1800, 1801, 1801), None, ListenPort(1801)),
        ((1801, 1801, 1800), None, ListenPort(1801)),
        # Of equal ones that of the first session.
        ((1801, 1800), None, ListenPort(1801)),
        # Where nobody dials it the resources tell.
        ((), 1790, ListenPort(1790, SET_BY)),
        ((), None, ListenPort(179)),
    ],
)
def test_the_port_that_peers_dial(ports, listen_port, port):
    made = case(*ports, listen_port=listen_port)
    assert dialled_port(made, "n1", made.up_keys("n1")) == port


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (ListenPort(179), ""),
        (ListenPort(1790), " 1790"),
        (ListenPort(1790, SET_BY), f" 1790 ({SET_BY})"),
        (ListenPort(179, SET_BY), f" 179 ({SET_BY})"),
    ],
)
def test_a_port_is_worth_a_word_where_it_is_not_bgp_s_own_by_itself(port, words):
    assert unusual(port) == words
