"""The faults of `make mutants`: which there are, and that a module with one is what it says."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

from tests.mutants.__main__ import explained
from tests.mutants.experience import Experience
from tests.mutants.mutant import ROOT
from tests.mutants.mutations import mutated, mutations
from tests.mutants.results import share_at_most

SOURCE = '''"""A text is left alone."""
LIMIT = 3

@decorated(limit=5)
def few(names: list[str], *, strict: bool = False) -> bool:
    assert len(names) >= 0
    found = [name for name in names if name]
    if strict and not found:
        raise ValueError("1 < 2")
    return len(found) < LIMIT
'''


def test_which_faults_there_are():
    assert [(fault.line, fault.before, fault.after) for fault in mutations(SOURCE)] == [
        (2, "3", "4"),
        (5, "False", "True"),
        (7, "for name in names if name", "for name in names"),
        (8, "if strict and (not found):", "if False:"),
        (8, "if strict and (not found):", "if True:"),
        (8, "strict and (not found)", "strict or not found"),
        (8, "not found", "found"),
        (10, "len(found) < LIMIT", "len(found) <= LIMIT"),
    ]


CACHES = """
def lengths(names, known):
    for name, other in zip(names, names, strict=True):
        found = known.get(name)
        if found is None:
            found = known[name] = len(other)
        if name not in known:
            known[name] = 0
        if other is None:
            other = name
"""


def test_to_fill_a_cache_each_time_is_no_fault():
    assert [(fault.before, fault.after) for fault in mutations(CACHES) if fault.before.startswith("if ")] == [
        ("if found is None:", "if False:"),
        ("if name not in known:", "if False:"),
        ("if other is None:", "if False:"),
        ("if other is None:", "if True:"),
    ]
    assert not [fault for fault in mutations(CACHES) if "True" in fault.before]


def test_first_go_the_tests_that_noticed_most_nearby_per_second():
    experience = Experience()
    for place, test in [
        ("plan/mesh.py", "test_slow"),
        ("plan/mesh.py", "test_quick"),
        ("plan/other.py", "test_beside"),
        *[("rules/far.py", "test_far")] * 3,
        ("plan/mesh.py", "test_of_other_lines"),
    ]:
        experience.add(place, test)
    tests = ["test_new", "test_far", "test_beside", "test_slow", "test_quick"]
    seconds = {"test_slow": 2.0} | dict.fromkeys(["test_quick", "test_beside", "test_far"], 0.1)
    assert experience.first("plan/mesh.py", tests, seconds) == ["test_quick", "test_beside", "test_far", "test_slow"]


def test_a_module_has_the_one_fault():
    for fault in mutations(SOURCE):
        made = ast.unparse(mutated(SOURCE, fault.number))
        whole = ast.unparse(ast.parse(SOURCE))
        changed = [line for line, old in zip(made.split("\n"), whole.split("\n"), strict=True) if line != old]
        assert len(changed) == 1
        assert fault.after in changed[0]


JUDGED = """LIMIT = 2


def few(names):
    return len(names) < LIMIT


def spare(names):
    return not names


def last(names):
    place = 0
    while place + 1 < len(names):
        place += 1
    return names[place]


def nobody_asks(names):
    return names or LIMIT
"""
TESTS = """from calico_bgp.plan.judged import few, last, spare


def test_few():
    assert [few("a" * n) for n in range(4)] == [True, True, False, False]


def test_spare():
    spare("a")


def test_last():
    assert [last("abc"[:n]) for n in (1, 2, 3)] == ["a", "b", "c"]
"""
CONFTEST = """from hypothesis import settings

settings.register_profile("calico_bgp", deadline=None)
"""
RUN = "import tests.mutants.child as c, tests.mutants.__main__ as m; c._SECONDS = 1; raise SystemExit(m.main())"


def test_what_no_test_notices_is_told_and_nothing_is_tried_twice(tmp_path):
    files = {
        "calico_bgp/__init__.py": "",
        "calico_bgp/plan/__init__.py": "",
        "calico_bgp/plan/judged.py": JUDGED,
        "tests/conftest.py": CONFTEST,
        "tests/unit/plan/test_judged.py": TESTS,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\npythonpath = "."\n'
        '[tool.coverage.run]\nbranch = true\nrelative_files = true\nsource_pkgs = ["calico_bgp"]\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "tests/mutants").symlink_to(ROOT / "tests/mutants")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    tested = run("-m", "pytest", "-q", "-p", "tests.mutants.seconds", "--cov", "--cov-context=test", "--cov-report=")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    some = run("-c", RUN, "plan", "--results", "results.jsonl", "--sample", "4", "--jobs", "2")
    assert "4 of 10 faults" in some.stdout, some.stdout + some.stderr
    done = run("-c", RUN, "plan", "--results", "results.jsonl")
    assert "10 of 10 faults: 8 noticed, 2 not" in done.stdout, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("SURVIVED")] == [
        "SURVIVED plan/judged.py:20: 'names or LIMIT' -> 'names and LIMIT' (3 of 3 tests)",
        "SURVIVED plan/judged.py:9: 'not names' -> 'names' (1 of 1 tests)",
    ]
    assert done.returncode == 1
    # Each once, and the value that counts when the module is imported once more, anew.
    tried = [
        (line["number"], line["anew"])
        for line in map(json.loads, (tmp_path / "results.jsonl").read_text().splitlines())
    ]
    assert sorted(tried) == [(0, False), (0, True), *((number, False) for number in range(1, 10))]


def test_how_many_may_survive_of_all_where_few_did_of_some():
    """Values of the tables of Clopper and Pearson: none of 59 says 5 %, which is why one draws 59."""
    assert round(share_at_most(0, 59), 3) == 0.05
    assert round(share_at_most(5, 100), 4) == 0.1023
    assert share_at_most(4, 4) == 1


def test_each_survivor_with_a_reason_is_a_fault_of_a_line_that_stands_there():
    for module, line, before, after in explained():
        source = (ROOT / "calico_bgp" / module).read_text("utf-8")
        lines = source.splitlines()
        assert any(
            (lines[fault.line - 1].strip(), fault.before, fault.after) == (line, before, after)
            for fault in mutations(source)
        ), line


@pytest.mark.parametrize(("arguments", "says"), [(["nope"], "nope is none of cluster"), ([], "make coverage")])
def test_targets_are_checked_and_none_is_all(tmp_path, arguments, says):
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    script = "import tests.mutants.__main__ as m, pathlib; m.ROOT = pathlib.Path(); raise SystemExit(m.main())"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0
    assert says in done.stderr
