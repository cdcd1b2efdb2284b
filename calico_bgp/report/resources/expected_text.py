"""Expected peers as a table a node, for people, with the reason of each. JSON and BIRD's form have own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from calico_bgp.expect.engine import Expectation
from calico_bgp.messages.words import count
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import CalicoNode
from calico_bgp.report.text.page import Page, TextStyle, rich_plain
from calico_bgp.report.text.sanitize import plain
from calico_bgp.upstream import BGP_PORT

_HEADINGS = ("PEER", "NODE", "TYPE", "AS", "PORT", "DIALS", "ROLE", "BECAUSE")
_SHOWN_TROUBLE = 5
#: Columns from which on reasons fit into the table.
_WIDE = 120


def expected_to_text(expectation: Expectation, style: TextStyle | None = None) -> Iterator[str]:
    """The tables in pieces, a node each, then what is contradictory or refused in the resources."""
    style = style or TextStyle()
    nodes = expectation.resources.nodes_by_name
    for node, peers in expectation.peers.items():
        page = Page(style)
        page.line(Text(plain(node), "bold"), f"  {_node_facts(nodes[node], expectation)}", hang=2)
        if peers:
            _show_peers(page, peers, style)
        else:
            page.line("  no peers")
        page.blank()
        yield page.text()
    yield _summary(expectation, style)


def _node_facts(node: CalicoNode, expectation: Expectation) -> str:
    addresses = [str(address) for family in Family if (address := node.address(family)) is not None]
    own_as = expectation.resources.as_number if node.as_number is None else node.as_number
    facts = [" ".join(addresses) or "no address", f"AS {own_as}"]
    if node.cluster_id:
        facts.append(f"route reflector, cluster ID {plain(node.cluster_id)}")
    return ", ".join(facts)


def _show_peers(page: Page, peers: Sequence[ExpectedPeer], style: TextStyle) -> None:
    """The table. In a narrow one reasons would be cut into syllables: they get numbers, and stand below it."""
    reasons = ["; ".join(map(str, peer.because)) for peer in peers]
    if style.width is None or style.width >= _WIDE:
        page.table(_table(peers, reasons, style))
        return
    numbers = {reason: number for number, reason in enumerate(dict.fromkeys(reasons), start=1)}
    page.table(_table(peers, [f"({numbers[reason]})" for reason in reasons], style))
    for reason, number in numbers.items():
        page.line(plain(f"({number}) {reason}"), indent=2, hang=4)


def _table(peers: Sequence[ExpectedPeer], reasons: Sequence[str], style: TextStyle) -> Table:
    table = Table(box=box.SIMPLE_HEAD if style.unicode else box.ASCII2, pad_edge=False, show_edge=False)
    table.padding = (0, 1, 0, 0) if style.unicode else (0, 1)
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=heading != "BECAUSE", overflow="fold", header_style="bold")
    arrow = "→" if style.unicode else "->"
    for peer, reason in zip(peers, reasons, strict=True):
        table.add_row(*map(rich_plain, (*_cells(peer, arrow), reason)))
    return table


def _cells(peer: ExpectedPeer, arrow: str) -> tuple[str, ...]:
    number = f"{peer.local_as} {arrow} {peer.peer_as}" if peer.local_as != peer.peer_as else str(peer.peer_as)
    return (
        str(peer.address),
        peer.far_node or "external",
        str(peer.peer_type),
        number,
        str(peer.port or BGP_PORT),
        "waits" if peer.passive else "dials",
        "client" if peer.reflector_client else "",
    )


def _summary(expectation: Expectation, style: TextStyle) -> str:
    page = Page(style)
    number = sum(map(len, expectation.peers.values()))
    nodes = len(expectation.peers)
    page.line(
        Text(count(number, "peer"), "bold"),
        f" on {count(nodes, 'node')}, as Calico {expectation.version} would configure them",
    )
    for heading, lines in trouble(expectation).items():
        page.line(Text(heading, "bold red"), hang=2)
        for line in lines[:_SHOWN_TROUBLE]:
            page.line(plain(line), indent=2, hang=2)
        if len(lines) > _SHOWN_TROUBLE:
            page.line(f"and {len(lines) - _SHOWN_TROUBLE:,} more; the lint explains them", indent=2)
    return page.text()


def trouble(expectation: Expectation) -> dict[str, list[str]]:
    """What keeps the resources from meaning one thing, by heading, in words; empty when nothing does."""
    lines_by_heading = {
        "BIRD refuses the configuration, so the node keeps its old one:": [
            f"{r.node} ({r.family.label}), {r.name}: {r.why} - {', '.join(map(str, r.because))}"
            for r in expectation.refusals
        ],
        "Undetermined, for BGPPeers define one peer differently:": [
            f"{c.node or 'every node'}: {c.address}{'' if c.port is None else f' port {c.port}'}"
            f" by {', '.join(c.bgp_peers)} ({', '.join(c.fields)})"
            for c in expectation.conflicts
        ],
        "Two protocols for one neighbour, of which BIRD runs one:": [
            f"{o.node}: {', '.join(o.names)}" for o in expectation.overlaps
        ],
        "Selectors that do not parse and so match nothing:": [
            f"BGPPeer {b.bgp_peer}, {b.field}: {b.error.message}" for b in expectation.bad_selectors
        ],
        "BGPPeers that Calico skips:": [f"BGPPeer {s.bgp_peer}: {s.why}" for s in expectation.skipped],
        "Peers with pods on the node itself, which no table shows:": [
            f"BGPPeer {w.bgp_peer} on {count(len(w.nodes), 'node')}" for w in expectation.workloads
        ],
    }
    return {heading: lines for heading, lines in lines_by_heading.items() if lines}
