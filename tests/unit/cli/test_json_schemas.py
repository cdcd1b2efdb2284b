"""JSON that was written before is still what is written: no field of a schema goes, or changes its name or its type.

tests/fixtures/golden/json holds a document of each schema of docs/json.md, as the release that introduced it wrote it.
These files are never rewritten. New fields may stand beside the old ones.
"""

import json
import re
from pathlib import Path

import pytest

from calico_bgp.model.reports.diff import SnapshotDiff
from calico_bgp.model.reports.lint import LintReport
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOLDEN = FIXTURES / "golden" / "json"
PASTE = ("captures/v3.32/rr_one_down/node1.stdout.txt", "captures/v3.32/rr_one_down/node3.stdout.txt")
PASTED = [word for name in PASTE for word in ("--pasted", name)]
RESOURCES = "resources/two-reflectors-in-one-zone"
#: What `calico-bgp monitor` wrote of a lab: a BIRD that ended and came back, a source that could not be read.
HISTORY = ("--history", "history/history.db", "--since", "2026-11-01")
COMMANDS = {
    "audit": ["audit", *PASTED],
    "diff": ["diff", "golden/json/before", "golden/json/after"],
    "expect": ["expect", RESOURCES],
    "explain": ["explain", "Active Socket: Connection refused"],
    "flaps": ["flaps", *HISTORY],
    "history": ["history", *HISTORY],
    "lint": ["lint", "resources/trap-unquoted"],
    "parse": ["parse", *PASTE],
    "plan": ["plan", "reflectors", "resources/docs-full-mesh"],
    "reach": ["reach", "--resources", RESOURCES],
    "route": ["route", "10.244.1.0/26", "--to", "c2", "--resources", "resources/filters-at-a-reflector"],
    "routes": ["routes", "--snapshot", "routes/snapshot"],
    "risks": ["risks", "--resources", RESOURCES],
    "status": ["status", *PASTED],
    "whatif": ["whatif", "--remove", "node1", "--resources", RESOURCES],
}
#: Of several files a node without a name is called by its file's since: a name is no part of a schema.
NAMES = {Path(name).name.partition(".")[0]: f"{name}:1" for name in PASTE}
#: Schemas whose texts are a node's or Calico's, and not sentences of ours, which get better.
WITHOUT_SENTENCES = {"expect", "parse", "status"}
READ_BACK = {"audit": Report, "diff": SnapshotDiff, "lint": LintReport, "snapshot": Snapshot}


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def differences(old, new, place, *, exact):
    """Where a document is not what the older one promises."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            if key not in new:
                yield f"{place}.{key} is gone"
            else:
                yield from differences(old[key], new[key], f"{place}.{key}", exact=exact)
    elif isinstance(old, list) and isinstance(new, list):
        if exact and len(old) != len(new):
            yield f"{place} has {len(new)} entries instead of {len(old)}"
        for number, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, f"{place}[{number}]", exact=exact)
    elif (type(old) is not type(new) and (exact or None not in (old, new))) or (exact and old != new):
        yield f"{place} is {new!r} instead of {old!r}"


def renamed(text):
    for stem, former in NAMES.items():
        text = text.replace(f'"{stem}"', f'"{former}"')
    return text


@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_written_before_is_still_written(run_cli, monkeypatch, name):
    monkeypatch.chdir(FIXTURES)
    result = run_cli(*COMMANDS[name], "--format", "json")
    assert result.exit_code in {0, 1, 3}, result.stderr
    new = json.loads(renamed(result.stdout) if set(PASTE) <= set(COMMANDS[name]) else result.stdout)
    assert new["schema"] == golden(name)["schema"] == f"calico-bgp/{name}/1"
    assert list(differences(golden(name), new, name, exact=name in WITHOUT_SENTENCES)) == []


@pytest.mark.parametrize("name", READ_BACK)
def test_what_was_written_before_is_read_back_and_written_again(name):
    text = READ_BACK[name].model_validate(golden(name)).model_dump_json()
    assert list(differences(golden(name), json.loads(text), name, exact=True)) == []


def test_every_documented_schema_has_its_document():
    documented = set(
        re.findall(
            r"^\| `calico-bgp/(\w+)/1` \|", (FIXTURES.parents[1] / "docs/json.md").read_text("utf-8"), re.MULTILINE
        )
    )
    assert documented == {path.stem for path in GOLDEN.glob("*.json")} == COMMANDS.keys() | READ_BACK.keys()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"b": 1}, ["x.a is gone"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1"}]}, ["x.a[0].b is '1' instead of 1"]),
    ],
)
def test_a_difference_is_seen(old, new, said):
    assert list(differences(old, new, "x", exact=False)) == said
