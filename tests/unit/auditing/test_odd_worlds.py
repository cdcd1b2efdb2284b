"""Clusters that nobody would make by hand: nothing fails, and every answer is what it was.

A line of a golden file is a world: its number, the verdict, the kinds of its causes, and a digest of each answer.
Where one changes, `python -m tests.odd.answers NUMBER` prints them all: once before the change and once after it.
"""

from hashlib import sha256

import pytest
import yaml

from tests.odd.answers import answers

WORLDS, TOGETHER = 800, 20
#: libyaml's reads some of these ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line(number):
    found = dict(answers(number))
    audited = yaml.load(found["audit"], _LOADER)
    assert not [reason for reason in audited.get("doubts", ()) if "failed" in reason], found["audit"]
    kinds = " ".join(cause["kind"] for cause in audited.get("causes", ())) or "no cause"
    digests = " ".join(f"{name}:{sha256(text.encode()).hexdigest()[:8]}" for name, text in found.items())
    return f"{number} {audited['verdict']}, {kinds}: {digests}"


@pytest.mark.parametrize("first", range(0, WORLDS, TOGETHER))
def test_odd_worlds(first, golden):
    lines = [line(number) for number in range(first, first + TOGETHER)]
    golden("\n".join([*lines, ""]), f"{first:04}.txt")
