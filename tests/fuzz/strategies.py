"""Texts for a reader: what it understands, cut and stuck together, repeated, nested, and anything else."""

from hypothesis import strategies as st

from tests.fuzz.readers import Reader

ODD = (
    "\x00", "\x1b[31m", "\x1b]0;", "\x9b", "\x9d", "\u202e", "\u2028", "\ufeff", "\ud800",
    "\r", "\t", " ", "\n", "\x7f",
    "٣", "²", "İ", "-", "9" * 30, "a" * 300,
)  # fmt: skip


def texts(reader: Reader) -> st.SearchStrategy[str]:
    words = st.sampled_from(reader.words + ODD) | st.text(max_size=4)
    soup = st.lists(words, max_size=30).map("".join)
    repeated = st.builds(lambda word, number, end: word * number + end, words, st.integers(1, 2000), words)
    nested = st.builds(lambda one, other, number: one * number + other * number, words, words, st.integers(1, 3000))
    parts = soup | repeated | nested
    return parts | st.builds(_changed, st.sampled_from(reader.seeds), st.integers(0, 10**6), st.integers(0, 60), parts)


def _changed(seed: str, place: int, without: int, part: str) -> str:
    place %= len(seed) + 1
    return seed[:place] + part + seed[place + without :]
