"""The scripts of docs/cookbook run, are typed, use public names alone, and all stand on the page."""

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import calico_bgp
from calico_bgp.lab import Lab
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.store.snapshot_folder import save_snapshot
from tests.unit.auditing.conftest import snapshot_of

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs/cookbook"
SCRIPTS = sorted(path.name for path in FOLDER.glob("*.py"))
REFLECTORS = build_cluster(6, reflectors=2)


def run(script, *arguments):
    command = [sys.executable, str(FOLDER / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def snapshot(tmp_path):
    """`snapshot("bird-down:node3")` is the folder of a snapshot of two reflectors and four clients."""

    def save(*faults, cluster=REFLECTORS, name="snapshot"):
        taken = snapshot_of(cluster, *faults)
        save_snapshot(taken.model_copy(update={"resources": lab_resources(cluster)}), tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def resources(tmp_path):
    """Two folders: the resources, and what a pull request makes of them."""
    text = resources_to_yaml(lab_resources(REFLECTORS))
    for name, content in (
        ("before", text),
        ("same", text),
        ("after", re.sub(r"route-reflector: .true.", "x: 'y'", text)),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "calico.yaml").write_text(content)
    assert (tmp_path / "after/calico.yaml").read_text() != text
    return tmp_path


def test_there_are_seven_and_each_stands_on_the_page():
    page = (ROOT / "docs/cookbook.md").read_text()
    assert len(SCRIPTS) == 7
    assert re.findall(r"^--8<--\ndocs/cookbook/(.*)\n--8<--$", page, re.MULTILINE) == SCRIPTS
    assert re.findall(r"^\| \[(.*?)\]", page, re.MULTILINE) == SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS)
def test_they_use_public_names_alone(script):
    text = (FOLDER / script).read_text()
    imports = re.findall(r"^from (calico_bgp\S*) import (.+)$", text, re.MULTILINE)
    assert [module for module, _ in imports] == ["calico_bgp"]
    assert {name.strip() for name in imports[0][1].split(",")} <= set(calico_bgp.__all__)


def test_they_are_typed():
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        *(str(FOLDER / each) for each in SCRIPTS),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


def test_the_gate(resources):
    assert run("ci_gate.py", resources / "before", resources / "same").returncode == 0
    done = run("ci_gate.py", resources / "before", resources / "after")
    assert done.returncode == 1, done.stderr
    assert "new error: peerSelector of peer-with-reflectors matches none of 6 nodes" in done.stdout
    assert "not safe: apply" in done.stdout


def test_the_exporter(snapshot):
    lines = run("exporter.py", "--snapshot", snapshot("bird-down:node3"), "--once").stdout.splitlines()
    assert 'bgp_verdict{verdict="unhealthy"} 1' in lines
    assert 'bgp_causes{kind="bird-down"} 1' in lines
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[a-z-]+"\})? \d+', line) for line in lines)


def test_flaps(snapshot):
    mesh = build_cluster(4, topology=Topology.MESH)
    folders = [snapshot(*(["link-cut:node1,node2"] if n % 2 else []), cluster=mesh, name=f"day{n}") for n in range(10)]
    done = run("flaps.py", *folders)
    assert done.returncode == 1, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    assert rows == [["node1", "192.0.2.12", "9", "0.5"], ["node2", "192.0.2.11", "9", "0.5"]]
    assert run("flaps.py", folders[0], folders[2]).stdout == "no session changed\n"


def test_a_fleet():
    with Lab(build_cluster(4, reflectors=2)) as lab:
        context = "calico-bgp-lab"

        def fleet(*contexts):
            return run("fleet.py", "--kubeconfig", lab.kubeconfig, *contexts)

        done = fleet(context)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{context}: healthy: all ")
        lab.set_faults(["bird-down:node3"])
        done = fleet(context, "elsewhere")
        assert done.returncode == 1
        one, other = done.stdout.splitlines()
        assert one.startswith(f"{context}: unhealthy: ")
        assert one.endswith(" (BIRD does not run on node3, the host is up)")
        assert other.startswith("elsewhere: not read: ")
        assert fleet("elsewhere").returncode == 3


def test_the_own_rule(snapshot):
    done = run("own_rule.py", snapshot())
    assert done.returncode == 1, done.stderr
    assert done.stdout == "warning: node3, node4, node5, node6 have no route reflector\n"


def test_the_message(snapshot):
    message = json.loads(run("slack.py", snapshot("bird-down:node3")).stdout)
    assert message["text"] == ":red_circle: BGP: unhealthy"
    assert "kubectl delete pods" in message["blocks"][1]["text"]["text"]
    assert run("slack.py", snapshot(name="well")).stdout == ""


def test_the_message_is_posted(snapshot):
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = run("slack.py", snapshot("bird-down:node3"), f"http://127.0.0.1:{server.server_port}/")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert [message["text"] for message in got] == [":red_circle: BGP: unhealthy"]
    finally:
        server.shutdown()
        server.server_close()
    assert run("slack.py", snapshot("bird-down:node3", name="b"), "http://example.com/").returncode == 2


def test_the_order_of_an_upgrade(resources):
    done = run("upgrade_order.py", resources / "before/calico.yaml")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "node3: safe"
    assert lines[-1] == "node2: safe; while it is gone, 1 more could not be missed"
