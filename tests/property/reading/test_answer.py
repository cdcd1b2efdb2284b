"""Laws of the framed answer: whatever a node prints comes back as it was, and no text breaks the reader."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.frame import frame_answer, new_marker, parse_answer
from calico_bgp.parse.answer.values import Answer, BirdAnswer

MARKER = new_marker()

# A line break before a marker is the frame's own; the program's last one is kept apart from it.
texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=60)
words = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z")
v4 = st.integers(0xC0000201, 0xC00002FE).map(IPv4Address)
v6 = st.integers(1, 0xFFFF).map(lambda n: IPv6Address(0x20010DB8 << 96 | n))
clocks = st.builds(
    lambda moment, minutes: moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone comes with the next line
    st.sampled_from([0, 60, -300, 345]),
)
birds = st.builds(BirdAnswer, st.sampled_from(Family), words, st.integers(0, 255), texts)
answers = st.builds(
    Answer,
    node=st.none() | words,
    hostname=st.none() | words,
    clock=st.none() | clocks,
    addresses=st.lists(v4 | v6, unique=True, max_size=4).map(tuple),
    rights=st.none() | st.sampled_from(["root", "sudo", "none"]),
    processes=st.none() | st.frozensets(st.sampled_from(["felix", "bird", "bird6"])),
    calicoctl=st.none() | words.map(lambda word: f"/opt/{word}"),
    stdout=st.none() | texts,
    stderr=texts,
    exit_code=st.none() | st.integers(0, 255),
    sockets=st.lists(st.tuples(st.sampled_from(Family), words.map(lambda word: f"/run/{word}")), max_size=2).map(tuple),
    birds=st.lists(birds, max_size=3).map(tuple),
    version=st.none() | words,
)


@given(answers, texts, texts)
def test_what_is_framed_comes_back(answer: Answer, before: str, after: str) -> None:
    assert parse_answer(f"{before}{frame_answer(MARKER, answer)}{after}", MARKER) == answer


@given(answers, st.data())
def test_a_cut_answer_never_says_more_than_the_whole(answer: Answer, data: st.DataObject) -> None:
    text = frame_answer(MARKER, answer)
    cut = parse_answer(text[: data.draw(st.integers(0, len(text)))], MARKER)
    if cut is None or cut.complete:
        return
    for name in ("node", "hostname", "clock", "processes", "version", "exit_code", "rights", "calicoctl"):
        assert getattr(cut, name) in (None, getattr(answer, name)), name
    assert cut.stdout is None or f"{answer.stdout}\n".startswith(cut.stdout)
    assert f"{answer.stderr}\n".startswith(cut.stderr)
    assert len(cut.birds) <= len(answer.birds)
    assert set(cut.addresses) <= {*answer.addresses, *cut.addresses[-1:]}


@given(
    st.text(max_size=200), st.lists(st.sampled_from([f"\n{MARKER} ", "bird ", "socket ipv4 ", "exit 9", "\n", "end"]))
)
def test_no_text_breaks_the_reader(noise: str, pieces: list[str]) -> None:
    parse_answer(noise + f"\n{MARKER} begin 1\n" + "".join(pieces) + noise, MARKER)
