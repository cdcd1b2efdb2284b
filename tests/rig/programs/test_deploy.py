"""What lies in deploy/, read by the programs that it is for: kubectl and systemd."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.lab import Lab
from tests.rig.programs.kubectls import PACKAGES, kubectl

pytestmark = pytest.mark.rig

DEPLOY = Path(__file__).parents[3] / "deploy"
MANIFESTS = DEPLOY / "kubernetes"


@pytest.mark.parametrize("release", sorted(PACKAGES))
def test_kubectl_reads_the_manifests(release):
    program = kubectl(release)
    if program is None:
        pytest.skip(f"kubectl {release} needs the package {PACKAGES[release]}")
    done = subprocess.run(
        [program, "kustomize", str(MANIFESTS)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    files = [MANIFESTS / name for name in ("watcher.yaml", "rbac.yaml")]
    written = [document for file in files for document in yaml.safe_load_all(file.read_text()) if document]
    names = [
        sorted((one["kind"], one["metadata"]["name"], one["metadata"].get("namespace", "")) for one in documents)
        for documents in (filter(None, yaml.safe_load_all(done.stdout)), written)
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize("release", sorted(PACKAGES))
def test_kubectl_would_make_them(release):
    """Against the lab's API: kubectl finds every kind there, and its scope. The fields are judged by their schemas."""
    program = kubectl(release)
    if program is None:
        pytest.skip(f"kubectl {release} needs the package {PACKAGES[release]}")
    with Lab(build_cluster(2)) as lab:
        words = ["create", "--dry-run=client", "--validate=false", "-o", "name", "-k", str(MANIFESTS)]
        done = subprocess.run(
            [program, "--kubeconfig", str(lab.kubeconfig), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "deployment.apps/calico-bgp" in done.stdout.split()
    assert len(done.stdout.split()) == 11


def test_systemd_takes_the_unit(tmp_path):
    """With the path of the program that is installed here: systemd looks whether it is there."""
    program = Path(sys.executable).with_name("calico-bgp")
    text = (DEPLOY / "systemd" / "calico-bgp.service").read_text()
    text = text.replace("/opt/calico-bgp/bin/calico-bgp", str(program))
    assert verified(tmp_path / "calico-bgp.service", text) == ""
    assert "ProtectSystems" in verified(tmp_path / "slip.service", text.replace("ProtectSystem=", "ProtectSystems="))
    assert "/nowhere" in verified(tmp_path / "lost.service", text.replace(str(program), "/nowhere"))


def verified(unit, text):
    """What systemd says of a unit."""
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr
