"""The faults of `make mutants`: which there are, and that a module with one is what it says."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from tests.mutants.__main__ import ROOT, explained
from tests.mutants.child import KILLED, SURVIVED, start
from tests.mutants.mutations import mutated, mutations

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


def test_a_module_has_the_one_fault():
    for fault in mutations(SOURCE):
        made = ast.unparse(mutated(SOURCE, fault.number))
        whole = ast.unparse(ast.parse(SOURCE))
        changed = [line for line, old in zip(made.split("\n"), whole.split("\n"), strict=True) if line != old]
        assert len(changed) == 1
        assert fault.after in changed[0]


@pytest.mark.parametrize(("returned", "outcome"), [("[1, 2]", SURVIVED), ("[2, 1]", KILLED)])
def test_a_fault_is_noticed_where_a_test_fails(tmp_path, monkeypatch, returned, outcome):
    (tmp_path / "judged_module.py").write_text("def answer():\n    return [1, 2]\n")
    (tmp_path / "test_it.py").write_text(
        "from judged_module import answer\n\n\ndef test_it():\n    assert answer() == [1, 2]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = compile(f"def answer():\n    return {returned}\n", "judged_module.py", "exec")
    child = start("judged_module", tmp_path / "judged_module.py", lambda: code, [str(tmp_path / "test_it.py")], 60)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == outcome


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
