"""For the configurations and faults of the captures, the lab's rows are those that real BIRDs and calicoctl printed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.protocols import NodeTable
from calico_bgp.lab.printing.render import render_show_protocols
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.parse.status.node import parse_node_status

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

# Where the moment decides what a dialling end shows: it goes round Idle, Connect and Active, and keeps the old error
# until the first try has failed. Whatever of a set was captured, the lab may show any other of it.
_REFUSED = {"Active Socket: Connection refused", "Idle Socket: Connection refused"}
_NO_ANSWER = {"Active Socket: Connection timed out", "Connect Socket: Connection timed out"}
_UNPLUGGED = _NO_ANSWER | {"Connect Socket: No route to host", "Connect BGP Error: Hold timer expired"}
ALTERNATIVES = {
    "link_down_t15": _UNPLUGGED,
    "rr_one_down": _REFUSED,
    "wrong_password_t15": _NO_ANSWER,
    "odd_peers_t09": _NO_ANSWER,
}


def tables_of(scenario) -> tuple[NodeTable, ...]:
    age = timedelta(hours=30) if scenario.name == "since_date_mixed" else timedelta(hours=1)
    steps = [Epoch(NOW - age)]
    steps += [Epoch(NOW - timedelta(minutes=30 - i), faults) for i, faults in enumerate(scenario.history)]
    return lab_tables(scenario.cluster, steps, NOW)


def settled(info: str, scenario) -> str:
    """The INFO, or one name for all that the moment decides among."""
    return "(depends on the moment)" if info in ALTERNATIVES.get(scenario.name, ()) else info


@pytest.mark.parametrize("layout", list(Layout))
def test_rows_equal_the_captures(scenario, layout, fixtures):
    folder = fixtures / "captures" / layout.value / scenario.name
    compared = 0
    for table in tables_of(scenario):
        # link_down: what the unplugged node shows was saved as .local, for nobody could log in.
        paths = [folder / f"{table.node}.local.stdout.txt", folder / f"{table.node}.stdout.txt"]
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            continue
        status = parse_node_status(path.read_text(), source=path.name)
        ours = [
            (p.family, p.address, p.address_text, p.peer_type, p.protocol_state, settled(p.info, scenario))
            for p in table.status.peers
        ]
        theirs = [
            (p.family, p.address, p.address_text, p.peer_type, p.protocol_state, settled(p.info, scenario))
            for p in status.peers
        ]
        assert ours == theirs, path
        if status.daemons and len(status.daemons) == len(table.families):
            assert [d.state for d in status.daemons] == [t.state for t in table.families]
        compared += 1
    assert compared == len(scenario.captured_nodes)


def test_birdc_equals_the_captures(scenario, fixtures):
    folder = fixtures / "captures" / "birdc" / scenario.name
    compared = 0
    for table in tables_of(scenario):
        for family in table.families:
            path = folder / f"{table.node}.v{family.family.value[-1]}.txt"
            if not path.exists() or scenario.name == "socket_missing":  # there, birdc found the socket elsewhere
                continue
            assert _lines(render_show_protocols(family), scenario) == _lines(path.read_text(), scenario), path
            compared += 1
    assert compared or scenario.name in ("no_bgp_newstyle", "socket_missing")


def _lines(text: str, scenario) -> list[str]:
    """The lines byte for byte, but for SINCE and for what the moment decides."""
    lines = re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", text).splitlines(keepends=True)
    infos = [line.rpartition("HH:MM:SS")[2] for line in lines]
    return [
        line if settled(" ".join(info.split()), scenario) == " ".join(info.split()) else line.replace(info, "?")
        for line, info in zip(lines, infos, strict=True)
    ]


def test_every_capture_with_a_truth_is_compared(fixtures, scenarios):
    folders = {path.parent.name for path in (fixtures / "captures").glob("v3.3?/*/truth.json")}
    assert folders == {scenario.name for scenario in scenarios}


def test_rows_of_hidden_protocols_are_counted(scenarios):
    """odd_peers: five of node1's IPv4 protocols are not shown: two workloads, two odd names, one disabled."""
    odd = next(s for s in scenarios if s.name == "odd_peers_t09")
    node1 = tables_of(odd)[0]
    assert [p.name for p in node1.families[0].hidden] == [
        "Local_Workload_192_0_2_12_port_1791",
        "Local_Workload_192_0_2_13",
        "uplink1",
        "Nodeless_192_0_2_196",
        "Node_192_0_2_195",
    ]
