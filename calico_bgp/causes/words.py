"""Words that the families of causes share: rows as evidence, and by how many something is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calico_bgp import shell_words
from calico_bgp.causes.case import Case
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.reasons import row_text
from calico_bgp.cluster.sessions.session import End, SessionKey
from calico_bgp.messages.words import count, first_lines, plural, some
from calico_bgp.model.peer import Family, Peer, family_of, only_family
from calico_bgp.natural_order import natural_key
from calico_bgp.upstream import BGP_PORT

_SHOWN = 6


def rows_about(case: Case, name: str, keys: Collection[SessionKey]) -> tuple[str, ...]:
    """What the far ends show about a node, then what it shows itself; the first few rows."""
    rows = [(end, row) for end in _ends_in_order(case, keys) for row in end.rows]
    return _first(sorted(rows, key=lambda row: row[0].name == name))


def rows_of(case: Case, keys: Collection[SessionKey]) -> tuple[str, ...]:
    """What both ends show about some sessions; the first few rows."""
    rows: list[tuple[End, Peer | None]] = []
    for end in _ends_in_order(case, keys):
        rows += [(end, row) for row in end.rows] or ([(end, None)] if end.lacks_row else [])
    return _first(rows)


def _ends_in_order(case: Case, keys: Collection[SessionKey]) -> Iterator[End]:
    place = {name: natural_key(name) for name in {name for key in keys for name in (key.a, key.b)}}
    for key in sorted(keys, key=lambda key: (key.family, place[key.a], place[key.b])):
        yield from case.cluster.session(*key).ends


def told_by(case: Case, name: str, keys: Collection[SessionKey]) -> str:
    """`5 of its 5 peers show it Established`."""
    up = {key.far(name) for key in keys if case.cluster.session(*key).end(key.far(name)).is_up}
    return f"{count(len(up), 'peer')} {'shows' if len(up) == 1 else 'show'} it Established"


def address_of(case: Case, name: str, family: Family) -> str | None:
    """The address of a node by which its peers dial it, as far as one is known."""
    addresses = case.cluster.identity.addresses.get(name, ())
    dialled = [address for address in addresses if family_of(address) is family]
    return str(dialled[0]) if dialled else None


def host_of(case: Case, name: str, family: Family) -> str:
    """The word of a command by which a node is found from another one: its address, else its name."""
    return shell_words.host(address_of(case, name, family) or name)


def in_one_family(case: Case, keys: Collection[SessionKey]) -> str:
    """` over IPv4`, where the cluster has both families and only the sessions of one are meant; else nothing."""
    family = only_family({key.family for key in keys})
    return f" over {family.label}" if family is not None and len(case.cluster.families) > 1 else ""


def files_of(families: Collection[Family]) -> str:
    """BIRD's configuration files of some families: `bird.cfg and bird6.cfg`."""
    files = {Family.IPV4: "bird.cfg", Family.IPV6: "bird6.cfg"}
    return " and ".join(files[family] for family in Family if family in families)


def tcp_port(case: Case, keys: Collection[SessionKey]) -> str:
    """`TCP port 179`, or those that the resources set, with what sets them; of the ends that are nodes."""
    cluster = case.cluster
    ends = ((key, name) for key in keys for name in (key.a, key.b) if name in cluster.by_name)
    ports = sorted(map(str, {dialled(cluster, key, name) for key, name in ends})) or [str(BGP_PORT)]
    return f"TCP port{plural(ports)} {some(ports)}"


def _first(rows: Sequence[tuple[End, Peer | None]]) -> tuple[str, ...]:
    """The first few in words; None stands for a row that an end lacks."""
    lines = [f"{end.name} shows no row for it" if row is None else row_text(end.name, row) for end, row in rows]
    return first_lines(lines, _SHOWN)
