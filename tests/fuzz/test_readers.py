"""A short run of every fuzzer, the same each time; `make fuzz` goes on for a minute each."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.__main__ import timed
from tests.fuzz.readers import READERS
from tests.fuzz.strategies import texts


@pytest.mark.parametrize("name", READERS)
def test_a_reader_answers_whatever_it_reads(name):
    reader = READERS[name]

    @settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(texts(reader))
    def read(text):
        timed(reader, text)

    read()
