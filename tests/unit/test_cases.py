"""Every case of tests/fixtures/cases is as its case.toml says; see tests/cases.py. `make public-cases` runs these."""

from collections import Counter

import pytest

from tests.cases import all_cases, wrong

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case(case, run_cli, monkeypatch, request):
    monkeypatch.chdir(case.folder)
    assert not list(wrong(case, run_cli))
    golden = case.folder / "stdout.txt"
    if golden.is_file():
        stdin = None if case.stdin is None else (case.folder / case.stdin).read_bytes()
        printed = run_cli(*case.command, stdin=stdin).stdout
        if request.config.getoption("--update"):
            golden.write_text(printed, encoding="utf-8")
        assert printed == golden.read_text(encoding="utf-8")


def test_half_of_the_cases_are_sound():
    # Who says "unknown" to everything must fail.
    of_subject = Counter(case.subject for case in CASES)
    sound = Counter(case.subject for case in CASES if case.sound)
    assert {subject: number for subject, number in of_subject.items() if sound[subject] * 2 < number} == {}
