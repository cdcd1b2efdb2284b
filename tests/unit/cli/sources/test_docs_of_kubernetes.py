"""docs/kubernetes.md: what each fault between the user and the pods comes to, as its table says it."""

import json
import re
from pathlib import Path

import pytest

from calico_bgp.lab.servers.kubernetes.faults import APIFaultKind

DOCS = Path(__file__).parents[4] / "docs" / "kubernetes.md"


def table():
    """(faults, verdict, exit code, cause, rule) of each row that names a fault."""
    found = []
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        faults = re.findall(r"`([a-z-]+)`", cells[0])
        if len(cells) == 6 and faults and set(faults) <= set(APIFaultKind):
            found.append((faults, cells[2], int(cells[3]), cells[4].strip("`"), cells[5].strip("`")))
    return found


ROWS = table()


def test_every_fault_of_the_labs_api_is_in_it():
    assert {fault for faults, *_ in ROWS for fault in faults} == set(APIFaultKind)


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(row[0]) for row in ROWS])
def test_the_table_is_true(lab, run_cli, monkeypatch, row):
    faults, verdict, exit_code, cause, rule = row
    monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))
    lab.set_api_faults(faults)
    try:
        done = run_cli("audit", "--format", "json")
    finally:
        lab.set_api_faults([])
    assert done.exit_code == exit_code, done.stderr
    if verdict == "none: a line on stderr":
        assert "nothing could be read" in done.stderr
        assert not done.stdout.strip()
        return
    report = json.loads(done.stdout)
    assert report["verdict"] == {"unknown": "unknown", "unhealthy": "unhealthy"}.get(verdict, "healthy")
    kinds = {each["kind"] for each in report["causes"]}
    assert (cause in kinds) if cause else not kinds
    assert not rule or rule in {finding["rule"] for finding in report["findings"]}
    notes = " ".join(note["what"] for note in report["not_checked"])
    assert ("projectcalico.org/v3" in notes) is ("api-group-down" in faults)
