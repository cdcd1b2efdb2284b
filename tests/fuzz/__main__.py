"""`python -m tests.fuzz [--seconds N] [READER...]`: feeds the readers with what they do not expect."""

import argparse
import sys
import time

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.readers import READERS, Reader, check
from tests.fuzz.strategies import texts

ROUND = 300


def timed(reader: Reader, text: str) -> None:
    """Read one text; the time is CPU time, which a busy machine does not lengthen."""
    begun = time.thread_time()
    check(reader, text, lambda: time.thread_time() - begun)


def fuzz(name: str, seconds: float, first: int) -> tuple[int, BaseException | None]:
    """How many texts were read until the time was up, or until one was answered wrongly."""
    reader = READERS[name]
    count = 0
    end = time.monotonic() + seconds
    number = first
    while time.monotonic() < end:
        number += 1

        @seed(number)
        @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(texts(reader))
        def read(text: str) -> None:
            nonlocal count
            if time.monotonic() < end:
                count += 1
                timed(reader, text)

        try:
            read()
        except Exception as error:  # noqa: BLE001 - whatever a reader raises is what is sought
            return count, error
    return count, None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("readers", nargs="*", choices=[*READERS, []], metavar="READER")
    asked = parser.parse_args()
    failed = 0
    for name in asked.readers or READERS:
        count, error = fuzz(name, asked.seconds, asked.seed)
        print(f"{name:15} {count:8,} texts  {'ok' if error is None else 'FAILED'}", flush=True)
        if error is not None:
            failed += 1
            print(f"  {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n  ", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
