"""Laws of the parsers: fast path = textfsm, written tables come back, nothing crashes, nothing takes long."""

from __future__ import annotations

import string
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calico_bgp.errors import ParseError
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.bird.birdc import GRAMMAR as BIRD_GRAMMAR
from calico_bgp.parse.bird.birdc import node_status_from_bird
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.pasted.reader import parse_pasted
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.parse.status.rows import GRAMMAR, read_row
from calico_bgp.parse.status.since import resolve_since

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
STATUS_LINES = sorted({line for path in CAPTURES.glob("v*/*/*.std*.txt") for line in path.read_text().splitlines()})
BIRD_LINES = sorted({line for path in CAPTURES.glob("birdc/*/*.txt") for line in path.read_text().splitlines()})

MESSAGES = ("Bad peer AS", "Hold timer expired", "Unexpected message in OpenSent state", "No route to host", "Cease")
TYPES = (PeerType.MESH, PeerType.GLOBAL, PeerType.NODE)


@st.composite
def peers(draw: st.DrawFn, family: Family) -> Peer:
    """A peer as calicoctl would show it."""
    version = 4 if family is Family.IPV4 else 6
    number = draw(st.integers(1, 2 ** (32 if version == 4 else 128) - 1))
    address = IPv4Address(number) if version == 4 else IPv6Address(number)
    port = draw(st.none() | st.integers(1, 65535))
    mark = "." if version == 4 else ":"
    text = str(address) if port is None else f"{address}{mark}port{mark}{port}"
    state = draw(st.sampled_from(BGPState))
    error = draw(st.none() | st.builds(PeerError, st.sampled_from(ErrorClass), st.sampled_from(MESSAGES)))
    info = state.value if error is None else f"{state.value} {error.error_class.value}: {error.message}"
    since = draw(st.times().map(lambda time: f"{time:%H:%M:%S}") | st.dates().map(str))
    return Peer(
        family=family,
        address=address,
        address_text=text,
        port=port,
        peer_type=draw(st.sampled_from(TYPES)),
        protocol_state=draw(st.sampled_from(["up", "start", "wait", "feed", "stop"])),
        bgp_state=state,
        since=since,
        info=info,
        error=error,
    )


def written(peers: list[Peer], family: Family, *, wrapped: bool) -> str:
    """The table as v3.32 (wrapped at 30 columns) or v3.33 prints it."""
    if not peers:
        return f"\n{family.label} BGP status\nNo {family.label} peers found.\n"
    lines = [["PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO"]]
    for peer in peers:
        info = wrap(peer.info) if wrapped else [peer.info]
        lines.append([peer.address_text, str(peer.peer_type), peer.protocol_state, peer.since or "", info[0]])
        lines += [["", "", "", "", more] for more in info[1:]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    border = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    rows = ["| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in lines]
    if wrapped:
        rows[0] = "| " + " | ".join(map(str.center, lines[0], widths)) + " |"
    return "\n".join(["", f"{family.label} BGP status", border, rows[0], border, *rows[1:], border, ""])


def wrap(info: str) -> list[str]:
    lines = [""]
    for word in info.split():
        if len(lines[-1]) + 1 + len(word) > 30 and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


tables = st.tuples(st.lists(peers(Family.IPV4), max_size=6), st.lists(peers(Family.IPV6), max_size=6), st.booleans())


def text_of(table: tuple[list[Peer], list[Peer], bool]) -> str:
    v4, v6, wrapped = table
    both = written(v4, Family.IPV4, wrapped=wrapped) + written(v6, Family.IPV6, wrapped=wrapped)
    return f"Calico process is running.\n{both}\n"


def mutated(line: str, edits: list[tuple[int, int, str]]) -> str:
    for position, length, text in edits:
        at = position % (len(line) + 1)
        line = line[:at] + text + line[at + length :]
    return line


edits = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.integers(0, 12),
        st.sampled_from(["", "|", "||", " ", "  ", "+", "-", ":", ".", "x", "é", "6"]),
    ),
    max_size=4,
)


@given(st.sampled_from(STATUS_LINES), edits)
def test_fast_path_is_textfsm_on_status_lines(line, edits):
    line = clean_line(mutated(line, edits))
    assert dict(GRAMMAR.read(line)) == GRAMMAR.read_with_textfsm(line)


@given(st.sampled_from(BIRD_LINES), edits)
def test_fast_path_is_textfsm_on_birds_lines(line, edits):
    line = clean_line(mutated(line, edits))
    assert dict(BIRD_GRAMMAR.read(line)) == BIRD_GRAMMAR.read_with_textfsm(line)


@given(tables)
def test_fast_path_is_textfsm_on_tables(table):
    for line in split_lines(text_of(table)):
        assert dict(GRAMMAR.read(clean_line(line))) == GRAMMAR.read_with_textfsm(clean_line(line))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_fast_path_is_textfsm_on_any_line(text):
    line = clean_line(split_lines(text)[0])
    assert dict(GRAMMAR.read(line)) == GRAMMAR.read_with_textfsm(line)


@given(tables)
def test_what_is_written_comes_back(table):
    v4, v6, _ = table
    status = parse_node_status(text_of(table), strict=True)
    assert list(status.peers) == v4 + v6
    assert (status.complete, len(status.daemons), status.felix_running) == (True, 2, True)
    assert parse_pasted(text_of(table), strict=True) == (status,)


@given(st.lists(peers(Family.IPV4), min_size=1, max_size=4))
def test_shared_rows_are_the_rows_read_alone(rows):
    for line in written(rows, Family.IPV4, wrapped=False).splitlines():
        first = read_row(line)
        assert read_row(line) is first  # remembered
        if first is not None:
            assert first == Peer(**{name: getattr(first, name) for name in Peer.__dataclass_fields__})


@given(st.lists(peers(Family.IPV4) | peers(Family.IPV6), max_size=6))
def test_birds_rows_come_back(rows):
    names = {PeerType.MESH: "Mesh", PeerType.GLOBAL: "Global", PeerType.NODE: "Node"}
    for family in Family:
        mine = [peer for peer in rows if peer.family is family]
        lines = ["0001 BIRD v1.6.8 ready.", "2002-name     proto    table    state  since       info"]
        for index, peer in enumerate(mine):
            name = f"{names[peer.peer_type]}_{peer.address_text.replace('.', '_').replace(':', '_')}"
            lines.append(
                f"{' ' if index else '1002-'}{name} BGP  master  {peer.protocol_state}  {peer.since}  {peer.info}"
            )
        status = node_status_from_bird({family: "\n".join([*lines, "0000 ", ""])})
        assert list(status.peers) == mine
        assert (status.complete, status.messages, status.unrecognised) == (True, (), ())


junk = st.text(alphabet=st.sampled_from(string.printable + "│─\x1b\x00\u202e\ud800é"), max_size=300) | st.lists(
    st.sampled_from(
        [*STATUS_LINES, "```", "> ", "root@node1:~# calicoctl node status", "[x]$ calicoctl node status", "<pre>"]
    ),
    max_size=12,
).map("\n".join)


address_texts = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded)
    | st.text(alphabet="0123456789abcdefgF:.%_+ \u0663", max_size=12)
    | st.lists(st.sampled_from(["", "0", "00", "1", "255", "256", "ffff", "fffff", "1.2.3.4"]), max_size=9).map(
        ":".join
    )
    | st.lists(st.sampled_from(["", "0", "01", "1", "255", "256", "-1", "+1", "1e1", "\u0663"]), max_size=5).map(
        ".".join
    )
)


@given(address_texts, edits)
def test_addresses_are_those_of_ipaddress(text, edits):
    text = mutated(text, edits)
    try:
        expected = ip_address(text)
    except ValueError:
        expected = None
    assert read_address(text) == expected


@given(junk, st.text(max_size=20), st.integers(0, 400))
@example("IPv4 BGP status\n|||||||\n", "", 0)
def test_nothing_crashes(text, more, at):
    text = text[:at] + more + text[at:]
    for status in (parse_node_status(text), *parse_pasted(text)):
        for peer in status.peers:
            assert peer.address_text.isprintable()
            assert peer.info.isprintable()
        assert all(
            line.text.isprintable() and 1 <= line.line <= text.count("\n") + text.count("\r") + 1
            for line in status.unrecognised
        )
        assert status.node is None or status.node.isprintable()
        assert type(status).model_validate_json(status.model_dump_json()) == status
    node_status_from_bird({Family.IPV4: text, Family.IPV6: text})
    with suppress(ParseError):
        parse_pasted(text, strict=True)


HOSTILE = (
    "Error querying BIRD: IPv4 BGP ",
    "None of the BGP backend processes ",
    "INFO: BIRDv4 process is not ",
    "|",
    "| ",
    " |",
    "a|",
    "a |b ",
    " ",
    "a ",
    "-",
    "-|",
    "[1;",
    "\x1b[",
    "1.1.1.1 ",
    "#",
    "> ",
    "`",
    "*",
    "root@a:~# ",
    "ssh -o ",
)


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(30)
def test_time_is_linear(piece):
    """On a line of 200,000 characters a rule that tries things twice would run for minutes; these take milliseconds."""
    text = "IPv4 BGP status\n" + piece * (200_000 // len(piece)) + "x"
    assert parse_node_status(text).daemon(Family.IPV4) is not None
    assert parse_pasted(text)[0].daemon(Family.IPV4) is not None
    assert node_status_from_bird({Family.IPV4: text}).peers == ()


@given(st.floats(0, 3e8), st.integers(0, 400_000), st.sampled_from([0, 1]))
def test_since_holds_the_instant_that_bird_meant(moment, age, jitter):
    changed = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)
    now = changed + timedelta(seconds=age)
    shown = changed.replace(microsecond=0) + timedelta(seconds=jitter)
    since = f"{shown:%H:%M:%S}" if age < 20 * 3600 else f"{shown:%Y-%m-%d}"
    found = resolve_since(since, now)
    assert found is not None
    slack = timedelta(seconds=1) if len(since) == 10 else timedelta(0)
    assert found.earliest - slack <= changed <= found.latest
    assert found.latest <= now
    assert len(since) == 10 or found.latest - found.earliest <= timedelta(seconds=3)
