from dataclasses import replace

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import Daemon, DaemonState
from calico_bgp.report.text.picture import MOST_NODES, Cell, matrices


def draw(matrix):
    return ["".join(cell.symbol(unicode=False) for cell in row.cells) for row in matrix.rows]


def test_outage(outage):
    (matrix,) = matrices(*outage)
    assert draw(matrix) == [" x****", "x xxx.", "*x ...", "*x. ..", "*x.. .", "????? "]
    assert matrix.rows[1].note == "BIRD not running"
    assert matrix.legend == [Cell.ESTABLISHED, Cell.DOWN, Cell.NONE, Cell.UNKNOWN]


def test_a_row_that_only_the_far_end_shows_is_missing(healthy):
    report, snapshot = healthy
    first = snapshot.readings[0]
    first = first.model_copy(update={"status": first.status.model_copy(update={"peers": first.peers[1:]})})
    (matrix,) = matrices(report, snapshot.model_copy(update={"readings": (first, *snapshot.readings[1:])}))
    assert draw(matrix) == [" o*", "* *", "** "]


def test_an_unreachable_bird_is_unknown(healthy):
    report, snapshot = healthy
    first = snapshot.readings[0]
    status = first.status.model_copy(
        update={"peers": (), "daemons": (Daemon(Family.IPV4, DaemonState.UNREACHABLE),)},
    )
    readings = (first.model_copy(update={"status": status}), *snapshot.readings[1:])
    (matrix,) = matrices(report, snapshot.model_copy(update={"readings": readings}))
    assert draw(matrix)[0] == " ??"


def test_graceful_restart_has_its_own_symbol(healthy):
    report, snapshot = healthy
    first = snapshot.readings[0]
    peers = (replace(first.peers[0], protocol_state="wait"), *first.peers[1:])
    first = first.model_copy(update={"status": first.status.model_copy(update={"peers": peers})})
    (matrix,) = matrices(report, snapshot.model_copy(update={"readings": (first, *snapshot.readings[1:])}))
    assert draw(matrix)[0] == " w*"


def test_equal_families_share_a_picture(healthy):
    report, snapshot = healthy
    topology = report.topology.model_copy(update={"families": (Family.IPV4, Family.IPV6)})
    daemons = tuple(Daemon(family, DaemonState.RUNNING) for family in Family)
    readings = tuple(
        r.model_copy(update={"status": r.status.model_copy(update={"daemons": daemons})}) for r in snapshot.readings
    )
    snapshot = snapshot.model_copy(update={"readings": readings})
    found = matrices(report.model_copy(update={"topology": topology}), snapshot)
    assert [m.families for m in found] == [(Family.IPV4,), (Family.IPV6,)]  # IPv6 has no peer here


def test_a_big_cluster_has_none(healthy):
    report, snapshot = healthy
    nodes = tuple(replace(report.topology.nodes[0], name=f"n{i}") for i in range(MOST_NODES + 1))
    topology = report.topology.model_copy(update={"nodes": nodes})
    assert matrices(report.model_copy(update={"topology": topology}), snapshot) == []


def test_a_node_without_known_address_may_be_any_other_peer(healthy):
    report, snapshot = healthy
    nodes = tuple(replace(n, addresses=()) if n.name == "node3" else n for n in report.topology.nodes)
    topology = report.topology.model_copy(update={"nodes": nodes})
    (matrix,) = matrices(report.model_copy(update={"topology": topology}), snapshot)
    assert draw(matrix) == [" *?", "* ?", "** "]
    assert matrix.rows[0].note == "1 of 1 other peer Established"


def test_a_family_of_which_little_is_known_has_none(healthy):
    report, snapshot = healthy
    assert matrices(report, snapshot.model_copy(update={"readings": ()})) == []
    assert len(matrices(report, snapshot.model_copy(update={"readings": snapshot.readings[:1]}))) == 1
