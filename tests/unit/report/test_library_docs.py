"""What the docs show runs: the five lines of docs/library.md and the notebook."""

import importlib
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from calico_bgp import SSHGatherer, SSHOptions, gather, save_snapshot
from calico_bgp.lab import Lab, build_cluster
from calico_bgp.parse.resources.reader import parse_resources

DOCS = Path(__file__).parents[3] / "docs"


def test_five_lines_from_hosts_to_findings(monkeypatch, capsys):
    (code,) = re.findall(r'```python title="five lines"\n(.*?)```', (DOCS / "library.md").read_text("utf-8"), re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) == 5
    with Lab(build_cluster(4, reflectors=2), faults=["bird-down:node2"]) as lab:
        monkeypatch.chdir(lab.directory)
        # The lab's own host keys stand in for the user's.
        code = code.replace("SSHOptions()", "SSHOptions(known_hosts=(Path('known_hosts'),))")
        exec(compile(code, "docs/library.md", "exec"), {})
    assert "error node2 " in capsys.readouterr().out


def test_the_example_with_resources(monkeypatch, capsys):
    (code,) = re.findall(
        r'```python title="with resources"\n(.*?)```', (DOCS / "library.md").read_text("utf-8"), re.DOTALL
    )
    with Lab(build_cluster(4, reflectors=2)) as lab:
        monkeypatch.chdir(lab.directory)
        exec(compile(code, "docs/library.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Global_192_0_2_11 global BGPPeer peer-with-reflectors (global)"
    assert said[-1] == "safe"


def test_the_example_with_deadlines(monkeypatch, capsys):
    (code,) = re.findall(r'```python title="deadlines"\n(.*?)```', (DOCS / "library.md").read_text("utf-8"), re.DOTALL)
    with Lab(build_cluster(4, reflectors=2), api_faults=["pod-missing:node2"]) as lab:
        monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))
        named = code.replace("prod-1", "calico-bgp-lab").replace("rr*", "node[1-2]")
        exec(compile(named, "docs/library.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["node2 no calico-node pod runs on node2"]


def test_the_example_of_causes_prints_the_command_that_mends(monkeypatch, capsys, tmp_path):
    (code,) = re.findall(r'```python title="causes"\n(.*?)```', (DOCS / "library.md").read_text("utf-8"), re.DOTALL)
    with Lab(build_cluster(4, reflectors=2), faults=["lost-label"]) as lab:
        options = SSHOptions(known_hosts=(lab.known_hosts,), ssh_config=Path("none"))
        resources = parse_resources([("resources.yaml", lab.resources_file.read_text("utf-8"))])
        snapshot = gather(lab.hosts, SSHGatherer(options)).model_copy(update={"resources": resources})
    save_snapshot(snapshot, tmp_path / "monday")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/library.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("reflector-lost-label (certain): node1, node2 lost the label")
    assert said[1].endswith("risk: none; brings back 12 routes")
    assert said[2:4] == [f"  kubectl label node node{i} route-reflector=true --overwrite" for i in (1, 2)]
    assert said[-1] == "0 findings have no cause"


def test_the_example_of_a_watched_cluster(monkeypatch, capsys, fixtures, tmp_path):
    (code,) = re.findall(
        r'```python title="a watched cluster"\n(.*?)```', (DOCS / "library.md").read_text("utf-8"), re.DOTALL
    )
    shutil.copy(fixtures / "history" / "history.db", tmp_path)
    monkeypatch.chdir(tmp_path)
    # What the fixture saw is older than the week of the example.
    exec(compile(code.replace("timedelta(days=7)", "timedelta(days=36500)"), "docs/library.md", "exec"), {})
    first, *_, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\(\('node\d', '192\.0\.2\.1\d'\), [1-9]\)", first)
    assert "sessions" in last


@pytest.mark.timeout(120)
def test_the_notebook_goes_through_the_incident(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    render_notebook = importlib.import_module("render_notebook")
    committed = nbformat.read(render_notebook.NOTEBOOK, as_version=4)
    assert not [cell for cell in committed.cells if cell.cell_type == "code" and cell.outputs], (
        "commit it without outputs"
    )
    notebook = render_notebook.run()
    shown = [
        output["data"].get("text/html", output["data"].get("text/plain", ""))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    verdicts = re.findall(r'<b class="\w+">(\w+)</b>', "".join(shown))
    assert verdicts == ["UNHEALTHY", "UNHEALTHY", "HEALTHY"]
    assert "daemon-not-running" in "".join(shown)
    assert "node3 -> 192.0.2.12: Active -> Established" in shown[-1]
    page = render_notebook.PAGE.read_text("utf-8")
    now = render_notebook.page(notebook)
    assert render_notebook.masked(now).splitlines() == render_notebook.masked(page).splitlines(), "run: make shots"
    # One style for the page: the same in each output would be most of it.
    assert now.count("<style") == page.count("<style") == 1
