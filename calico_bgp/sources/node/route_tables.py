"""From the texts of tables to a node's routes. What a route is good for is not judged here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.table import RouteTable, TableHash
from calico_bgp.parse.answer.values import TableText
from calico_bgp.parse.bird.table import ReadTable, parse_bird_table
from calico_bgp.parse.kernel_routes import parse_kernel_table
from calico_bgp.parse.reduced_tables import printed, read_reduced

#: Lines of one table that are read. A path of BIRD has one or two: 5,000 nodes with four blocks each come to 40,000.
_MOST_LINES = 100_000


def route_tables(texts: Iterable[TableText]) -> tuple[RouteTable, ...]:
    """What the tables hold, a value for each family of which one came.

    Of a table whose routes through gateways came as a hash there are the others.
    """
    by_kind = {(text.family, text.is_kernel): text for text in texts}
    families = [family for family in Family if (family, False) in by_kind or (family, True) in by_kind]
    return tuple(_table(family, by_kind.get((family, False)), by_kind.get((family, True))) for family in families)


def _table(family: Family, bird: TableText | None, kernel: TableText | None) -> RouteTable:
    not_read: list[str] = []
    is_comparable = bird is not None and bird.is_reduced
    bird, bird_hash = _unpacked(bird)
    birds = None if bird is None else parse_bird_table(bird.text, most_lines=_MOST_LINES)
    if bird is None:
        not_read.append("BIRD's table could not be asked for")
    elif birds is not None and (why := _why(bird, birds)) is not None:
        not_read.append(f"BIRD's table {why}")
    kernel, kernel_hash = _unpacked(kernel)
    routes = None if kernel is None else parse_kernel_table(kernel.text, family, most_lines=_MOST_LINES)
    if kernel is None or routes is None or (not routes.routes and kernel.exit_code != 0):
        not_read.append("the kernel's routes could not be read (`ip route`)")
        routes = None
    elif kernel.exit_code != 0 or routes.unrecognised:
        not_read.append("the kernel's routes did not come whole")
    is_whole = birds is not None and bird is not None and birds.is_whole and bird.exit_code == 0
    kernel_is_whole = routes is not None and kernel is not None and not routes.unrecognised and kernel.exit_code == 0
    return RouteTable(
        family,
        bird=birds.routes if birds is not None and birds.is_answer else None,
        kernel=None if routes is None else routes.routes,
        bird_is_whole=is_whole and bird_hash is None,
        kernel_is_whole=kernel_is_whole and kernel_hash is None,
        not_read="; ".join(not_read) or None,
        wireguard_is_read=routes is not None and routes.has_wireguard,
        is_comparable=is_comparable,
        bird_hash=bird_hash if is_whole or bird_hash is None else replace(bird_hash, sha256=""),
        kernel_hash=kernel_hash if kernel_is_whole or kernel_hash is None else replace(kernel_hash, sha256=""),
    )


def _unpacked(text: TableText | None) -> tuple[TableText | None, TableHash | None]:
    """The text as if it had been printed; and the hash, where it stands for routes that are not in the text."""
    if text is None or not text.is_reduced:
        return text, None
    read = read_reduced(text.text)
    is_whole = read.is_whole
    code = read.exit_code if read.sha256 is not None and (is_whole or not read.has_gateways) else None
    plain = TableText(text.family, text.is_kernel, "\n".join(map(printed, read.lines)), code)
    if is_whole or read.has_gateways:
        return plain, None
    # Without its end nobody knows of what it is the hash.
    return plain, TableHash(read.sha256 or "" if code == 0 else "", read.routes, read.shape)


def _why(text: TableText, read: ReadTable) -> str | None:
    if not read.is_answer:
        first_line = next((line.strip() for line in text.text.splitlines() if line.strip()), "nothing")
        return f"could not be read; {first_line[:120]}"
    if text.exit_code is None:
        return "was cut"
    if text.exit_code != 0:
        return f"did not come whole (exit code {text.exit_code})"
    return None if read.is_whole else "was not understood as a whole"
