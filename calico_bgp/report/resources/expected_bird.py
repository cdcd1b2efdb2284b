"""Expected peers as the `protocol bgp` blocks of BIRD 1.6 that Calico's confd would write. Nothing else of bird.cfg.

confd/etc/calico/confd/templates/bird.cfg.template. Router ID, filters, timers and passwords are not in here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.report.text.sanitize import plain

_FILES = {Family.IPV4: "bird.cfg", Family.IPV6: "bird6.cfg"}


def expected_to_bird(expectation: Expectation, families: Collection[Family] = tuple(Family)) -> Iterator[str]:
    """The blocks in pieces, a node and family each, under a comment that says whose they are."""
    for node, peers in expectation.peers.items():
        for family in Family:
            of_family = [peer for peer in peers if peer.family is family]
            if family in families and (of_family or len(families) == 1):
                yield f"# {_FILES[family]} of {plain(node)}\n" + "".join(map(bird_block, of_family))


def bird_block(peer: ExpectedPeer) -> str:
    """One protocol. BIRD takes it as it is, without Calico's template."""
    port = "" if peer.port is None else f" port {peer.port}"
    lines = [
        *(f"# {plain(str(because))}" for because in peer.because),
        f"protocol bgp {peer.name} {{",
        f"  local as {peer.local_as};",
        f"  neighbor {peer.address}{port} as {peer.peer_as};",
        "  multihop;",
    ]
    if peer.passive:
        lines.append("  passive on;")
    if peer.reflector_client:
        lines += ["  rr client;", f"  rr cluster id {plain(str(peer.cluster_id))};"]
    if peer.next_hop is not None:
        lines.append(f"  next hop {peer.next_hop};")
    if peer.allowed_local_as:
        lines.append(f"  allow local as {peer.allowed_local_as};")
    return "\n".join([*lines, "}\n"])
