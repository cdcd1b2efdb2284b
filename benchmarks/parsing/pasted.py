"""`python -m benchmarks pasted`: a log of 200,000 lines with two tables in it costs at most 20 µs of CPU a line.

And an audit of 4,000 tables whose addresses are no known node's costs at most three times what one of 2,000 costs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.answers import ONE_PEER

LINES = 200_000
#: Microseconds of CPU a line.
MOST = 20.0
TABLES = 4_000
#: Twice the tables may cost as many times as much; a look at every two of them costs four times as much.
MOST_GROWTH = 3.0

_KINDS = {
    "calico-node's log": (
        "2026-11-29 07:13:{:02d}.123 [INFO][52] felix/int_dataplane.go 1836: Received update msg=&{{cali1 up}}",
        "bird: Mesh_192_0_2_12: Received: Administrative shutdown",
        "2026-11-29 07:13:{:02d}.456 [INFO][48] confd/client.go 966: Recompute BGP peerings: node updated",
    ),
    "syslog": (
        "Nov 29 07:13:{:02d} node1 kubelet[811]: I1129 07:13:23.1 811 reconciler.go:211] operation started for volume",
        "Nov 29 07:13:{:02d} node1 sshd[99]: error: kex_exchange_identification: Connection closed by remote host",
        "Nov 29 07:13:{:02d} node1 systemd[1]: Started session of user root.",
    ),
}


def log_of(kinds: Sequence[str]) -> str:
    """A log with a table near its beginning and one at its end."""
    lines = [kinds[number % len(kinds)].format(number % 60) for number in range(LINES)]
    lines[500:500] = ONE_PEER.splitlines()
    return "\n".join([*lines, *ONE_PEER.splitlines(), ""])


def strangers(tables: int) -> Snapshot:
    """So many tables without a name, of which no two have a peer in common, nor does any of them belong to another."""
    answers = (
        ONE_PEER.replace("192.0.2.12  ", f"10.{n // 62_500}.{n // 250 % 250}.{n % 250 + 1}".ljust(12))
        for n in range(tables)
    )
    return snapshot_from_pasted(parse_pasted("".join(answers)))


def _growth(rounds: int) -> float:
    """How many times what an audit of half of the tables costs one of all costs."""
    costs = []
    for tables in (TABLES // 2, TABLES):
        snapshot = strangers(tables)
        took = []
        for _ in range(rounds):
            began = time.process_time()
            audit(snapshot)
            took.append(time.process_time() - began)
        costs.append(min(took))
    return costs[1] / costs[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pasted", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    met = True
    for title, kinds in _KINDS.items():
        text = log_of(kinds)
        costs = []
        for _ in range(rounds):
            began = time.process_time()
            statuses = parse_pasted(text)
            costs.append((time.process_time() - began) / LINES * 1e6)
            assert sum(len(status.peers) for status in statuses) >= 2, "the tables are not found"
        cost = min(costs)
        met = met and cost <= MOST
        print(f"{title}, {LINES:,} lines: {cost:.1f} µs of CPU a line (at most {MOST:.0f})")
    growth = _growth(rounds)
    print(
        f"audit of {TABLES:,} tables of strangers: {growth:.1f} times that of half as many (at most {MOST_GROWTH:.1f})"
    )
    return 0 if met and growth <= MOST_GROWTH else 1
